//! Whom an indicator is about: one country, a bloc, or a list of both.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{
    base::{
        diagnostic::nearest,
        id::{BlocId, Iso3},
    },
    world::{World, names::Subject},
};

/// Countries that count as one: trade among them is trade at home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// What it is called on screens.
    pub name: String,
    /// Members.
    pub members: BTreeSet<Iso3>,
}

/// What is right in place of a sum of countries.
const SUM_REMEDY: &str = "name a country such as `USA`, or a bloc such as `EU27`";

/// Why a text names no group.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownGroup {
    /// A part is neither a country nor a bloc.
    #[error("`{name}` is neither a country nor a bloc of that year: {remedy}")]
    Unknown {
        /// The part.
        name: String,
        /// What would be right.
        remedy: String,
    },
    /// A part is a sum of countries, such as the world.
    #[error("`{name}` is a sum of countries, not a party: {remedy}", remedy = SUM_REMEDY)]
    Sum {
        /// The part.
        name: String,
    },
    /// No country is named at all.
    #[error(
        "no country is named: give a code such as `USA`, a bloc such as `EU27`, or several joined by `+`"
    )]
    Empty,
}

impl UnknownGroup {
    /// What was found, and what would be right.
    pub fn parts(&self) -> (String, String) {
        match self {
            Self::Unknown { name, remedy } => {
                (format!("`{name}` is neither a country nor a bloc of that year"), remedy.clone())
            }
            Self::Sum { name } => {
                (format!("`{name}` is a sum of countries, not a party"), SUM_REMEDY.to_owned())
            }
            Self::Empty => (
                "no country is named".to_owned(),
                "give a code such as `USA`, a bloc such as `EU27`, or several joined by `+`".to_owned(),
            ),
        }
    }
}

impl Group {
    /// A single country.
    pub fn country(iso3: Iso3) -> Self {
        Self { name: iso3.to_string(), members: [iso3].into() }
    }

    /// Reads `USA`, `EU27`, `Japan` or `USA+JPN+EU27`, with the members that blocs have in `year`.
    ///
    /// # Errors
    /// When a part is neither a country nor a bloc with members in that year.
    pub fn parse(world: &World, text: &str, year: i32) -> Result<Self, UnknownGroup> {
        let mut members = BTreeSet::new();
        let mut names = Vec::new();
        for part in text.split('+').map(str::trim).filter(|part| !part.is_empty()) {
            let of_bloc = part.to_uppercase().parse::<BlocId>().map(|bloc| world.bloc_members(&bloc, year));
            let found = of_bloc.unwrap_or_default();
            if !found.is_empty() {
                names.push(part.to_uppercase());
                members.extend(found);
                continue;
            }
            match world.find(part) {
                Ok(Subject::Country(row)) if !row.iso3.is_aggregate() => {
                    let name = if text.contains('+') { row.iso3.to_string() } else { row.name.clone() };
                    names.push(name);
                    members.insert(row.iso3);
                }
                Ok(Subject::Country(_)) => return Err(UnknownGroup::Sum { name: part.to_owned() }),
                Ok(Subject::Mineral(_)) => return Err(unknown(world, part, None)),
                Err(error) => return Err(unknown(world, part, Some(error.parts().1))),
            }
        }
        if members.is_empty() {
            return Err(UnknownGroup::Empty);
        }
        Ok(Self { name: names.join("+"), members })
    }

    /// Its code in files: that of a country, else its name, such as `EU27`.
    pub fn code(&self) -> String {
        match self.members.first() {
            Some(country) if self.members.len() == 1 => country.to_string(),
            _ => self.name.clone(),
        }
    }

    /// Its members, in the order of their codes.
    pub fn list(&self) -> Vec<Iso3> {
        self.members.iter().copied().collect()
    }

    /// Whether a country belongs to it.
    pub fn has(&self, iso3: Iso3) -> bool {
        self.members.contains(&iso3)
    }
}

/// A part that is no party, with the country or bloc that is spelt nearest, where one is near.
fn unknown(world: &World, part: &str, remedy: Option<String>) -> UnknownGroup {
    let blocs: BTreeSet<&str> = world.tables().blocs.iter().map(|row| row.bloc.as_str()).collect();
    // The look-up of names may be near a mineral, which is no party.
    let names_country = |remedy: &String| {
        let word = remedy.split('`').nth(1).filter(|_| remedy.starts_with("did you mean"));
        word.is_some_and(|word| matches!(world.find(word), Ok(Subject::Country(_))))
    };
    let remedy = remedy.filter(names_country).unwrap_or_else(|| {
        if let Some(bloc) = nearest(&part.to_uppercase(), blocs.iter().copied()) {
            format!("did you mean the bloc `{bloc}`?")
        } else {
            let blocs: Vec<&str> = blocs.into_iter().collect();
            format!("give a country code such as `USA`, or one of {}", blocs.join(", "))
        }
    });
    UnknownGroup::Unknown { name: part.to_owned(), remedy }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::{MiniPackage, id};

    #[test]
    fn countries_blocs_and_lists_are_groups() {
        let world = MiniPackage::new().load().unwrap();
        let parse = |text: &str, year| Group::parse(&world, text, year);
        assert_eq!(parse("usa", 2024).unwrap().name, "United States");
        assert_eq!(parse("TPP", 2016).unwrap().members, [id("USA"), id("VNM")].into());
        assert_eq!(parse("TPP", 2024).unwrap().members, [id("VNM")].into());
        let list = parse("USA+eu27", 2024).unwrap();
        assert_eq!((list.name.as_str(), list.members.len()), ("USA+EU27", 2));
        assert_eq!(parse(" + ", 2024), Err(UnknownGroup::Empty));
        assert_eq!(
            parse("USA+Atlantis", 2024).unwrap_err().to_string(),
            "`Atlantis` is neither a country nor a bloc of that year: give a country code such as `USA`, or one of EU27, TPP"
        );
        assert!(parse("tungsten", 2024).is_err() && parse("WLD", 2024).is_err());
    }
}
