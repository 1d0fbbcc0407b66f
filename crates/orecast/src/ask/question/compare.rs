//! Countries and groups side by side.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Ask, first_seed, readings};
use crate::{
    answer,
    ask::{Control, Data, Engine, Error, answer::Reply},
    base::unit::Stage,
    indicator::Group,
    studies::{
        Sampling,
        compare::{CompareMeasure, compare},
    },
};

/// The headline indicators of several countries or groups, side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Compare {
    /// Countries, blocs or lists of them, such as `USA`, `EU27`, `USA+JPN`; at most eight.
    pub who: Vec<String>,
    /// Balanced year; the last one with complete trade when absent.
    #[serde(default)]
    pub year: Option<i32>,
    /// Only these minerals; all when empty.
    #[serde(default)]
    pub minerals: Vec<String>,
    /// Only this stage.
    #[serde(default)]
    pub stage: Option<Stage>,
    /// What is compared, a table for each.
    #[serde(default = "headline_measures")]
    pub measure: Vec<CompareMeasure>,
    /// Readings of the observations, each within their uncertainty, behind every range; 0 for none.
    #[serde(default = "readings")]
    pub draws: usize,
    /// Seed of the draws.
    #[serde(default = "first_seed")]
    pub seed: u64,
}

fn headline_measures() -> Vec<CompareMeasure> {
    vec![CompareMeasure::Imports, CompareMeasure::Supplier]
}

impl Ask for Compare {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let (world, names) = (engine.world()?, engine.names()?);
        let year = names.base_year(self.year)?;
        if self.who.is_empty() || self.who.len() > 8 {
            let found = format!("{} countries or groups are named", self.who.len());
            return Err(Error::refused(found, "name one to eight, such as USA EU27 JPN"));
        }
        let groups: Vec<Group> =
            self.who.iter().map(|who| names.group(who, year)).collect::<Result<_, _>>()?;
        let minerals = names.markets(&self.minerals, "dependence on")?;
        let sampling = Sampling { draws: self.draws, seed: self.seed };
        let mut found = compare(world, &groups, year, &minerals, sampling);
        found.lines.retain(|line| self.stage.is_none_or(|stage| line.stage == stage));
        let view = answer::compare::view(world, &found, &self.measure);
        Ok(Reply::new(view, Data::of(found)).drawn(self.draws, self.seed))
    }
}
