//! What stands at one place of a table: words, a subject, a figure, or why there is none.

use serde::Serialize;

use super::{
    figure::Figure,
    view::{country_name, mineral_name},
};
use crate::{
    base::{
        id::{Iso3, MineralId},
        unit::{Grade, Stage},
    },
    world::World,
};

/// What stands at one place of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "cell", rename_all = "kebab-case")]
pub enum Cell {
    /// Nothing belongs here.
    Empty,
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// A country.
    Country {
        /// Code.
        iso3: Iso3,
        /// Name.
        text: String,
    },
    /// A mineral.
    Mineral {
        /// Identifier.
        id: MineralId,
        /// Name.
        text: String,
    },
    /// A stage.
    Stage {
        /// Stage.
        text: Stage,
    },
    /// A year.
    Year {
        /// Year.
        text: i32,
    },
    /// A number of things.
    Count {
        /// Number.
        count: usize,
        /// As people read it.
        text: String,
    },
    /// Grade of the evidence.
    Grade {
        /// Grade.
        text: Grade,
    },
    /// A figure with range, unit, grade and bound.
    Figure(Figure),
    /// A figure that is not there, and why.
    Absent {
        /// Reason.
        why: Why,
        /// As people read it.
        text: String,
    },
}

/// Why a figure is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// Nobody publishes it, and it could not be derived.
    NotKnown,
    /// The publisher withholds it.
    Withheld,
    /// It rests on confidential own data and must not be shown.
    Confidential,
    /// It was not computed, or its market did not converge.
    NotComputed,
    /// It has no meaning here.
    NotDefined,
}

impl Why {
    /// As people read it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotKnown | Self::NotDefined => "–",
            Self::Withheld => "withheld",
            Self::Confidential => "confidential",
            Self::NotComputed => "not computed",
        }
    }
}

impl Cell {
    /// Words; none are an empty cell.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text { text } }
    }

    /// A country by its usual name; aggregates by what they stand for.
    pub fn country(world: &World, iso3: Iso3) -> Self {
        Self::Country { iso3, text: country_name(world, iso3) }
    }

    /// A mineral by its usual name.
    pub fn mineral(world: &World, id: &MineralId) -> Self {
        Self::Mineral { id: id.clone(), text: mineral_name(world, id) }
    }

    /// A number of things.
    pub fn count(count: usize) -> Self {
        Self::Count { count, text: super::number::grouped(&count.to_string()) }
    }

    /// A figure that is not there.
    pub fn absent(why: Why) -> Self {
        Self::Absent { why, text: why.as_str().to_owned() }
    }

    /// A figure, or that it is not known.
    pub fn known(figure: Option<Figure>) -> Self {
        figure.map_or_else(|| Self::absent(Why::NotKnown), Self::from)
    }

    /// A grade, where there is one.
    pub fn grade(grade: Option<Grade>) -> Self {
        grade.map_or(Self::Empty, |text| Self::Grade { text })
    }

    /// As people read it.
    pub fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text { text }
            | Self::Country { text, .. }
            | Self::Mineral { text, .. }
            | Self::Count { text, .. }
            | Self::Absent { text, .. } => text.clone(),
            Self::Stage { text } => text.to_string(),
            Self::Year { text } => text.to_string(),
            Self::Grade { text } => text.to_string(),
            Self::Figure(figure) => figure.text.clone(),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<Stage> for Cell {
    fn from(text: Stage) -> Self {
        Self::Stage { text }
    }
}

impl From<Grade> for Cell {
    fn from(text: Grade) -> Self {
        Self::Grade { text }
    }
}

/// A figure; one that is no number is not computed.
impl From<Figure> for Cell {
    fn from(figure: Figure) -> Self {
        if figure.mid.is_finite() { Self::Figure(figure) } else { Self::absent(Why::NotComputed) }
    }
}

impl From<Option<Figure>> for Cell {
    fn from(figure: Option<Figure>) -> Self {
        Self::known(figure)
    }
}
