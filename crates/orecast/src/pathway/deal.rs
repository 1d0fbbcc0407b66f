//! What an arm's commitments come to in one draw: which materialise, when, and what they do to projects and markets.

use crate::{
    draw::Draw,
    id::{Iso3, MineralId, ProjectId},
    market::{Feed, Limit, LimitKind, Market, Recipient},
    pathway::{
        chain::{Chain, Slot},
        project::{Finance, Plan, Terms},
    },
    policy::{
        Arm, Commitment, Lever, Quantity,
        lever::{Instrument, Restriction, RightOfFirstOffer},
    },
    world::table::Stage,
};

mod control;
mod money;
mod supply;

pub use control::{Screen, control, screens};
pub use money::{Kind, Payment, Payments, settle};
pub use supply::Stocks;
pub(crate) use supply::can_open;

/// A duty or tax never takes a price below this factor of itself.
const LOWEST_PRICE_FACTOR: f64 = -0.9;
/// Share of a seller's output, and of a buyer's use, that a committed flow may bind at most.
const MOST_OF_OUTPUT: f64 = 0.9;
const MOST_OF_USE: f64 = 0.4;

/// A commitment that materialises in a draw.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// The commitment.
    pub commitment: &'a Commitment,
    /// When it takes hold, as a year with a fraction.
    pub from: f64,
    draw: Draw,
}

impl<'a> Event<'a> {
    /// A commitment that is in force from the start of a year, whatever its chance.
    pub(crate) fn in_force(commitment: &'a Commitment, year: i32, draw: Draw) -> Self {
        Self { commitment, from: f64::from(year), draw }
    }

    /// One draw of a number of the lever, by its field name.
    pub fn number(&self, field: &str, quantity: &Quantity) -> f64 {
        draw_number(self.draw, self.commitment, field, quantity)
    }

    /// Whether it is in force in a year, given for how many years it runs.
    fn holds(&self, year: i32, years: Option<&Quantity>) -> bool {
        let end = years.map_or(f64::INFINITY, |q| self.from + self.number("years", q));
        let now = f64::from(year) + 0.5;
        self.from <= now && now < end
    }
}

fn draw_number(draw: Draw, commitment: &Commitment, field: &str, quantity: &Quantity) -> f64 {
    draw.range(&format!("deal/{}/{field}", commitment.id), quantity.range)
}

/// The commitments, shocks and responses of an arm that materialise in a draw. A commitment of the same name draws the
/// same luck in every arm, so that arms differ by their terms. A response needs the commitment that it answers; a pledge
/// in force lowers the chance of the restrictions that it is about.
pub fn materialise(arm: &Arm, draw: Draw) -> Vec<Event<'_>> {
    let event = |commitment, cut: f64| {
        let from = draw_number(draw, commitment, "year", &commitment.materialises.year);
        happens(commitment, cut, draw).then_some(Event { commitment, from, draw })
    };
    let mut events: Vec<Event<'_>> = arm.commitments.iter().filter_map(|c| event(c, 0.0)).collect();
    let promised = events.len();
    for shock in &arm.shocks {
        events.extend(event(shock, pledged(&events[..promised], shock, draw)));
    }
    for response in &arm.responses {
        let trigger = events[..promised].iter().find(|e| Some(&e.commitment.id) == response.answers.as_ref());
        let Some(since) = trigger.map(|trigger| trigger.from) else { continue };
        let answer = event(response, pledged(&events[..promised], response, draw));
        events.extend(answer.map(|answer| Event { from: answer.from.max(since), ..answer }));
    }
    events
}

/// Whether a commitment materialises when its chance is cut by a share. The doubt about a probability is averaged over by
/// its mean: only the mean matters for one event.
fn happens(commitment: &Commitment, cut: f64, draw: Draw) -> bool {
    let chance = (1.0 - cut) * commitment.materialises.probability.range.mean().clamp(0.0, 1.0);
    draw.uniform(&format!("deal/{}/luck", commitment.id)) < chance
}

/// Whether a commitment can do anything in a draw: those that cannot contribute nothing.
pub(crate) fn may_materialise(commitment: &Commitment, draw: Draw) -> bool {
    happens(commitment, 0.0, draw)
}

/// By what share pledges that are in force when a restriction would begin lower its chance: those of all its exporters,
/// for its mineral, towards one of its destinations.
fn pledged(events: &[Event<'_>], restriction: &Commitment, draw: Draw) -> f64 {
    let Lever::ExportRestriction(wanted) = &restriction.lever else { return 0.0 };
    let begins = draw_number(draw, restriction, "year", &restriction.materialises.year);
    let overlap = |a: &[Iso3], b: &[Iso3]| a.is_empty() || b.is_empty() || a.iter().any(|c| b.contains(c));
    let kept = events.iter().filter(|event| event.from <= begins).filter_map(|event| {
        let Lever::PledgeNotToRestrict(l) = &event.commitment.lever else { return None };
        let meant = l.mineral.as_ref().is_none_or(|m| *m == wanted.mineral)
            && wanted.exporters.iter().all(|c| l.exporters.contains(c))
            && overlap(&l.importers, &wanted.importers);
        meant.then(|| 1.0 - event.number("probability_cut", &l.probability_cut).clamp(0.0, 1.0))
    });
    1.0 - kept.product::<f64>()
}

/// The terms that a draw's events give each project of a chain; `plans` are the projects' draws.
pub fn project_terms(chain: &Chain, plans: &[Plan], events: &[Event<'_>]) -> Vec<Terms> {
    chain.slots.iter().zip(plans).map(|(slot, plan)| terms_of(chain, slot, plan, events)).collect()
}

fn terms_of(chain: &Chain, slot: &Slot, plan: &Plan, events: &[Event<'_>]) -> Terms {
    let project = &slot.project;
    let is_ours = |id: Option<&ProjectId>| id == Some(&project.id);
    let is_here = |country: Option<Iso3>| country == Some(project.country);
    let mut terms = Terms::default();
    for event in events {
        let until = |years: &Quantity| event.from + event.number("years", years);
        match &event.commitment.lever {
            Lever::Offtake(l) if is_ours(l.project.as_ref()) => {
                terms.offtakes.push((event.from, until(&l.years)));
            }
            Lever::ProjectFinance(l) if l.project == project.id => {
                let usd = match (&l.amount_musd, &l.capex_share) {
                    (Some(q), _) => event.number("amount_musd", q) * 1e6,
                    (None, Some(q)) => {
                        event.number("capex_share", q) * plan.capex(project, chain.decision_price(slot))
                    }
                    (None, None) => 0.0,
                };
                let lent = !matches!(l.instrument, Instrument::Grant | Instrument::Equity);
                let finance = Finance {
                    usd,
                    from: event.from,
                    rate: if lent { event.number("rate_percent", &l.rate_percent) / 100.0 } else { 0.0 },
                    payer: event.commitment.payer,
                    lost: (l.instrument == Instrument::Grant).then_some(1.0),
                };
                if lent { terms.loans.push(finance) } else { terms.grants.push(finance) }
            }
            Lever::PriceFloor(l) if l.mineral == chain.mineral => {
                let covered = is_ours(l.project.as_ref())
                    || (l.project.is_none() && (l.country.is_none() || is_here(l.country)));
                let sells = match l.stage {
                    Stage::Refine => slot.refine.is_some(),
                    Stage::Mine => slot.mine.is_some() && slot.refine.is_none(),
                };
                if covered && sells {
                    terms.floors.push((floor_price(chain, event), event.from, until(&l.years)));
                }
            }
            Lever::Permitting(l)
                if is_ours(l.project.as_ref()) || (l.project.is_none() && is_here(l.country)) =>
            {
                terms.permits.push((event.number("months_saved", &l.months_saved), event.from));
            }
            _ => {}
        }
    }
    terms
}

fn floor_price(chain: &Chain, event: &Event<'_>) -> f64 {
    let Lever::PriceFloor(l) = &event.commitment.lever else { return 0.0 };
    match (&l.usd_per_t, &l.times_base_price) {
        (Some(q), _) => event.number("usd_per_t", q),
        (None, Some(q)) => event.number("times_base_price", q) * chain.base_price(l.stage),
        (None, None) => 0.0,
    }
}

/// Imposes a year's conditions on a market whose capacities and weights are set. Returns what has to be paid.
pub fn impose(
    chain: &Chain,
    events: &[Event<'_>],
    year: i32,
    market: &mut Market,
    stocks: &mut Stocks,
) -> Vec<Payment> {
    market.limits.clear();
    for arc in &mut market.arcs {
        (arc.cost, arc.duty, arc.banned) = (0.0, 0.0, false);
    }
    for tranche in market.nodes.iter_mut().flat_map(|n| &mut n.tranches) {
        (tranche.subsidy, tranche.floor, tranche.upside) = (0.0, None, 0.0);
    }
    let mut payments = Vec::new();
    for event in events {
        supply::impose(chain, event, year, market, stocks, &mut payments);
    }
    for event in events {
        impose_one(chain, event, year, market, &mut payments);
    }
    fit_commitments(market);
    for event in events {
        if let Lever::Exemption(l) = &event.commitment.lever
            && event.holds(year, None)
            && l.mineral.as_ref().is_none_or(|m| *m == chain.mineral)
        {
            free(market, &l.exporters, &l.importers);
        }
    }
    payments
}

fn impose_one(chain: &Chain, event: &Event<'_>, year: i32, market: &mut Market, payments: &mut Vec<Payment>) {
    let ours = |mineral: &MineralId| *mineral == chain.mineral;
    let payer = event.commitment.payer;
    match &event.commitment.lever {
        Lever::PriceFloor(l) if ours(&l.mineral) && event.holds(year, Some(&l.years)) => {
            let floor = floor_price(chain, event);
            let upside = event.number("upside_share", &l.upside_share);
            for (node, t) in covered(market, l.stage, l.project.as_ref().map(ProjectId::as_str), l.country) {
                let tranche = &mut market.nodes[node].tranches[t];
                (tranche.floor, tranche.upside) = (Some(floor), upside.clamp(0.0, 1.0));
                payments.push(Payment::Floor { payer, tranche: (node, t), floor, upside });
            }
        }
        Lever::ProductionCredit(l) if ours(&l.mineral) && event.holds(year, Some(&l.years)) => {
            let usd_per_t = match (&l.usd_per_t, &l.percent) {
                (Some(q), _) => event.number("usd_per_t", q),
                (None, Some(q)) => event.number("percent", q) / 100.0 * chain.base_price(l.stage),
                (None, None) => 0.0,
            };
            for (node, t) in covered(market, l.stage, l.project.as_ref().map(ProjectId::as_str), l.country) {
                market.nodes[node].tranches[t].subsidy += usd_per_t;
                payments.push(Payment::Credit { payer, tranche: (node, t), usd_per_t });
            }
        }
        Lever::Infrastructure(l)
            if event.holds(year, None) && (l.minerals.is_empty() || l.minerals.contains(&chain.mineral)) =>
        {
            let arcs = abroad(market, None, &l.exporters, &l.importers);
            let wanted: f64 = arcs.iter().map(|&a| usual_flow(market, chain.baseline.recovery, a)).sum();
            let most = l.capacity_t_per_year.as_ref().map(|q| event.number("capacity_t_per_year", q));
            let carried = most.map_or(1.0, |most| (most / wanted.max(f64::MIN_POSITIVE)).min(1.0));
            let saving = carried * event.number("saving_usd_per_t", &l.saving_usd_per_t);
            for a in arcs {
                market.arcs[a].cost -= saving;
            }
        }
        Lever::Duty(l) if ours(&l.mineral) && event.holds(year, None) => {
            for a in abroad(market, Some(l.stage), &l.exporters, &l.importers) {
                match (&l.percent, &l.usd_per_t) {
                    (Some(q), _) => add_duty(market, a, event.number("percent", q) / 100.0),
                    (None, Some(q)) => market.arcs[a].cost += event.number("usd_per_t", q),
                    (None, None) => {}
                }
            }
        }
        Lever::ExportRestriction(l) if ours(&l.mineral) && event.holds(year, Some(&l.years)) => {
            let arcs = abroad(market, Some(l.stage), &l.exporters, &l.importers);
            match l.kind {
                Restriction::Ban => arcs.iter().for_each(|&a| market.arcs[a].banned = true),
                Restriction::Tax => {
                    let rate = l.percent.as_ref().map_or(0.0, |q| event.number("percent", q) / 100.0);
                    for a in arcs {
                        add_duty(market, a, rate);
                    }
                }
                Restriction::Quota | Restriction::Licence => {
                    let past: f64 = arcs.iter().map(|&a| base_flow(chain, a)).sum();
                    let tonnes = match (&l.t_per_year, &l.quota_share) {
                        (Some(q), _) => event.number("t_per_year", q),
                        (None, Some(q)) => event.number("quota_share", q) * past,
                        (None, None) => past,
                    };
                    market.limits.push(Limit::cap(&event.commitment.id, arcs, tonnes));
                }
            }
        }
        Lever::ShareCap(l) if ours(&l.mineral) && event.holds(year, None) => {
            let most = event.number("max_share", &l.max_share);
            for &importer in &l.importers {
                let into = abroad(market, Some(l.stage), &[], &[importer]);
                let mut sellers: Vec<Iso3> =
                    into.iter().map(|&a| market.nodes[market.arcs[a].from].country).collect();
                sellers.sort_unstable();
                sellers.dedup();
                for seller in sellers.into_iter().filter(|s| l.supplier.is_none_or(|only| only == *s)) {
                    let id = format!("{}:{seller}", event.commitment.id);
                    market.cap_share(&id, l.stage, seller, &[importer], most);
                }
            }
        }
        Lever::Offtake(l) if event.holds(year, Some(&l.years)) => {
            if let Some(limit) = committed_flow(chain, event, market) {
                market.limits.push(limit);
            }
        }
        Lever::RightOfFirstOffer(l) if event.holds(year, None) => {
            let taken = event.number("take_up", &l.take_up).min(1.0);
            for slot in chain.slots.iter().filter(|slot| offered(l, slot)) {
                let id = format!("{}:{}", event.commitment.id, slot.project.id);
                market.limits.extend(project_flow(market, slot, l.buyer, &id, |output| taken * output));
            }
        }
        _ => {}
    }
}

/// Whether a right of first offer is about a project.
fn offered(l: &RightOfFirstOffer, slot: &Slot) -> bool {
    match &l.project {
        Some(id) => *id == slot.project.id,
        None => l.country == Some(slot.project.country),
    }
}

/// A flow from a project to a buyer's users; `tonnes` of its usual output.
fn project_flow(
    market: &Market,
    slot: &Slot,
    buyer: Iso3,
    id: &str,
    tonnes: impl Fn(f64) -> f64,
) -> Option<Limit> {
    let (node, t) = slot.refine.or(slot.mine)?;
    let output = usual_output(market, node, |position, _| position == t);
    flow_to(market, node, buyer, id, tonnes(output))
}

/// A floor under the flow from a node to a buyer, where there is a route.
fn flow_to(market: &Market, node: usize, buyer: Iso3, id: &str, tonnes: f64) -> Option<Limit> {
    let arcs: Vec<usize> = (0..market.arcs.len())
        .filter(|&a| {
            let arc = &market.arcs[a];
            arc.from == node && arc.weight > 0.0 && !arc.banned && market.recipient_country(arc.to) == buyer
        })
        .collect();
    (tonnes > 0.0 && !arcs.is_empty()).then(|| Limit::floor(id, arcs, tonnes))
}

/// The committed flow of an offtake contract, before it is fitted to what seller and buyer can bear.
fn committed_flow(chain: &Chain, event: &Event<'_>, market: &Market) -> Option<Limit> {
    let Lever::Offtake(l) = &event.commitment.lever else { return None };
    let tonnes = |output: f64| match (&l.share, &l.t_per_year) {
        (Some(q), _) => event.number("share", q).min(1.0) * output,
        (None, Some(q)) => event.number("t_per_year", q).min(output),
        (None, None) => 0.0,
    };
    let id = &event.commitment.id;
    match (&l.project, &l.mineral) {
        (Some(project), _) => {
            let slot = chain.slots.iter().find(|slot| slot.project.id == *project)?;
            project_flow(market, slot, l.buyer, id, tonnes)
        }
        (None, Some(mineral)) if *mineral == chain.mineral => {
            let node = chain.node(l.country?, l.stage.unwrap_or(chain.baseline.last_stage))?;
            flow_to(market, node, l.buyer, id, tonnes(usual_output(market, node, |_, _| true)))
        }
        _ => None,
    }
}

/// Scales committed flows down where together they would bind more than a seller or a buyer can bear.
fn fit_commitments(market: &mut Market) {
    let is_floor = |limit: &Limit| limit.kind == LimitKind::Floor && !limit.arcs.is_empty();
    let ends = |market: &Market, limit: &Limit| {
        let arc = &market.arcs[limit.arcs[0]];
        (arc.from, market.recipient_country(arc.to))
    };
    let floors: Vec<(usize, (usize, Iso3), f64)> = market
        .limits
        .iter()
        .enumerate()
        .filter(|(_, limit)| is_floor(limit))
        .map(|(position, limit)| (position, ends(market, limit), limit.tonnes))
        .collect();
    for &(position, (node, buyer), _) in &floors {
        let promised = |pick: &dyn Fn((usize, Iso3)) -> bool| -> f64 {
            floors.iter().filter(|(_, at, _)| pick(*at)).map(|(_, _, tonnes)| tonnes).sum()
        };
        let stage = market.nodes[node].stage;
        let from_seller = promised(&|(n, _)| n == node);
        let to_buyer = promised(&|(n, b)| b == buyer && market.nodes[n].stage == stage);
        let output = MOST_OF_OUTPUT * usual_output(market, node, |_, _| true);
        let used = MOST_OF_USE * use_of(market, buyer, stage);
        let fit = (output / from_seller).min(used / to_buyer).min(1.0);
        market.limits[position].tonnes *= fit;
    }
    market.limits.retain(|limit| limit.kind == LimitKind::Cap || limit.tonnes > 0.0);
}

/// Use of a country of what a stage sells, tonnes.
fn use_of(market: &Market, country: Iso3, stage: Stage) -> f64 {
    market.users.iter().filter(|u| u.country == country && u.stage == stage).map(|u| u.demand.quantity).sum()
}

/// Output of some tranches of a node at base prices, tonnes.
fn usual_output(market: &Market, node: usize, pick: impl Fn(usize, &crate::market::Tranche) -> bool) -> f64 {
    let node = &market.nodes[node];
    let tranches = node.tranches.iter().enumerate().filter(|(position, t)| pick(*position, t));
    tranches.map(|(_, t)| crate::market::curve::supply(t.capacity, t.drive, 1.0, 1.0, 1.0).value).sum()
}

/// Tranches that a floor or a credit covers: a project's, or all of a country's that do not run on scrap.
fn covered(
    market: &Market,
    stage: Stage,
    project: Option<&str>,
    country: Option<Iso3>,
) -> Vec<(usize, usize)> {
    let mut list = Vec::new();
    for (i, node) in market.nodes.iter().enumerate().filter(|(_, n)| n.stage == stage) {
        if project.is_none() && country.is_some_and(|c| c != node.country) {
            continue;
        }
        for (t, tranche) in node.tranches.iter().enumerate() {
            if tranche.feed != Feed::Scrap && project.is_none_or(|id| id == tranche.id) {
                list.push((i, t));
            }
        }
    }
    list
}

/// Arcs between countries at a stage; an empty list of exporters or importers means all.
pub(crate) fn abroad(
    market: &Market,
    stage: Option<Stage>,
    exporters: &[Iso3],
    importers: &[Iso3],
) -> Vec<usize> {
    (0..market.arcs.len())
        .filter(|&a| {
            let arc = &market.arcs[a];
            let seller = &market.nodes[arc.from];
            let buyer = market.recipient_country(arc.to);
            seller.country != buyer
                && stage.is_none_or(|s| s == seller.stage)
                && (exporters.is_empty() || exporters.contains(&seller.country))
                && (importers.is_empty() || importers.contains(&buyer))
        })
        .collect()
}

fn add_duty(market: &mut Market, arc: usize, rate: f64) {
    let arc = &mut market.arcs[arc];
    arc.duty = ((1.0 + arc.duty) * (1.0 + rate) - 1.0).max(LOWEST_PRICE_FACTOR);
}

/// Takes duties and bans off some arcs, and takes the arcs out of caps.
fn free(market: &mut Market, exporters: &[Iso3], importers: &[Iso3]) {
    let arcs = abroad(market, None, exporters, importers);
    for &a in &arcs {
        let arc = &mut market.arcs[a];
        (arc.duty, arc.banned, arc.cost) = (0.0, false, arc.cost.min(0.0));
    }
    for limit in market.limits.iter_mut().filter(|l| l.kind == LimitKind::Cap) {
        let kept: Vec<(usize, f64)> = limit.terms().filter(|(a, _)| !arcs.contains(a)).collect();
        (limit.arcs, limit.weights) = kept.into_iter().unzip();
    }
}

/// Flow on an arc in the balanced base year, tonnes.
pub(crate) fn base_flow(chain: &Chain, arc: usize) -> f64 {
    usual_flow(&chain.market, chain.baseline.recovery, arc)
}

/// Flow on an arc at base prices, tonnes.
fn usual_flow(market: &Market, recovery: f64, arc: usize) -> f64 {
    let at = &market.arcs[arc];
    let bought = match at.to {
        Recipient::User(j) => market.users[j].demand.quantity,
        Recipient::Node(k) => usual_output(market, k, |_, t| t.feed == Feed::Ore) / recovery,
    };
    at.weight * bought
}
