//! Mines and plants that may add output; one of them; how long their like take.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Ask;
use crate::{
    answer::{
        self,
        projects::{Expected, List, Outside},
    },
    ask::{Control, Data, Engine, Error, answer::Reply},
    base::{diagnostic::did_you_mean, id::Iso3},
    project::{
        calibration::calibration,
        list::{Filter, Line, YEARS, by_control, expected, lines},
        milestone::{status_key, status_words},
        report::{find, report},
    },
    world::{
        World,
        table::{ProjectStage, ProjectStatus},
    },
};

/// Statuses by the words of the tables.
const STATUSES: [ProjectStatus; 11] = [
    ProjectStatus::Announced,
    ProjectStatus::Resource,
    ProjectStatus::Pfs,
    ProjectStatus::Dfs,
    ProjectStatus::Permitted,
    ProjectStatus::Financed,
    ProjectStatus::Construction,
    ProjectStatus::Commissioning,
    ProjectStatus::Producing,
    ProjectStatus::Suspended,
    ProjectStatus::Lapsed,
];

/// Mines and plants that may add output: place, stage, capacity, dates, probability, control.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Projects {
    /// Projects of this mineral.
    #[serde(default)]
    pub mineral: Option<String>,
    /// Projects in this country or group, such as `KAZ` or `C5`.
    #[serde(default)]
    pub country: Option<String>,
    /// Projects of this status, such as `construction`.
    #[serde(default)]
    pub status: Option<String>,
    /// Projects of which this country or group controls a part, wherever they are.
    #[serde(default)]
    pub control: Option<String>,
}

/// One project: times, cost, price it needs, what the host takes, money promised, control, sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Identifier, such as `KZ-W-NKATPAR`.
    pub id: String,
}

/// Published times, costs and probabilities compared with what the samplers give.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeadTimes {}

impl Projects {
    fn filter(&self, engine: &Engine) -> Result<Filter, Error> {
        let (world, names) = (engine.world()?, engine.names()?);
        let year = world.base_year().unwrap_or_default();
        let members = |who: &Option<String>| -> Result<Option<Vec<Iso3>>, Error> {
            who.as_ref().map(|who| Ok(names.group(who, year)?.members.into_iter().collect())).transpose()
        };
        let mineral = self.mineral.as_deref().map(|name| names.mineral(name)).transpose()?;
        Ok(Filter {
            mineral: mineral.map(|mineral| mineral.named().clone()),
            countries: members(&self.country)?,
            status: self.status.as_deref().map(status).transpose()?,
            control: members(&self.control)?,
        })
    }
}

fn status(text: &str) -> Result<ProjectStatus, Error> {
    let wanted = text.to_lowercase();
    let fits = |status: &&ProjectStatus| status_key(**status) == wanted || status_words(**status) == wanted;
    STATUSES.iter().find(fits).copied().ok_or_else(|| {
        let words = STATUSES.map(status_key);
        let all = format!("choose from: {}", words.join(", "));
        Error::refused(format!("no status `{text}`"), did_you_mean(&wanted, words, &all))
    })
}

/// Expected additions, where all projects are of one mineral.
fn sums(lines: &[Line]) -> Vec<Expected> {
    let [first, ..] = lines else { return Vec::new() };
    if lines.iter().any(|line| line.mineral != first.mineral) {
        return Vec::new();
    }
    let of = |stage| YEARS.map(|year| Expected { stage, year, tonnes: expected(lines, stage, year) });
    [ProjectStage::Mine, ProjectStage::Refine].into_iter().flat_map(of).collect()
}

/// What an outside base case has at the places, where one mineral is asked for by place alone.
fn outside(world: &World, filter: &Filter) -> Vec<Outside> {
    let alone = filter.status.is_none() && filter.control.is_none();
    let Some(mineral) = filter.mineral.as_ref().filter(|_| alone) else { return Vec::new() };
    let here = |iso3: Iso3| filter.countries.as_ref().is_none_or(|countries| countries.contains(&iso3));
    let rows = world.outlook(mineral);
    let rows = rows.iter().filter(|row| here(row.iso3));
    rows.map(|row| Outside { stage: row.stage, iso3: row.iso3, year: row.year, tonnes: row.value }).collect()
}

impl Ask for Projects {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let world = engine.world()?;
        let filter = self.filter(engine)?;
        let projects = lines(world, &filter.of(world));
        let list = List {
            by_control: by_control(&projects),
            expected: sums(&projects),
            outside: outside(world, &filter),
            projects,
        };
        Ok(Reply::new(answer::projects::view(world, &list), Data::of(list)))
    }
}

impl Ask for Project {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let world = engine.world()?;
        let row = find(world, self.id.trim()).map_err(|near| {
            let remedy = if near.is_empty() {
                "see the list of projects".to_owned()
            } else {
                format!("nearest: {}", near.join(", "))
            };
            Error::refused(format!("no project `{}`", self.id), remedy)
        })?;
        let found = report(world, row);
        Ok(Reply::new(answer::project::view(world, &found), Data::of(found)))
    }
}

impl Ask for LeadTimes {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let rows = calibration(engine.world()?);
        Ok(Reply::new(answer::lead_times::view(&rows), Data::of(rows)))
    }
}
