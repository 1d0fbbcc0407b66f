//! A mineral-year's market made ready to be moved by states, and what it answers.

use super::{
    knowledge::Knowledge,
    observation::{Observation, Quantity},
    state::{Applied, Plain, State, StateKind},
    zone::Zone,
};
use crate::{
    base::unit::Stage,
    market::{Answer, Equilibrium, Feed, Market, Recipient, Shift, Solver, Status, network::normalise},
};

/// A mineral-year before any state moves it.
#[derive(Debug)]
pub struct Frame<'a> {
    knowledge: &'a Knowledge,
    plain: Plain<'a>,
    market: &'a mut Market,
    solver: &'a mut Solver,
    /// Use that states move, and purchases beside it that they do not, by user.
    own: Vec<f64>,
    extra: &'a [f64],
    capacity: Vec<Vec<f64>>,
    weight: Vec<f64>,
}

impl<'a> Frame<'a> {
    /// Takes the year's market, whose capacities, weights and use are set and which has no limits, with what is bought
    /// beside use. The market is left as the last state found it.
    pub fn new(
        knowledge: &'a Knowledge,
        plain: Plain<'a>,
        market: &'a mut Market,
        solver: &'a mut Solver,
        extra: &'a [f64],
    ) -> Self {
        let own = market.users.iter().map(|user| user.demand.quantity).collect();
        let capacity = market.nodes.iter().map(|n| n.tranches.iter().map(|t| t.capacity).collect()).collect();
        let weight = market.arcs.iter().map(|arc| arc.weight).collect();
        Self { knowledge, plain, market, solver, own, extra, capacity, weight }
    }

    /// Sets the market to what states make of it.
    pub fn apply(&mut self, applied: &Applied) {
        let known = self.knowledge;
        for (j, user) in self.market.users.iter_mut().enumerate() {
            let factor = applied.used[known.users[j].index()].exp();
            user.demand.quantity = self.own[j] * factor + self.extra[j];
        }
        let moves = applied.output.iter().any(|k| *k != 0.0);
        for (i, node) in self.market.nodes.iter_mut().enumerate() {
            let factor = applied.output_of(i).exp();
            for (tranche, before) in node.tranches.iter_mut().zip(&self.capacity[i]) {
                let scaled = tranche.feed != Feed::Scrap && tranche.feed != Feed::Stock;
                tranche.capacity = if scaled { before * factor } else { *before };
            }
        }
        for (arc, before) in self.market.arcs.iter_mut().zip(&self.weight) {
            arc.weight = before * applied.output_of(arc.from).exp();
        }
        if moves {
            normalise(&mut self.market.arcs);
        }
        applied.set_level(self.market, &self.plain, &known.node_zones, &known.users);
        self.market.limits.clear();
        let groups = known.groups.iter().zip(&applied.caps);
        self.market.limits.extend(groups.filter_map(|(group, cap)| cap.map(|share| group.limit(share))));
    }

    /// The equilibrium of the market as it is set; absent where there is none.
    pub fn solve(&mut self) -> Option<Equilibrium> {
        let found = self.solver.solve(self.market);
        if found.status == Status::Converged {
            return Some(found);
        }
        self.solver.reset();
        None
    }

    /// What the model says of each observation, as logarithms.
    pub fn predict(&self, found: &Equilibrium, observations: &[Observation]) -> Vec<f64> {
        observations.iter().map(|one| self.value(found, one.quantity)).collect()
    }

    /// Logarithm of a quantity: of a price over the base year's, of tonnes, of exports over the base year's.
    pub fn value(&self, found: &Equilibrium, quantity: Quantity) -> f64 {
        value(self.knowledge, self.plain.market, found, quantity)
    }

    /// How the observations answer to each state at a solution: one row for each observation. `values` are the states at
    /// which the market is set, `force` the share of the year in which each measure is in force.
    pub fn jacobian(
        &mut self,
        found: &Equilibrium,
        states: &[State],
        values: &[f64],
        force: &[f64],
        observations: &[Observation],
    ) -> Option<Vec<Vec<f64>>> {
        let shifts: Vec<Shift> =
            states.iter().map(|state| self.shift(state.kind, states, values, force)).collect();
        let answers = self.solver.answers(self.market, &shifts)?;
        let rows = observations.iter().map(|one| {
            let answer = |answer: &Answer| self.slope(found, answer, one.quantity);
            answers.iter().map(answer).collect()
        });
        Some(rows.collect())
    }

    /// How the logarithm of a quantity answers.
    fn slope(&self, found: &Equilibrium, answer: &Answer, quantity: Quantity) -> f64 {
        match quantity {
            Quantity::Price(stage, zone) => {
                let parts = price_parts(self.knowledge, self.plain.market, found, stage, zone);
                let of = |part: &PricePart| {
                    let list = if part.seller { &answer.price } else { &answer.delivered };
                    part.weight * list[part.place] / part.price
                };
                parts.iter().map(of).sum()
            }
            Quantity::Output(node) => answer.output[node] / found.node_output(node).max(1e-9),
            Quantity::Exports(group) => {
                let arcs = &self.knowledge.groups[group].arcs;
                let moved: f64 = arcs.iter().map(|&a| found.flow[a]).sum();
                arcs.iter().map(|&a| answer.flow[a]).sum::<f64>() / moved.max(1e-9)
            }
        }
    }

    /// What a state moves in the market.
    fn shift(&self, kind: StateKind, states: &[State], values: &[f64], force: &[f64]) -> Shift {
        let (known, market) = (self.knowledge, &*self.market);
        match kind {
            StateKind::Use(zone) => {
                let part = |j: usize| 1.0 - self.extra[j] / market.users[j].demand.quantity;
                let users = (0..market.users.len())
                    .filter(|&j| known.users[j] == zone && market.users[j].demand.quantity > 0.0);
                Shift { used: users.map(|j| (j, part(j))).collect(), ..Shift::default() }
            }
            StateKind::Level(zone) => {
                let nodes = (0..market.nodes.len()).filter(|&i| known.node_zones[i] == zone);
                let users = (0..market.users.len()).filter(|&j| known.users[j] == zone);
                Shift {
                    node_level: nodes.map(|i| (i, 1.0)).collect(),
                    user_level: users.map(|j| (j, 1.0)).collect(),
                    ..Shift::default()
                }
            }
            StateKind::Output(node) => {
                let tranches = market.nodes[node].tranches.iter().enumerate();
                let scaled = tranches.filter(|(_, t)| t.feed != Feed::Scrap && t.feed != Feed::Stock);
                Shift {
                    capacity: scaled.map(|(t, _)| (node, t, 1.0)).collect(),
                    weight: weights(market, node),
                    ..Shift::default()
                }
            }
            StateKind::Share(measure) => {
                let state = |m: usize| {
                    let place = states.iter().position(|s| s.kind == StateKind::Share(m));
                    place.map_or(0.0, |place| values[place])
                };
                let shares = known.groups.iter().map(|g| (g, g.share(&known.measures, force, state)));
                let standing = shares.filter_map(|(g, share)| share.map(|(_, slopes)| (g, slopes)));
                let tonnes = standing.enumerate().filter_map(|(c, (group, slopes))| {
                    let slope = slopes.iter().find(|(m, _)| *m == measure)?.1;
                    Some((c, slope * group.base_flow))
                });
                Shift { tonnes: tonnes.collect(), ..Shift::default() }
            }
        }
    }
}

/// How the weights of arcs move when a node's grow by one, all weights of a buyer summing to 1.
fn weights(market: &Market, node: usize) -> Vec<(usize, f64)> {
    let mut own: std::collections::BTreeMap<Recipient, f64> = std::collections::BTreeMap::new();
    for arc in market.arcs.iter().filter(|arc| arc.from == node) {
        *own.entry(arc.to).or_default() += arc.weight;
    }
    let arcs = market.arcs.iter().enumerate();
    arcs.filter_map(|(a, arc)| {
        let held = own.get(&arc.to)?;
        Some((a, f64::from(u8::from(arc.from == node)) - held))
    })
    .collect()
}

/// One price of a zone.
struct PricePart {
    /// Whether it is a seller's; else a user's.
    seller: bool,
    place: usize,
    weight: f64,
    price: f64,
    base: f64,
}

/// The prices that make up a zone's: those delivered to its users, by base use, or at its sellers, by output.
fn price_parts(
    known: &Knowledge,
    base: &Market,
    found: &Equilibrium,
    stage: Stage,
    zone: Zone,
) -> Vec<PricePart> {
    let mut parts: Vec<PricePart> = Vec::new();
    for (j, user) in base.users.iter().enumerate() {
        if user.stage == stage && known.users[j] == zone && stage == known.last_stage {
            let price = found.delivered_price[j].filter(|price| *price > 0.0);
            parts.extend(price.map(|price| PricePart {
                seller: false,
                place: j,
                weight: user.demand.quantity,
                price,
                base: user.base_price,
            }));
        }
    }
    if parts.iter().all(|part| part.weight <= 0.0) {
        parts.clear();
        for (i, node) in base.nodes.iter().enumerate() {
            if node.stage == stage && known.node_zones[i] == zone {
                let price = found.price[i].filter(|price| *price > 0.0);
                parts.extend(price.map(|price| PricePart {
                    seller: true,
                    place: i,
                    weight: found.node_output(i),
                    price,
                    base: node.base_price,
                }));
            }
        }
    }
    let total: f64 = parts.iter().map(|part| part.weight).sum();
    for part in &mut parts {
        part.weight /= total.max(f64::MIN_POSITIVE);
    }
    parts
}

/// Logarithm of a zone's price over the base year's; absent where nobody trades there.
pub fn over_base(
    known: &Knowledge,
    base: &Market,
    found: &Equilibrium,
    stage: Stage,
    zone: Zone,
) -> Option<f64> {
    let parts = price_parts(known, base, found, stage, zone);
    let mean = parts.iter().map(|part| part.weight * (part.price / part.base).ln()).sum();
    (!parts.is_empty()).then_some(mean)
}

/// Logarithm of a quantity at an equilibrium: of a price over the base year's, of tonnes, of exports over the base year's.
pub fn value(known: &Knowledge, base: &Market, found: &Equilibrium, quantity: Quantity) -> f64 {
    match quantity {
        Quantity::Price(stage, zone) => over_base(known, base, found, stage, zone).unwrap_or(f64::NAN),
        Quantity::Output(node) => found.node_output(node).max(1e-9).ln(),
        Quantity::Exports(group) => {
            let group = &known.groups[group];
            let moved: f64 = group.arcs.iter().map(|&a| found.flow[a]).sum();
            (moved / group.base_flow).max(1e-9).ln()
        }
    }
}
