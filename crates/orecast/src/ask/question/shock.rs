//! What a restriction, a stop or a duty does within a year, and to whom.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Ask, Share, draws, first_seed};
use crate::{
    answer,
    ask::{
        Control, Data, Engine, Error,
        answer::{Reply, Unsolved},
        cases::CaseFile,
    },
    base::id::{Iso3, MineralId},
    params::responses::TimeScale,
    policy::{Disruption, Lever},
    studies::{
        run::names,
        shock::{
            Context, Intervention, InterventionKind, Request, ShockMarket, hindcast::hindcast,
            interventions::UnreadableIntervention, run,
        },
    },
    world::World,
};

/// What a restriction, a stop or a duty does within a year, and to whom.
///
/// Interventions are written `WHO[@STAGE][:WHOM][=AMOUNT]`, where `WHO` and `WHOM` are countries or blocs, several with `+` between.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shock {
    /// Mineral or element, such as `gallium`, `W` or `dysprosium`.
    pub mineral: String,
    /// Nothing leaves the first, or nothing for the second: `CHN`, `CHN:USA`, `CHN@refine`.
    #[serde(default)]
    pub ban: Vec<String>,
    /// No more leaves than a share of past exports or a tonnage: `CHN=50%`, `CHN=1200t`.
    #[serde(default)]
    pub quota: Vec<String>,
    /// So much of past exports is licensed, the first after some months: `CHN=60%`, `CHN=60%+3m`.
    #[serde(default)]
    pub licence: Vec<String>,
    /// Exports pay a share of their value: `IDN=20%`.
    #[serde(default)]
    pub tax: Vec<String>,
    /// Imports of the first from the second pay a share of their value: `USA:CHN=25%`.
    #[serde(default)]
    pub duty: Vec<String>,
    /// Output halts: `KAZ`, `KAZ@refine`.
    #[serde(default)]
    pub stop: Vec<String>,
    /// The first buys nothing from the second: `G7:RUS`.
    #[serde(default)]
    pub sanction: Vec<String>,
    /// The first buys at most a share of its imports from the second, or from any one country: `USA:CHN=40%`, `USA=40%`.
    #[serde(default)]
    pub share_cap: Vec<String>,
    /// Share of what bans and sanctions stop that still arrives; that of the case when absent, else none.
    #[serde(default)]
    pub leakage: Option<Share>,
    /// File with levers of the deal language that are in force for the year.
    #[serde(default)]
    pub case: Option<String>,
    /// Country or group to look at; that of the case when absent.
    #[serde(default, rename = "for")]
    pub leader: Option<String>,
    /// How long the market has had to respond; that of the case when absent, else `medium`.
    #[serde(default)]
    pub horizon: Option<TimeScale>,
    /// Whether to divide the effect between the interventions.
    #[serde(default)]
    pub why: bool,
    /// Number of draws.
    #[serde(default = "draws")]
    pub draws: usize,
    /// Seed of the draws.
    #[serde(default = "first_seed")]
    pub seed: u64,
}

impl Ask for Shock {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let (world, names) = (engine.world()?, engine.names()?);
        if self.draws == 0 {
            return Err(Error::refused("no draws are asked for", "ask for one at least; 200 is usual"));
        }
        let mineral = names.mineral(&self.mineral)?.named().clone();
        let year = names.base_year(None)?;
        let file = disruption(self.case.as_deref(), world)?;
        let leader = match &self.leader {
            Some(text) => Some(names.group(text, year)?),
            None => file.leader.map(|iso3| names.group(iso3.as_str(), year)).transpose()?,
        };
        let leakage = self.leakage.map_or_else(|| file.leakage.map_or(0.0, |q| q.range.mid), Share::value);
        let scale = self.horizon.or(file.horizon).unwrap_or_default();
        let prepare = |separate: &[Iso3]| {
            ShockMarket::prepare(world, &mineral, year, scale, separate).map_err(|error| {
                Error::refused(error.to_string(), "without it there is no market to disturb")
            })
        };
        // The first look says which stages there are; the second keeps every country apart that is named.
        let stages = prepare(&[])?.stages();
        let context = Context { world, mineral: &mineral, stages: &stages, year, scale };
        let params = file.params;
        let interventions = self.interventions(&context, file, &mineral)?;
        let members = leader.iter().flat_map(|group| group.members.iter().copied());
        let mut separate: Vec<Iso3> =
            interventions.iter().flat_map(Intervention::countries).chain(members).collect();
        separate.sort_unstable();
        separate.dedup();
        let market = prepare(&separate)?.with_params(params);
        let request = Request {
            interventions: &interventions,
            leakage,
            leader: leader.as_ref(),
            draws: self.draws,
            seed: self.seed,
            why: self.why,
        };
        let report = run(world, &market, &request);
        let view = answer::shock::view(world, &report, leader.as_ref());
        let unsolved =
            Unsolved { markets: report.runs.draws, failed: report.runs.draws - report.runs.converged };
        let columns = report.columns();
        let mut reply = Reply::new(view, Data::of(report).with_columns(columns)).drawn(self.draws, self.seed);
        reply.limits = answer::shock::limits();
        reply.unsolved = unsolved;
        if let Some(case) = &self.case {
            reply.files = CaseFile::find(case)?.hashes()?;
        }
        Ok(reply)
    }
}

impl Shock {
    /// What the question and the file do to the market.
    fn interventions(
        &self,
        context: &Context<'_>,
        file: Disruption,
        mineral: &MineralId,
    ) -> Result<Vec<Intervention>, Error> {
        let options: [(InterventionKind, &[String]); 8] = [
            (InterventionKind::Ban, &self.ban),
            (InterventionKind::Quota, &self.quota),
            (InterventionKind::Licence, &self.licence),
            (InterventionKind::Tax, &self.tax),
            (InterventionKind::Duty, &self.duty),
            (InterventionKind::Stop, &self.stop),
            (InterventionKind::Sanction, &self.sanction),
            (InterventionKind::ShareCap, &self.share_cap),
        ];
        let texts = options.into_iter().flat_map(|(kind, texts)| texts.iter().map(move |text| (kind, text)));
        let mut list: Vec<Intervention> = texts
            .map(|(kind, text)| Intervention::parse(kind, text, context))
            .collect::<Result<_, UnreadableIntervention>>()?;
        let concerns = |lever: &Lever| lever.minerals().is_empty() || lever.minerals().contains(mineral);
        let written = file.shocks.into_iter().filter(|(_, commitment)| concerns(&commitment.lever));
        list.extend(written.map(|(label, commitment)| Intervention::of_lever(label, commitment)));
        if list.is_empty() {
            return Err(Error::refused(
                format!("nothing happens to {mineral}"),
                "say what does, such as a ban of CHN, or give a case that names it",
            ));
        }
        Ok(list)
    }
}

impl From<UnreadableIntervention> for Error {
    fn from(error: UnreadableIntervention) -> Self {
        let (found, remedy) = error.parts();
        Self::Refused { found, remedy }
    }
}

/// A disruption file; nothing where none is named.
pub(super) fn disruption(file: Option<&str>, world: &World) -> Result<Disruption, Error> {
    Ok(match file {
        Some(path) => Disruption::load(Path::new(path), &names(world))?,
        None => Disruption::default(),
    })
}

/// How prices moved after dated restrictions, and what the market would have said, compared with no change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShockHindcast {
    /// Number of draws.
    #[serde(default = "draws")]
    pub draws: usize,
    /// Seed of the draws.
    #[serde(default = "first_seed")]
    pub seed: u64,
}

/// The document of the hindcast.
#[derive(Serialize)]
struct Hindcasts {
    events: Vec<crate::studies::shock::hindcast::PriceHindcast>,
}

impl Ask for ShockHindcast {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let world = engine.world()?;
        if self.draws == 0 {
            return Err(Error::refused("no draws are asked for", "ask for one at least; 200 is usual"));
        }
        let events = hindcast(world, self.draws, self.seed);
        let view = answer::price_hindcast::view(world, &events);
        Ok(Reply::new(view, Data::of(Hindcasts { events })).drawn(self.draws, self.seed))
    }
}
