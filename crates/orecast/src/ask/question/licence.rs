//! What holding a licence obliges to and costs; what a register of licences means.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Ask;
use crate::{
    answer::{self, licence::Costs},
    ask::{Control, Data, Engine, Error, answer::Reply},
    base::diagnostic::did_you_mean,
    project::licence::{
        Regime, regimes,
        register::{read, readings},
    },
    studies::manifest::{FileHash, sha256_hex},
};

/// What an exploration licence obliges to and costs, year by year; or when the licences of a register could come to a mine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// Regime, such as `kazakhstan` or `western-australia`.
    #[serde(default)]
    pub regime: Option<String>,
    /// Blocks of the licence.
    #[serde(default = "one_block")]
    pub blocks: u32,
    /// Years that it is held.
    #[serde(default = "usual_years")]
    pub years: u32,
    /// Instead of a regime: a register of licences, a file of CSV or `GeoJSON`.
    #[serde(default)]
    pub register: Option<String>,
    /// Year in which the register is looked at; two years after the base year when absent.
    #[serde(default)]
    pub now: Option<i32>,
}

const fn one_block() -> u32 {
    1
}

const fn usual_years() -> u32 {
    6
}

impl Ask for Licence {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let known = regimes(engine.world()?);
        match (&self.regime, &self.register) {
            (Some(regime), None) => self.plan(&known, regime),
            (None, Some(file)) => self.registered(engine, &known, Path::new(file)),
            _ => Err(Error::refused(
                "a licence is asked for by its regime, or by a register of licences",
                "name one of the two",
            )),
        }
    }
}

impl Licence {
    fn plan(&self, known: &[Regime<'_>], wanted: &str) -> Result<Reply, Error> {
        let within = |what: &str, number: u32, most: u32| {
            let found = || Error::refused(format!("{number} {what}"), format!("ask for 1 to {most} {what}"));
            (1..=most).contains(&number).then_some(()).ok_or_else(found)
        };
        within("blocks", self.blocks, 100_000)?;
        within("years", self.years, 100)?;
        let name = wanted.trim().to_lowercase();
        let regime = known.iter().find(|regime| regime.name == name).ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|regime| regime.name).collect();
            let all = format!("choose from: {}", names.join(", "));
            Error::refused(format!("no regime `{wanted}`"), did_you_mean(&name, names.iter().copied(), &all))
        })?;
        let costs = Costs::of(regime.plan(self.blocks, self.years));
        Ok(Reply::new(answer::licence::plan(&costs, self.blocks), Data::of(costs)))
    }

    fn registered(&self, engine: &Engine, known: &[Regime<'_>], file: &Path) -> Result<Reply, Error> {
        let world = engine.world()?;
        let licences = read(world, file)?;
        let now = self.now.unwrap_or_else(|| world.base_year().unwrap_or_default() + 2);
        let list = readings(world, known, &licences, now);
        let mut reply = Reply::new(answer::licence::register(world, &list, now), Data::of(list));
        let bytes = std::fs::read(file).map_err(Error::file(file))?;
        let name = file.file_name().unwrap_or(file.as_os_str());
        reply.files =
            vec![FileHash { file: name.to_string_lossy().into_owned(), sha256: sha256_hex(&bytes) }];
        Ok(reply)
    }
}
