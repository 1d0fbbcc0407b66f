//! The milestones that a project climbs, the kinds of project, and the four states of public money.

use serde::Serialize;

use crate::world::{
    World,
    table::{ProjectRow, ProjectStage, ProjectStatus, Step},
};

/// A milestone of the development ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Milestone {
    /// Ground is held and looked at.
    Exploration,
    /// A resource estimate exists.
    Resource,
    /// Pre-feasibility study.
    Prefeasibility,
    /// Feasibility study.
    Feasibility,
    /// Permits in hand.
    Permitted,
    /// Money in hand.
    Financed,
    /// Being built.
    Construction,
    /// Starting up, on the way to design rate.
    Ramp,
    /// At design rate, or as near as it gets.
    Operating,
}

impl Milestone {
    /// The milestone of a status; absent for projects that are stopped or given up, which stand beside the ladder.
    pub const fn of(status: ProjectStatus) -> Option<Self> {
        Some(match status {
            ProjectStatus::Announced => Self::Exploration,
            ProjectStatus::Resource => Self::Resource,
            ProjectStatus::Pfs => Self::Prefeasibility,
            ProjectStatus::Dfs => Self::Feasibility,
            ProjectStatus::Permitted => Self::Permitted,
            ProjectStatus::Financed => Self::Financed,
            ProjectStatus::Construction => Self::Construction,
            ProjectStatus::Commissioning => Self::Ramp,
            ProjectStatus::Producing => Self::Operating,
            ProjectStatus::Suspended | ProjectStatus::Lapsed => return None,
        })
    }
}

/// The words that screens use for a status.
pub const fn status_words(status: ProjectStatus) -> &'static str {
    match status {
        ProjectStatus::Lapsed => "given up",
        ProjectStatus::Announced => "announced",
        ProjectStatus::Resource => "resource",
        ProjectStatus::Pfs => "pre-feasibility",
        ProjectStatus::Dfs => "feasibility",
        ProjectStatus::Permitted => "permitted",
        ProjectStatus::Financed => "financed",
        ProjectStatus::Construction => "construction",
        ProjectStatus::Commissioning => "starting up",
        ProjectStatus::Producing => "producing",
        ProjectStatus::Suspended => "suspended",
    }
}

/// The word of a status in the tables.
pub const fn status_key(status: ProjectStatus) -> &'static str {
    match status {
        ProjectStatus::Lapsed => "lapsed",
        ProjectStatus::Announced => "announced",
        ProjectStatus::Resource => "resource",
        ProjectStatus::Pfs => "pfs",
        ProjectStatus::Dfs => "dfs",
        ProjectStatus::Permitted => "permitted",
        ProjectStatus::Financed => "financed",
        ProjectStatus::Construction => "construction",
        ProjectStatus::Commissioning => "commissioning",
        ProjectStatus::Producing => "producing",
        ProjectStatus::Suspended => "suspended",
    }
}

/// What kind of project it is: the kinds differ in how long they take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A new mine, with or without a plant.
    Mine,
    /// A new refinery, smelter or separation plant.
    Plant,
    /// Recovery of a by-product added to a plant that treats its host.
    Circuit,
    /// A stopped mine or plant that starts again.
    Restart,
    /// More output from a running mine or plant.
    Expansion,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Mine, Self::Plant, Self::Circuit, Self::Restart, Self::Expansion];

    /// The word used in the tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Plant => "plant",
            Self::Circuit => "circuit",
            Self::Restart => "restart",
            Self::Expansion => "expansion",
        }
    }

    /// The words used on screens.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Mine => "new mine",
            Self::Plant => "new plant",
            Self::Circuit => "by-product circuit",
            Self::Restart => "restart",
            Self::Expansion => "expansion",
        }
    }

    /// The kind of a project: stopped ones are restarts, running ones expansions, plants for a mineral that comes wholly out of
    /// others at their refineries are circuits.
    pub fn of(world: &World, row: &ProjectRow) -> Self {
        let refined_with_host = || {
            let hosts = world.hosts(&row.mineral);
            let share: f64 = hosts
                .iter()
                .filter(|host| host.host_stage == crate::base::unit::Stage::Refine)
                .map(|host| host.share_mid)
                .sum();
            share > 0.5
        };
        match (row.status, row.stage) {
            (ProjectStatus::Suspended, _) => Self::Restart,
            (ProjectStatus::Producing, _) => Self::Expansion,
            (_, ProjectStage::Refine) if refined_with_host() => Self::Circuit,
            (_, ProjectStage::Refine) => Self::Plant,
            _ => Self::Mine,
        }
    }
}

/// How far public money for a project has come. None of the four is the next: a letter is no loan, a closed loan is not drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Money {
    /// A letter of interest: no promise.
    Letter,
    /// Approved by a board, with conditions.
    Approved,
    /// Signed by all sides.
    Closed,
    /// Paid out, at least in part.
    Drawn,
}

impl Money {
    /// All states, in order.
    pub const ALL: [Self; 4] = [Self::Letter, Self::Approved, Self::Closed, Self::Drawn];

    /// The words used on screens.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Letter => "letter of interest",
            Self::Approved => "approved",
            Self::Closed => "closed",
            Self::Drawn => "drawn",
        }
    }

    /// The state that a step of the register stands for, when it is about money.
    pub const fn of(step: Step) -> Option<Self> {
        Some(match step {
            Step::LetterOfInterest => Self::Letter,
            Step::Conditional => Self::Approved,
            Step::Committed => Self::Closed,
            Step::Drawn => Self::Drawn,
            _ => return None,
        })
    }
}
