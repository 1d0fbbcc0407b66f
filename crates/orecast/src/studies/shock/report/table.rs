//! A shock's report as one long table for files.

use super::Report;
use crate::{
    base::{
        columns::{Cells, Columns},
        unit::{Range, Stage},
    },
    studies::shock::effects::{PriceRatio, Zone},
};

/// One row of the table.
struct Line<'a> {
    table: &'static str,
    stage: Option<Stage>,
    who: &'a str,
    partner: &'a str,
    measure: &'static str,
    unit: &'a str,
    before: Option<f64>,
    range: Range,
    bound: &'static str,
}

impl<'a> Line<'a> {
    fn of(table: &'static str, who: &'a str, measure: &'static str, unit: &'a str, range: Range) -> Self {
        Self { table, stage: None, who, partner: "", measure, unit, before: None, range, bound: "exact" }
    }

    /// A price over its base, as a bound where it lies beyond what the model is made for.
    fn price(table: &'static str, who: &'a str, measure: &'static str, range: Range) -> Self {
        let PriceRatio { range, at_least } = range.into();
        Self {
            bound: if at_least { "at-least" } else { "exact" },
            ..Self::of(table, who, measure, "ratio", range)
        }
    }
}

impl Report {
    /// All rows as one long table: `table`, `stage`, `country`, `partner`, `measure`, `unit`, `before`, `low`, `mid`, `high`, `bound`.
    pub fn columns(&self) -> Columns {
        let basis = self.basis.as_str();
        let mut lines: Vec<Line<'_>> = Vec::new();
        for row in &self.prices {
            let who = if row.zone == Zone::Inside { "inside" } else { "outside" };
            lines.push(Line {
                stage: Some(row.stage),
                before: Some(row.before_usd_per_t),
                ..Line::price("price", who, "price", row.ratio)
            });
        }
        for row in &self.buyers {
            let who = row.country.as_str();
            let figures = [
                Line::price("users", who, "delivered-price", row.price_ratio),
                Line::of("users", who, "shortage", basis, row.shortage_t),
                Line::of("users", who, "from-stocks", basis, row.from_stocks_t),
                Line::of("users", who, "loss", "M USD", row.loss_musd),
                Line::of("users", who, "bill", "M USD", row.bill_musd),
            ];
            lines.extend(figures.map(|line| Line { before: Some(row.use_t), ..line }));
        }
        for row in &self.producers {
            lines.push(Line::of("producers", row.country.as_str(), "gain", "M USD", row.gain_musd));
        }
        for row in &self.rents {
            lines.push(Line::of("rents", row.country.as_str(), row.kind.as_str(), "M USD", row.musd));
        }
        for row in &self.flows {
            lines.push(Line {
                stage: Some(row.stage),
                partner: row.importer.as_str(),
                before: Some(row.before_t),
                ..Line::of("flows", row.exporter.as_str(), "flow-change", basis, row.change_t)
            });
        }
        for row in &self.byproducts {
            let who = row.mineral.as_str();
            lines.push(Line::of("byproducts", who, "output", "ratio", row.output_ratio));
            lines.push(Line::price("byproducts", who, "price", row.price_ratio));
        }
        let text = |of: &dyn Fn(&Line<'_>) -> String| {
            let cells = lines.iter().map(of).map(|text| Some(text).filter(|text| !text.is_empty()));
            Cells::Text(cells.collect())
        };
        let number = |of: &dyn Fn(&Line<'_>) -> Option<f64>| Cells::Number(lines.iter().map(of).collect());
        Columns::new([
            ("table", text(&|l| l.table.to_owned())),
            ("stage", text(&|l| l.stage.map(|s| s.to_string()).unwrap_or_default())),
            ("country", text(&|l| l.who.to_owned())),
            ("partner", text(&|l| l.partner.to_owned())),
            ("measure", text(&|l| l.measure.to_owned())),
            ("unit", text(&|l| l.unit.to_owned())),
            ("before", number(&|l| l.before)),
            ("low", number(&|l| Some(l.range.low))),
            ("mid", number(&|l| Some(l.range.mid))),
            ("high", number(&|l| Some(l.range.high))),
            ("bound", text(&|l| l.bound.to_owned())),
        ])
    }
}
