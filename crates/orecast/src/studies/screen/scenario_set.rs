//! The scenarios of one mineral: who may stop, which routes close, and what that does to the leader.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::studies::screen::ScreenOptions;
use crate::{
    base::{
        draw::Draw,
        id::{Iso3, MineralId},
        unit::{Range, Stage},
    },
    baseline::{Baseline, Evidence, Quantity},
    market::{Market, Solver, Status},
    pathway::NoChain,
    policy::disruption::Group,
    studies::shock::{
        effects::{OnUsers, on_producers, on_users},
        market::ShockMarket,
    },
    world::World,
};

/// US dollars in a million.
const MILLION: f64 = 1e6;
/// Share of a stage's output that makes a country one of those whose restrictions were counted.
const PRODUCER: f64 = 0.005;

/// Who stops.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    pub stage: Option<Stage>,
    pub exporter: String,
    pub members: Vec<Iso3>,
    pub stated: Option<Range>,
    /// Routes that close.
    pub arcs: Vec<usize>,
    /// What they carried in the base year, tonnes.
    pub exports_t: f64,
    /// Whether a trade figure shows any of it.
    pub exports_seen: bool,
    /// The exporter's node, where one stage of one country stops.
    node: Option<usize>,
}

/// A shock market with its scenarios.
pub(super) struct ScenarioSet {
    pub shock: ShockMarket,
    /// The aggregate market, where the shock market is one of its elements.
    pub part_of: Option<MineralId>,
    pub scenarios: Vec<Scenario>,
}

impl ScenarioSet {
    /// A mineral's set of scenarios and those of its elements, or why there is none. None of the `buyers` stops.
    pub(super) fn of_market(
        world: &World,
        mineral: &MineralId,
        lookers: &[Iso3],
        buyers: &[Iso3],
        options: &ScreenOptions<'_>,
    ) -> Vec<Result<Self, NoChain>> {
        let groups = options.groups.iter().flat_map(|group| members(world, group, buyers, options.year));
        let separate: Vec<Iso3> = lookers.iter().copied().chain(groups).collect();
        let known = options.balanced.iter().find(|baseline| baseline.mineral == *mineral);
        let whole = match known {
            Some(baseline) => ShockMarket::of_baseline(world, (*baseline).clone(), options.scale),
            None => ShockMarket::prepare(world, mineral, options.year, options.scale, &separate),
        };
        let whole = match whole {
            Ok(shock) => shock.with_params(options.params),
            Err(reason) => return vec![Err(reason)],
        };
        let elements: Vec<&MineralId> = world
            .tables()
            .minerals
            .iter()
            .filter(|row| row.market == *mineral && row.id != *mineral)
            .map(|row| &row.id)
            .collect();
        let part = |element: &&MineralId| {
            let shock = whole.element(world, element)?;
            Some(shock.map(|shock| Self::new(world, shock, Some(mineral.clone()), buyers, options)))
        };
        let mut sets: Vec<Result<Self, NoChain>> = elements.par_iter().filter_map(part).collect();
        sets.insert(0, Ok(Self::new(world, whole, None, buyers, options)));
        sets
    }

    fn new(
        world: &World,
        shock: ShockMarket,
        part_of: Option<MineralId>,
        buyers: &[Iso3],
        options: &ScreenOptions<'_>,
    ) -> Self {
        let scenarios = scenarios(world, &shock, buyers, options);
        Self { shock, part_of, scenarios }
    }

    /// Share of what the leader's users and refineries bought at the stage that closes.
    pub(super) fn direct_share(&self, scenario: &Scenario, buyers: &[Iso3]) -> Option<f64> {
        let market = &self.shock.base.market;
        let into = |a: &usize| buyers.contains(&market.recipient_country(market.arcs[*a].to));
        let at = |a: &usize| scenario.stage.is_none_or(|s| market.nodes[market.arcs[*a].from].stage == s);
        let flow = |a: usize| market.base_flow(a);
        let all: f64 = (0..market.arcs.len()).filter(|a| into(a) && at(a)).map(flow).sum();
        let closed: f64 = scenario.arcs.iter().filter(|a| into(a)).map(|&a| flow(a)).sum();
        (all > 0.0).then(|| closed / all)
    }
}

/// What a scenario does to the leader.
pub(super) struct Impact {
    pub status: Status,
    pub users: OnUsers,
    pub gain: f64,
    pub price: Option<f64>,
    pub inside: Option<f64>,
    pub beyond: bool,
}

/// Every stop of one exporter at one stage, and of every group, that closes a route.
fn scenarios(
    world: &World,
    shock: &ShockMarket,
    buyers: &[Iso3],
    options: &ScreenOptions<'_>,
) -> Vec<Scenario> {
    let market = &shock.base.market;
    let closes = |pick: &dyn Fn(usize) -> bool| -> Vec<usize> {
        let leaves = |&a: &usize| {
            let arc = &market.arcs[a];
            pick(arc.from)
                && arc.weight > 0.0
                && market.nodes[arc.from].country != market.recipient_country(arc.to)
        };
        (0..market.arcs.len()).filter(leaves).collect()
    };
    let seen = routes_seen(&shock.base.baseline);
    let scenario = |stage, exporter: String, arcs: Vec<usize>| Scenario {
        stage,
        exporter,
        exports_t: arcs.iter().map(|&a| market.base_flow(a)).sum(),
        exports_seen: arcs.iter().any(|&a| {
            let seller = &market.nodes[market.arcs[a].from];
            seen.contains(&(seller.stage, seller.country, market.recipient_country(market.arcs[a].to)))
        }),
        members: Vec::new(),
        stated: None,
        arcs,
        node: None,
    };
    // The remainder is nobody who could stop.
    let countries = market.nodes.iter().enumerate();
    let single = countries.filter(|(_, n)| !buyers.contains(&n.country) && !n.country.is_aggregate()).map(
        |(i, node)| Scenario {
            members: vec![node.country],
            node: Some(i),
            ..scenario(Some(node.stage), node.country.to_string(), closes(&|from| from == i))
        },
    );
    let grouped = options.groups.iter().map(|group| {
        let members = members(world, group, buyers, options.year);
        let inside = |c: Iso3| members.contains(&c);
        let mut arcs = closes(&|from| inside(market.nodes[from].country));
        // Members go on trading with each other.
        arcs.retain(|&a| !inside(market.recipient_country(market.arcs[a].to)));
        let stated = group.probability.map(|q| q.range);
        Scenario { members, stated, ..scenario(None, group.id.clone(), arcs) }
    });
    single.chain(grouped).filter(|s| s.exports_t > 0.0).collect()
}

/// The countries of a group and its bloc, without those whose loss is counted.
fn members(world: &World, group: &Group, buyers: &[Iso3], year: i32) -> Vec<Iso3> {
    let bloc = group.bloc.iter().flat_map(|bloc| world.bloc_members(bloc, year));
    let all: BTreeSet<Iso3> = group.exporters.iter().copied().chain(bloc).collect();
    all.into_iter().filter(|c| !buyers.contains(c)).collect()
}

/// Routes abroad that trade figures show, by stage, seller and buyer; others are only kept open by gravity.
fn routes_seen(baseline: &Baseline) -> BTreeSet<(Stage, Iso3, Iso3)> {
    let seen = baseline.entries.iter().filter(|entry| entry.evidence != Evidence::Seeded);
    seen.filter_map(|entry| match entry.quantity {
        Quantity::OreFlow(from, to) if from != to => Some((Stage::Mine, from, to)),
        Quantity::ProductFlow(from, to) if from != to => Some((baseline.last_stage, from, to)),
        _ => None,
    })
    .collect()
}

/// Countries that make a noticeable part of some stage's output.
pub(super) fn producers(sets: &[ScenarioSet]) -> BTreeSet<Iso3> {
    let mut list = BTreeSet::new();
    for set in sets.iter().filter(|set| set.part_of.is_none()) {
        let nodes = &set.shock.base.market.nodes;
        for stage in set.shock.stages() {
            let at: Vec<usize> = (0..nodes.len()).filter(|&i| nodes[i].stage == stage).collect();
            let world: f64 = at.iter().map(|&i| set.shock.base_output(i)).sum();
            let large = at.iter().filter(|&&i| set.shock.base_output(i) >= PRODUCER * world);
            list.extend(large.map(|&i| nodes[i].country).filter(|c| !c.is_aggregate()));
        }
    }
    list
}

/// What stops are measured on.
pub(super) struct Stopped<'a> {
    pub shock: &'a ShockMarket,
    pub leakage: f64,
    pub draw: Draw,
}

impl Stopped<'_> {
    /// Closes the routes, solves from base prices, looks at each of the `lookers`, and opens the routes again.
    pub(super) fn impacts(
        &self,
        scenario: &Scenario,
        lookers: &[Vec<Iso3>],
        market: &mut Market,
        solver: &mut Solver,
    ) -> Vec<Impact> {
        let shock = self.shock;
        scenario.arcs.iter().for_each(|&a| market.arcs[a].banned = true);
        if self.leakage > 0.0 {
            ShockMarket::leak(market, self.leakage);
        }
        let eq = ShockMarket::solve(solver, market);
        let own = shock.responses(self.draw).demand;
        let inside = scenario.node.and_then(|i| Some(eq.price[i]? / market.nodes[i].base_price));
        let impact = |buyers: &Vec<Iso3>| {
            let users = on_users(market, &eq, buyers, shock.base.baseline.last_stage, own);
            Impact {
                status: eq.status,
                users,
                gain: on_producers(shock, market, &eq, buyers) / MILLION,
                price: users.price.map(|p| p - 1.0),
                // Below nothing, a price says that nobody takes the output.
                inside: inside.map(|p| p.max(0.0) - 1.0),
                beyond: !eq.certificate.beyond_range.is_empty(),
            }
        };
        let found = lookers.iter().map(impact).collect();
        market.limits.clear();
        scenario.arcs.iter().for_each(|&a| market.arcs[a].banned = false);
        found
    }
}
