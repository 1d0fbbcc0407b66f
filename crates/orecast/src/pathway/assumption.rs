//! The named assumptions of a pathway: one table says what each means, its range, and what it rests on.
//!
//! A case file may override any of them under `[assumptions]`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    base::{
        draw::Draw,
        unit::{Grade, Range},
    },
    world::table::ProjectStatus,
};

/// One named assumption.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Assumption {
    /// Name in case files.
    pub name: &'static str,
    /// Range that holds 9 cases in 10.
    pub range: Range,
    /// Unit.
    pub unit: &'static str,
    /// Meaning.
    pub meaning: &'static str,
    /// What it rests on.
    pub basis: &'static str,
    /// Grade of the evidence.
    pub grade: Grade,
}

const fn assumption(
    name: &'static str,
    [low, mid, high]: [f64; 3],
    unit: &'static str,
    meaning: &'static str,
    basis: &'static str,
    grade: Grade,
) -> Assumption {
    Assumption { name, range: Range::new(low, mid, high), unit, meaning, basis, grade }
}

const ELICITED: &str = "Elicited prior for ten years; no stage-by-stage attrition table is published";

/// Every assumption of the pathway.
pub const ASSUMPTIONS: &[Assumption] = &[
    assumption(
        "wacc",
        [0.065, 0.0836, 0.10],
        "real rate a year",
        "Cost of capital of a mining project in a low-risk country",
        "Mean of 65 technical reports that do not use 5 %: 8.36 % (Ovalle, MassMin 2020)",
        Grade::B,
    ),
    assumption(
        "wacc-without-offtake",
        [0.02, 0.025, 0.03],
        "rate",
        "Added to the cost of capital while a project has no contracted buyer",
        "2 to 3 points for specialty minerals (CIM Magazine, Discount rates and net present value, 2012)",
        Grade::B,
    ),
    assumption(
        "wacc-with-floor",
        [0.01, 0.02, 0.03],
        "rate",
        "Taken off the cost of capital by a price floor",
        "1 to 3 points seen for power contracts for difference; no study of minerals found",
        Grade::C,
    ),
    assumption(
        "capex-overrun",
        [1.0, 1.14, 1.6],
        "ratio",
        "Cost as built over the study's",
        "Mean 1.14 of 63 projects (Bertisen and Davis 2008); 1.4 and more in later reviews",
        Grade::B,
    ),
    assumption(
        "capital-share",
        [0.2, 0.35, 0.5],
        "share of price",
        "Capital charge of a project whose capital cost is not published",
        "Assumption",
        Grade::C,
    ),
    assumption(
        "cost-spread",
        [0.2, 0.35, 0.5],
        "log standard deviation",
        "Spread of a project's unknown cost around what its status implies",
        "Assumption; half of projects end outside 15 % of their study",
        Grade::C,
    ),
    assumption(
        "build-mine-years",
        [2.0, 2.6, 4.0],
        "years",
        "Decision to first output of a mine",
        "2.6 years for 35 large mines (S&P, starts 2010 to 2019)",
        Grade::B,
    ),
    assumption(
        "build-refinery-years",
        [1.0, 2.0, 3.5],
        "years",
        "Decision to first output of a refinery or by-product circuit",
        "Assumption",
        Grade::C,
    ),
    assumption(
        "finance-to-build-years",
        [0.25, 1.0, 2.5],
        "years",
        "Signed loan to start of construction",
        "Feasibility to construction takes 1.8 years on average (S&P); part of it precedes the loan",
        Grade::C,
    ),
    assumption(
        "finance-before-study",
        [0.2, 0.45, 0.7],
        "share",
        "Share of the effect of finance that reaches a project whose feasibility study is not finished",
        "Assumption: lenders sign for such projects, but their cost and grade are still open",
        Grade::C,
    ),
    assumption(
        "ramp-years",
        [1.0, 2.5, 4.0],
        "years",
        "First output to design rate of plants that run already; others draw their own",
        "2.5 years on average, 30 % within a year, 10 % after four (SME)",
        Grade::B,
    ),
    assumption(
        "success-lapsed",
        [0.01, 0.04, 0.1],
        "probability",
        "A lapsed project runs within ten years",
        ELICITED,
        Grade::C,
    ),
    assumption(
        "success-announced",
        [0.1, 0.2, 0.35],
        "probability",
        "An announced project runs within ten years",
        ELICITED,
        Grade::C,
    ),
    assumption(
        "success-resource",
        [0.07, 0.15, 0.3],
        "probability",
        "A project with a resource runs within ten years",
        ELICITED,
        Grade::C,
    ),
    assumption(
        "success-pfs",
        [0.15, 0.3, 0.45],
        "probability",
        "A project with a pre-feasibility study runs within ten years",
        ELICITED,
        Grade::C,
    ),
    assumption(
        "success-dfs",
        [0.3, 0.48, 0.65],
        "probability",
        "A project with a feasibility study runs within ten years",
        ELICITED,
        Grade::C,
    ),
    assumption(
        "success-permitted",
        [0.4, 0.6, 0.75],
        "probability",
        "A permitted project runs within ten years",
        ELICITED,
        Grade::C,
    ),
    assumption(
        "success-suspended",
        [0.2, 0.35, 0.5],
        "probability",
        "A suspended project runs within ten years",
        ELICITED,
        Grade::C,
    ),
    assumption(
        "success-financed",
        [0.7, 0.85, 0.93],
        "probability",
        "A financed project runs within ten years",
        ELICITED,
        Grade::C,
    ),
    assumption(
        "success-construction",
        [0.8, 0.9, 0.96],
        "probability",
        "A project under construction runs within ten years",
        ELICITED,
        Grade::C,
    ),
    assumption(
        "success-commissioning",
        [0.92, 0.97, 0.99],
        "probability",
        "A project starting up runs within ten years",
        ELICITED,
        Grade::C,
    ),
    assumption(
        "success-producing",
        [0.6, 0.8, 0.95],
        "probability",
        "A running plant reaches the higher output planned for it",
        "Assumption",
        Grade::C,
    ),
    assumption(
        "control-tie",
        [0.3, 0.6, 0.9],
        "share",
        "Share of a project's output that goes where its owners and contracted buyers are",
        "Assumption; Kazakh tungsten goes to its owners' country almost wholly",
        Grade::C,
    ),
    assumption(
        "expectation-speed",
        [0.25, 0.4, 0.6],
        "share a year",
        "How fast expected prices follow actual ones",
        "Assumption",
        Grade::C,
    ),
    assumption(
        "adjustment-years",
        [3.0, 5.0, 8.0],
        "years",
        "Time in which running capacity reaches its long-run response to a lasting price",
        "Assumption, between the short and long horizons of published elasticities",
        Grade::C,
    ),
    assumption(
        "depletion",
        [0.005, 0.015, 0.03],
        "share a year",
        "Output that running mines lose each year without new investment; half over the years that reserves last where that is more",
        "Running copper mines lose 2 to 3 % a year in the IEA base case of May 2025 (world output 2035 less announced additions); no figure for most minerals",
        Grade::C,
    ),
    assumption(
        "brownfield-limit",
        [0.02, 0.03, 0.05],
        "share a year",
        "Growth of running capacity that high prices bring within a year; the rest comes as new mines after their lead time",
        "Assumption; creeping expansion of running sites",
        Grade::C,
    ),
    assumption(
        "fastest-growth",
        [0.1, 0.19, 0.3],
        "share a year",
        "Fastest growth of a country's running capacity",
        "World output of lithium (204,000 t to 290,000 t) and of gallium (633 t to 900 t) grew 19 % a year from 2023 to 2025 (USGS)",
        Grade::B,
    ),
    assumption(
        "circuit-years",
        [1.0, 1.5, 2.5],
        "years",
        "Price signal to first output of a by-product circuit that no table names",
        "Construction of a circuit, row LA10 of data/lead_times.csv",
        Grade::C,
    ),
    assumption(
        "recovery-response",
        [0.5, 1.0, 2.0],
        "elasticity",
        "Long-run response of what is recovered at hosts to the price of a by-product, while nothing of what could be recovered is",
        "Assumption, under the long-run elasticity of refining (0.8 to 3)",
        Grade::C,
    ),
    assumption(
        "large-project",
        [0.05, 0.1, 0.2],
        "share of world use",
        "Size beyond which owners count with what a project's output does to its own price",
        "Assumption",
        Grade::C,
    ),
    assumption(
        "suspension-rate",
        [0.005, 0.015, 0.04],
        "share a year",
        "Chance that a running mine is suspended in a year at the base price",
        "Assumption; no rate is published. 26 of 356 listed projects are suspended",
        Grade::C,
    ),
    assumption(
        "restart-rate",
        [0.06, 0.15, 0.4],
        "share a year",
        "Chance that a suspended mine is restarted in a year at the base price",
        "A wait of 1 to 8 years for its price and 0.8 to 2 to restart (data/lead_times.csv)",
        Grade::C,
    ),
    assumption(
        "closure-rate",
        [0.05, 0.1, 0.2],
        "share a year",
        "Chance that a suspended mine that is not restarted in a year is given up for good",
        "Assumption: only 15 of 100 suspended projects are expected to run within five years, 35 within ten",
        Grade::C,
    ),
    assumption(
        "suspension-response",
        [1.0, 2.0, 3.0],
        "elasticity",
        "How strongly suspensions fall and restarts rise with the expected price",
        "Assumption: at four fifths of the base price half as many again are suspended",
        Grade::C,
    ),
    assumption(
        "mine-size",
        [0.01, 0.03, 0.08],
        "share of world output",
        "Output of one mine where a country's mines are suspended one by one",
        "Assumption: the largest copper mine makes 5 % of the world's output, small markets hang on a few mines",
        Grade::C,
    ),
    assumption(
        "greenfield-years",
        [5.0, 8.0, 12.0],
        "years",
        "Price signal to first output of a mine that no table names",
        "Advanced projects take 4 to 5 years from study to output, new finds 15.7 on average (S&P); a mix of both",
        Grade::C,
    ),
    assumption(
        "unnamed-share",
        [0.3, 0.7, 1.0],
        "share",
        "Share of the growth in the IEA base case beyond named projects that comes",
        "Assumption; the base case weights announced plants with their chances",
        Grade::C,
    ),
    assumption(
        "secondary-growth",
        [0.0, 0.01, 0.02],
        "share a year",
        "Growth of secondary feed beside that of use, from better collection",
        "Assumption",
        Grade::C,
    ),
    assumption(
        "scrap-growth",
        [0.01, 0.03, 0.05],
        "share a year",
        "Growth of the use of years ago from which scrap comes back: secondary feed follows use no faster",
        "Assumption: use of the main metals grew 2 to 5 % a year over the last two decades",
        Grade::C,
    ),
    assumption(
        "reserve-renewal",
        [0.4, 0.8, 1.0],
        "tonnes per tonne",
        "Reserves newly proven for each tonne mined",
        "Assumption: world copper reserves have grown while copper was mined; not every country renews",
        Grade::C,
    ),
    assumption(
        "reserve-release-above",
        [1.5, 2.0, 3.0],
        "price over base price",
        "Price at which holders of public reserves begin to let go; at twice as much they let go all that they may",
        "Assumption: reserves are kept for emergencies; their release is a political act",
        Grade::C,
    ),
    assumption(
        "reserve-release-rate",
        [0.05, 0.11, 0.2],
        "share a year",
        "Most of a public reserve that is let go in a year",
        "The United States sold 1,030 t of tungsten in 2021 and 689 t in 2022 out of 8,330 t held in 2019: 12 and 9 % (USGS)",
        Grade::B,
    ),
    assumption(
        "inventory-release-above",
        [1.1, 1.25, 1.5],
        "price over base price",
        "Price at which makers, users and traders begin to run inventories down; at twice as much they let go all that they may",
        "Assumption",
        Grade::C,
    ),
    assumption(
        "inventory-release-rate",
        [0.25, 0.5, 0.75],
        "share a year",
        "Most of commercial inventories that is let go in a year; the rest is work in progress",
        "Assumption, the same as in shocks",
        Grade::C,
    ),
    assumption(
        "stock-lasting",
        [0.6, 0.75, 0.9],
        "ratio",
        "Expected price that counts as a lasting shortage, over the price at which holders let go within a year",
        "Assumption: a shortage that lasts moves holders before its price does",
        Grade::C,
    ),
    assumption(
        "stock-buy-below",
        [1.0, 1.1, 1.2],
        "price over base price",
        "Price up to which holders buy back towards their target",
        "Assumption",
        Grade::C,
    ),
    assumption(
        "stock-refill-years",
        [2.0, 4.0, 8.0],
        "years",
        "Time in which holders buy what their stock lacks",
        "Assumption; the stockpile plan of the United States is laid out year by year",
        Grade::C,
    ),
    assumption(
        "stock-target",
        [0.9, 1.0, 1.1],
        "ratio",
        "Stock that holders aim at over what they hold in the base year",
        "Assumption; what inventories take as use grows is in the base year's use",
        Grade::C,
    ),
    assumption(
        "royalty",
        [0.02, 0.04, 0.08],
        "share of value",
        "Royalty or extraction tax on mine output where data/fiscal.csv has no row of the host",
        "Assumption; row of data/fiscal.csv without a host",
        Grade::C,
    ),
    assumption(
        "operating-share",
        [0.4, 0.6, 0.85],
        "share of value",
        "Operating cost of running mines and plants over the value of output at base prices",
        "Assumption, the same as for projects; fewer than one in twenty publishes its cost",
        Grade::C,
    ),
    assumption(
        "profit-share",
        [0.1, 0.2, 0.35],
        "share of value",
        "Taxable profit of running mines and plants over the value of output at base prices",
        "Assumption",
        Grade::C,
    ),
    assumption(
        "loan-subsidy",
        [0.05, 0.15, 0.3],
        "share of amount",
        "Expected public cost of a loan or guarantee over its amount",
        "Assumption",
        Grade::C,
    ),
];

/// Middle of a named assumption, for plans that all draws share. Names outside the table give 0.
pub fn middle(name: &str) -> f64 {
    ASSUMPTIONS.iter().find(|a| a.name == name).map_or(0.0, |a| a.range.mid)
}

/// The default chance of a status before any deal, by name of the assumption.
pub fn success_name(status: ProjectStatus) -> &'static str {
    match status {
        ProjectStatus::Lapsed => "success-lapsed",
        ProjectStatus::Announced => "success-announced",
        ProjectStatus::Resource => "success-resource",
        ProjectStatus::Pfs => "success-pfs",
        ProjectStatus::Dfs => "success-dfs",
        ProjectStatus::Permitted => "success-permitted",
        ProjectStatus::Financed => "success-financed",
        ProjectStatus::Construction => "success-construction",
        ProjectStatus::Commissioning => "success-commissioning",
        ProjectStatus::Producing => "success-producing",
        ProjectStatus::Suspended => "success-suspended",
    }
}

/// The assumptions of a case: the table, with the case's own ranges over it.
#[derive(Debug, Clone)]
pub struct Assumptions {
    ranges: BTreeMap<String, Range>,
}

impl Assumptions {
    /// The table with some ranges replaced.
    pub fn with(overrides: impl IntoIterator<Item = (String, Range)>) -> Self {
        let table = ASSUMPTIONS.iter().map(|a| (a.name.to_owned(), a.range));
        Self { ranges: table.chain(overrides).collect() }
    }

    /// All ranges by name.
    pub fn all(&self) -> &BTreeMap<String, Range> {
        &self.ranges
    }

    /// One draw of every assumption.
    pub fn sample(&self, draw: Draw) -> Sampled {
        let value = |(name, range): (&String, &Range)| {
            (name.clone(), draw.range(&format!("assumption/{name}"), *range))
        };
        Sampled(self.ranges.iter().map(value).collect())
    }
}

/// Values of the assumptions in one draw.
#[derive(Debug, Clone)]
pub struct Sampled(BTreeMap<String, f64>);

impl Sampled {
    /// Value of a named assumption. Names outside [`ASSUMPTIONS`] give 0; a test holds the code to the table.
    pub fn get(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_range_is_ordered_and_names_are_unique() {
        let mut names: Vec<&str> = ASSUMPTIONS.iter().map(|a| a.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(ASSUMPTIONS.iter().all(|a| a.range.is_ordered() && !a.basis.is_empty()));
    }

    #[test]
    fn a_case_may_override_a_range() {
        let own = Assumptions::with([("wacc".to_owned(), Range::exact(0.05))]);
        assert_eq!(own.sample(Draw::new(0, 0)).get("wacc"), 0.05);
    }
}
