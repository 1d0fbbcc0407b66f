//! USGS yearly prices of 1998 to 2015, in nominal US dollars per kilogram of the product quoted.
//!
//! Download: the table of the compilation `USGS_HHI`, <https://github.com/sp8rks/USGS_HHI>, which takes them from the yearbooks and
//! summaries. The product of an element stands in the remark of its first year. Products whose unit is not plain are left out.
//! Elements, products and conversions are in `mapping/usgs_price_history.csv`.

use serde::Deserialize;

use super::{
    Tables, figure,
    reference::{Reference, mapping},
    text::{Input, rounded, rows},
};
use orecast::{
    base::{
        date::PartialDate,
        diagnostic::Diagnostics,
        id::{MineralId, SourceId},
        unit::{Grade, Stage},
    },
    world::table::PriceHistoryRow,
};

/// Source of the rows.
pub const SOURCE: &str = "usgs-price-history";

/// `mapping/usgs_price_history.csv`: an element, the product quoted and what a kilogram of it means.
#[derive(Debug, Deserialize)]
struct Series {
    element: String,
    mineral: MineralId,
    stage: Stage,
    product: String,
    factor: f64,
    grade: Grade,
}

#[derive(Debug, Deserialize)]
struct Raw {
    #[serde(rename = "Element")]
    element: String,
    #[serde(rename = "Year")]
    year: String,
    #[serde(rename = "Dollars")]
    dollars: String,
}

/// Reads the prices of the mapped elements.
pub fn read(input: &Input, _: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let series: Vec<Series> =
        mapping("usgs_price_history.csv", include_str!("mapping/usgs_price_history.csv"), problems);
    let Ok(source) = SOURCE.parse::<SourceId>() else { return };
    for (line, raw) in rows::<Raw>(input, problems) {
        let Some(one) = series.iter().find(|one| one.element == raw.element) else { continue };
        if matches!(raw.dollars.as_str(), "" | "NA") {
            continue;
        }
        let date = raw.year.parse::<PartialDate>().ok();
        let Some((date, price)) = date.zip(figure::amount(&raw.dollars).filter(|price| *price > 0.0)) else {
            let found = format!("`{} {}`", raw.year, raw.dollars);
            problems.push(input.name(), line, "Dollars", found, "write a year and a price above zero");
            continue;
        };
        tables.price_history.push(PriceHistoryRow {
            mineral: one.mineral.clone(),
            stage: one.stage,
            product: one.product.clone(),
            date,
            usd_per_t: rounded(price * one.factor),
            source: source.clone(),
            grade: one.grade,
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn years_of_known_products_become_dollars_per_tonne_contained() {
        let text = "Element,Year,Dollars,Notes\nLi,1998,1.67,Lithium Carbonate\nBr,1998,0.9,\nDy,2011,2610,\nDy,2012,NA,\nAg,x,1,\n";
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        read(&Input::inline("usgs.csv", text), &Reference::load().unwrap(), &mut tables, &mut problems);
        let row = |r: &PriceHistoryRow| format!("{} {} {:.0}", r.mineral, r.date, r.usd_per_t);
        let found: Vec<String> = tables.price_history.iter().map(row).collect();
        assert_eq!(found, ["lithium 1998 8889", "dysprosium 2011 2610000"]);
        assert_eq!(problems.iter().map(|p| p.line).collect::<Vec<_>>(), [6]);
    }
}
