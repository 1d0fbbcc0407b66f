//! Lists that name minerals, what they are used for, and minerals that come as a share of another's output.

use serde::{Deserialize, Serialize};

use crate::base::unit::Stage;
use crate::base::{
    id::{Iso3, MineralId, SourceId},
    unit::{Grade, Range},
};

/// `lists.csv`: a mineral on a government's list of critical or strategic minerals.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListRow {
    /// The list, such as `US2025`.
    pub list: String,
    /// Mineral named.
    pub mineral: MineralId,
    /// Date of the list, as year, month or day.
    pub from: String,
    /// Date on which another list took its place; empty while it stands.
    pub to: String,
    /// Source.
    pub source: SourceId,
    /// Evidence grade of the membership.
    pub grade: Grade,
    /// Remark.
    pub note: String,
}

/// `end_uses.csv`: what part of a mineral goes into a use.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EndUseRow {
    /// Mineral.
    pub mineral: MineralId,
    /// The use.
    pub end_use: String,
    /// Country whose use is split, or `WLD`.
    pub iso3: Iso3,
    /// Part of its use that is split, such as `sponge metal` or `sales revenue`; empty for all of it.
    pub part: String,
    /// Calendar year.
    pub year: i32,
    /// Share of the use, 0 to 1.
    pub share: f64,
    /// Cost of the mineral over the price of what is made with it: low end of 9 in 10; absent where nobody assumed any.
    pub cost_share_low: Option<f64>,
    /// The same, middle.
    pub cost_share_mid: Option<f64>,
    /// The same, high end.
    pub cost_share_high: Option<f64>,
    /// Whether the row is one of the set that stands for the world.
    pub stands_for_world: bool,
    /// Whether the row is one of the set that stands for the United States.
    pub stands_for_us: bool,
    /// Source.
    pub source: SourceId,
    /// Evidence grade: A printed, B printed text read as a number or split, C assumed.
    pub grade: Grade,
    /// Remark.
    pub note: String,
}

impl EndUseRow {
    /// Cost of the mineral over the price of what is made with it: an assumption (grade C) where there is one.
    pub fn cost_share(&self) -> Option<Range> {
        Some(Range::new(self.cost_share_low?, self.cost_share_mid?, self.cost_share_high?))
    }
}

/// `use_industries.csv`: the industry that makes what a use names.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UseIndustryRow {
    /// The use, as in `end_uses.csv`.
    pub end_use: String,
    /// Industry code of the BEA detail input-output table of 2017.
    pub industry: String,
    /// Name of the industry.
    pub name: String,
    /// Share of the use that the industry makes, 0 to 1.
    pub share: f64,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
}

/// `baskets.csv`: a mineral as a share of what another mineral's ore or plant gives.
///
/// The elements of an aggregate market divide its output; a minor metal follows its host's. Output is derived from these
/// rows and is not stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BasketRow {
    /// The mineral.
    pub mineral: MineralId,
    /// The mineral whose output it is a share of.
    pub of: MineralId,
    /// Stage of both.
    pub stage: Stage,
    /// Product of the other mineral; empty for its usual one.
    pub product: String,
    /// Country; `WLD` for every country without a row of its own.
    pub iso3: Iso3,
    /// Tonnes per tonne: low end.
    pub low: f64,
    /// Middle.
    pub mid: f64,
    /// High end.
    pub high: f64,
    /// Kind of deposit or feed.
    pub deposit: String,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
    /// Remark.
    pub note: String,
}
