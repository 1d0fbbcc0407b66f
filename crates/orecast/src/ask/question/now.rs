//! Today's market: what is known since the base year, and what explains it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Ask, first_seed};
use crate::{
    answer,
    ask::{Control, Data, Engine, Error, answer::Reply},
    base::date::PartialDate,
    params::Params,
    studies::{
        forecast::ForecastOptions,
        now::{now, now_all},
    },
};

/// Today's market of a mineral, or of all: prices inside and outside restricting countries, and what explains them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Now {
    /// Mineral; all when absent.
    #[serde(default)]
    pub mineral: Option<String>,
    /// The day that is looked at, such as `2025-11-06`: only what was known at its end is used.
    #[serde(default)]
    pub as_of: Option<String>,
    /// Demand scenario that use is compared with.
    #[serde(default = "scenario")]
    pub scenario: String,
    /// Number of draws; 0 for the middle alone.
    #[serde(default = "draws")]
    pub draws: usize,
    /// Seed of the draws.
    #[serde(default = "first_seed")]
    pub seed: u64,
}

fn scenario() -> String {
    "steps".to_owned()
}

const fn draws() -> usize {
    100
}

impl Ask for Now {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let (world, names) = (engine.world()?, engine.names()?);
        let as_of = self.as_of.as_deref().map(day).transpose()?;
        let options = ForecastOptions {
            last_year: names.base_year(None)? + 1,
            scenario: super::path::known_scenario(world, &self.scenario)?,
            as_of,
            draws: self.draws,
            seed: self.seed,
            params: Params::default(),
        };
        let reply = match &self.mineral {
            None => {
                let found = now_all(world, &options);
                Reply::new(answer::now::all(world, &found), Data::of(found))
            }
            Some(text) => {
                let mineral = names.market(text, "the nowcast")?;
                let found = now(world, &mineral, &options).map_err(super::path::no_path)?;
                Reply::new(answer::now::one(world, &found), Data::of(found))
            }
        };
        Ok(reply.drawn(self.draws, self.seed))
    }
}

/// A day as far as it is known.
fn day(text: &str) -> Result<PartialDate, Error> {
    text.parse().map_err(|_| Error::refused(format!("`{text}` is no date"), "write one such as 2025-11-06"))
}
