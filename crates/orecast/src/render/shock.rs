//! A shock's report as a table for programs.

use crate::{
    base::unit::{Range, Stage},
    studies::shock::{Report, effects::Zone},
};

/// All rows of a shock's report as one long CSV table.
///
/// # Errors
/// When a row does not fit CSV.
pub fn as_csv(report: &Report) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "table", "stage", "country", "partner", "measure", "unit", "before", "low", "mid", "high",
    ])?;
    let mut line = |table: &str,
                    stage: Option<Stage>,
                    who: &str,
                    partner: &str,
                    measure: &str,
                    unit: &str,
                    before: Option<f64>,
                    range: Range| {
        let number = |v: f64| if v.is_finite() { v.to_string() } else { String::new() };
        let stage = stage.map(|s| s.to_string()).unwrap_or_default();
        let before = before.map(number).unwrap_or_default();
        let cells = [
            table,
            &stage,
            who,
            partner,
            measure,
            unit,
            &before,
            &number(range.low),
            &number(range.mid),
            &number(range.high),
        ];
        writer.write_record(cells)
    };
    let basis = report.basis.as_str();
    for row in &report.prices {
        let who = if row.zone == Zone::Inside { "inside" } else { "outside" };
        line("price", Some(row.stage), who, "", "price", "ratio", Some(row.before_usd_per_t), row.ratio)?;
    }
    for row in &report.buyers {
        let who = row.country.as_str();
        for (measure, unit, range) in [
            ("delivered-price", "ratio", row.price_ratio),
            ("shortage", basis, row.shortage_t),
            ("from-stocks", basis, row.from_stocks_t),
            ("loss", "M USD", row.loss_musd),
            ("bill", "M USD", row.bill_musd),
        ] {
            line("users", None, who, "", measure, unit, Some(row.use_t), range)?;
        }
    }
    for row in &report.producers {
        line("producers", None, row.country.as_str(), "", "gain", "M USD", None, row.gain_musd)?;
    }
    for row in &report.rents {
        line("rents", None, row.country.as_str(), "", row.kind.as_str(), "M USD", None, row.musd)?;
    }
    for row in &report.flows {
        let (from, to) = (row.exporter.as_str(), row.importer.as_str());
        line("flows", Some(row.stage), from, to, "flow-change", basis, Some(row.before_t), row.change_t)?;
    }
    for row in &report.byproducts {
        line("byproducts", None, row.mineral.as_str(), "", "output", "ratio", None, row.output_ratio)?;
        line("byproducts", None, row.mineral.as_str(), "", "price", "ratio", None, row.price_ratio)?;
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
