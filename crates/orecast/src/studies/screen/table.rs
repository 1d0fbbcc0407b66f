//! A screen as one table for files: a row for every scenario.

use super::{Screen, ScreenRow};
use crate::{
    base::columns::{Cells, Columns},
    studies::shock::effects::CALIBRATED,
};

/// A column of numbers, with what fills it.
type Column = (&'static str, fn(&ScreenRow) -> Option<f64>);

const NUMBERS: [Column; 9] = [
    ("exports_t", |row| Some(row.exports_t)),
    ("price_change_leader", |row| row.price_change_leader.map(|change| change.min(CALIBRATED - 1.0))),
    ("price_change_inside", |row| row.price_change_inside),
    ("shortage_t", |row| row.shortage_t),
    ("loss_musd", |row| row.loss_musd),
    ("producer_gain_musd", |row| row.producer_gain_musd),
    ("probability", |row| Some(row.probability)),
    ("expected_loss_musd", |row| row.expected_loss_musd),
    ("share_of_purchases", |row| row.share_of_purchases),
];

/// Columns that only a screen of the economy has.
const ECONOMY: [Column; 2] = [
    ("gdp_loss_musd", |row| row.gdp_loss_musd),
    ("expected_gdp_loss_musd", |row| row.expected_gdp_loss_musd),
];

impl Screen {
    /// All rows, with the bound of the leader's price as last column.
    pub fn columns(&self) -> Columns {
        let rows = &self.rows;
        let text = |of: &dyn Fn(&ScreenRow) -> Option<String>| Cells::Text(rows.iter().map(of).collect());
        let number = |(name, of): Column| (name, Cells::Number(rows.iter().map(of).collect()));
        let bound = |row: &ScreenRow| if row.price_at_least { "at-least" } else { "exact" };
        let has_economy = rows.iter().any(|row| row.gdp_loss_musd.is_some());
        let words = [
            ("mineral", text(&|row| Some(row.mineral.to_string()))),
            ("part_of", text(&|row| row.part_of.as_ref().map(ToString::to_string))),
            ("stage", text(&|row| row.stage.map(|stage| stage.to_string()))),
            ("exporter", text(&|row| Some(row.exporter.clone()))),
            ("status", text(&|row| Some(row.status.to_owned()))),
        ];
        let numbers = NUMBERS.into_iter().chain(ECONOMY.into_iter().filter(|_| has_economy)).map(number);
        let bound = ("price_bound", text(&|row| Some(bound(row).to_owned())));
        Columns::new(words.into_iter().chain(numbers).chain([bound]))
    }
}
