//! The named parameters of the model that rest on judgement or on a general study: one field each, so that a misspelt name does not
//! compile.
//!
//! [`TABLE`] says what each means, its range, and what it rests on. A case replaces any of the ranges under `[assumptions]`, which gives
//! a [`Params<Range>`]. Everything that is drawn comes from [`Params::draw`]; what all draws plan with comes from [`Params::mid`]. Nothing
//! reads the table's ranges when it runs.

pub mod responses;
mod table;

pub use table::{Params, TABLE};

use serde::Serialize;

use crate::{
    base::{
        draw::Draw,
        unit::{Grade, Range},
    },
    world::table::ProjectStatus,
};

/// What is documented of one parameter.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Parameter {
    /// Name in case files.
    pub name: &'static str,
    /// Name of its random number.
    #[serde(skip)]
    random: &'static str,
    /// Range that holds 9 cases in 10.
    pub range: Range,
    /// Unit.
    pub unit: &'static str,
    /// Meaning.
    pub meaning: &'static str,
    /// What it rests on.
    pub basis: &'static str,
    /// Grade of the evidence.
    pub grade: Grade,
}

impl Parameter {
    /// Its value in a draw when it has a range: the same number in every mineral, project, arm and study.
    pub fn draw(&self, draw: Draw, range: Range) -> f64 {
        draw.range(self.random, range)
    }

    /// Its row of the table in the documentation.
    pub fn row(&self) -> String {
        let Self { name, range, unit, meaning, basis, grade, .. } = self;
        let Range { low, mid, high } = range;
        format!("| `{name}` | {low} | {mid} | {high} | {unit} | {meaning} | {basis} | {grade} |")
    }
}

impl<T: Copy> Params<T> {
    /// Probability that a project of a status runs within ten years before any deal.
    pub const fn success(&self, status: ProjectStatus) -> T {
        match status {
            ProjectStatus::Lapsed => self.success_lapsed,
            ProjectStatus::Announced => self.success_announced,
            ProjectStatus::Resource => self.success_resource,
            ProjectStatus::Pfs => self.success_pfs,
            ProjectStatus::Dfs => self.success_dfs,
            ProjectStatus::Permitted => self.success_permitted,
            ProjectStatus::Financed => self.success_financed,
            ProjectStatus::Construction => self.success_construction,
            ProjectStatus::Commissioning => self.success_commissioning,
            ProjectStatus::Producing => self.success_producing,
            ProjectStatus::Suspended => self.success_suspended,
        }
    }

    /// These parameters with another value for one, by its name in case files; absent when there is no such parameter.
    #[must_use]
    pub fn replaced(&self, name: &str, value: T) -> Option<Self> {
        let mut found = false;
        let params = self.map(|parameter, own| {
            let is_it = parameter.name == name;
            found |= is_it;
            if is_it { value } else { *own }
        });
        found.then_some(params)
    }
}

impl Default for Params<Range> {
    /// The documented ranges.
    fn default() -> Self {
        Self::DOCUMENTED
    }
}

impl Params<Range> {
    /// The documented ranges with those of a case in their place. Names outside of the table change nothing: reading a case refuses them.
    pub fn with<'a>(ranges: impl IntoIterator<Item = (&'a str, Range)>) -> Self {
        let replace =
            |params: Self, (name, range): (&str, Range)| params.replaced(name, range).unwrap_or(params);
        ranges.into_iter().fold(Self::DOCUMENTED, replace)
    }

    /// One draw of every parameter.
    pub fn draw(&self, draw: Draw) -> Params<f64> {
        self.map(|parameter, range| parameter.draw(draw, *range))
    }

    /// The middle of every range: what plans rest on that all draws share.
    pub fn mid(&self) -> Params<f64> {
        self.map(|_, range| range.mid)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_range_is_ordered_every_name_is_its_fields_and_there_once() {
        let mut names = BTreeSet::new();
        for (field, name) in table::FIELDS {
            assert_eq!(*name, field.replace('_', "-"));
            assert!(names.insert(name), "{name}");
        }
        for (_, parameter) in TABLE.list() {
            assert!(parameter.range.is_ordered() && !parameter.basis.is_empty(), "{}", parameter.name);
        }
    }

    #[test]
    fn a_case_replaces_one_range_and_no_other() {
        let own = Params::with([("wacc", Range::exact(0.05)), ("no-such-name", Range::exact(1.0))]);
        assert_eq!(own.draw(Draw::new(0, 0)).wacc, 0.05);
        assert_eq!(Params { wacc: Params::default().wacc, ..own }, Params::default());
        assert_eq!(own.replaced("no-such-name", Range::exact(1.0)), None);
    }

    #[test]
    fn each_parameter_has_its_own_random_number_by_its_name() {
        let draw = Draw::new(3, 5);
        for (parameter, value) in Params::default().draw(draw).list() {
            let name = format!("assumption/{}", parameter.name);
            assert_eq!(*value, draw.range(&name, parameter.range), "{name}");
        }
    }

    #[test]
    fn the_middle_draw_is_the_middle_of_every_range() {
        let params = Params::default();
        let (drawn, mid) = (params.draw(Draw::MIDDLE), params.mid());
        for ((parameter, drawn), (_, mid)) in drawn.list().into_iter().zip(mid.list()) {
            assert!((drawn - mid).abs() <= 1e-12 * mid.abs(), "{}", parameter.name);
        }
    }
}
