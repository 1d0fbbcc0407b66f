//! What was published about a mineral-year, as the model can answer it.

use serde::Serialize;

use super::zone::Zone;
use crate::base::{
    date::PartialDate,
    id::{Iso3, SourceId},
    unit::{Grade, Stage},
};

/// What is observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Price of a stage's product in a zone: delivered to its users, or at its sellers' gates where it has no users.
    Price(Stage, Zone),
    /// Output of a node, by its position.
    Output(usize),
    /// What leaves under a group of measures, by its position.
    Exports(usize),
}

/// One published figure of a year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Observation {
    /// What it is about.
    pub quantity: Quantity,
    /// Its place in words: a country for output, else empty.
    pub country: Option<Iso3>,
    /// What was quoted or counted.
    pub label: String,
    /// Logarithm of the figure: of a price over the base year's, of tonnes for output, of exports over the base year's.
    pub value: f64,
    /// Spread of the logarithm: of the source, of thin quotes and disagreement, and of the part of the year that is not
    /// covered.
    pub spread: f64,
    /// The figure itself: USD/t, tonnes, or a share of base exports.
    pub figure: f64,
    /// Newest date that enters it.
    pub date: PartialDate,
    /// Sources.
    pub sources: Vec<SourceId>,
    /// Worst grade that enters it.
    pub grade: Grade,
}
