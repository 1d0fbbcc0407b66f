//! CEPII `GeoDist`: population-weighted distances between and within countries.
//!
//! Download: <https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=6>, file `dist_cepii` as CSV, plain or gzip.
//! Etalab Open Licence 2.0; cite Mayer and Zignago 2011.
//!
//! Quirks: country codes of the 1990s (`ROM`, `ZAR`, `YUG`, `TMP`, `PAL`), which stand for the states of today; `distw` may be
//! missing (`.` or empty), then `dist` between main cities is taken; each pair appears twice.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    Tables, figure,
    reference::Reference,
    rows::{Layout, rows_of},
    text::Input,
};
use orecast::{base::diagnostic::Diagnostics, world::table::DistanceRow};

/// Source of all rows.
pub const SOURCE: &str = "cepii-geodist";

/// No two places are further apart: half of the circumference of the earth, in km.
const FURTHEST: f64 = 20_100.0;

const LAYOUT: Layout = Layout {
    what: "the file dist_cepii of CEPII GeoDist",
    columns: &[("iso_o", &[]), ("iso_d", &[]), ("dist", &[]), ("distw", &[])],
};

#[derive(Debug, Deserialize)]
struct Raw {
    iso_o: String,
    iso_d: String,
    dist: String,
    distw: String,
}

/// Reads each pair once, in kilometres.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let mut pairs = BTreeMap::new();
    for (line, raw) in rows_of::<Raw>(input, &LAYOUT, problems) {
        let (Some(a), Some(b)) = (reference.country(&raw.iso_o), reference.country(&raw.iso_d)) else {
            continue;
        };
        let absent = matches!(raw.distw.as_str(), "" | "." | "NA");
        let text = if absent { &raw.dist } else { &raw.distw };
        let Some(km) = figure::amount(text).filter(|km| *km <= FURTHEST) else {
            let remedy = "give a distance from 0 to 20,100 km";
            problems.push(input.name(), line, "distw", format!("`{text}`"), remedy);
            continue;
        };
        pairs.insert((a.min(b), a.max(b)), km.round());
    }
    tables.distance.extend(pairs.into_iter().map(|((a, b), km)| DistanceRow { a, b, km }));
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn pairs_appear_once_under_today_s_codes() {
        let text = "iso_o,iso_d,contig,dist,distcap,distw,distwces\n\
            KAZ,CHN,1,3289,3289,4008.2,3990\nCHN,KAZ,1,3289,3289,4008.2,3990\n\
            ZAR,ROM,0,5600,5600,5712.6,5700\nKAZ,KAZ,0,620,620,1212.7,900\nANT,USA,0,1,1,1,1\nPAL,TMP,0,10300,1,.,.\n";
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        read(&Input::inline("dist.csv", text), &Reference::load().unwrap(), &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let found: Vec<_> = tables.distance.iter().map(|r| format!("{} {} {}", r.a, r.b, r.km)).collect();
        assert_eq!(found, ["CHN KAZ 4008", "COD ROU 5713", "KAZ KAZ 1213", "PSE TLS 10300"]);
    }

    #[test]
    fn negative_and_absurd_distances_are_refused() {
        let text = "iso_o,iso_d,dist,distw\nKAZ,CHN,1,-5\nKAZ,USA,1,1e9\nKAZ,PER,,\n";
        let mut problems = Diagnostics::default();
        let reference = Reference::load().unwrap();
        read(&Input::inline("dist.csv", text), &reference, &mut Tables::default(), &mut problems);
        assert_eq!(problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [2, 3, 4]);
    }
}
