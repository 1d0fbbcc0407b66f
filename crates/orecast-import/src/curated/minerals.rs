//! `minerals.csv`, the master table of minerals.
//!
//! Bauxite and alumina stand beside aluminium as hosts with markets of their own, because gallium and scandium come out of
//! them. A stage that a mineral does not have leaves its product empty.

use serde::Deserialize;

use super::{Reference, Tables, grade};
use crate::text::{Input, rows};
use orecast::{
    base::{
        diagnostic::Diagnostics,
        id::{MineralId, SourceId},
    },
    world::table::{MineralKind, MineralRow},
};

/// Source of all rows.
pub const SOURCE: &str = "orecast-minerals";

#[derive(Debug, Deserialize)]
struct Raw {
    id: MineralId,
    name: String,
    symbol: String,
    kind: String,
    market_id: MineralId,
    content_basis: String,
    mine_matters: u8,
    refine_matters: u8,
    mine_product: String,
    refined_product: String,
    us2022: u8,
    us2025: u8,
    eu2023: u8,
    eu_strategic: u8,
    yield_low: Option<f64>,
    yield_mid: Option<f64>,
    yield_high: Option<f64>,
    yield_grade: String,
    util_mine_mid: Option<f64>,
    util_refine_mid: Option<f64>,
    note: String,
}

/// Reads the master table.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    for (line, raw) in rows::<Raw>(input, problems) {
        let kind = match raw.kind.as_str() {
            "critical" => MineralKind::Critical,
            "aggregate" => MineralKind::Aggregate,
            "ree_element" => MineralKind::Element,
            "host" => MineralKind::Host,
            other => {
                let remedy = "write critical, aggregate, ree_element or host";
                problems.push(input.name(), line, "kind", format!("`{other}`"), remedy);
                continue;
            }
        };
        let lists = [
            ("US2022", raw.us2022),
            ("US2025", raw.us2025),
            ("EU2023", raw.eu2023),
            ("EU-STRATEGIC", raw.eu_strategic),
        ];
        let lists: Vec<&str> = lists.into_iter().filter(|(_, on)| *on == 1).map(|(list, _)| list).collect();
        let product =
            |matters: u8, product: &str| if matters == 1 { product.to_owned() } else { String::new() };
        let Ok(source) = SOURCE.parse::<SourceId>() else { return };
        tables.minerals.push(MineralRow {
            name: raw.name,
            symbol: raw.symbol,
            kind,
            market: raw.market_id,
            basis: basis(&raw.content_basis),
            mine_product: product(raw.mine_matters, &raw.mine_product),
            refined_product: product(raw.refine_matters, &raw.refined_product),
            recovery_low: raw.yield_low,
            recovery_mid: raw.yield_mid,
            recovery_high: raw.yield_high,
            recovery_grade: raw.yield_mid.map(|_| grade(&raw.yield_grade)),
            mine_utilisation: raw.util_mine_mid,
            refine_utilisation: raw.util_refine_mid,
            lists: lists.join(";"),
            source,
            note: reference.open_remark(&raw.note),
            id: raw.id,
        });
    }
}

/// `t W contained` as `t W`: every tonne is contained, and remarks in brackets belong elsewhere.
fn basis(text: &str) -> String {
    let plain = text.split(" (").next().unwrap_or(text);
    plain.trim_end_matches(" contained").trim_end_matches(" gross").to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn kinds_markets_lists_and_missing_stages() {
        let text = "id,name,symbol,kind,market_id,content_basis,mine_matters,refine_matters,mine_product,refined_product,\
            us2022,us2025,eu2023,eu_strategic,yield_low,yield_mid,yield_high,yield_grade,util_mine_mid,util_refine_mid,note\n\
            alumina,Alumina,Al2O3,host,alumina,t alumina,0,1,bauxite,smelter-grade alumina,0,0,1,1,,,,,,0.9,\n\
            dysprosium,Dysprosium,Dy,ree_element,rare_earths,t REO,1,1,concentrate,oxide,1,1,1,1,0.8,0.9,0.96,C,0.85,0.8,\n\
            rhodium,Rhodium,Rh,critical,rhodium,t Rh,1,0,PGM concentrate,sponge,1,1,1,1,,,,,0.85,,\"WMD total\"\n";
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        read(&Input::inline("m.csv", text), &Reference::load().unwrap(), &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let [alumina, dysprosium, rhodium] = &tables.minerals[..] else { panic!("three rows") };
        assert_eq!((alumina.market.as_str(), alumina.mine_product.as_str()), ("alumina", ""));
        assert_eq!((dysprosium.kind, dysprosium.market.as_str()), (MineralKind::Element, "rare_earths"));
        assert_eq!(dysprosium.lists, "US2022;US2025;EU2023;EU-STRATEGIC");
        assert_eq!((rhodium.refined_product.as_str(), rhodium.recovery_grade), ("", None));
    }
}
