//! The two sides of a market that a measure splits.

use serde::Serialize;

use crate::{base::id::Iso3, market::Market};

/// A side of a market. Where no measure splits it all is outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Zone {
    /// In the countries that restrict their exports.
    Inside,
    /// Elsewhere.
    Outside,
}

impl Zone {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Inside, Self::Outside];

    /// The word used on screens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inside => "inside",
            Self::Outside => "outside",
        }
    }

    /// Position in lists by zone.
    pub const fn index(self) -> usize {
        match self {
            Self::Inside => 0,
            Self::Outside => 1,
        }
    }
}

/// Who is inside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Split {
    /// Countries that restrict what leaves to anywhere; none where nothing splits the market.
    pub inside: Vec<Iso3>,
}

impl Split {
    /// Whether there are two sides.
    pub fn splits(&self) -> bool {
        !self.inside.is_empty()
    }

    /// The zones that the market has.
    pub fn zones(&self) -> &'static [Zone] {
        if self.splits() { &Zone::ALL } else { &[Zone::Outside] }
    }

    /// The side of a country.
    pub fn zone(&self, country: Iso3) -> Zone {
        if self.inside.contains(&country) { Zone::Inside } else { Zone::Outside }
    }

    /// The side of each node and of each user of a market.
    pub fn of_market(&self, market: &Market) -> (Vec<Zone>, Vec<Zone>) {
        let nodes = market.nodes.iter().map(|node| self.zone(node.country)).collect();
        (nodes, market.users.iter().map(|user| self.zone(user.country)).collect())
    }
}
