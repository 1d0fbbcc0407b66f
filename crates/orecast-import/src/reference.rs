//! What importers look things up in: country names, source identifiers and the label mappings, all small CSV
//! files in `mapping/` beside this code.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, de::DeserializeOwned};

use super::text::{Input, normal, rows};
use orecast::{
    base::{
        diagnostic::{Diagnostics, did_you_mean},
        id::{Iso3, SourceId},
        unit::Grade,
    },
    world::table::{CountryRow, SourceRow},
};

/// `mapping/sources.csv`: a source, how other tables name it and whether its rows may be passed on.
#[derive(Debug, Clone, Deserialize)]
pub struct SourceRule {
    /// Identifier.
    pub id: SourceId,
    /// Title with edition.
    pub title: String,
    /// Publisher.
    pub publisher: String,
    /// Address or DOI.
    pub url: String,
    /// Licence.
    pub licence: String,
    /// Date of retrieval or of the edition read.
    pub retrieved: String,
    /// Raw file, as `facts:` or `sources:` and a path within that folder; empty for single facts.
    pub file: String,
    /// Texts that name this source in curated tables, separated by `|`; the first rule that matches wins.
    #[serde(rename = "match")]
    pub matches: String,
    /// Words that show a remark to quote this source, separated by `|`; set for closed sources.
    pub words: String,
    /// `no` when the terms forbid passing rows on.
    pub ship: String,
    /// Grade that its rows never exceed, for sources that were not read themselves.
    pub grade_floor: Option<Grade>,
    /// Remark.
    pub note: String,
}

impl SourceRule {
    /// Whether rows of this source may be passed on.
    pub fn may_ship(&self) -> bool {
        self.ship == "yes"
    }

    /// The row of `sources.csv`, with the hash of the raw file where there is one. Its remark ends with what the terms allow.
    pub fn row(&self, sha256: String) -> SourceRow {
        let terms = if self.may_ship() { "rows may be passed on" } else { "rows may not be passed on" };
        let note = if self.note.is_empty() { terms.to_owned() } else { format!("{}; {terms}", self.note) };
        SourceRow {
            id: self.id.clone(),
            title: self.title.clone(),
            publisher: self.publisher.clone(),
            url: self.url.clone(),
            licence: self.licence.clone(),
            retrieved: self.retrieved.clone(),
            sha256,
            note,
        }
    }

    fn names(&self, text: &str) -> bool {
        self.matches.split('|').any(|pattern| !pattern.is_empty() && text.contains(pattern))
    }
}

/// `mapping/register_sources.csv` and `mapping/recent_sources.csv`: a page that facts were read from, one by one.
#[derive(Debug, Deserialize)]
struct Page {
    id: SourceId,
    title: String,
    publisher: String,
    url: String,
    licence: String,
    retrieved: String,
    note: String,
}

impl From<Page> for SourceRule {
    fn from(page: Page) -> Self {
        Self {
            id: page.id,
            title: page.title,
            publisher: page.publisher,
            url: page.url,
            licence: page.licence,
            retrieved: page.retrieved,
            file: String::new(),
            matches: String::new(),
            words: String::new(),
            ship: "yes".to_owned(),
            grade_floor: None,
            note: page.note,
        }
    }
}

/// A replacement of words in remarks taken over from curated tables.
#[derive(Debug, Clone, Deserialize)]
struct Wording {
    from: String,
    to: String,
}

/// Countries and sources by every spelling that publishers use.
#[derive(Debug)]
pub struct Reference {
    /// The rows of `countries.csv`.
    pub countries: Vec<CountryRow>,
    /// The rows of `mapping/sources.csv`.
    pub sources: Vec<SourceRule>,
    names: BTreeMap<String, Iso3>,
    codes: BTreeSet<Iso3>,
    wording: Vec<Wording>,
}

/// The rows of one embedded mapping file.
pub fn mapping<T: DeserializeOwned>(name: &str, text: &str, problems: &mut Diagnostics) -> Vec<T> {
    rows(&Input::inline(name, text), problems).into_iter().map(|(_, row)| row).collect()
}

impl Reference {
    /// Reads the mappings that the program carries.
    ///
    /// # Errors
    /// When a mapping file does not fit its type.
    pub fn load() -> Result<Self, Diagnostics> {
        let mut problems = Diagnostics::default();
        let countries: Vec<CountryRow> =
            mapping("countries.csv", include_str!("../../../data/countries.csv"), &mut problems);
        let mut sources: Vec<SourceRule> =
            mapping("sources.csv", include_str!("mapping/sources.csv"), &mut problems);
        let pages: Vec<Page> =
            mapping("register_sources.csv", include_str!("mapping/register_sources.csv"), &mut problems);
        let recent: Vec<Page> =
            mapping("recent_sources.csv", include_str!("mapping/recent_sources.csv"), &mut problems);
        sources.extend(pages.into_iter().chain(recent).map(SourceRule::from));
        let wording = mapping("wording.csv", include_str!("mapping/wording.csv"), &mut problems);
        let mut names = BTreeMap::new();
        for country in &countries {
            let number = country.iso_numeric.map(|code| code.to_string());
            let spellings = country.aliases.split(';').chain([country.name.as_str(), country.iso3.as_str()]);
            for name in spellings.chain(number.as_deref()).filter(|name| !name.is_empty()) {
                names.insert(normal(name), country.iso3);
            }
        }
        let codes = countries.iter().map(|country| country.iso3).collect();
        problems.into_result(Self { countries, sources, names, codes, wording })
    }

    /// The country of a name, an alias, an alpha-3 code (also a retired one) or a numeric code.
    pub fn country(&self, text: &str) -> Option<Iso3> {
        let name = normal(text);
        let number = name.trim_start_matches('0');
        self.names.get(&name).or_else(|| self.names.get(number)).copied()
    }

    /// Like [`Self::country`], noting a name that is not known.
    pub fn country_or_note(
        &self,
        text: &str,
        file: &str,
        line: usize,
        problems: &mut Diagnostics,
    ) -> Option<Iso3> {
        let found = self.country(text);
        if found.is_none() {
            let known = self.countries.iter().map(|country| country.name.as_str());
            let remedy = did_you_mean(text, known, "add the spelling to data/countries.csv");
            problems.push(file, line, "country", format!("`{text}` is not a known country"), remedy);
        }
        found
    }

    /// Whether a code is a row of `countries.csv`.
    pub fn is_country(&self, code: Iso3) -> bool {
        self.codes.contains(&code)
    }

    /// The source that a free text names.
    pub fn source(&self, text: &str) -> Option<&SourceRule> {
        self.sources.iter().find(|rule| rule.names(text))
    }

    /// Like [`Self::source`], noting a text that names none.
    pub fn source_or_note(
        &self,
        text: &str,
        file: &str,
        line: usize,
        problems: &mut Diagnostics,
    ) -> Option<&SourceRule> {
        let found = self.source(text);
        if found.is_none() {
            let found = format!("`{text}` names no known source");
            problems.push(file, line, "source", found, "add it to mapping/sources.csv");
        }
        found
    }

    /// The rule of a source by its identifier. An edition that is newer than this program takes over the rule of the last
    /// edition it knows, with its own year.
    pub fn rule(&self, id: &SourceId) -> Option<SourceRule> {
        if let Some(rule) = self.sources.iter().find(|rule| &rule.id == id) {
            return Some(rule.clone());
        }
        let (stem, edition) = edition_of(id.as_str());
        let earlier = self.sources.iter().filter(|rule| edition_of(rule.id.as_str()).0 == stem);
        let rule = earlier.max_by_key(|rule| rule.id.clone())?;
        let known = edition_of(rule.id.as_str()).1;
        let year = |edition: &str| edition.split('-').next().unwrap_or_default().to_owned();
        Some(SourceRule {
            id: id.clone(),
            title: rule.title.replace(&year(known), &year(edition)),
            retrieved: edition.to_owned(),
            note: "edition read from the file".to_owned(),
            ..rule.clone()
        })
    }

    /// A grade, no better than the source allows.
    pub fn floored(&self, grade: Grade, source: &SourceId) -> Grade {
        let rule = self.sources.iter().find(|rule| &rule.id == source);
        rule.and_then(|rule| rule.grade_floor).map_or(grade, |floor| grade.max(floor))
    }

    /// A remark in the words of this package: one line, working terms replaced.
    pub fn remark(&self, text: &str) -> String {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let worded = self.wording.iter().fold(line, |text, word| text.replace(&word.from, &word.to));
        worded.trim_matches([' ', ';']).to_owned()
    }

    /// A remark, or nothing when it quotes a source that may not be passed on.
    pub fn open_remark(&self, text: &str) -> String {
        let quotes =
            |rule: &SourceRule| rule.words.split('|').any(|word| !word.is_empty() && text.contains(word));
        if self.sources.iter().any(quotes) { String::new() } else { self.remark(text) }
    }
}

/// An identifier without its edition, and the edition: digits and dashes at the end.
fn edition_of(id: &str) -> (&str, &str) {
    let stem = id.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    (stem, id[stem.len()..].trim_start_matches('-'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_new_edition_takes_over_what_is_known_of_the_last_one() {
        let reference = Reference::load().unwrap();
        let rule = reference.rule(&"usgs-mcs-2031".parse().unwrap()).unwrap();
        assert_eq!(rule.title, "Mineral Commodity Summaries 2031 data release");
        assert_eq!((rule.licence.as_str(), rule.retrieved.as_str()), ("US public domain", "2031"));
        let rule = reference.rule(&"wb-pink-sheet-2027-01".parse().unwrap()).unwrap();
        assert_eq!((rule.publisher.as_str(), rule.retrieved.as_str()), ("World Bank", "2027-01"));
        assert!(reference.rule(&"nobody-2031".parse().unwrap()).is_none());
    }

    #[test]
    fn every_spelling_finds_its_country() {
        let reference = Reference::load().unwrap();
        for (text, code) in [
            ("Burma", "MMR"),
            ("Korea, North", "PRK"),
            ("Korea, Republic of", "KOR"),
            ("Congo (Kinshasa)", "COD"),
            ("Turkey", "TUR"),
            ("Türkiye", "TUR"),
            ("Côte d’Ivoire", "CIV"),
            ("Czech Republic", "CZE"),
            ("United\u{a0}States", "USA"),
            ("World total", "WLD"),
            ("Other countries", "ROW"),
            ("ROM", "ROU"),
            ("ZAR", "COD"),
            ("490", "TWN"),
            ("004", "AFG"),
            ("842", "USA"),
            ("XKK", "XKX"),
        ] {
            assert_eq!(reference.country(text).map(|c| c.to_string()), Some(code.to_owned()), "{text}");
        }
        assert_eq!(reference.country("Atlantis"), None);
    }

    #[test]
    fn all_countries_and_the_aggregates_are_there_once() {
        let reference = Reference::load().unwrap();
        assert_eq!(reference.countries.len(), 249 + 4);
        assert_eq!(reference.codes.len(), reference.countries.len());
    }

    #[test]
    fn closed_sources_are_known_as_such() {
        let reference = Reference::load().unwrap();
        for (text, id, ship) in [
            ("BGS World Mineral Statistics, 2023 (not open licence)", "bgs", false),
            ("World Mining Data 2026 ed., 2024 (terms unread: do not ship)", "wmd", false),
            ("USGS Mineral Commodity Summaries 2026 data release (x)", "usgs-mcs-2026", true),
        ] {
            let rule = reference.source(text).unwrap();
            assert_eq!((rule.id.as_str(), rule.may_ship()), (id, ship));
        }
        assert_eq!(reference.open_remark("BGS 2023 = 10,627"), "");
        assert_eq!(reference.open_remark("exports 101 t"), "exports 101 t");
    }
}
