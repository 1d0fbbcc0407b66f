//! One mineral's chain made ready for the years: the base market with a place for every project in it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    baseline::{Baseline, NoBaseline, Quantity},
    id::{Iso3, MineralId},
    market::{
        Feed, Market, Node, Recipient, TradeArc, Tranche,
        calibrate::{BasePrices, RUNNING, Responses, SCRAP, Utilisation, calibrate, sourcing},
        curve::drive,
    },
    pathway::{
        assumption::{middle, success_name},
        project::{Project, ramp},
    },
    unit::{Grade, Range},
    world::{
        World,
        table::{Flag, ProjectStage, Stage},
    },
};

/// Buyers above this share of world purchases are offered the output of new projects.
const OFFERED: f64 = 0.01;
/// Usual distance that gravity is measured against, km.
const TYPICAL_KM: f64 = 8_000.0;
/// Largest change between a base-year figure and the next year's estimate that is taken as real.
const LARGEST_STEP: f64 = 2.0;

/// Where one project sits in the market.
#[derive(Debug, Clone)]
pub struct Slot {
    /// The project.
    pub project: Project,
    /// Node and tranche of its mine.
    pub mine: Option<(usize, usize)>,
    /// Node and tranche of its refinery.
    pub refine: Option<(usize, usize)>,
}

/// What a tonne of new capacity adds to an arc's weight: affinity over the stage's base capacity.
#[derive(Debug, Clone, Copy)]
pub struct Tie {
    /// Position among [`Chain::slots`].
    pub slot: usize,
    /// Affinity if buyers were chosen by size and distance alone.
    pub open: f64,
    /// Affinity if output went to its contracted buyers and owners' countries alone.
    pub owned: f64,
}

/// A mineral's chain, prepared once and shared by all draws.
#[derive(Debug, Clone)]
pub struct Chain {
    /// Mineral.
    pub mineral: MineralId,
    /// Balanced base year.
    pub baseline: Baseline,
    /// Range of the share of ore content that refining recovers.
    pub recovery: Range,
    /// Base prices.
    pub prices: BasePrices,
    /// Ranges of the responses.
    pub responses: Responses<Range>,
    /// Base market at middle responses, with empty tranches for projects.
    pub market: Market,
    /// Projects that may add output.
    pub slots: Vec<Slot>,
    /// What new capacity adds to each arc.
    pub ties: Vec<Vec<Tie>>,
    /// Weight of each arc in the base year.
    pub base_weight: Vec<f64>,
    /// Running capacity of each node in the base year, tonnes.
    pub base_capacity: Vec<f64>,
    /// Total base capacity by stage: mine, last stage.
    pub stage_capacity: BTreeMap<Stage, f64>,
    /// Output of the year after the base year over the base year's, by node, where both are published.
    pub first_step: Vec<f64>,
    /// Relative doubt of each node's base output.
    pub doubt: Vec<f64>,
    /// Reserves by node, tonnes contained.
    pub reserves: Vec<Option<f64>>,
    /// Who controls each tranche of each node, shares that sum to 1.
    pub control: Vec<Vec<Vec<(Iso3, f64)>>>,
    /// Hosts that the mineral comes out of: host, share of output, and how far output may grow over the host's.
    pub hosts: Vec<(MineralId, f64, f64)>,
    /// Demand index by scenario year.
    pub demand: BTreeMap<i32, Range>,
    /// Capacity that projects are expected to add as things stand, by stage and year, tonnes: each project's middle
    /// increment at its middle date, times the chance that its status implies.
    pub planned: BTreeMap<(Stage, i32), f64>,
    /// Worst grade that enters headline numbers: prices and main outputs.
    pub grade: Grade,
}

/// Why a chain cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoChain {
    /// The base year could not be balanced.
    #[error(transparent)]
    Baseline(#[from] NoBaseline),
    /// There is no price to calibrate to.
    #[error("no price of {0} is published")]
    NoPrice(MineralId),
}

impl Chain {
    /// Prepares a mineral. `roles` are countries that stay separate and can always trade with each other.
    ///
    /// # Errors
    /// When the mineral has no balanced base year or no price.
    pub fn prepare(
        world: &World,
        mineral: &MineralId,
        base_year: i32,
        years: std::ops::RangeInclusive<i32>,
        scenario: &str,
        roles: &[Iso3],
    ) -> Result<Self, NoChain> {
        let baseline = Baseline::build(world, mineral.as_str(), base_year, roles)?;
        let prices = BasePrices::of(world, &baseline).ok_or_else(|| NoChain::NoPrice(mineral.clone()))?;
        let responses = Responses::of(world, &baseline);
        let utilisation = Utilisation::of(world, &baseline);
        let basis = world.mineral(mineral.as_str()).map_or("t", |row| row.basis.as_str());
        let market = calibrate(&baseline, basis, &prices, &utilisation, &responses.mid());
        let grade = headline_grade(&baseline).max(prices.grade);
        let mut chain = Self {
            mineral: mineral.clone(),
            recovery: world.recovery(mineral).unwrap_or(Range::exact(baseline.recovery)),
            prices,
            responses,
            base_weight: Vec::new(),
            ties: Vec::new(),
            base_capacity: Vec::new(),
            stage_capacity: BTreeMap::new(),
            first_step: Vec::new(),
            doubt: Vec::new(),
            reserves: Vec::new(),
            control: Vec::new(),
            hosts: hosts(world, mineral),
            demand: years
                .map(|y| (y, world.demand_index(mineral, scenario, y).unwrap_or(Range::exact(1.0))))
                .collect(),
            slots: Vec::new(),
            planned: BTreeMap::new(),
            market,
            baseline,
            grade,
        };
        for node in &chain.market.nodes {
            let capacity = node.tranches.iter().filter(|t| t.id == RUNNING).map(|t| t.capacity).sum();
            chain.base_capacity.push(capacity);
            *chain.stage_capacity.entry(node.stage).or_default() += capacity;
        }
        chain.place_projects(world, &utilisation);
        chain.connect(world, roles);
        chain.describe_nodes(world);
        chain.plan();
        Ok(chain)
    }

    /// Index of a country's node at a stage.
    pub fn node(&self, country: Iso3, stage: Stage) -> Option<usize> {
        self.market.node(country, stage)
    }

    /// Base price at a stage, USD per tonne contained.
    pub fn base_price(&self, stage: Stage) -> f64 {
        if stage == Stage::Mine && self.baseline.two_stages { self.prices.mine } else { self.prices.product }
    }

    /// Base price of what a project sells, which its decision looks at.
    pub fn decision_price(&self, slot: &Slot) -> f64 {
        self.base_price(self.sold_stage(slot))
    }

    /// Stage whose product a project sells.
    pub fn sold_stage(&self, slot: &Slot) -> Stage {
        if slot.refine.is_some() { self.baseline.last_stage } else { Stage::Mine }
    }

    /// Gives each project an empty tranche at its country's nodes, making nodes where there are none.
    fn place_projects(&mut self, world: &World, utilisation: &Utilisation) {
        for row in world.projects(&self.mineral) {
            let Some(project) = Project::of(row, self.baseline.year) else { continue };
            let two = self.baseline.two_stages;
            let last = self.baseline.last_stage;
            let adds = |stage: Stage| match project.stage {
                ProjectStage::Both => true,
                ProjectStage::Mine => stage == Stage::Mine,
                ProjectStage::Refine => stage == Stage::Refine,
            };
            let mine = (two && adds(Stage::Mine))
                .then(|| self.place(&project, Stage::Mine, Feed::Ground, utilisation.mine));
            let feed = if two { Feed::Ore } else { Feed::Ground };
            let refine = adds(last).then(|| self.place(&project, last, feed, utilisation.refine));
            if mine.is_some() || refine.is_some() {
                self.slots.push(Slot { project, mine, refine });
            }
        }
    }

    fn place(&mut self, project: &Project, stage: Stage, feed: Feed, utilisation: f64) -> (usize, usize) {
        let elasticity = self.market.nodes.iter().flat_map(|n| &n.tranches).find(|t| t.feed == feed);
        let elasticity = elasticity.map_or(self.responses.mine_supply.mid, |t| t.elasticity);
        let tranche = Tranche {
            id: project.id.to_string(),
            feed,
            capacity: 0.0,
            drive: drive(utilisation),
            elasticity,
            subsidy: 0.0,
            floor: None,
        };
        let node = self.node(project.country, stage).unwrap_or_else(|| {
            let needs_ore = stage == Stage::Refine && self.baseline.two_stages;
            let sourcing = needs_ore.then(|| sourcing(&self.baseline, &self.prices, &self.responses.mid()));
            self.market.nodes.push(Node {
                country: project.country,
                stage,
                base_price: self.base_price(stage),
                tranches: Vec::new(),
                sourcing,
            });
            self.base_capacity.push(0.0);
            self.market.nodes.len() - 1
        });
        self.market.nodes[node].tranches.push(tranche);
        (node, self.market.nodes[node].tranches.len() - 1)
    }

    /// Adds up what projects are expected to add as things stand.
    fn plan(&mut self) {
        let years: Vec<i32> = self.demand.keys().copied().collect();
        for slot in &self.slots {
            let chance = middle(success_name(slot.project.status));
            for (node, _) in [slot.mine, slot.refine].into_iter().flatten() {
                let stage = self.market.nodes[node].stage;
                for &year in &years {
                    let running = ramp(f64::from(year) + 0.5 - slot.project.start.mid, middle("ramp-years"));
                    *self.planned.entry((stage, year)).or_default() +=
                        chance * slot.project.increment.mid * running;
                }
            }
        }
    }

    /// Growth of running capacity that meets the scenario's demand at unchanged prices in the year after `year`, beside
    /// what projects are expected to add.
    pub fn reference_growth(&self, stage: Stage, year: i32) -> f64 {
        let index = |y: i32| self.demand.get(&y).map_or(1.0, |range| range.mid);
        let planned = |y: i32| self.planned.get(&(stage, y)).copied().unwrap_or(0.0);
        let capacity = self.stage_capacity.get(&stage).copied().unwrap_or(0.0) * index(year);
        if capacity <= 0.0 {
            return 0.0;
        }
        (index(year + 1) / index(year) - 1.0 - (planned(year + 1) - planned(year)) / capacity).max(0.0)
    }

    /// Draws the routes that projects and deals may open, and says what each unit of new capacity adds to them.
    fn connect(&mut self, world: &World, roles: &[Iso3]) {
        let mut bought: BTreeMap<Recipient, f64> = BTreeMap::new();
        let purchases = |to: Recipient, market: &Market| match to {
            Recipient::User(j) => market.users[j].demand.quantity,
            Recipient::Node(k) => market.nodes[k]
                .tranches
                .iter()
                .filter(|t| t.feed == Feed::Ore)
                .map(|t| t.capacity / self.baseline.recovery)
                .sum(),
        };
        for j in 0..self.market.users.len() {
            bought.insert(Recipient::User(j), purchases(Recipient::User(j), &self.market));
        }
        for k in 0..self.market.nodes.len() {
            if self.market.nodes[k].sourcing.is_some() {
                bought.insert(Recipient::Node(k), purchases(Recipient::Node(k), &self.market));
            }
        }
        let sold_to = |to: Recipient, market: &Market| match to {
            Recipient::User(j) => market.users[j].stage,
            Recipient::Node(_) => Stage::Mine,
        };
        let existing: BTreeSet<(usize, Recipient)> =
            self.market.arcs.iter().map(|a| (a.from, a.to)).collect();
        let new_nodes: BTreeSet<usize> =
            self.slots.iter().flat_map(|s| [s.mine, s.refine]).flatten().map(|(node, _)| node).collect();
        let total: BTreeMap<Stage, f64> = bought.iter().fold(BTreeMap::new(), |mut sums, (&to, &tonnes)| {
            *sums.entry(sold_to(to, &self.market)).or_default() += tonnes;
            sums
        });
        for from in 0..self.market.nodes.len() {
            let seller = &self.market.nodes[from];
            for (&to, &tonnes) in &bought {
                let stage = sold_to(to, &self.market);
                if stage != seller.stage || existing.contains(&(from, to)) {
                    continue;
                }
                let buyer = self.market.recipient_country(to);
                let is_new = new_nodes.contains(&from);
                let offered = is_new && (tonnes >= OFFERED * total[&stage] || buyer == seller.country);
                let owners = self
                    .slots
                    .iter()
                    .filter(|s| [s.mine, s.refine].iter().flatten().any(|&(n, _)| n == from));
                let owned = is_new && owners.flat_map(|s| &s.project.destination).any(|&(c, _)| c == buyer);
                let role = roles.contains(&seller.country) && roles.contains(&buyer);
                let to_new_refinery = matches!(to, Recipient::Node(k) if new_nodes.contains(&k) && tonnes <= 0.0)
                    && (self.base_capacity[from] >= OFFERED * self.stage_capacity[&stage]
                        || buyer == seller.country);
                if offered || owned || role || to_new_refinery {
                    self.market.arcs.push(TradeArc {
                        from,
                        to,
                        weight: 0.0,
                        cost: 0.0,
                        duty: 0.0,
                        banned: false,
                    });
                }
            }
        }
        // In the solver's order, so that it has nothing to sort.
        self.market.arcs.sort_by_key(|arc| (arc.to, arc.from));
        self.base_weight = self.market.arcs.iter().map(|a| a.weight).collect();
        self.seed_base_weights(world, &bought, &total, roles);
        self.ties = self.new_ties(world, &bought, &total);
    }

    /// Base weights where there was no flow: for routes between the roles of the case, and for refineries that start
    /// from nothing, what gravity alone would give.
    fn seed_base_weights(
        &mut self,
        world: &World,
        bought: &BTreeMap<Recipient, f64>,
        total: &BTreeMap<Stage, f64>,
        roles: &[Iso3],
    ) {
        const FIRST_CONTACT: f64 = 0.02;
        for a in 0..self.market.arcs.len() {
            let arc = &self.market.arcs[a];
            let seller = &self.market.nodes[arc.from];
            let buyer = self.market.recipient_country(arc.to);
            let starts_empty = bought.get(&arc.to).is_none_or(|t| *t <= 0.0);
            let role = roles.contains(&seller.country) && roles.contains(&buyer);
            if arc.weight > 0.0 || !(starts_empty || role) {
                continue;
            }
            let neutral = self.base_capacity[arc.from]
                / self.stage_capacity.get(&seller.stage).copied().unwrap_or(1.0)
                * self.gravity(world, arc.from, buyer, bought, total);
            self.base_weight[a] = if starts_empty { neutral } else { FIRST_CONTACT * neutral };
        }
    }

    /// Closeness of a seller and a buyer over the seller's mean closeness to all who buy.
    fn gravity(
        &self,
        world: &World,
        from: usize,
        buyer: Iso3,
        bought: &BTreeMap<Recipient, f64>,
        total: &BTreeMap<Stage, f64>,
    ) -> f64 {
        let seller = &self.market.nodes[from];
        let near = |to: Iso3| {
            world.distance_km(seller.country, to).map_or(1.0, |km| (TYPICAL_KM / km.max(300.0)).min(8.0))
        };
        let mean: f64 = bought
            .iter()
            .filter(|(to, _)| match **to {
                Recipient::User(j) => self.market.users[j].stage == seller.stage,
                Recipient::Node(_) => seller.stage == Stage::Mine,
            })
            .map(|(&to, &tonnes)| tonnes * near(self.market.recipient_country(to)))
            .sum();
        let scale = total.get(&seller.stage).copied().unwrap_or(1.0);
        if mean > 0.0 { near(buyer) * scale / mean } else { 1.0 }
    }

    /// For each arc, the affinity of each project that may sell along it.
    fn new_ties(
        &self,
        world: &World,
        bought: &BTreeMap<Recipient, f64>,
        total: &BTreeMap<Stage, f64>,
    ) -> Vec<Vec<Tie>> {
        self.market
            .arcs
            .iter()
            .map(|arc| {
                let stage = self.market.nodes[arc.from].stage;
                let buyer = self.market.recipient_country(arc.to);
                let open = self.gravity(world, arc.from, buyer, bought, total);
                let mut ties = Vec::new();
                for (position, slot) in self.slots.iter().enumerate() {
                    let at_mine = slot.mine.is_some_and(|(node, _)| node == arc.from);
                    let at_plant = slot.refine.is_some_and(|(node, _)| node == arc.from);
                    if !(at_mine || at_plant) {
                        continue;
                    }
                    // A mine with its own refinery feeds it; other output follows its owners.
                    let feeds_own = at_mine && slot.refine.is_some();
                    let share = if feeds_own {
                        f64::from(u8::from(slot.refine.map(|(k, _)| Recipient::Node(k)) == Some(arc.to)))
                    } else {
                        slot.project
                            .destination
                            .iter()
                            .filter(|(c, _)| *c == buyer)
                            .map(|(_, share)| share)
                            .sum()
                    };
                    let size = bought.get(&arc.to).copied().unwrap_or(0.0)
                        / total.get(&stage).copied().unwrap_or(1.0);
                    // A buyer that starts from nothing is as large as what is built for it.
                    let own = if size > 1e-4 { share / size } else { share * 1e2 };
                    let per_tonne =
                        self.stage_capacity.get(&stage).map_or(0.0, |capacity| 1.0 / capacity.max(1e-9));
                    let open = if feeds_own { own } else { open };
                    ties.push(Tie { slot: position, open: open * per_tonne, owned: own * per_tonne });
                }
                ties
            })
            .collect()
    }

    /// Doubt, first step, reserves and control of each node.
    fn describe_nodes(&mut self, world: &World) {
        let next = self.baseline.year + 1;
        for node in &self.market.nodes {
            let quantity = match node.stage {
                Stage::Mine => Quantity::Mined(node.country),
                Stage::Refine => Quantity::Refined(node.country),
            };
            let sigma =
                self.baseline.entries.iter().find(|e| e.quantity == quantity).map_or(0.0, |e| e.sigma);
            self.doubt.push(sigma.min(0.4));
            let chosen = |year| {
                let rows = world.chosen_production(&self.mineral, node.stage, year);
                rows.get(&node.country)
                    .filter(|row| matches!(row.flag, Flag::Reported | Flag::Estimated))
                    .and_then(|row| row.value)
                    .filter(|v| *v > 0.0)
            };
            let step = match (chosen(self.baseline.year), chosen(next)) {
                (Some(before), Some(after)) => (after / before).clamp(1.0 / LARGEST_STEP, LARGEST_STEP),
                _ => 1.0,
            };
            self.first_step.push(step);
            let reserves =
                (node.stage == Stage::Mine).then(|| reserves(world, &self.mineral, node.country)).flatten();
            self.reserves.push(reserves);
            let owners = running_control(world, &self.mineral, node.stage, node.country);
            let control = node
                .tranches
                .iter()
                .map(|t| match self.slots.iter().find(|s| s.project.id.as_str() == t.id) {
                    Some(slot) => slot.project.control.clone(),
                    None if t.id == SCRAP => vec![(node.country, 1.0)],
                    None => owners.clone(),
                })
                .collect();
            self.control.push(control);
        }
    }
}

/// Who controls the running output of a country: what `ownership.csv` says, the rest being the country's own.
fn running_control(world: &World, mineral: &MineralId, stage: Stage, country: Iso3) -> Vec<(Iso3, f64)> {
    let mut owners: Vec<(Iso3, f64)> = world
        .tables()
        .ownership
        .iter()
        .filter(|row| row.mineral == *mineral && row.stage == stage && row.iso3 == country)
        .map(|row| (row.controller, row.share))
        .collect();
    let abroad: f64 = owners.iter().map(|(_, share)| share).sum();
    if abroad < 1.0 {
        owners.push((country, 1.0 - abroad));
    }
    owners
}

/// Latest published reserves of a country.
fn reserves(world: &World, mineral: &MineralId, country: Iso3) -> Option<f64> {
    let rows = world.tables().reserves.iter().filter(|r| r.mineral == *mineral && r.iso3 == country);
    rows.filter(|r| r.value.is_some_and(|v| v > 0.0)).max_by_key(|r| (r.year, r.vintage.clone()))?.value
}

fn hosts(world: &World, mineral: &MineralId) -> Vec<(MineralId, f64, f64)> {
    let rows = world.hosts(mineral).iter().filter(|row| row.share_mid > 0.0);
    rows.map(|row| (row.host.clone(), row.share_mid, row.max_over_realised.unwrap_or(1.5))).collect()
}

/// The grade of the largest outputs: the worst among those that make up two thirds of the last stage.
fn headline_grade(baseline: &Baseline) -> Grade {
    let list = baseline.output(baseline.last_stage);
    let total: f64 = list.iter().map(|(_, v)| v).sum();
    let mut seen = 0.0;
    let mut worst = Grade::A;
    for (country, value) in list {
        if seen > 2.0 / 3.0 * total {
            break;
        }
        seen += value;
        let quantity = if baseline.last_stage == Stage::Mine {
            Quantity::Mined(country)
        } else {
            Quantity::Refined(country)
        };
        if let Some(entry) = baseline.entries.iter().find(|e| e.quantity == quantity) {
            worst = worst.max(entry.grade);
        }
    }
    worst
}
