//! Finding a mineral or a country by what people call it.

use super::{
    World,
    table::{CountryRow, MineralRow},
};
use crate::base::diagnostic::nearest;

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'w> {
    /// A mineral.
    Mineral(&'w MineralRow),
    /// A country.
    Country(&'w CountryRow),
}

/// A name that stands for nothing in the tables.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is neither a mineral nor a country: {remedy}")]
pub struct UnknownName {
    name: String,
    remedy: String,
}

impl UnknownName {
    /// What was found, and what would be right.
    pub fn parts(&self) -> (String, String) {
        (format!("`{}` is neither a mineral nor a country", self.name), self.remedy.clone())
    }
}

impl CountryRow {
    /// The country's name, then the other spellings that publishers use.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        let aliases = self.aliases.split(';').map(str::trim).filter(|alias| !alias.is_empty());
        std::iter::once(self.name.as_str()).chain(aliases)
    }
}

impl World {
    /// The mineral or country that a text names: by identifier first, then by name, symbol or alias, in any case.
    ///
    /// # Errors
    /// When nothing has that name, with the nearest one that exists.
    pub fn find(&self, text: &str) -> Result<Subject<'_>, UnknownName> {
        let text = text.trim();
        let names: Vec<(&str, Subject<'_>)> = self.names().collect();
        let exact = names.iter().find(|(name, _)| *name == text);
        let folded = || names.iter().find(|(name, _)| name.to_lowercase() == text.to_lowercase());
        if let Some((_, subject)) = exact.or_else(folded) {
            return Ok(*subject);
        }
        let remedy = nearest(text, names.iter().map(|(name, _)| *name))
            .and_then(|spelling| names.iter().find(|(name, _)| *name == spelling))
            .map_or_else(
                || "give a mineral such as one in minerals.csv, or a country code".to_owned(),
                suggestion,
            );
        Err(UnknownName { name: text.to_owned(), remedy })
    }

    /// Every way to name a subject, identifiers before names.
    fn names(&self) -> impl Iterator<Item = (&str, Subject<'_>)> {
        let minerals = &self.tables().minerals;
        let countries = &self.tables().countries;
        let codes = countries.iter().map(|row| (row.iso3.as_str(), Subject::Country(row)));
        let ids = minerals.iter().map(|row| (row.id.as_str(), Subject::Mineral(row)));
        let spoken = minerals.iter().flat_map(|row| {
            [row.name.as_str(), row.symbol.as_str()]
                .into_iter()
                .map(move |name| (name, Subject::Mineral(row)))
        });
        let spelt =
            countries.iter().flat_map(|row| row.spellings().map(move |name| (name, Subject::Country(row))));
        ids.chain(codes).chain(spoken).chain(spelt).filter(|(name, _)| !name.is_empty())
    }
}

fn suggestion((_, subject): &(&str, Subject<'_>)) -> String {
    match subject {
        Subject::Mineral(row) => format!("did you mean `{}`?", row.id),
        Subject::Country(row) => format!("did you mean `{}` ({})?", row.iso3, row.name),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::MiniPackage;

    fn found(world: &World, text: &str) -> String {
        match world.find(text) {
            Ok(Subject::Mineral(row)) => row.id.to_string(),
            Ok(Subject::Country(row)) => row.iso3.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn minerals_and_countries_are_found_by_any_usual_name() {
        let world = MiniPackage::new().load().unwrap();
        for (text, expected) in [
            ("tungsten", "tungsten"),
            ("Tungsten", "tungsten"),
            ("w", "tungsten"),
            ("KAZ", "KAZ"),
            ("kaz", "KAZ"),
            ("Viet Nam", "VNM"),
            ("vietnam", "VNM"),
        ] {
            assert_eq!(found(&world, text), expected);
        }
    }

    #[test]
    fn an_unknown_name_gets_the_nearest_one() {
        let world = MiniPackage::new().load().unwrap();
        let message = found(&world, "tungstn");
        assert_eq!(message, "`tungstn` is neither a mineral nor a country: did you mean `tungsten`?");
        let message = found(&world, "Kazakstan");
        assert_eq!(
            message,
            "`Kazakstan` is neither a mineral nor a country: did you mean `KAZ` (Kazakhstan)?"
        );
    }
}
