//! The indicators of a chain's solved years in one walk over its market, planned once.
//!
//! A chain's market has the same nodes, tranches, users and routes in every year, arm and draw. Who is whom is therefore
//! looked up once, into positions; a year is then one pass over nodes, one over tranches and one over routes, in buffers
//! that are used again. [`measure`](super::measure) gives the same values to the bit from the formulas one by one.

use std::collections::{BTreeMap, BTreeSet};

use super::{Roles, control::NEGLIGIBLE};
use crate::{
    base::{id::Iso3, unit::Stage},
    market::{Equilibrium, Feed, Recipient},
    pathway::{Chain, YearOutcome, chain::Control, deal::Payments},
};

mod owners;
mod tally;

use owners::Owners;
use tally::{Cross, StageTally, concentration};

/// Where a sum begins whose terms are added one by one, so that an empty sum is the same as that of an iterator.
const EMPTY: f64 = -0.0;
/// Indicators of one stage.
const OF_STAGE: usize = 15;
/// Indicators of the whole chain.
const OF_CHAIN: usize = 10;

/// What a country is in a run.
#[derive(Debug, Clone, Copy, Default)]
struct Side {
    leads: bool,
    hosts: bool,
    rival: bool,
}

impl Side {
    fn of(roles: &Roles, country: Iso3) -> Self {
        Self {
            leads: roles.leads(country),
            hosts: roles.hosts(country),
            rival: roles.rival_members.contains(&country),
        }
    }
}

#[derive(Debug)]
struct NodePlan {
    /// Stage, by position among those of the chain; absent where no indicator reads it.
    stage: Option<usize>,
    side: Side,
    /// Position of its country among those that the leader may buy this stage's product from.
    supplier: usize,
}

#[derive(Debug)]
struct PartPlan {
    node: usize,
    tranche: usize,
    stage: Option<usize>,
    ore: bool,
    /// Counts as mined or made from scrap in the leader's countries.
    own: bool,
}

#[derive(Debug)]
struct ArcPlan {
    from: usize,
    stage: Option<usize>,
    seller: Side,
    buyer: Side,
    crosses: bool,
    /// The user, where one buys the last stage's product.
    user: Option<usize>,
    /// The refinery, where one buys.
    refinery: Option<usize>,
}

/// The plan of one chain.
#[derive(Debug)]
pub(crate) struct Walk {
    stages: usize,
    nodes: Vec<NodePlan>,
    parts: Vec<PartPlan>,
    arcs: Vec<ArcPlan>,
    /// Of each stage, whether each country that the leader may buy from is the leader's own.
    suppliers: Vec<Vec<bool>>,
    owners: Owners,
    leaders: BTreeSet<Iso3>,
    hosts: BTreeSet<Iso3>,
}

/// Buffers of a thread.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    row: Vec<f64>,
    output: Vec<f64>,
    made: Vec<f64>,
    tally: [StageTally; 2],
    /// Tonnes that the leader buys of each node, and that its users buy of the last stage's.
    bought: Vec<f64>,
    sold: Vec<f64>,
    /// Ore that each refinery buys: from the rival, and all.
    ore: Vec<(f64, f64)>,
    owned: Vec<f64>,
    made_of_ore: Vec<f64>,
    crossing: Vec<[f64; 2]>,
    suppliers: [Vec<f64>; 2],
    amounts: Vec<f64>,
    /// Amounts by owner, with the order in which owners appear.
    by_owner: Vec<f64>,
    seen: Vec<bool>,
    order: Vec<usize>,
    owners: Owners,
}

fn refill<T: Clone>(list: &mut Vec<T>, length: usize, value: T) {
    list.clear();
    list.resize(length, value);
}

impl Walk {
    /// Plans the walk over a chain's market.
    pub(crate) fn new(chain: &Chain, roles: &Roles) -> Self {
        let market = &chain.base.market;
        let stages = super::stages(chain);
        let place = |stage: Stage| stages.iter().position(|at| *at == stage);
        let side = |country: Iso3| Side::of(roles, country);
        let mut lists: Vec<BTreeMap<Iso3, bool>> = vec![BTreeMap::new(); stages.len()];
        let mut arcs = Vec::with_capacity(market.arcs.len());
        for arc in &market.arcs {
            let (seller, buyer) = (&market.nodes[arc.from], market.recipient_country(arc.to));
            let stage = place(seller.stage);
            if let Some(stage) = stage.filter(|_| roles.leads(buyer)) {
                lists[stage].insert(seller.country, roles.leads(seller.country));
            }
            let (user, refinery) = match arc.to {
                Recipient::User(user) => {
                    (Some(user).filter(|_| seller.stage == chain.base.baseline.last_stage), None)
                }
                Recipient::Node(refinery) => (None, Some(refinery)),
            };
            arcs.push(ArcPlan {
                from: arc.from,
                stage,
                seller: side(seller.country),
                buyer: side(buyer),
                crosses: seller.country != buyer,
                user,
                refinery,
            });
        }
        let nodes = market.nodes.iter().map(|node| {
            let stage = place(node.stage);
            let supplier = stage.and_then(|stage| lists[stage].keys().position(|at| *at == node.country));
            NodePlan { stage, side: side(node.country), supplier: supplier.unwrap_or(usize::MAX) }
        });
        let parts = market.nodes.iter().enumerate().flat_map(|(i, node)| {
            let leads = roles.leads(node.country);
            node.tranches.iter().enumerate().map(move |(t, tranche)| (i, t, tranche.feed, node.stage, leads))
        });
        let parts = parts.map(|(node, tranche, feed, stage, leads)| PartPlan {
            node,
            tranche,
            stage: place(stage),
            ore: feed == Feed::Ore,
            own: feed != Feed::Ore && leads,
        });
        let mut owners = Owners::default();
        owners.fill(&chain.control, roles);
        let countries: BTreeSet<Iso3> = roles
            .leaders
            .iter()
            .chain(&roles.hosts)
            .flat_map(|(_, members)| members)
            .copied()
            .chain([roles.leader, roles.host])
            .collect();
        Self {
            stages: stages.len(),
            nodes: nodes.collect(),
            parts: parts.collect(),
            arcs,
            suppliers: lists.iter().map(|list| list.values().copied().collect()).collect(),
            owners,
            leaders: countries.iter().copied().filter(|&country| roles.leads(country)).collect(),
            hosts: countries.iter().copied().filter(|&country| roles.hosts(country)).collect(),
        }
    }

    /// The values of [`measure`](super::measure).
    pub(crate) fn row<'b>(
        &self,
        outcome: &YearOutcome<'_>,
        roles: &Roles,
        buffers: &'b mut Buffers,
    ) -> &'b [f64] {
        let mut row = std::mem::take(&mut buffers.row);
        row.resize(self.stages * OF_STAGE + OF_CHAIN, f64::NAN);
        self.measure(outcome, roles, buffers, &mut row);
        buffers.row = row;
        &buffers.row
    }

    fn measure(&self, outcome: &YearOutcome<'_>, roles: &Roles, buffers: &mut Buffers, to: &mut [f64]) {
        let usual = std::ptr::eq(outcome.control, outcome.chain.control.as_slice());
        let mut changed = std::mem::take(&mut buffers.owners);
        if !usual {
            changed.fill(outcome.control, roles);
        }
        let owners = if usual { &self.owners } else { &changed };
        let (of_stages, of_chain) = to.split_at_mut(self.stages * OF_STAGE);
        self.clear(buffers);
        self.walk_nodes(outcome.equilibrium, buffers);
        let cross = self.walk_arcs(outcome.equilibrium, buffers);
        let made_at_home = self.walk_parts(outcome.equilibrium, owners, buffers);
        for (stage, to) in of_stages.chunks_exact_mut(OF_STAGE).enumerate() {
            self.of_stage(stage, outcome.equilibrium, owners, buffers, to);
        }
        self.of_chain(&cross, made_at_home, buffers, outcome.payments, of_chain);
        buffers.owners = changed;
    }

    fn clear(&self, buffers: &mut Buffers) {
        let nodes = self.nodes.len();
        refill(&mut buffers.output, nodes, 0.0);
        refill(&mut buffers.made, nodes, 0.0);
        refill(&mut buffers.bought, nodes, 0.0);
        refill(&mut buffers.sold, nodes, 0.0);
        refill(&mut buffers.ore, nodes, (0.0, 0.0));
        refill(&mut buffers.owned, nodes, 0.0);
        refill(&mut buffers.made_of_ore, nodes, 0.0);
        refill(&mut buffers.crossing, nodes, [0.0; 2]);
        buffers.tally = [StageTally::default(), StageTally::default()];
        for (list, own) in buffers.suppliers.iter_mut().zip(&self.suppliers) {
            refill(list, own.len(), 0.0);
        }
    }

    fn walk_nodes(&self, found: &Equilibrium, buffers: &mut Buffers) {
        for (i, node) in self.nodes.iter().enumerate() {
            let output = found.node_output(i);
            buffers.output[i] = output;
            let Some(stage) = node.stage else { continue };
            let tally = &mut buffers.tally[stage];
            tally.world += output;
            if node.side.leads {
                tally.leader += output;
            }
            if node.side.hosts {
                tally.host += output;
            }
            if node.side.rival {
                tally.rival += output;
            }
            if let Some(price) = found.price[i] {
                tally.value += price * output;
                tally.priced += output;
            }
        }
    }

    fn walk_arcs(&self, found: &Equilibrium, buffers: &mut Buffers) -> Cross {
        let mut cross = Cross::default();
        for (arc, &tonnes) in self.arcs.iter().zip(&found.flow) {
            let (imports, exports) =
                (arc.buyer.leads && !arc.seller.leads, arc.seller.leads && !arc.buyer.leads);
            if imports {
                cross.imports += tonnes;
            }
            if exports {
                cross.exports += tonnes;
            }
            if let Some(stage) = arc.stage {
                let tally = &mut buffers.tally[stage];
                if imports {
                    tally.imports += tonnes;
                }
                if exports {
                    tally.exports += tonnes;
                }
                if arc.crosses {
                    tally.crossing += tonnes;
                    tally.inside += if arc.seller.rival == arc.buyer.rival { tonnes } else { 0.0 };
                    buffers.crossing[arc.from][usize::from(arc.buyer.rival)] += tonnes;
                }
                if arc.buyer.leads {
                    buffers.suppliers[stage][self.nodes[arc.from].supplier] += tonnes;
                    buffers.bought[arc.from] += tonnes;
                }
            }
            if let Some(user) = arc.user {
                let price = found.delivered_price[user];
                if let Some(price) = price {
                    let side = &mut cross.sides[usize::from(arc.buyer.rival)];
                    side.0 += tonnes * price;
                    side.1 += tonnes;
                }
                if arc.buyer.leads {
                    buffers.sold[arc.from] += tonnes;
                    cross.bought += tonnes;
                    cross.value += tonnes * price.unwrap_or(0.0);
                }
            }
            if let Some(refinery) = arc.refinery {
                buffers.ore[refinery].1 += tonnes;
                buffers.ore[refinery].0 += if arc.seller.rival { tonnes } else { 0.0 };
            }
        }
        cross
    }

    /// Returns what the leader mines and makes from scrap.
    fn walk_parts(&self, found: &Equilibrium, owners: &Owners, buffers: &mut Buffers) -> f64 {
        let mut own = EMPTY;
        for (p, part) in self.parts.iter().enumerate() {
            let output = found.output[part.node][part.tranche];
            buffers.made[part.node] += output;
            if part.own {
                own += output;
            }
            if buffers.sold[part.node] > 0.0 {
                buffers.owned[part.node] += output * owners.rival[p];
                buffers.made_of_ore[part.node] += if part.ore { output } else { 0.0 };
            }
            if let Some(stage) = part.stage {
                let tally = &mut buffers.tally[stage];
                tally.owned_by_rival += output * owners.rival[p];
                tally.owned_by_leader += output * owners.leader[p];
            }
        }
        own
    }

    fn of_stage(
        &self,
        stage: usize,
        found: &Equilibrium,
        owners: &Owners,
        buffers: &mut Buffers,
        to: &mut [f64],
    ) {
        let absent = |value: Option<f64>| value.unwrap_or(f64::NAN);
        let over = |part: f64, whole: f64| absent((whole > 0.0).then(|| part / whole));
        buffers.amounts.clear();
        let outputs = self.nodes.iter().zip(&buffers.output).filter(|(node, _)| node.stage == Some(stage));
        buffers.amounts.extend(outputs.map(|(_, output)| *output));
        let by_place = concentration(&buffers.amounts);
        self.by_owner(stage, found, owners, buffers);
        buffers.amounts.clear();
        buffers.amounts.extend(buffers.order.iter().map(|&owner| buffers.by_owner[owner]));
        let by_owner = concentration(&buffers.amounts);
        let by_country = {
            let list = || buffers.suppliers[stage].iter().zip(&self.suppliers[stage]);
            buffers.amounts.clear();
            buffers.amounts.extend(list().filter(|(_, own)| !**own).map(|(tonnes, _)| *tonnes));
            buffers.amounts.push(list().filter(|(_, own)| **own).map(|(tonnes, _)| tonnes).sum());
            concentration(&buffers.amounts)
        };
        let controlled = self.bought_by_owner(stage, found, owners, buffers);
        let tally = &buffers.tally[stage];
        let net_imports = tally.imports - tally.exports;
        let consumed = net_imports + tally.leader;
        to[0] = tally.world;
        to[1] = tally.host;
        to[2] = over(tally.value, tally.priced);
        to[3] = over(tally.rival, tally.world);
        to[4] = over(tally.owned_by_rival, tally.world);
        to[5] = by_place.hhi;
        to[6] = by_place.top;
        to[7] = by_owner.hhi;
        to[8] = by_owner.top;
        to[9] = 1.0 - over(net_imports, consumed);
        let is_negligible = consumed < NEGLIGIBLE * tally.world;
        to[10] = if is_negligible { f64::NAN } else { over(tally.owned_by_leader, consumed) };
        to[11] = by_country.number;
        to[12] = controlled;
        to[13] = over(tally.inside, tally.crossing);
        to[14] = self.inside_by_owner(stage, found, owners, buffers);
    }

    /// Output of a stage by owner, into `by_owner` and `order`.
    fn by_owner(&self, stage: usize, found: &Equilibrium, owners: &Owners, buffers: &mut Buffers) {
        forget(buffers, owners);
        for (p, part) in self.parts.iter().enumerate().filter(|(_, part)| part.stage == Some(stage)) {
            let output = found.output[part.node][part.tranche];
            for &(owner, share) in owners.of(p) {
                add(buffers, owner, share * output);
            }
        }
    }

    /// Number of equal suppliers by country of control.
    fn bought_by_owner(
        &self,
        stage: usize,
        found: &Equilibrium,
        owners: &Owners,
        buffers: &mut Buffers,
    ) -> f64 {
        forget(buffers, owners);
        for (p, part) in self.parts.iter().enumerate().filter(|(_, part)| part.stage == Some(stage)) {
            let (sum, bought) = (buffers.made[part.node], buffers.bought[part.node]);
            if sum > 0.0 && bought > 0.0 {
                let share = found.output[part.node][part.tranche] / sum;
                for &(owner, part) in owners.of(p) {
                    add(buffers, owner, bought * share * part);
                }
            }
        }
        buffers.amounts.clear();
        let mut own = EMPTY;
        for &owner in &buffers.order {
            if owners.leads[owner] {
                own += buffers.by_owner[owner];
            } else {
                buffers.amounts.push(buffers.by_owner[owner]);
            }
        }
        buffers.amounts.push(own);
        concentration(&buffers.amounts).number
    }

    fn inside_by_owner(&self, stage: usize, found: &Equilibrium, owners: &Owners, buffers: &Buffers) -> f64 {
        let nodes = self.nodes.iter().zip(&buffers.crossing).filter(|(node, _)| node.stage == Some(stage));
        let all: f64 = nodes.flat_map(|(_, crossing)| crossing).sum();
        let mut inside = EMPTY;
        for (p, part) in self.parts.iter().enumerate().filter(|(_, part)| part.stage == Some(stage)) {
            let sum = buffers.made[part.node];
            if sum > 0.0 {
                let share = found.output[part.node][part.tranche] / sum;
                let ours = owners.rival[p];
                let [outside_bloc, in_bloc] = buffers.crossing[part.node];
                inside += share * (ours * in_bloc + (1.0 - ours) * outside_bloc);
            }
        }
        if all > 0.0 { inside / all } else { f64::NAN }
    }

    fn of_chain(
        &self,
        cross: &Cross,
        made_at_home: f64,
        buffers: &Buffers,
        money: &Payments,
        to: &mut [f64],
    ) {
        to[0] = cross.price_gap();
        let net_imports = cross.imports - cross.exports;
        let whole = net_imports + made_at_home;
        to[1] = if whole > 0.0 { net_imports / whole } else { f64::NAN };
        let (mut by_rival, mut by_owner, mut content, mut by_host) = (0.0, 0.0, 0.0, 0.0);
        for (i, node) in self.nodes.iter().enumerate() {
            let (sold, output) = (buffers.sold[i], buffers.output[i]);
            if sold > 0.0 {
                let per_output = |tonnes: f64| if output > 0.0 { tonnes / output } else { 0.0 };
                let (rival, all) = buffers.ore[i];
                let from_ore = if all > 0.0 { rival / all * per_output(buffers.made_of_ore[i]) } else { 0.0 };
                by_rival += if node.side.rival { sold } else { 0.0 };
                by_owner += sold * per_output(buffers.owned[i]);
                content += sold * if node.side.rival { 1.0 } else { from_ore };
                by_host += if node.side.hosts { sold } else { 0.0 };
            }
        }
        for (to, sum) in to[2..].iter_mut().zip([by_rival, by_owner, content, by_host]) {
            *to = sum / cross.bought;
        }
        to[6] = cross.value / cross.bought;
        let of = |list: &BTreeMap<Iso3, f64>, among: &BTreeSet<Iso3>| -> f64 {
            list.iter().filter(|(who, _)| among.contains(who)).map(|(_, usd)| usd).sum()
        };
        to[7] = of(&money.public_cost, &self.leaders);
        to[8] = of(&money.public_finance, &self.leaders);
        to[9] = of(&money.host_revenue, &self.hosts);
    }
}

fn forget(buffers: &mut Buffers, owners: &Owners) {
    refill(&mut buffers.by_owner, owners.leads.len(), 0.0);
    refill(&mut buffers.seen, owners.leads.len(), false);
    buffers.order.clear();
}

fn add(buffers: &mut Buffers, owner: usize, tonnes: f64) {
    if buffers.seen[owner] {
        buffers.by_owner[owner] += tonnes;
    } else {
        buffers.seen[owner] = true;
        buffers.by_owner[owner] = tonnes;
        buffers.order.push(owner);
    }
}
