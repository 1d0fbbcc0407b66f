//! The questions, one file each: what may be asked, and how it is answered.

mod compare;
mod data;
mod path;
mod risk;
mod run;
mod screen;
mod share;
mod shock;
mod show;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use compare::Compare;
pub use data::{DataCheck, DataCoverage, DataDiff, DataGaps, DataNewLayer, DataReliance, DataTension};
pub use path::{Hindcast, Outside, Path, PathAll, WhyPrice};
pub use risk::{Risk, RiskEu, RiskGeoPolRisk, RiskGeoPolRiskFolder, RiskHazard, RiskNassar};
pub(crate) use run::LazyResults;
pub use run::{Results, Run};
pub use screen::{Screen, ScreenGdp};
pub use share::Share;
pub use shock::{Shock, ShockHindcast};
pub use show::Show;

use super::{Control, Engine, Error, answer::Reply};

/// A question that knows how it is answered.
pub(crate) trait Ask {
    /// Answers it.
    fn reply(&self, engine: &Engine, control: &Control) -> Result<Reply, Error>;
}

/// Makes the list of questions, their kinds and the way to each answer.
macro_rules! questions {
    ($($(#[doc = $doc:literal])* $name:ident = $kind:literal;)*) => {
        /// A question. As JSON it is an object whose `ask` names the kind, with the fields of that kind beside it; what a question leaves out has
        /// the stated default.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "ask")]
        pub enum Question {
            $($(#[doc = $doc])* #[serde(rename = $kind)] $name(Box<$name>),)*
        }

        impl Question {
            /// Every kind of question.
            pub const KINDS: &'static [&'static str] = &[$($kind),*];

            /// Its kind.
            pub const fn kind(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => $kind,)*
                }
            }

            pub(super) fn reply(&self, engine: &Engine, control: &Control) -> Result<Reply, Error> {
                match self {
                    $(Self::$name(question) => question.reply(engine, control),)*
                }
            }
        }

        $(impl From<$name> for Question {
            fn from(question: $name) -> Self {
                Self::$name(Box::new(question))
            }
        })*
    };
}

questions! {
    /// What a case changes, arm by arm, with ranges.
    Run = "run";
    /// What a restriction, a stop or a duty does within a year, and to whom.
    Shock = "shock";
    /// How prices moved after dated restrictions, and what the market would have said.
    ShockHindcast = "shock-hindcast";
    /// Every exporter of every mineral stops for a year: what that costs whoever buys, and how likely it is.
    Screen = "screen";
    /// What the economy would lose if one exporter stopped for a year: USGS-style, our reconstruction.
    ScreenGdp = "screen-gdp";
    /// How exposed a country or group is, to whom, at which stage, and what it has.
    Risk = "risk";
    /// `GeoPolRisk` of the package: by the published conventions, and corrected.
    RiskGeoPolRisk = "risk-geopolrisk";
    /// `GeoPolRisk` from a folder of inputs, exactly by the published conventions.
    RiskGeoPolRiskFolder = "risk-geopolrisk-folder";
    /// Supply risk by the method of the European Union's list.
    RiskEu = "risk-eu";
    /// Disruption potential, trade exposure and economic vulnerability after Nassar and others.
    RiskNassar = "risk-nassar";
    /// How likely exporters are to restrict: the model, its fit to past counts, its limits.
    RiskHazard = "risk-hazard";
    /// Who mines, refines, holds and buys a mineral; what a country or a group mines, refines and exports.
    Show = "show";
    /// A mineral year by year without any deal: output, use, price, who makes it.
    Path = "path";
    /// Every mineral year by year without any deal, one line each.
    PathAll = "path-all";
    /// What moves a mineral's price, year by year, in the middle draw.
    WhyPrice = "why-price";
    /// Growth to 2030 outside a country, compared with that of the IEA base case.
    Outside = "outside";
    /// How the model would have done from earlier base years, compared with carrying the last value forward.
    Hindcast = "hindcast";
    /// Checks every table and says everything that is wrong, with file, line and remedy.
    DataCheck = "data-check";
    /// Minerals of a list by kinds of facts: the best grade and how much there is.
    DataCoverage = "data-coverage";
    /// What is not known: absent, withheld, one-sided, stale, without trade, looked for and not found, or only inferred.
    DataGaps = "data-gaps";
    /// What an update changes: rows, values, and the selected figures.
    DataDiff = "data-diff";
    /// Balanced years held against published net import reliance.
    DataReliance = "data-reliance";
    /// What balancing moved against what was published, by how much, and what pushed it.
    DataTension = "data-tension";
    /// Begins a folder of own data.
    DataNewLayer = "data-new-layer";
    /// Headline indicators of several countries or groups, side by side.
    Compare = "compare";
}

/// Draws behind the ranges of a question about observations, unless it says otherwise.
pub(crate) const READINGS: usize = 40;
/// Draws of a question about runs, unless it says otherwise.
pub(crate) const DRAWS: usize = 200;

/// Rows that are shown unless a question says otherwise.
const fn top() -> usize {
    20
}

const fn readings() -> usize {
    READINGS
}

const fn draws() -> usize {
    DRAWS
}

const fn first_seed() -> u64 {
    1
}
