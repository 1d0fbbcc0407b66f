//! The draft of a baseline: a prior for every quantity, from figures where they exist and from stated rules where not.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Baseline, Evidence, Quantity,
    balance::Row,
    conditions::Condition,
    flows::{Flows, Makers, unnamed_sellers},
    import_sources,
    observed::{ELSEWHERE, Output, Prior, ever_named, fill_up, output, unpublished_share},
    reliance,
    totals::with_totals,
    untraced::Sizes,
    withheld::{Completed, complete},
};
use crate::{
    base::{
        id::Iso3,
        unit::{Grade, Stage},
    },
    world::{World, table::MineralRow},
};

/// Share of the world total, at any point of the chain, under which a country joins the rest of the world.
const SEPARATE: f64 = 0.003;
/// Flows under this share of the stage's world output carry nothing worth solving for.
const SMALLEST_FLOW: f64 = 2e-5;
/// Softness of a published world total.
const WORLD_TOTAL_SIGMA: f64 = 0.005;

/// Priors of one mineral-year before balancing.
pub(super) struct PriorSet {
    pub(super) baseline: Baseline,
    pub(super) priors: BTreeMap<Quantity, (Prior, Evidence)>,
    totals: Vec<(Stage, f64)>,
}

impl PriorSet {
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
            beyond_total: Vec::new(),
            left_out: Vec::new(),
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
        let (recovery, last) = (self.baseline.recovery, self.baseline.last_stage);
        let mined_output = mined;
        let filled =
            mined_output.as_ref().map(|output| complete(world, mineral, (Stage::Mine, year), true, output));
        let mut ore = filled.as_ref().zip(mined_output.as_ref()).map(|(filled, output)| {
            Flows::read(world, mineral, Stage::Mine, year, &|c| own_output(filled, output, c))
        });
        let makers = |stage, filled: &Completed| Makers {
            named: ever_named(world, mineral, stage),
            none: filled.none.clone(),
        };
        let miners = filled.as_ref().map(|filled| makers(Stage::Mine, filled)).unwrap_or_default();
        let mut mined = filled.map(|filled| self.beyond_total(Stage::Mine, filled));
        let filled = complete(world, mineral, (last, year), !self.baseline.two_stages, made);
        let last_makers = makers(last, &filled);
        let unpublished: BTreeSet<Iso3> = made.unknown.iter().copied().collect();
        // Where the publisher has other countries make nothing, nobody without a figure makes anything.
        let is_closed = filled.is_closed;
        let mut made_priors = self.beyond_total(last, filled);

        // Refined output that nobody publishes follows from the ore that stays in the country.
        let mut inferred = BTreeSet::new();
        if let (Some(mined), Some(ore)) = (&mined, &ore) {
            let places: BTreeSet<Iso3> = mined.keys().copied().chain(ore.importers()).collect();
            let implied: Vec<(Iso3, f64)> = places
                .into_iter()
                .filter(|place| !is_closed && !place.is_aggregate() && !ore.hubs.contains(place))
                .filter(|place| !made_priors.contains_key(place) && !last_makers.none.contains(place))
                .map(|place| {
                    let kept = mined.get(&place).map_or(0.0, |p| p.value) - ore.sold(place);
                    (place, recovery * (kept + ore.bought(place)))
                })
                .filter(|(_, value)| *value > 0.0)
                .collect();
            let factor = unpublished_share(made, &made_priors, implied.iter().map(|(_, value)| value).sum());
            if let Some(rest) = made_priors.get_mut(&Iso3::REST).filter(|_| factor <= ELSEWHERE) {
                let taken: f64 = implied.iter().map(|(_, value)| factor * value).sum();
                rest.value -= taken.min((1.0 - ELSEWHERE) * rest.value);
            }
            for (place, value) in implied {
                made_priors.insert(place, Prior { value: factor * value, sigma: 0.7, grade: Grade::C });
                inferred.insert(place);
            }
        }
        let mut product = Flows::read(world, mineral, last, year, &|c| {
            // What is only inferred may be larger than thought before exports count as passed on.
            let cushion = if inferred.contains(&c) { 2.0 } else { 1.0 };
            let known = made_priors.get(&c).map(|p| cushion * p.value);
            known.or_else(|| (!unpublished.contains(&c)).then_some(0.0))
        });
        let total = self.world_total(last, made);
        let left_out = unnamed_sellers(&mut made_priors, &mut inferred, &mut product, total, &last_makers);
        self.left_out(last, left_out);
        fill_up(&mut made_priors, total);
        if let (Some(mined), Some(ore)) = (&mut mined, &mut ore) {
            let total = mined_output.as_ref().and_then(|output| self.world_total(Stage::Mine, output));
            let left_out = unnamed_sellers(mined, &mut BTreeSet::new(), ore, total, &miners);
            self.left_out(Stage::Mine, left_out);
            fill_up(mined, total);
        }
        product.widen(&mut made_priors);
        if let (Some(mined), Some(ore)) = (&mut mined, &mut ore) {
            ore.widen(mined);
        }
        let with_totals = with_totals(world, &mineral.id, year);
        let sizes = Sizes::read(world, year);
        if let Some(sizes) = &sizes {
            product.trace(world, (mineral, last), sizes, &made_priors, &with_totals);
            if let (Some(mined), Some(ore)) = (&mined, &mut ore) {
                // Who refines has a use for ore.
                let mut uses = mined.clone();
                for (&country, prior) in &made_priors {
                    uses.entry(country).or_insert(Prior { value: f64::MIN_POSITIVE, ..*prior });
                }
                ore.trace(world, (mineral, Stage::Mine), sizes, &uses, &with_totals);
            }
        }
        let keep: Vec<Iso3> = keep
            .iter()
            .copied()
            .chain(with_totals)
            .chain(self.users(world))
            .chain([Iso3::UNTRACED])
            .collect();
        let keep = keep.as_slice();
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
        self.read_totals(world);
        if self.baseline.two_stages {
            self.ore_side(world, mineral, sizes.as_ref());
        }
        self.product_side();
        self.read_requirements(world);
        self.seed_routes(world);
    }

    /// Notes filled output that the world total of a stage does not hold.
    fn beyond_total(&mut self, stage: Stage, filled: Completed) -> BTreeMap<Iso3, Prior> {
        let beyond = filled.beyond_total.iter().filter_map(|c| Some((stage, *c, filled.known.get(c)?.value)));
        self.baseline.beyond_total.extend(beyond);
        filled.known
    }

    /// The published world total of a stage with the filled output that it does not hold.
    fn world_total(&self, stage: Stage, output: &Output) -> Option<f64> {
        let beyond = self.baseline.beyond_total.iter().filter(|(at, ..)| *at == stage);
        output.world.map(|total| total.value + beyond.map(|(.., tonnes)| tonnes).sum::<f64>())
    }

    fn left_out(&mut self, stage: Stage, sellers: Vec<(Iso3, f64)>) {
        self.baseline.left_out.extend(sellers.into_iter().map(|(seller, tonnes)| (stage, seller, tonnes)));
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

    /// Adds to a quantity, by [`Prior::join`] where it stands already.
    pub(super) fn add(&mut self, quantity: Quantity, prior: Prior, evidence: Evidence) {
        if prior.value <= 0.0 {
            return;
        }
        self.priors.entry(quantity).and_modify(|(old, _)| old.join(prior)).or_insert((prior, evidence));
    }

    pub(super) fn prior(&self, quantity: Quantity) -> f64 {
        self.priors.get(&quantity).map_or(0.0, |(prior, _)| prior.value)
    }

    pub(super) fn sum(&self, pick: impl Fn(Quantity) -> bool) -> f64 {
        self.priors.iter().filter(|(q, _)| pick(**q)).map(|(_, (p, _))| p.value).sum()
    }

    /// Sums of priors by the country that a condition names.
    pub(super) fn sums(&self, country: impl Fn(Quantity) -> Option<Iso3>) -> BTreeMap<Iso3, f64> {
        let mut sums = BTreeMap::new();
        for (&quantity, (prior, _)) in &self.priors {
            if let Some(country) = country(quantity) {
                *sums.entry(country).or_default() += prior.value;
            }
        }
        sums
    }

    /// Prior output of the last stage, tonnes.
    pub(super) fn made(&self) -> f64 {
        let last = self.baseline.last_stage;
        self.sum(|quantity| match quantity {
            Quantity::Mined(_) => last == Stage::Mine,
            Quantity::Refined(_) => true,
            _ => false,
        })
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
            let places: BTreeSet<Iso3> = flows.exporters().chain(flows.importers()).collect();
            measure(places.into_iter().map(|c| (c, flows.bought(c).max(flows.sold(c)))).collect());
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
        let sold = self.sums(|q| match q {
            Quantity::ProductFlow(from, _) => Some(from),
            _ => None,
        });
        for place in self.makers() {
            let made = self.prior(if self.baseline.last_stage == Stage::Mine {
                Quantity::Mined(place)
            } else {
                Quantity::Refined(place)
            });
            let out = sold.get(&place).copied().unwrap_or(0.0);
            let prior = Prior { value: (made - out).max(0.05 * made), sigma: 1.0, grade: Grade::C };
            self.add(Quantity::ProductFlow(place, place), prior, Evidence::Inferred);
        }
    }

    /// Reads what publishers say of origins and of dependence into the priors.
    pub(super) fn read_published(&mut self, world: &World) {
        import_sources::blend(world, &self.baseline, &mut self.priors);
        let last = self.baseline.last_stage;
        for (country, tonnes) in reliance::imply_secondary(world, &self.baseline, &mut self.priors) {
            // Refined output with two stages counts scrap in its total; primary output does not.
            if !self.baseline.two_stages {
                self.baseline.beyond_total.push((last, country, tonnes));
            }
        }
    }

    /// Published world totals, with what they do not hold added.
    pub(super) fn world_totals(&self, quantities: &[Quantity]) -> Vec<(Condition, Row)> {
        let row = |&(stage, published): &(Stage, f64)| {
            let terms = positions(quantities, |q| match q {
                Quantity::Mined(_) => stage == Stage::Mine,
                Quantity::Refined(_) => stage == Stage::Refine,
                _ => false,
            });
            let beyond = self.baseline.beyond_total.iter().filter(|(at, ..)| *at == stage);
            let target = published + beyond.map(|(.., tonnes)| tonnes).sum::<f64>();
            let softness = WORLD_TOTAL_SIGMA * target;
            (Condition::WorldTotal(stage), Row { terms, target, softness })
        };
        self.totals.iter().map(row).collect()
    }
}

/// A country's own output; absent where it is withheld and nothing implies it.
fn own_output(filled: &Completed, output: &Output, country: Iso3) -> Option<f64> {
    let known = filled.known.get(&country).map(|prior| prior.value);
    known.or_else(|| (!output.unknown.contains(&country)).then_some(0.0))
}

/// Positions of the quantities that a condition picks, each with coefficient 1.
fn positions(quantities: &[Quantity], pick: impl Fn(Quantity) -> bool) -> Vec<(usize, f64)> {
    quantities.iter().enumerate().filter(|(_, q)| pick(**q)).map(|(cell, _)| (cell, 1.0)).collect()
}
