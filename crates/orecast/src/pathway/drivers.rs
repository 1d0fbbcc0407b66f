//! The drivers of a pathway, each of which can be switched off to see what it does.

use serde::Serialize;

/// What moves prices and quantities from the base year on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Driver {
    /// Growth of world use in the scenario.
    Demand,
    /// Running mines give less every year, faster where reserves are short.
    Depletion,
    /// Named projects that are built.
    Named,
    /// Additions that no named project stands for.
    Unnamed,
    /// By-products can grow no further than their hosts let them.
    Ceiling,
    /// Growth of secondary feed.
    Recycling,
    /// Running capacity and use follow expected demand and prices.
    Expectations,
    /// Output already published for the year after the base year.
    Published,
    /// Holders of stocks buy and release.
    Stocks,
    /// Mines are suspended and restarted.
    Suspensions,
    /// Measures that hold exports back since the base year.
    Measures,
    /// Use beyond the scenario since the base year, stock building included.
    Use,
    /// The part of prices since the base year that nothing explains.
    Unexplained,
}

impl Driver {
    /// All drivers, in the order in which they are reported.
    pub const ALL: [Self; 13] = [
        Self::Demand,
        Self::Depletion,
        Self::Published,
        Self::Named,
        Self::Unnamed,
        Self::Ceiling,
        Self::Recycling,
        Self::Suspensions,
        Self::Stocks,
        Self::Expectations,
        Self::Measures,
        Self::Use,
        Self::Unexplained,
    ];

    /// The head of its column.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Demand => "Demand",
            Self::Depletion => "Depletion",
            Self::Named => "Projects",
            Self::Unnamed => "Unnamed",
            Self::Ceiling => "Ceiling",
            Self::Recycling => "Recycling",
            Self::Expectations => "Response",
            Self::Suspensions => "Suspensions",
            Self::Stocks => "Stocks",
            Self::Published => "Published",
            Self::Measures => "Measures",
            Self::Use => "Use",
            Self::Unexplained => "Unexplained",
        }
    }

    /// What a reader sees.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Demand => "demand growth",
            Self::Depletion => "depletion of running mines",
            Self::Named => "named projects",
            Self::Unnamed => "unnamed additions",
            Self::Ceiling => "by-product ceiling",
            Self::Recycling => "recycling",
            Self::Expectations => "expansion and use following prices",
            Self::Suspensions => "mines suspended and restarted",
            Self::Stocks => "stocks bought and let go",
            Self::Published => "output published since the base year",
            Self::Measures => "measures that hold exports back",
            Self::Use => "use and stock building beyond the scenario",
            Self::Unexplained => "the part of prices that nothing explains",
        }
    }
}

/// A set of drivers that are at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drivers(u16);

impl Drivers {
    /// All of them: what a pathway is.
    pub const ALL: Self = Self(u16::MAX);

    /// These alone.
    pub fn of(list: impl IntoIterator<Item = Driver>) -> Self {
        Self(list.into_iter().fold(0, |set, driver| set | 1 << driver as u16))
    }

    /// Whether a driver is at work.
    pub const fn has(self, driver: Driver) -> bool {
        self.0 & (1 << driver as u16) != 0
    }
}
