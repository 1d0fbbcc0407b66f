//! Imports and exports of the United States by form, from the salient statistics of the same USGS release as [`super::usgs_mcs`].
//!
//! Wording and units differ by chapter, so each line is named in `mapping/usgs_us_trade.csv`; lines of one form are added. A form with
//! a withheld or unknown part has no value. An em dash is zero.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    Tables, figure,
    reference::{Reference, mapping},
    text::{Input, normal, rounded, rows},
    usgs_mcs::SOURCE,
};
use orecast::{
    base::{
        diagnostic::Diagnostics,
        id::{MineralId, SourceId},
        unit::Stage,
    },
    world::table::{Direction, Flag, TradeTotalRow},
};

/// `mapping/usgs_us_trade.csv`: a line of the release and the form that it is part of.
#[derive(Debug, Deserialize)]
struct Line {
    chapter: String,
    commodity: String,
    detail: String,
    unit: String,
    mineral: MineralId,
    stage: Option<Stage>,
    direction: Direction,
    tonnes_per_unit: f64,
}

#[derive(Debug, Deserialize)]
struct Raw {
    #[serde(rename = "MCS chapter")]
    chapter: String,
    #[serde(rename = "Section")]
    section: String,
    #[serde(rename = "Commodity")]
    commodity: String,
    #[serde(rename = "Statistics_detail")]
    detail: String,
    #[serde(rename = "Unit")]
    unit: String,
    #[serde(rename = "Year")]
    year: String,
    #[serde(rename = "Value")]
    value: String,
}

/// Reads the totals. Lines that no form names are passed over; a form's unit must be the one that is known.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let lines: Vec<Line> = mapping("usgs_us_trade.csv", include_str!("mapping/usgs_us_trade.csv"), problems);
    let by_key: BTreeMap<_, &Line> =
        lines.iter().map(|l| ((normal(&l.chapter), normal(&l.commodity), normal(&l.detail)), l)).collect();
    let (Ok(source), Some(usa)) = (SOURCE.parse::<SourceId>(), reference.country("USA")) else { return };
    let mut totals: BTreeMap<(&MineralId, Option<Stage>, Direction, i32), TradeTotalRow> = BTreeMap::new();
    for (at, raw) in rows::<Raw>(input, problems) {
        let key = (normal(&raw.chapter), normal(&raw.commodity), normal(&raw.detail));
        let Some(line) = by_key.get(&key).filter(|_| raw.section.starts_with("Salient")) else { continue };
        if normal(&raw.unit) != normal(&line.unit) {
            let found = format!("`{}` where `{}` is known", raw.unit, line.unit);
            problems.push(input.name(), at, "Unit", found, "correct mapping/usgs_us_trade.csv");
            continue;
        }
        let (Some(figure), Some((year, _))) = (figure::parse(&raw.value), figure::years(&raw.year)) else {
            let found = format!("`{}` in `{}`", raw.value, raw.year);
            problems.push(
                input.name(),
                at,
                "Value",
                found,
                "write a number, `W`, `NA` or an em dash, and a year",
            );
            continue;
        };
        let tonnes = figure.value.map(|value| rounded(value * line.tonnes_per_unit));
        totals
            .entry((&line.mineral, line.stage, line.direction, year))
            .and_modify(|row| {
                row.tonnes = row.tonnes.zip(tonnes).map(|(a, b)| rounded(a + b));
                row.raw = format!("{} + {}", row.raw, raw.value);
                row.flag = if row.flag == Flag::Reported { figure.flag } else { row.flag };
            })
            .or_insert_with(|| TradeTotalRow {
                mineral: line.mineral.clone(),
                stage: line.stage,
                iso3: usa,
                year,
                direction: line.direction,
                tonnes,
                raw: raw.value.clone(),
                flag: figure.flag,
                source: source.clone(),
                vintage: "2026".to_owned(),
            });
    }
    tables.trade_totals.extend(totals.into_values());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::id;

    #[test]
    fn lines_of_a_form_are_added_and_a_withheld_part_leaves_no_value() {
        let text = "MCS chapter,Section,Commodity,Statistics_detail,Unit,Year,Value\n\
            SILICON,Salient Statistics,Silicon,Imports for consumption: Silicon metal,thousand metric tons,2024,117\n\
            SILICON,Salient Statistics,Silicon,\"Imports for consumption: Ferrosilicon, all grades\",thousand metric tons,2024,126\n\
            SILICON,Salient Statistics,Silicon,Exports: Silicon metal,thousand metric tons,2024,W\n\
            SILICON,Salient Statistics,Silicon,\"Exports: Ferrosilicon, all grades\",thousand metric tons,2024,4\n\
            POTASH,Salient Statistics,Potash,Exports,thousand metric tons,2024,—\n";
        let (mut tables, mut problems) = (Tables::default(), Diagnostics::default());
        let reference = Reference::load().unwrap_or_else(|report| panic!("{report}"));
        read(&Input::inline("mcs.csv", text), &reference, &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let found: Vec<_> = tables
            .trade_totals
            .iter()
            .map(|row| (row.mineral.to_string(), row.direction, row.tonnes, row.raw.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("potash".to_owned(), Direction::Exports, Some(0.0), "—"),
                ("silicon".to_owned(), Direction::Imports, Some(243_000.0), "117 + 126"),
                ("silicon".to_owned(), Direction::Exports, None, "W + 4"),
            ]
        );
        assert_eq!(tables.trade_totals[2].flag, Flag::Withheld);
        assert_eq!(tables.trade_totals[0].mineral, id("potash"));
    }

    #[test]
    fn another_unit_is_refused() {
        let text = "MCS chapter,Section,Commodity,Statistics_detail,Unit,Year,Value\n\
            POTASH,Salient Statistics,Potash,Exports,metric tons,2024,150\n";
        let (mut tables, mut problems) = (Tables::default(), Diagnostics::default());
        let reference = Reference::load().unwrap_or_else(|report| panic!("{report}"));
        read(&Input::inline("mcs.csv", text), &reference, &mut tables, &mut problems);
        assert!(tables.trade_totals.is_empty());
        assert!(problems.to_string().contains("`metric tons` where `thousand metric tons` is known"));
    }
}
