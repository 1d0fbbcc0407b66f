//! How exposed a country or group is, and the risk scores people quote.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Ask, first_seed, readings, top};
use crate::{
    answer::{self, view::View},
    ask::{Control, Data, Engine, Error, answer::Reply},
    indicator::{Group, geopolrisk::folder::Inputs},
    studies::{
        Sampling,
        hazard::{Regime, report::hazard_report},
        risk::page,
        scores::tables::{eu, geopolrisk, nassar},
    },
    world::World,
};

/// How exposed a country or group is, to whom, at which stage, and what it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// Country, bloc or a list of both: `USA`, `EU27`, `USA+JPN`.
    pub who: String,
    /// Balanced year; the last one with complete trade when absent.
    #[serde(default)]
    pub year: Option<i32>,
    /// Minerals that are listed.
    #[serde(default = "top")]
    pub top: usize,
    /// Readings of the observations, each within their uncertainty, behind every range; 0 for none.
    #[serde(default = "readings")]
    pub draws: usize,
    /// Seed of the draws.
    #[serde(default = "first_seed")]
    pub seed: u64,
}

impl Ask for Risk {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let (world, names) = (engine.world()?, engine.names()?);
        let year = names.base_year(self.year)?;
        let group = names.group(&self.who, year)?;
        let found = page(world, &group, year, Sampling { draws: self.draws, seed: self.seed });
        let view = answer::risk::view(world, &found, self.top);
        Ok(Reply::new(view, Data::of(found)).drawn(self.draws, self.seed))
    }
}

/// Makes a question about a score of the package: a country or group and a year.
macro_rules! score {
    ($(#[doc = $doc:literal])* $name:ident, $reply:path) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// Country, bloc or a list of both: `USA`, `EU27`, `USA+JPN`.
            pub who: String,
            /// Balanced year; the last one with complete trade when absent.
            #[serde(default)]
            pub year: Option<i32>,
            /// Readings of the observations, each within their uncertainty, behind every range; 0 for none.
            #[serde(default = "readings")]
            pub draws: usize,
            /// Seed of the draws.
            #[serde(default = "first_seed")]
            pub seed: u64,
        }

        impl Ask for $name {
            fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
                let (world, names) = (engine.world()?, engine.names()?);
                let year = names.base_year(self.year)?;
                let group = names.group(&self.who, year)?;
                let sampling = Sampling { draws: self.draws, seed: self.seed };
                let (view, data) = $reply(world, &group, year, sampling);
                Ok(Reply::new(view, data).drawn(self.draws, self.seed))
            }
        }
    };
}

score!(
    /// `GeoPolRisk` of the package: by the published conventions, and corrected.
    RiskGeoPolRisk,
    geopolrisk_reply
);

fn geopolrisk_reply(world: &World, group: &Group, year: i32, sampling: Sampling) -> (View, Data) {
    let found = geopolrisk(world, group, year, sampling);
    let view = answer::scores::geopolrisk(world, &found, sampling);
    let columns = found.columns();
    (view, Data::of(found).with_columns(columns))
}

score!(
    /// Supply risk by the method of the European Union's list.
    RiskEu,
    eu_reply
);

fn eu_reply(world: &World, group: &Group, year: i32, sampling: Sampling) -> (View, Data) {
    let found = eu(world, group, year, sampling);
    (answer::scores::eu(world, &found, sampling), Data::of(found))
}

score!(
    /// Disruption potential, trade exposure and economic vulnerability after Nassar and others.
    RiskNassar,
    nassar_reply
);

fn nassar_reply(world: &World, group: &Group, year: i32, sampling: Sampling) -> (View, Data) {
    let found = nassar(world, group, year, sampling);
    (answer::scores::nassar(world, &found, sampling), Data::of(found))
}

/// `GeoPolRisk` from a folder of inputs, exactly by the published conventions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskGeoPolRiskFolder {
    /// Folder with `countries.csv`, `hs_map.csv`, `production.csv`, `trade_imports.csv` and `wgi_pv_normalised.csv`.
    pub inputs: String,
}

impl Ask for RiskGeoPolRiskFolder {
    fn reply(&self, _: &Engine, _: &Control) -> Result<Reply, Error> {
        let cases = Inputs::read(Path::new(&self.inputs))?.table();
        let view = answer::scores::folder(&cases);
        let rows = cases.clone();
        let data = Data::of(cases).with_rows(move |out, _| {
            let mut writer = csv::Writer::from_writer(out);
            for case in &rows {
                writer.serialize(case)?;
            }
            writer.flush()
        });
        Ok(Reply::new(view, data))
    }
}

/// How likely exporters are to restrict: the model, its fit to past counts, its limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskHazard {
    /// Country or group that buys.
    pub who: String,
    /// Times that are assumed.
    #[serde(default)]
    pub regime: Regime,
}

impl Ask for RiskHazard {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let (world, names) = (engine.world()?, engine.names()?);
        let year = names.base_year(None)?;
        let group = names.group(&self.who, year)?;
        let found = hazard_report(world, &group, year, self.regime);
        let view = answer::hazard::view(world, &found, &group);
        let mut reply = Reply::new(view, Data::of(found));
        reply.limits = answer::hazard::limits(&group);
        Ok(reply)
    }
}
