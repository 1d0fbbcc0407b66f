//! One mineral's chain made ready for the years: the base market with a place for every project in it.

use std::collections::BTreeMap;

use statrs::distribution::{ContinuousCDF, Normal};

use crate::{
    base::{
        date::PartialDate,
        id::{Iso3, MineralId},
        unit::{Range, Stage},
    },
    baseline::NoBaseline,
    market::{Feed, Node, Tranche},
    nowcast::{Base, Knowledge, Zone},
    params::Params,
    pathway::{
        calibrate::{RUNNING, SCRAP, Utilisation, sourcing},
        holding::Holding,
        project::Project,
        reference::{Reference, agency_growth},
        routes::RouteAffinity,
    },
    project::{fiscal, lead_time::LeadTimes},
    world::{DEMAND_BASE_YEAR, World, table::ProjectStage},
};

mod base;
mod describe;

pub use base::BaseMarket;
use describe::hosts;
pub use describe::running_control;

/// Least response of use and supply to a price in the long run.
const LEAST_RESPONSE: f64 = 0.1;
/// Least spread of costs that a probability is divided by.
const LEAST_SPREAD: f64 = 1e-6;

/// Countries that control an output, with shares that sum to 1.
pub type Control = Vec<(Iso3, f64)>;

/// Where one project sits in the market.
#[derive(Debug, Clone)]
pub struct ProjectSite {
    /// The project.
    pub project: Project,
    /// Node and tranche of its mine.
    pub mine: Option<(usize, usize)>,
    /// Node and tranche of its refinery.
    pub refine: Option<(usize, usize)>,
    /// Its output over world use in its first year.
    pub size: f64,
    /// How much use and supply together respond to a price in the long run: an elasticity.
    pub response: f64,
}

impl ProjectSite {
    /// Price that its owners expect over today's because of what its own output does to it: 1 but for projects that are larger than
    /// `large` against world use, of which what is beyond moves use and supply by their long-run responses.
    pub fn own_effect(&self, large: f64) -> f64 {
        let beyond = self.size - large;
        if beyond > 0.0 && !self.project.is_running {
            (1.0 + beyond).powf(-1.0 / self.response.max(LEAST_RESPONSE))
        } else {
            1.0
        }
    }

    /// Probability that it materialises when nothing changes: that of its status.
    pub fn probability(&self, params: &Params<f64>) -> f64 {
        params.success(self.project.status)
    }

    /// The same less what its own output does to the price.
    pub fn probability_at_its_price(&self, params: &Params<f64>) -> f64 {
        let (plain, own_effect) = (self.probability(params), self.own_effect(params.large_project));
        if own_effect >= 1.0 {
            return plain;
        }
        let normal = Normal::standard();
        let quantile = normal.inverse_cdf(plain.clamp(0.001, 0.999));
        normal.cdf(quantile + own_effect.ln() / params.cost_spread.max(LEAST_SPREAD))
    }
}

/// A mineral's chain, prepared once and shared by all draws.
#[derive(Debug, Clone)]
pub struct Chain {
    /// The market of the base year, with empty tranches and routes for projects.
    pub base: BaseMarket,
    /// Range of the share of ore content that refining recovers.
    pub recovery: Range,
    /// Projects that may add output.
    pub sites: Vec<ProjectSite>,
    /// What new capacity adds to each arc.
    pub affinities: Vec<Vec<RouteAffinity>>,
    /// Weight of each arc in the base year.
    pub base_weight: Vec<f64>,
    /// Running capacity of each node in the base year, tonnes.
    pub base_capacity: Vec<f64>,
    /// Total base capacity by stage: mine, last stage.
    pub stage_capacity: BTreeMap<Stage, f64>,
    /// Output of each node in the base year without secondary feed, tonnes.
    pub base_output: Vec<f64>,
    /// Output of each node in the base year, tonnes.
    pub node_base: Vec<f64>,
    /// Output of the year after the base year over the base year's, by node, where both are published.
    pub first_step: Vec<Option<f64>>,
    /// What an agency's base case has each node add by years since the base year, tonnes; empty where it has none.
    pub agency: Vec<Vec<f64>>,
    /// What each node adds beyond named projects by years since the base year, tonnes; empty where it adds nothing.
    pub unnamed: Vec<Vec<f64>>,
    /// Relative uncertainty of each node's base output.
    pub uncertainty: Vec<f64>,
    /// Reserves by node, tonnes contained.
    pub reserves: Vec<Option<f64>>,
    /// Who controls each tranche of each node, shares that sum to 1.
    pub control: Vec<Vec<Control>>,
    /// Hosts that the mineral comes out of: host, share of output, how far output may grow over the host's, and the host's
    /// stage at which it is recovered.
    pub hosts: Vec<(MineralId, f64, f64, Stage)>,
    /// Demand index by scenario year.
    pub demand: BTreeMap<i32, Range>,
    /// What is expected of supply before prices move, by stage.
    pub reference: BTreeMap<Stage, Reference>,
    /// Use of each user over its base use times the world's index, by years since the base year.
    pub use_growth: Vec<Vec<f64>>,
    /// What each host takes of a mine (true) and of a plant (false).
    pub levies: BTreeMap<(Iso3, bool), fiscal::Terms>,
    /// Stocks known in the base year.
    pub holdings: Vec<Holding>,
    /// What is known since the base year; absent where a run starts from the base year alone.
    pub known: Option<Knowledge>,
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
    /// Prepares a mineral. `roles` are countries that stay separate and can always trade with each other; `mid` are the middles of the
    /// parameters, on which plans rest.
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
        mid: &Params<f64>,
    ) -> Result<Self, NoChain> {
        let mut chain = Self::on(world, BaseMarket::build(world, mineral, base_year, roles)?);
        chain.demand = years
            .map(|y| {
                // The scenario's growth counts from the base year, whichever it is.
                let index = world.demand_index(mineral, scenario, y - base_year + DEMAND_BASE_YEAR);
                (y, index.unwrap_or(Range::exact(1.0)))
            })
            .collect();
        chain.place_projects(world, &Utilisation::of(world, &chain.base.baseline));
        chain.connect(world, roles);
        chain.describe_nodes(world);
        chain.agency = agency_growth(world, &chain);
        chain.weigh_projects();
        chain.plan(mid);
        chain.levies = chain.levies(world);
        chain.holdings = Holding::of(world, &chain);
        Ok(chain)
    }

    /// A base year before anything is known of its projects, routes and plans.
    fn on(world: &World, base: BaseMarket) -> Self {
        let market = &base.market;
        let mut chain = Self {
            recovery: world.recovery(&base.mineral).unwrap_or(Range::exact(base.baseline.recovery)),
            base_weight: market.arcs.iter().map(|arc| arc.weight).collect(),
            affinities: Vec::new(),
            base_capacity: Vec::new(),
            stage_capacity: BTreeMap::new(),
            base_output: Vec::new(),
            node_base: Vec::new(),
            first_step: Vec::new(),
            agency: Vec::new(),
            unnamed: Vec::new(),
            uncertainty: Vec::new(),
            reserves: Vec::new(),
            control: Vec::new(),
            hosts: hosts(world, &base.mineral),
            demand: BTreeMap::new(),
            sites: Vec::new(),
            use_growth: Vec::new(),
            reference: BTreeMap::new(),
            holdings: Vec::new(),
            levies: BTreeMap::new(),
            known: None,
            base,
        };
        for node in &chain.base.market.nodes {
            let capacity = node.tranches.iter().filter(|t| t.id == RUNNING).map(|t| t.capacity).sum();
            chain.base_capacity.push(capacity);
            *chain.stage_capacity.entry(node.stage).or_default() += capacity;
        }
        chain
    }

    /// Gathers what is known since the base year, to the year of a day.
    pub fn learn(&mut self, world: &World, as_of: PartialDate) {
        let base = &self.base;
        let known = Base {
            market: &base.market,
            year: base.baseline.year,
            last_stage: base.baseline.last_stage,
            two_stages: base.baseline.two_stages,
            output: &self.node_base,
            prices: [base.prices.mine, base.prices.product],
        };
        self.known = Some(Knowledge::of(world, &base.mineral, &known, as_of));
    }

    /// The side of a country in a market that a measure splits; outside where nothing does.
    pub fn zone(&self, country: Iso3) -> Zone {
        self.known.as_ref().map_or(Zone::Outside, |known| known.split.zone(country))
    }

    /// Base price of what a project sells, which its decision looks at.
    pub fn decision_price(&self, site: &ProjectSite) -> f64 {
        self.base.base_price(self.sold_stage(site))
    }

    /// Stage whose product a project sells.
    pub fn sold_stage(&self, site: &ProjectSite) -> Stage {
        if site.refine.is_some() { self.base.baseline.last_stage } else { Stage::Mine }
    }

    /// Gives each project an empty tranche at its country's nodes, making nodes where there are none.
    fn place_projects(&mut self, world: &World, utilisation: &Utilisation) {
        let lead_times = LeadTimes::of(world);
        for row in world.projects(&self.base.mineral) {
            let Some(project) = Project::of(row, self.base.baseline.year) else { continue };
            let project = project.among_its_like(world, &lead_times, row, self.base.baseline.year);
            let two = self.base.baseline.two_stages;
            let last = self.base.baseline.last_stage;
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
                self.sites.push(ProjectSite { project, mine, refine, size: 0.0, response: 0.0 });
            }
        }
    }

    fn place(&mut self, project: &Project, stage: Stage, feed: Feed, utilisation: f64) -> (usize, usize) {
        let elasticity = self.base.market.nodes.iter().flat_map(|n| &n.tranches).find(|t| t.feed == feed);
        let elasticity = elasticity.map_or(self.base.responses.mine_supply.mid, |t| t.elasticity);
        let tranche = Tranche::calibrated(project.id.as_str(), feed, 0.0, utilisation, elasticity);
        let node = self.base.node(project.country, stage).unwrap_or_else(|| {
            let needs_ore = stage == Stage::Refine && self.base.baseline.two_stages;
            let sourcing = needs_ore
                .then(|| sourcing(&self.base.baseline, &self.base.prices, &self.base.responses.mid()));
            self.base.market.nodes.push(Node {
                country: project.country,
                stage,
                product: None,
                base_price: self.base.base_price(stage),
                tranches: Vec::new(),
                sourcing,
            });
            self.base_capacity.push(0.0);
            self.base.market.nodes.len() - 1
        });
        self.base.market.nodes[node].tranches.push(tranche);
        (node, self.base.market.nodes[node].tranches.len() - 1)
    }

    /// Whether a tranche belongs to a project.
    pub(super) fn is_project(&self, node: usize, tranche: usize) -> bool {
        let id = &self.base.market.nodes[node].tranches[tranche].id;
        *id != RUNNING && *id != SCRAP
    }
}
