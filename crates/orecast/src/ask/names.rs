//! The one place where the names of a question are looked up.

use crate::{
    base::{
        id::{Iso3, MineralId},
        unit::Stage,
    },
    indicator::Group,
    world::{
        World,
        names::Subject,
        table::{MineralKind, MineralRow},
    },
};

use super::Error;

/// Looks up minerals, elements, symbols, stages, countries, blocs and lists of them.
#[derive(Debug, Clone, Copy)]
pub struct Names<'w> {
    world: &'w World,
}

/// A mineral as a question names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MineralName {
    /// The mineral with a market of its own.
    pub market: MineralId,
    /// The element that was named, where that is sold within an aggregate market.
    pub element: Option<MineralId>,
}

impl MineralName {
    /// The mineral that was named.
    pub fn named(&self) -> &MineralId {
        self.element.as_ref().unwrap_or(&self.market)
    }
}

/// A mineral, a country or a group.
#[derive(Debug, Clone)]
pub enum Named<'w> {
    /// A mineral.
    Mineral(&'w MineralRow),
    /// One country, a bloc, or a list of both.
    Group(Group),
}

impl<'w> Names<'w> {
    /// Looks up in these facts.
    pub(crate) const fn new(world: &'w World) -> Self {
        Self { world }
    }

    /// A mineral by identifier, name or symbol, in any case.
    ///
    /// # Errors
    /// When nothing has that name, or a country has.
    pub fn mineral(self, text: &str) -> Result<MineralName, Error> {
        match self.world.find(text)? {
            Subject::Mineral(row) => Ok(MineralName {
                market: row.market.clone(),
                element: (row.market != row.id).then(|| row.id.clone()),
            }),
            Subject::Country(row) => Err(Error::refused(
                format!("`{text}` is a country: {}", row.name),
                "name a mineral, such as tungsten",
            )),
        }
    }

    /// A mineral with a market of its own; an element of an aggregate is refused with the reason, since no market of its own is modelled.
    ///
    /// # Errors
    /// When nothing has that name, a country has, or an element that `what` cannot be said of.
    pub fn market(self, text: &str, what: &str) -> Result<MineralId, Error> {
        let MineralName { market, element } = self.mineral(text)?;
        match element {
            None => Ok(market),
            Some(element) => Err(Error::refused(
                format!(
                    "{element} is sold within the market of {market}, and {what} of one element is not modelled"
                ),
                format!("ask for {market}"),
            )),
        }
    }

    /// Several minerals with markets of their own, each once; all of them when none is named.
    ///
    /// # Errors
    /// When a name is not one of a mineral with a market of its own.
    pub fn markets(self, texts: &[String], what: &str) -> Result<Vec<MineralId>, Error> {
        let mut list: Vec<MineralId> = Vec::new();
        for text in texts {
            let market = self.market(text, what)?;
            if !list.contains(&market) {
                list.push(market);
            }
        }
        Ok(list)
    }

    /// A country, a bloc or a list of both, with the members of a year: `USA`, `Japan`, `EU27`, `USA+JPN`.
    ///
    /// # Errors
    /// When a part is neither a country nor a bloc of that year; the world and the rest of the world are no parties.
    pub fn group(self, text: &str, year: i32) -> Result<Group, Error> {
        Ok(Group::parse(self.world, text, year)?)
    }

    /// One country by code, name or alias.
    ///
    /// # Errors
    /// When the text names none.
    pub fn country(self, text: &str) -> Result<Iso3, Error> {
        match self.world.find(text)? {
            Subject::Country(row) if !row.iso3.is_aggregate() => Ok(row.iso3),
            Subject::Country(_) => Err(Error::refused(
                format!("`{text}` is a sum of countries, not a party"),
                "name a country such as `USA`",
            )),
            Subject::Mineral(row) => Err(Error::refused(
                format!("`{text}` is a mineral: {}", row.name),
                "name a country such as `USA`",
            )),
        }
    }

    /// A mineral, a country or a group of countries.
    ///
    /// # Errors
    /// When nothing has that name.
    pub fn any(self, text: &str, year: i32) -> Result<Named<'w>, Error> {
        let found = self.world.find(text);
        if let Ok(Subject::Mineral(row)) = found {
            return Ok(Named::Mineral(row));
        }
        match self.group(text, year) {
            Ok(group) => Ok(Named::Group(group)),
            // The look-up in both tables knows the nearest spelling.
            Err(error) => Err(found.err().map_or(error, Error::from)),
        }
    }

    /// A stage.
    ///
    /// # Errors
    /// When the text is neither `mine` nor `refine`.
    pub fn stage(self, text: &str) -> Result<Stage, Error> {
        [Stage::Mine, Stage::Refine]
            .into_iter()
            .find(|stage| stage.as_str().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| Error::refused(format!("`{text}` is no stage"), "write `mine` or `refine`"))
    }

    /// A year with trade, on which a balanced year can stand; the last complete one when absent.
    ///
    /// # Errors
    /// When the facts have no trade of that year: the years that have are named.
    pub fn base_year(self, asked: Option<i32>) -> Result<i32, Error> {
        let years = self.world.trade_years();
        let last = self.world.base_year().ok_or_else(|| {
            Error::refused("the facts have no trade", "use a package whose table `trade` has rows")
        })?;
        match asked {
            None => Ok(last),
            Some(year) if years.contains(&year) => Ok(year),
            Some(year) => {
                let known: Vec<String> = years.iter().map(ToString::to_string).collect();
                Err(Error::refused(
                    format!("there is no trade of {year}, without which no year can be balanced"),
                    format!("ask for one of {}", known.join(", ")),
                ))
            }
        }
    }

    /// Whether a mineral is an element that is sold within an aggregate.
    pub fn is_element(self, id: &MineralId) -> bool {
        self.world.mineral(id.as_str()).is_some_and(|row| row.kind == MineralKind::Element)
    }
}
