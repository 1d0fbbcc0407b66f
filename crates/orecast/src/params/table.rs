//! The table of parameters: names, ranges, units, meanings, and what each rests on.

use super::Parameter;
use crate::base::unit::{Grade, Range};

const ELICITED: &str = "Elicited prior for ten years; no stage-by-stage attrition table is published";

/// Makes the struct with one field for each row, the table as that struct, and what goes through all fields.
macro_rules! parameters {
    ($($field:ident: $name:literal, [$low:literal, $mid:literal, $high:literal], $unit:literal, $grade:ident, $meaning:literal, $basis:expr;)*) => {
        /// One field for each documented parameter: a [`Range`] each for a case, one value each for a draw.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct Params<T> {
            $(
                #[doc = $meaning]
                #[doc = concat!("(", $unit, "; `", $name, "` in case files).")]
                pub $field: T,
            )*
        }

        /// What is documented of each parameter.
        pub static TABLE: Params<Parameter> = Params {
            $(
                $field: Parameter {
                    name: $name,
                    random: concat!("assumption/", $name),
                    range: Range::new($low, $mid, $high),
                    unit: $unit,
                    meaning: $meaning,
                    basis: $basis,
                    grade: Grade::$grade,
                },
            )*
        };

        impl Params<Range> {
            /// The documented ranges.
            pub const DOCUMENTED: Self = Self { $($field: Range::new($low, $mid, $high),)* };
        }

        impl<T> Params<T> {
            /// The same parameters with other values; `change` sees what is documented of each beside its value.
            pub fn map<U>(&self, mut change: impl FnMut(&'static Parameter, &T) -> U) -> Params<U> {
                Params { $($field: change(&TABLE.$field, &self.$field),)* }
            }

            /// Every parameter with its value, in the order of the table.
            pub fn list(&self) -> Vec<(&'static Parameter, &T)> {
                vec![$((&TABLE.$field, &self.$field)),*]
            }
        }

        #[cfg(test)]
        pub(super) const FIELDS: &[(&str, &str)] = &[$((stringify!($field), $name)),*];
    };
}

parameters! {
    wacc: "wacc", [0.065, 0.0836, 0.10], "real rate a year", B,
        "Cost of capital of a mining project in a low-risk country",
        "Mean of 65 technical reports that do not use 5 %: 8.36 % (Ovalle, MassMin 2020)";
    wacc_without_offtake: "wacc-without-offtake", [0.02, 0.025, 0.03], "rate", B,
        "Added to the cost of capital while a project has no contracted buyer",
        "2 to 3 points for specialty minerals (CIM Magazine, Discount rates and net present value, 2012)";
    wacc_with_floor: "wacc-with-floor", [0.01, 0.02, 0.03], "rate", C,
        "Taken off the cost of capital by a price floor",
        "1 to 3 points seen for power contracts for difference; no study of minerals found";
    capex_overrun: "capex-overrun", [1.0, 1.14, 1.6], "ratio", B,
        "Cost as built over the study's",
        "Mean 1.14 of 63 projects (Bertisen and Davis 2008); 1.4 and more in later reviews";
    capital_share: "capital-share", [0.2, 0.35, 0.5], "share of price", C,
        "Capital charge of a project whose capital cost is not published",
        "Assumption";
    cost_spread: "cost-spread", [0.2, 0.35, 0.5], "log standard deviation", C,
        "Spread of a project's unknown cost around what its status implies",
        "Assumption; half of projects end outside 15 % of their study";
    build_mine_years: "build-mine-years", [2.0, 2.6, 4.0], "years", B,
        "Decision to first output of a mine",
        "2.6 years for 35 large mines (S&P, starts 2010 to 2019)";
    build_refinery_years: "build-refinery-years", [1.0, 2.0, 3.5], "years", C,
        "Decision to first output of a refinery or by-product circuit",
        "Assumption";
    finance_to_build_years: "finance-to-build-years", [0.25, 1.0, 2.5], "years", C,
        "Signed loan to start of construction",
        "Feasibility to construction takes 1.8 years on average (S&P); part of it precedes the loan";
    finance_before_study: "finance-before-study", [0.2, 0.45, 0.7], "share", C,
        "Share of the effect of finance that reaches a project whose feasibility study is not finished",
        "Assumption: lenders sign for such projects, but their cost and grade are still open";
    ramp_years: "ramp-years", [1.0, 2.5, 4.0], "years", B,
        "First output to design rate of plants that run already; others draw their own",
        "2.5 years on average, 30 % within a year, 10 % after four (SME)";
    success_lapsed: "success-lapsed", [0.01, 0.04, 0.1], "probability", C,
        "A lapsed project runs within ten years",
        ELICITED;
    success_announced: "success-announced", [0.1, 0.2, 0.35], "probability", C,
        "An announced project runs within ten years",
        ELICITED;
    success_resource: "success-resource", [0.07, 0.15, 0.3], "probability", C,
        "A project with a resource runs within ten years",
        ELICITED;
    success_pfs: "success-pfs", [0.15, 0.3, 0.45], "probability", C,
        "A project with a pre-feasibility study runs within ten years",
        ELICITED;
    success_dfs: "success-dfs", [0.3, 0.48, 0.65], "probability", C,
        "A project with a feasibility study runs within ten years",
        ELICITED;
    success_permitted: "success-permitted", [0.4, 0.6, 0.75], "probability", C,
        "A permitted project runs within ten years",
        ELICITED;
    success_suspended: "success-suspended", [0.2, 0.35, 0.5], "probability", C,
        "A suspended project runs within ten years",
        ELICITED;
    success_financed: "success-financed", [0.7, 0.85, 0.93], "probability", C,
        "A financed project runs within ten years",
        ELICITED;
    success_construction: "success-construction", [0.8, 0.9, 0.96], "probability", C,
        "A project under construction runs within ten years",
        ELICITED;
    success_commissioning: "success-commissioning", [0.92, 0.97, 0.99], "probability", C,
        "A project starting up runs within ten years",
        ELICITED;
    success_producing: "success-producing", [0.6, 0.8, 0.95], "probability", C,
        "A running plant reaches the higher output planned for it",
        "Assumption";
    control_tie: "control-tie", [0.3, 0.6, 0.9], "share", C,
        "Share of a project's output that goes where its owners and contracted buyers are",
        "Assumption; Kazakh tungsten goes to its owners' country almost wholly";
    expectation_speed: "expectation-speed", [0.25, 0.4, 0.6], "share a year", C,
        "How fast expected prices follow actual ones",
        "Assumption";
    adjustment_years: "adjustment-years", [3.0, 5.0, 8.0], "years", C,
        "Time in which running capacity reaches its long-run response to a lasting price",
        "Assumption, between the short and long horizons of published elasticities";
    depletion: "depletion", [0.005, 0.015, 0.03], "share a year", C,
        "Output that running mines lose each year without new investment; half over the years that reserves last where that is more",
        "Running copper mines lose 2 to 3 % a year in the IEA base case of May 2025 (world output 2035 less announced additions); no figure for most minerals";
    brownfield_limit: "brownfield-limit", [0.02, 0.03, 0.05], "share a year", C,
        "Growth of running capacity that high prices bring within a year; the rest comes as new mines after their lead time",
        "Assumption; creeping expansion of running sites";
    fastest_growth: "fastest-growth", [0.1, 0.19, 0.3], "share a year", B,
        "Fastest growth of a country's running capacity",
        "World output of lithium (204,000 t to 290,000 t) and of gallium (633 t to 900 t) grew 19 % a year from 2023 to 2025 (USGS)";
    circuit_years: "circuit-years", [1.0, 1.5, 2.5], "years", C,
        "Price signal to first output of a by-product circuit that no table names",
        "Construction of a circuit, row LA10 of data/lead_times.csv";
    recovery_response: "recovery-response", [0.5, 1.0, 2.0], "elasticity", C,
        "Long-run response of what is recovered at hosts to the price of a by-product, while nothing of what could be recovered is",
        "Assumption, under the long-run elasticity of refining (0.8 to 3)";
    large_project: "large-project", [0.05, 0.1, 0.2], "share of world use", C,
        "Size beyond which owners count with what a project's output does to its own price",
        "Assumption";
    suspension_rate: "suspension-rate", [0.005, 0.015, 0.04], "share a year", C,
        "Probability that a running mine is suspended in a year at the base price",
        "Assumption; no rate is published. 26 of 356 listed projects are suspended";
    restart_rate: "restart-rate", [0.06, 0.15, 0.4], "share a year", C,
        "Probability that a suspended mine is restarted in a year at the base price",
        "A wait of 1 to 8 years for its price and 0.8 to 2 to restart (data/lead_times.csv)";
    closure_rate: "closure-rate", [0.05, 0.1, 0.2], "share a year", C,
        "Probability that a suspended mine that is not restarted in a year is abandoned",
        "Assumption: only 15 of 100 suspended projects are expected to run within five years, 35 within ten";
    suspension_response: "suspension-response", [1.0, 2.0, 3.0], "elasticity", C,
        "How strongly suspensions fall and restarts rise with the expected price",
        "Assumption: at four fifths of the base price half as many again are suspended";
    mine_size: "mine-size", [0.01, 0.03, 0.08], "share of world output", C,
        "Output of one mine where a country's mines are suspended one by one",
        "Assumption: the largest copper mine makes 5 % of the world's output, small markets hang on a few mines";
    greenfield_years: "greenfield-years", [5.0, 8.0, 12.0], "years", C,
        "Price signal to first output of a mine that no table names",
        "Advanced projects take 4 to 5 years from study to output, new finds 15.7 on average (S&P); a mix of both";
    unnamed_share: "unnamed-share", [0.3, 0.7, 1.0], "share", C,
        "Share of the growth in the IEA base case beyond named projects that comes",
        "Assumption; the base case weights announced plants with their probabilities";
    secondary_growth: "secondary-growth", [0.0, 0.01, 0.02], "share a year", C,
        "Growth of secondary feed on top of that of use, from better collection",
        "Assumption";
    scrap_growth: "scrap-growth", [0.01, 0.03, 0.05], "share a year", C,
        "Growth of the use of years ago from which scrap comes back: secondary feed follows use no faster",
        "Assumption: use of the main metals grew 2 to 5 % a year over the last two decades";
    reserve_renewal: "reserve-renewal", [0.4, 0.8, 1.0], "tonnes per tonne", C,
        "Reserves newly proven for each tonne mined",
        "Assumption: world copper reserves have grown while copper was mined; not every country renews";
    reserve_release_above: "reserve-release-above", [1.5, 2.0, 3.0], "price over base price", C,
        "Price at which holders of public reserves begin to release them; at twice as much they release all that they may",
        "Assumption: reserves are kept for emergencies; their release is a political act";
    reserve_release_rate: "reserve-release-rate", [0.05, 0.11, 0.2], "share a year", B,
        "Most of a public reserve that is released in a year",
        "The United States sold 1,030 t of tungsten in 2021 and 689 t in 2022 out of 8,330 t held in 2019: 12 and 9 % (USGS)";
    inventory_release_above: "inventory-release-above", [1.1, 1.25, 1.5], "price over base price", C,
        "Price at which makers, users and traders begin to release inventories; at twice as much they release all that they may",
        "Assumption";
    inventory_release_rate: "inventory-release-rate", [0.25, 0.5, 0.75], "share a year", C,
        "Most of commercial inventories that is released in a year, in pathways and in shocks; the rest is work in progress",
        "Assumption";
    stock_lasting: "stock-lasting", [0.6, 0.75, 0.9], "ratio", C,
        "Expected price that counts as a lasting shortage, over the price at which holders release within a year",
        "Assumption: a shortage that lasts moves holders before its price does";
    stock_buy_below: "stock-buy-below", [1.0, 1.1, 1.2], "price over base price", C,
        "Price up to which holders buy back towards their target",
        "Assumption";
    stock_refill_years: "stock-refill-years", [2.0, 4.0, 8.0], "years", C,
        "Time in which holders buy what their stock lacks",
        "Assumption; the stockpile plan of the United States is laid out year by year";
    stock_target: "stock-target", [0.9, 1.0, 1.1], "ratio", C,
        "Stock that holders aim at over what they hold in the base year",
        "Assumption; what inventories take as use grows is in the base year's use";
    royalty: "royalty", [0.02, 0.04, 0.08], "share of value", C,
        "Royalty or extraction tax on mine output where data/fiscal.csv has no row of the host",
        "Assumption; row of data/fiscal.csv without a host";
    operating_share: "operating-share", [0.4, 0.6, 0.85], "share of value", C,
        "Operating cost of running mines and plants over the value of output at base prices",
        "Assumption, the same as for projects; fewer than one in twenty publishes its cost";
    profit_share: "profit-share", [0.1, 0.2, 0.35], "share of value", C,
        "Taxable profit of running mines and plants over the value of output at base prices",
        "Assumption";
    loan_subsidy: "loan-subsidy", [0.05, 0.15, 0.3], "share of amount", C,
        "Expected public cost of a loan or guarantee over its amount",
        "Assumption";
}
