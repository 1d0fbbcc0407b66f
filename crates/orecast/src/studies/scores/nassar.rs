//! Disruption potential and trade exposure of the package's own balanced years.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::indicator::nassar::{
    Industry, Producer, disruption_potential, economic_vulnerability, supply_risk, trade_exposure,
};
use crate::{
    base::{
        id::{Iso3, MineralId},
        unit::{Range, Stage},
    },
    indicator::{
        Group, View,
        concentration::shares,
        dependence,
        governance::{poor_governance, voting_distance},
        mean_price,
        view::Flow,
    },
    market::Recipient,
    studies::{
        gdp::{
            Accounts, accounts,
            economy::{self, Use},
        },
        situation::Situation,
    },
    world::World,
};

/// Ability or willingness where nothing is published, 0 to 1.
const UNKNOWN: f64 = 0.5;

/// What the economic vulnerability of every mineral takes from the accounts of the country.
#[derive(Debug)]
pub struct Economics {
    accounts: Accounts,
    /// The least and the largest vulnerability of all minerals, which become 0 and 1.
    scale: (f64, f64),
}

impl Economics {
    /// Reads the accounts; absent where the group is not the country that they belong to.
    pub fn of(world: &World, situations: &[Situation<'_>], group: &Group) -> Option<Self> {
        let home = accounts::country()?;
        if group.members.iter().ne([&home]) {
            return None;
        }
        let mut economics = Self { accounts: Accounts::of(world)?, scale: (1.0, 1.0) };
        let values = situations.iter().filter_map(|situation| {
            let uses = economy::uses(world, &economics.accounts, &situation.mineral.id);
            economics.vulnerability(&situation.view, &uses, &|country| group.has(country))
        });
        let values: Vec<f64> = values.filter(|value| *value > 0.0).collect();
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(0.0, f64::max);
        economics.scale = (least, most);
        (most > least).then_some(economics)
    }

    /// Economic vulnerability as it is: what users at home pay for the mineral, by industry, at the year's price.
    fn vulnerability(&self, view: &View<'_>, uses: &[Use], members: dependence::Pick<'_>) -> Option<f64> {
        let price = mean_price(view, view.last_stage)?;
        let at_users = |flow: &&Flow| matches!(flow.to, Recipient::User(_)) && members(flow.buyer);
        let used: f64 = view.flows_at(view.last_stage).filter(at_users).map(|flow| flow.tonnes).sum();
        let expenditure = used * price / 1e6;
        let accounts = &self.accounts;
        let product = accounts.product();
        let industry = |at: &Use| {
            let output = accounts.output[at.industry];
            let profit = accounts.surplus[at.industry] * output;
            (profit > 0.0).then(|| Industry {
                weight: accounts.value_added[at.industry] * output / product,
                burden: at.share * expenditure / profit,
            })
        };
        let industries: Vec<Industry> = uses.iter().filter_map(industry).collect();
        (!industries.is_empty()).then(|| economic_vulnerability(&industries))
    }

    /// From 0 for the least vulnerability of all minerals to 1 for the largest, on a logarithmic scale.
    fn scaled(&self, vulnerability: f64) -> f64 {
        let (least, most) = self.scale;
        ((vulnerability / least).ln() / (most / least).ln()).clamp(0.0, 1.0)
    }
}

/// The parts of supply risk of one mineral for one group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessment {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage that counts: the one with the higher product of the first two parts, trickles left out.
    pub stage: Option<Stage>,
    /// Stages with their parts.
    pub stages: Vec<StageParts>,
    /// Disruption potential of that stage, 0 to 1.
    pub disruption_potential: Option<Range>,
    /// Trade exposure of that stage, 0 to 1.
    pub trade_exposure: Option<Range>,
    /// Geometric mean of the two, 0 to 1.
    pub two_of_three: Option<Range>,
    /// Economic vulnerability, scaled to 0 to 1 over the minerals; absent where the package has no accounts or price.
    pub economic_vulnerability: Option<Range>,
    /// Supply risk, Nassar-style, 0 to 1: cube root of the three parts' product.
    pub supply_risk: Option<Range>,
}

/// The first two parts at one stage.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StageParts {
    /// Stage.
    pub stage: Stage,
    /// Disruption potential, 0 to 1.
    pub disruption_potential: f64,
    /// Trade exposure, 0 to 1; absent where nothing is consumed.
    pub trade_exposure: Option<f64>,
}

impl StageParts {
    /// Geometric mean of the two parts.
    fn mean(&self) -> Option<f64> {
        Some((self.disruption_potential * self.trade_exposure?).sqrt())
    }
}

/// Assesses a mineral-year for a group, with the ranges that drawn years give; without `economics` only the first two
/// parts.
pub fn assess(
    situation: &Situation<'_>,
    drawn: &[View<'static>],
    group: &Group,
    economics: Option<&Economics>,
) -> Assessment {
    let members: dependence::Pick<'_> = &|country| group.has(country);
    let sellers = situation.view.sellers.iter().map(|seller| seller.country);
    let attitude = |country: Iso3| {
        let inability = poor_governance(situation.world, country, situation.year).unwrap_or(UNKNOWN);
        (country, (inability, unwillingness(situation, group, country)))
    };
    let attitudes: BTreeMap<Iso3, (f64, f64)> = sellers.map(attitude).collect();
    let parts = |view: &View<'_>, stage: Stage| {
        Some(StageParts {
            stage,
            disruption_potential: potential(view, stage, &attitudes)?,
            trade_exposure: dependence::stage_reliance(view, stage, members).map(trade_exposure),
        })
    };
    let view = &situation.view;
    let stages: Vec<StageParts> = view.stages().iter().filter_map(|&stage| parts(view, stage)).collect();
    let key = |at: &StageParts| (!dependence::is_trickle(view, at.stage, members), at.mean().unwrap_or(-1.0));
    let counts = stages.iter().max_by(|a, b| {
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    let stage = counts.map(|at| at.stage);
    let ranged = |part: fn(&StageParts) -> Option<f64>| {
        stage.and_then(|stage| situation.ranged(drawn, |view| part(&parts(view, stage)?)))
    };
    let uses = economics.map(|at| economy::uses(situation.world, &at.accounts, &situation.mineral.id));
    let vulnerability = |view: &View<'_>| {
        let economics = economics?;
        Some(economics.scaled(economics.vulnerability(view, uses.as_ref()?, members)?))
    };
    let risk = |view: &View<'_>| {
        let at = parts(view, stage?)?;
        Some(supply_risk(at.disruption_potential, at.trade_exposure?, vulnerability(view)?))
    };
    Assessment {
        economic_vulnerability: situation.ranged(drawn, |view| vulnerability(view)),
        supply_risk: situation.ranged(drawn, |view| risk(view)),
        mineral: situation.mineral.id.clone(),
        stage,
        disruption_potential: ranged(|at| Some(at.disruption_potential)),
        trade_exposure: ranged(|at| at.trade_exposure),
        two_of_three: ranged(StageParts::mean),
        stages,
    }
}

fn potential(view: &View<'_>, stage: Stage, attitudes: &BTreeMap<Iso3, (f64, f64)>) -> Option<f64> {
    let producers: Vec<Producer> = shares(&view.outputs(stage))?
        .into_iter()
        .zip(view.sellers_at(stage))
        .map(|(share, seller)| {
            let (inability, unwillingness) =
                attitudes.get(&seller.country).copied().unwrap_or((UNKNOWN, UNKNOWN));
            Producer { share, inability, unwillingness }
        })
        .collect();
    Some(disruption_potential(&producers))
}

/// Distance of a country from the group: the mean over its members; 0 for a member.
fn unwillingness(situation: &Situation<'_>, group: &Group, country: Iso3) -> f64 {
    if group.has(country) {
        return 0.0;
    }
    let distances: Vec<f64> = group
        .members
        .iter()
        .filter_map(|member| voting_distance(situation.world, country, *member, situation.year))
        .collect();
    if distances.is_empty() { UNKNOWN } else { distances.iter().sum::<f64>() / distances.len() as f64 }
}
