//! The names that a case may use, so that a misspelt one is found before anything runs.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    base::{
        id::{Iso3, MineralId, ProjectId, SourceId},
        unit::{Range, Stage},
    },
    world::table::BlocRow,
};

/// What exists in the world that a case is checked against.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Minerals with a market.
    pub minerals: BTreeSet<MineralId>,
    /// Countries.
    pub countries: BTreeSet<Iso3>,
    /// Projects.
    pub projects: BTreeSet<ProjectId>,
    /// Sources of the data package.
    pub sources: BTreeSet<SourceId>,
    /// Memberships of blocs.
    pub blocs: Vec<BlocRow>,
    /// Demand scenarios, such as `STEPS`.
    pub scenarios: BTreeSet<String>,
    /// Parameters that `[assumptions]` may override.
    pub parameters: BTreeSet<String>,
    /// Lowest and highest yearly mean price seen, US dollars per tonne contained.
    pub prices: BTreeMap<(MineralId, Stage), (f64, f64)>,
    /// Columns of each table, which an overlay may change.
    pub columns: BTreeMap<String, Vec<String>>,
    /// Observed rates of the register by name; a preset's `observed:NAME` takes them.
    pub rates: BTreeMap<String, Range>,
}

impl Names {
    /// Members of a bloc in a year, in the order of their codes; none for what is no bloc.
    pub(super) fn members(&self, bloc: &str, year: i32) -> BTreeSet<Iso3> {
        let rows = self.blocs.iter().filter(|row| row.bloc.as_str() == bloc && row.holds(year));
        rows.map(|row| row.iso3).collect()
    }
}

/// Legal words by kind of name: those of the world and those that the file itself declares.
#[derive(Debug, Default)]
pub(super) struct Words(BTreeMap<&'static str, BTreeSet<String>>);

impl Words {
    pub(super) fn new(names: &Names) -> Self {
        fn words<T: ToString>(set: &BTreeSet<T>) -> BTreeSet<String> {
            set.iter().map(ToString::to_string).collect()
        }
        Self(BTreeMap::from([
            ("mineral", words(&names.minerals)),
            ("country", words(&names.countries)),
            ("project", words(&names.projects)),
            ("source", words(&names.sources)),
            ("bloc", names.blocs.iter().map(|row| row.bloc.to_string()).collect()),
            ("scenario", words(&names.scenarios)),
            ("parameter", words(&names.parameters)),
            ("table", names.columns.keys().cloned().collect()),
        ]))
    }

    pub(super) fn add(&mut self, kind: &'static str, words: impl IntoIterator<Item = String>) {
        self.0.entry(kind).or_default().extend(words);
    }

    pub(super) fn contains(&self, kind: &str, word: &str) -> bool {
        self.of(kind).any(|known| known == word)
    }

    pub(super) fn of(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.0.get(kind).into_iter().flatten().map(String::as_str)
    }

    /// Where a reader finds the legal words when none is close to what was written.
    pub(super) fn whereabouts(&self, kind: &str) -> String {
        let table = match kind {
            "mineral" => "data/minerals.csv",
            "country" => {
                "data/countries.csv (three capital letters, such as KAZ) or, in a list of countries, data/blocs.csv (members at signature)"
            }
            "project" => "data/projects.csv",
            "source" => "data/sources.csv and the [[source]] entries of this file",
            "bloc" => "data/blocs.csv",
            "scenario" => "data/demand.csv",
            "table" => "data/README.md",
            _ => {
                let known: Vec<&str> = self.of(kind).collect();
                return match known[..] {
                    [] => format!("there is no {kind} to name here"),
                    _ => format!("choose from: {}", known.join(", ")),
                };
            }
        };
        format!("see {table} for the legal names")
    }
}
