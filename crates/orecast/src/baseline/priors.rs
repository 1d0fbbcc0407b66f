//! The draft of a baseline: a prior for every quantity, from figures where they exist and from stated rules where not.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Baseline, Entry, Evidence, Quantity,
    balance::{Cell, Row, balance},
    closeness,
    observed::{Flows, Output, Prior, complete, output, unnamed_sellers},
    reliance,
};
use crate::{
    id::Iso3,
    unit::Grade,
    world::{
        World,
        table::{MineralRow, Stage},
    },
};

/// Share of the world total, at any point of the chain, under which a country joins the rest of the world.
const SEPARATE: f64 = 0.003;
/// Flows under this share of the stage's world output carry nothing worth solving for.
const SMALLEST_FLOW: f64 = 2e-5;
/// Sellers and buyers above these shares of the world always have a route to each other.
const SEED_SELLER: f64 = 0.01;
const SEED_BUYER: f64 = 0.005;
/// Size of a seeded route over what trade without frictions would carry.
const SEED_SIZE: f64 = 0.02;
/// Softness of a published world total.
const WORLD_TOTAL_SIGMA: f64 = 0.005;

/// Priors of one mineral-year before balancing.
pub(super) struct Draft {
    pub(super) baseline: Baseline,
    pub(super) priors: BTreeMap<Quantity, (Prior, Evidence)>,
    totals: Vec<(Stage, f64)>,
}

impl Draft {
    /// Collects priors; absent when no output is published.
    pub(super) fn new(world: &World, mineral: &MineralRow, year: i32, keep: &[Iso3]) -> Option<Self> {
        let mined = (!mineral.mine_product.is_empty()).then(|| output(world, mineral, Stage::Mine, year));
        let mined = mined.filter(|o| o.total() > 0.0);
        let refined =
            (!mineral.refined_product.is_empty()).then(|| output(world, mineral, Stage::Refine, year));
        let two_stages = mined.is_some() && refined.is_some() && mineral.recovery_mid.is_some();
        let (last_stage, first, last) = match (mined, refined) {
            (Some(mined), Some(refined)) if two_stages => (Stage::Refine, Some(mined), refined),
            (_, Some(refined)) if refined.total() > 0.0 => (Stage::Refine, None, refined),
            (Some(mined), _) => (Stage::Mine, None, mined),
            _ => return None,
        };
        let recovery = mineral.recovery_mid.filter(|_| two_stages).unwrap_or(1.0);
        let baseline = Baseline {
            mineral: mineral.id.clone(),
            year,
            last_stage,
            two_stages,
            recovery,
            entries: Vec::new(),
            transit: Vec::new(),
            residual: 0.0,
        };
        let totals = [(Stage::Mine, first.as_ref()), (last_stage, Some(&last))]
            .into_iter()
            .filter_map(|(stage, output)| Some((stage, output?.world?.value)))
            .collect();
        let mut draft = Self { baseline, priors: BTreeMap::new(), totals };
        draft.fill(world, mineral, first, &last, keep);
        Some(draft)
    }

    fn fill(
        &mut self,
        world: &World,
        mineral: &MineralRow,
        mined: Option<Output>,
        made: &Output,
        keep: &[Iso3],
    ) {
        let year = self.baseline.year;
        let recovery = self.baseline.recovery;
        let mined = mined.map(|output| complete(&output));
        let ore = mined.as_ref().map(|mined| {
            Flows::read(world, mineral, Stage::Mine, year, &|c| Some(mined.get(&c).map_or(0.0, |p| p.value)))
        });
        let mut made_priors = complete(made);
        let has_table = made.world.is_some() || made.known.len() > 2;

        // Refined output that nobody publishes follows from the ore that stays in the country.
        let mut inferred = BTreeSet::new();
        if let (Some(mined), Some(ore)) = (&mined, &ore) {
            let places: BTreeSet<Iso3> =
                mined.keys().copied().chain(ore.tonnes.keys().map(|&(_, to)| to)).collect();
            for place in places {
                let available = mined.get(&place).map_or(0.0, |p| p.value) + ore.total(|_, to| to == place)
                    - ore.total(|from, _| from == place);
                let implied = recovery * available.max(0.0);
                if !made_priors.contains_key(&place) && implied > 0.0 {
                    // Where a table of refiners exists and omits the country, most of its ore goes elsewhere.
                    let value = if has_table { 0.1 * implied } else { implied };
                    made_priors.insert(place, Prior { value, sigma: 0.7, grade: Grade::C });
                    inferred.insert(place);
                }
            }
        }
        let product = Flows::read(world, mineral, self.baseline.last_stage, year, &|c| {
            // What is only inferred may be larger than thought before exports count as passed on.
            let cushion = if inferred.contains(&c) { 2.0 } else { 1.0 };
            Some(made_priors.get(&c).map_or(0.0, |p| cushion * p.value))
        });
        unnamed_sellers(&mut made_priors, &mut inferred, &product);
        let mined = mined.map(|mut mined| {
            let mut unnamed = BTreeSet::new();
            if let Some(ore) = &ore {
                unnamed_sellers(&mut mined, &mut unnamed, ore);
            }
            mined
        });
        let small = self.rest_of_world(mined.as_ref(), &made_priors, ore.as_ref(), &product, world, keep);
        let place = |c: Iso3| if small.contains(&c) { Iso3::REST } else { c };

        self.transits(Stage::Mine, ore.as_ref());
        self.transits(self.baseline.last_stage, Some(&product));
        for (&country, &prior) in mined.iter().flatten() {
            self.add(Quantity::Mined(place(country)), prior, Evidence::Observed);
        }
        for (&country, &prior) in &made_priors {
            let evidence = if inferred.contains(&country) { Evidence::Inferred } else { Evidence::Observed };
            let quantity = if self.baseline.last_stage == Stage::Mine {
                Quantity::Mined(place(country))
            } else {
                Quantity::Refined(place(country))
            };
            self.add(quantity, prior, evidence);
        }
        for (&(from, to), &prior) in ore.iter().flat_map(|flows| &flows.tonnes) {
            if self.sells(place(from), Stage::Mine) {
                self.add(Quantity::OreFlow(place(from), place(to)), prior, Evidence::Observed);
            }
        }
        for (&(from, to), &prior) in &product.tonnes {
            if self.sells(place(from), self.baseline.last_stage) {
                self.add(Quantity::ProductFlow(place(from), place(to)), prior, Evidence::Observed);
            }
        }
        self.drop_crumbs();
        if self.baseline.two_stages {
            self.ore_side(world, mineral);
        }
        self.product_side();
        self.seed_routes(world);
    }

    /// Leaves out flows too small to matter, so that markets stay sparse.
    fn drop_crumbs(&mut self) {
        let least_ore = SMALLEST_FLOW * self.sum(|q| matches!(q, Quantity::Mined(_)));
        let made = self.sum(|q| matches!(q, Quantity::Refined(_)));
        let least_product = if made > 0.0 { SMALLEST_FLOW * made } else { least_ore };
        self.priors.retain(|quantity, (prior, _)| match quantity {
            Quantity::OreFlow(..) => prior.value >= least_ore,
            Quantity::ProductFlow(..) => prior.value >= least_product,
            _ => true,
        });
    }

    /// Adds to a quantity; parts that merge into one keep the mean doubt and the worst grade.
    pub(super) fn add(&mut self, quantity: Quantity, prior: Prior, evidence: Evidence) {
        if prior.value <= 0.0 {
            return;
        }
        self.priors
            .entry(quantity)
            .and_modify(|(old, _)| {
                let sum = old.value + prior.value;
                old.sigma = (old.sigma * old.value + prior.sigma * prior.value) / sum;
                old.value = sum;
                old.grade = old.grade.max(prior.grade);
            })
            .or_insert((prior, evidence));
    }

    pub(super) fn prior(&self, quantity: Quantity) -> f64 {
        self.priors.get(&quantity).map_or(0.0, |(prior, _)| prior.value)
    }

    pub(super) fn sum(&self, pick: impl Fn(Quantity) -> bool) -> f64 {
        self.priors.iter().filter(|(q, _)| pick(**q)).map(|(_, (p, _))| p.value).sum()
    }

    fn sells(&self, country: Iso3, stage: Stage) -> bool {
        let quantity =
            if stage == Stage::Mine { Quantity::Mined(country) } else { Quantity::Refined(country) };
        self.priors.contains_key(&quantity)
    }

    /// Sellers of the last stage's product.
    fn makers(&self) -> Vec<Iso3> {
        let last = self.baseline.last_stage;
        self.priors
            .keys()
            .filter_map(|q| match *q {
                Quantity::Mined(c) if last == Stage::Mine => Some(c),
                Quantity::Refined(c) if last == Stage::Refine => Some(c),
                _ => None,
            })
            .collect()
    }

    fn transits(&mut self, stage: Stage, flows: Option<&Flows>) {
        self.baseline
            .transit
            .extend(flows.iter().flat_map(|f| &f.transit).map(|(&place, &tonnes)| (stage, place, tonnes)));
    }

    /// Countries too small to stand alone.
    fn rest_of_world(
        &self,
        mined: Option<&BTreeMap<Iso3, Prior>>,
        made: &BTreeMap<Iso3, Prior>,
        ore: Option<&Flows>,
        product: &Flows,
        world: &World,
        keep: &[Iso3],
    ) -> BTreeSet<Iso3> {
        let mut size: BTreeMap<Iso3, f64> = BTreeMap::new();
        let mut measure = |values: Vec<(Iso3, f64)>| {
            let total: f64 = values.iter().map(|(_, v)| v).sum();
            for (country, value) in values {
                let entry = size.entry(country).or_default();
                *entry = entry.max(value / total.max(f64::MIN_POSITIVE));
            }
        };
        measure(made.iter().map(|(&c, p)| (c, p.value)).collect());
        measure(mined.into_iter().flatten().map(|(&c, p)| (c, p.value)).collect());
        for flows in [ore, Some(product)].into_iter().flatten() {
            let places: BTreeSet<Iso3> = flows.tonnes.keys().flat_map(|&(a, b)| [a, b]).collect();
            measure(
                places
                    .into_iter()
                    .map(|c| (c, flows.total(|_, to| to == c).max(flows.total(|from, _| from == c))))
                    .collect(),
            );
        }
        let projects: BTreeSet<Iso3> =
            world.projects(&self.baseline.mineral).iter().map(|p| p.iso3).collect();
        size.into_iter()
            .filter(|&(c, share)| share < SEPARATE && !keep.contains(&c) && !projects.contains(&c))
            .map(|(c, _)| c)
            .collect()
    }

    /// Product kept at home.
    fn product_side(&mut self) {
        for place in self.makers() {
            let made = self.prior(if self.baseline.last_stage == Stage::Mine {
                Quantity::Mined(place)
            } else {
                Quantity::Refined(place)
            });
            let out = self.sum(|q| matches!(q, Quantity::ProductFlow(a, _) if a == place));
            let prior = Prior { value: (made - out).max(0.05 * made), sigma: 1.0, grade: Grade::C };
            self.add(Quantity::ProductFlow(place, place), prior, Evidence::Inferred);
        }
    }

    /// Opens a route from every large seller to every large buyer, sized by a gravity relation: proportional to both,
    /// and to the inverse of distance.
    fn seed_routes(&mut self, world: &World) {
        let seeds_of = |draft: &Self, sellers: Vec<(Iso3, f64)>, buyers: Vec<(Iso3, f64)>, ore: bool| {
            let total: f64 = sellers.iter().map(|(_, v)| v).sum();
            let mut seeds = Vec::new();
            for &(from, made) in sellers.iter().filter(|(_, v)| *v > SEED_SELLER * total) {
                for &(to, used) in buyers.iter().filter(|(_, v)| *v > SEED_BUYER * total) {
                    let quantity =
                        if ore { Quantity::OreFlow(from, to) } else { Quantity::ProductFlow(from, to) };
                    if from != to && !draft.priors.contains_key(&quantity) {
                        let value = SEED_SIZE * made * used / total * closeness(world, from, to);
                        seeds.push((quantity, value));
                    }
                }
            }
            seeds
        };
        let product_seller = |q: Quantity| match q {
            Quantity::Mined(c) if self.baseline.last_stage == Stage::Mine => Some(c),
            Quantity::Refined(c) => Some(c),
            _ => None,
        };
        let list = |pick: &dyn Fn(Quantity) -> Option<Iso3>| -> Vec<(Iso3, f64)> {
            let mut sums: BTreeMap<Iso3, f64> = BTreeMap::new();
            for (&q, (prior, _)) in &self.priors {
                if let Some(c) = pick(q) {
                    *sums.entry(c).or_default() += prior.value;
                }
            }
            sums.into_iter().collect()
        };
        let mut seeds = seeds_of(
            self,
            list(&product_seller),
            list(&|q| if let Quantity::ProductFlow(_, to) = q { Some(to) } else { None }),
            false,
        );
        if self.baseline.two_stages {
            seeds.extend(seeds_of(
                self,
                list(&|q| if let Quantity::Mined(c) = q { Some(c) } else { None }),
                list(&|q| if let Quantity::Intake(c) = q { Some(c) } else { None }),
                true,
            ));
        }
        for (quantity, value) in seeds {
            self.add(quantity, Prior { value, sigma: 1.0, grade: Grade::C }, Evidence::Seeded);
        }
    }

    /// Balances the draft, with published import reliance and import sources as soft observations.
    pub(super) fn balance(mut self, world: &World) -> Baseline {
        reliance::blend_import_sources(world, &self.baseline, &mut self.priors);
        reliance::imply_secondary(world, &self.baseline, &mut self.priors);
        let quantities: Vec<Quantity> = self.priors.keys().copied().collect();
        let cells: Vec<Cell> =
            self.priors.values().map(|(p, _)| Cell { prior: p.value, sigma: p.sigma }).collect();
        let mut rows = self.mass_balances(&quantities);
        for &(stage, tonnes) in &self.totals {
            let terms = positions(&quantities, |q| match q {
                Quantity::Mined(_) => stage == Stage::Mine,
                Quantity::Refined(_) => stage == Stage::Refine,
                _ => false,
            });
            rows.push(Row { terms, target: tonnes, softness: WORLD_TOTAL_SIGMA * tonnes });
        }
        let mut found = balance(&cells, &rows);
        let soft = reliance::rows(world, &self.baseline, &quantities, &found.values);
        if !soft.is_empty() {
            rows.extend(soft);
            found = balance(&cells, &rows);
        }
        self.baseline.residual = found.residual;
        self.baseline.entries = quantities
            .iter()
            .zip(self.priors.values().zip(&found.values))
            .map(|(&quantity, (&(prior, evidence), &value))| Entry {
                quantity,
                value,
                prior: prior.value,
                sigma: prior.sigma,
                evidence,
                grade: prior.grade,
            })
            .collect();
        self.baseline
    }

    /// What goes in comes out, at every seller and refinery.
    fn mass_balances(&self, quantities: &[Quantity]) -> Vec<Row> {
        let mut balances: BTreeMap<(u8, Iso3), Vec<(usize, f64)>> = BTreeMap::new();
        let last_is_mine = self.baseline.last_stage == Stage::Mine;
        let recovery = self.baseline.recovery;
        // Balances: 0 ore at the mine, 1 ore at the buyer, 2 refining, 3 product.
        let mut put = |kind: u8, country: Iso3, cell: usize, factor: f64| {
            balances.entry((kind, country)).or_default().push((cell, factor));
        };
        for (cell, &quantity) in quantities.iter().enumerate() {
            match quantity {
                Quantity::Mined(c) => put(if last_is_mine { 3 } else { 0 }, c, cell, 1.0),
                Quantity::OreFlow(from, to) => {
                    put(0, from, cell, -1.0);
                    put(1, to, cell, 1.0);
                }
                Quantity::OreUse(c) => put(1, c, cell, -1.0),
                Quantity::Intake(c) => {
                    put(1, c, cell, -1.0);
                    put(2, c, cell, recovery);
                }
                Quantity::Scrap(c) => put(2, c, cell, 1.0),
                Quantity::Refined(c) => {
                    if self.baseline.two_stages {
                        put(2, c, cell, -1.0);
                    }
                    put(3, c, cell, 1.0);
                }
                Quantity::ProductFlow(from, _) => put(3, from, cell, -1.0),
            }
        }
        balances.into_values().map(|terms| Row { terms, target: 0.0, softness: 0.0 }).collect()
    }
}

/// Positions of the quantities that a condition picks, each with coefficient 1.
fn positions(quantities: &[Quantity], pick: impl Fn(Quantity) -> bool) -> Vec<(usize, f64)> {
    quantities.iter().enumerate().filter(|(_, q)| pick(**q)).map(|(cell, _)| (cell, 1.0)).collect()
}
