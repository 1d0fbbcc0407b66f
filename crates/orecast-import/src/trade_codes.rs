//! `trade_codes.csv`: every customs code of the mapping with its content, and what the package holds of its trade.

use std::collections::BTreeMap;

use super::trade::{Contained, Contents};
use orecast::world::table::{Coverage, TradeCodeRow, TradeRow};

/// Why a code has no flows of its own, or those of a few countries only.
const ABSENT: &str = "not among the codes of the CEPII BACI extracts that the package is compiled from";
const PARTIAL: &str =
    "not among the codes of the CEPII BACI extracts; published totals by origin and single figures stand in";

/// The table, with the coverage that the compiled flows show in their last year.
pub(super) fn rows(contents: &Contents, trade: &[TradeRow]) -> Vec<TradeCodeRow> {
    let last = trade.iter().map(|row| row.year).max();
    let mut seen: BTreeMap<u32, Coverage> = BTreeMap::new();
    for row in trade.iter().filter(|row| Some(row.year) == last) {
        // Flows from customs carry a value; totals and single figures do not.
        let found = if row.kusd.is_some() { Coverage::Flows } else { Coverage::Partial };
        seen.entry(row.hs6).and_modify(|best| *best = found.min(*best)).or_insert(found);
    }
    contents.usual().filter_map(|content| row(contents, content, &seen)).collect()
}

fn row(contents: &Contents, content: &Contained, seen: &BTreeMap<u32, Coverage>) -> Option<TradeCodeRow> {
    let coverage = seen.get(&content.hs6).copied().unwrap_or(Coverage::Absent);
    let why = match coverage {
        Coverage::Flows => "",
        Coverage::Partial => PARTIAL,
        Coverage::Absent => ABSENT,
    };
    let exceptions: Vec<String> =
        contents.special(content.hs6).map(|exporter| exporter.to_string()).collect();
    Some(TradeCodeRow {
        hs6: content.hs6,
        mineral: content.mineral.clone(),
        stage: content.stage,
        content_low: content.content_low?,
        content: content.content,
        content_high: content.content_high?,
        share: content.share,
        exceptions: exceptions.join(";"),
        coverage,
        why: why.to_owned(),
        source: content.source.clone()?,
        grade: content.grade,
        note: content.note.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use orecast::base::diagnostic::Diagnostics;

    #[test]
    fn every_mapped_code_has_a_range_a_source_and_a_coverage() {
        let mut problems = Diagnostics::default();
        let contents = Contents::load(&mut problems);
        assert!(problems.is_empty(), "{problems}");
        let table = rows(&contents, &[]);
        assert_eq!(table.len(), contents.usual().count(), "a row without range or source is left out");
        for row in table {
            assert!(
                row.content_low <= row.content && row.content <= row.content_high,
                "{} {}",
                row.hs6,
                row.mineral
            );
            assert_eq!((row.coverage, row.why.as_str()), (Coverage::Absent, ABSENT));
        }
    }
}
