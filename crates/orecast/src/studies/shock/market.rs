//! A mineral's base year on a time scale, ready to be disturbed.

use crate::{
    base::{
        draw::Draw,
        id::{Iso3, MineralId},
        unit::{Range, Stage},
    },
    baseline::{Baseline, NoBaseline},
    market::{Equilibrium, Feed, Market, Solver, curve},
    params::{
        Params, TABLE,
        responses::{Responses, TimeScale},
    },
    pathway::{
        BaseMarket, NoChain,
        deal::{self, Event},
    },
    world::World,
};

use crate::studies::shock::interventions::{Act, Intervention};

/// Most of its purchases that a user can cover from stocks at twice the base price.
const MOST_COVERED: f64 = 0.5;
/// Utilisation at which long-run capacity is as good as free.
const LONG_RUN_UTILISATION: f64 = 0.3;
/// Name of the limits that let part of a banned trade through; the exporter follows.
pub(super) const LEAKAGE: &str = "leakage:";

/// A mineral's base year on a time scale.
#[derive(Debug)]
pub struct ShockMarket {
    /// The market of the base year.
    pub base: BaseMarket,
    /// How long the market has had to respond.
    pub scale: TimeScale,
    /// Stocks in users' and traders' hands over a year's use, where known.
    stocks: Option<Range>,
    /// Ranges of the parameters.
    pub(crate) params: Params<Range>,
}

impl ShockMarket {
    /// Prepares a mineral, or an element of an aggregate market as a market of its own; `separate` are countries that must
    /// not be merged into a remainder.
    ///
    /// # Errors
    /// When the mineral has no balanced base year or no price.
    pub fn prepare(
        world: &World,
        mineral: &MineralId,
        base_year: i32,
        scale: TimeScale,
        separate: &[Iso3],
    ) -> Result<Self, NoChain> {
        let row = world.mineral(mineral.as_str());
        match row.filter(|row| row.market != row.id) {
            Some(row) => Self::prepare(world, &row.market, base_year, scale, separate)?
                .element(world, mineral)
                .unwrap_or_else(|| {
                    Err(NoBaseline::NoOutput { mineral: mineral.clone(), year: base_year }.into())
                }),
            None => BaseMarket::build(world, mineral, base_year, separate)
                .map(|base| Self::on(world, base, scale)),
        }
    }

    /// A mineral's balanced year on a time scale.
    ///
    /// # Errors
    /// When the mineral has no price.
    pub fn of_baseline(world: &World, baseline: Baseline, scale: TimeScale) -> Result<Self, NoChain> {
        BaseMarket::of_baseline(world, baseline).map(|base| Self::on(world, base, scale))
    }

    /// The same with other ranges of the parameters than the documented ones.
    #[must_use]
    pub fn with_params(self, params: Params<Range>) -> Self {
        Self { params, ..self }
    }

    /// The part of an aggregate's shock market that one of its elements makes up; absent where no basket tells it.
    pub(crate) fn element(&self, world: &World, element: &MineralId) -> Option<Result<Self, NoChain>> {
        let baseline = self.base.baseline.element(world, element)?;
        Some(
            BaseMarket::of_baseline(world, baseline)
                .map(|base| Self::on(world, base, self.scale).with_params(self.params)),
        )
    }

    fn on(world: &World, base: BaseMarket, scale: TimeScale) -> Self {
        let (mineral, base_year) = (&base.mineral, base.baseline.year);
        let last = base.baseline.last_stage;
        let used: f64 = base.market.users.iter().filter(|u| u.stage == last).map(|u| u.demand.quantity).sum();
        let rows = world.tables().stocks.iter().filter(|row| {
            row.mineral == *mineral && row.stage == last && row.iso3 == Iso3::WORLD && row.year == base_year
        });
        let stocks = rows.into_iter().find_map(|row| {
            let mid = row.value? / used;
            Some(Range::new(row.low.map_or(mid, |v| v / used), mid, row.high.map_or(mid, |v| v / used)))
        });
        Self { base, scale, stocks, params: Params::DOCUMENTED }
    }

    /// Stages of the chain, first to last.
    pub fn stages(&self) -> Vec<Stage> {
        if self.base.baseline.two_stages {
            vec![Stage::Mine, Stage::Refine]
        } else {
            vec![self.base.baseline.last_stage]
        }
    }

    /// The undisturbed market in a draw. At base prices it is in balance: its equilibrium is the baseline.
    pub fn market(&self, draw: Draw) -> Market {
        let base = &self.base;
        let mut market = base.market.clone();
        base.bend(&mut market, &self.responses(draw), base.baseline.recovery);
        if self.scale == TimeScale::Long {
            for tranche in market.nodes.iter_mut().flat_map(|n| &mut n.tranches) {
                let output = curve::supply(tranche.capacity, tranche.drive, 1.0, 1.0, 1.0).value;
                tranche.capacity = output / LONG_RUN_UTILISATION;
                tranche.drive = curve::drive(LONG_RUN_UTILISATION);
            }
        }
        let cover = self.covered(draw);
        for user in market.users.iter_mut().filter(|u| u.stage == base.baseline.last_stage) {
            let demand = &mut user.demand;
            let bought = 2.0_f64.powf(-demand.elasticity) - cover;
            demand.elasticity = demand.elasticity.max(-bought.max(0.1).log2());
            demand.backstop.elasticity = demand.backstop.elasticity.max(demand.elasticity);
        }
        market
    }

    /// Share of a user's purchases that stocks stand in for at twice the base price.
    fn covered(&self, draw: Draw) -> f64 {
        let (Some(stocks), Some(years)) = (self.stocks, self.scale.window_years()) else { return 0.0 };
        let held = draw.range(&format!("{}/stock", self.base.mineral), stocks);
        (TABLE.inventory_release_rate.draw(draw, self.params.inventory_release_rate).clamp(0.0, 1.0) * held
            / years)
            .min(MOST_COVERED)
    }

    /// Responses on the shock market's time scale in a draw; what stocks add to use is not among them. Names are those of the
    /// pathway, so that both draw the same random number.
    pub(crate) fn responses(&self, draw: Draw) -> Responses<f64> {
        let years = TABLE.adjustment_years.draw(draw, self.params.adjustment_years).max(1.0);
        let name = |field: &str| format!("{}/{field}", self.base.mineral);
        self.base.responses.map(|field, range| draw.range(&name(field), range)).at(self.scale, years)
    }

    /// Imposes interventions on a market of this shock market, in place of all that was imposed before. Of what a ban stops, the share
    /// `leakage` still arrives.
    pub fn impose(&self, market: &mut Market, interventions: &[&Intervention], leakage: f64, draw: Draw) {
        let year = self.base.baseline.year;
        let events = self.events(interventions, draw);
        deal::impose(&self.base, &[], &events, year, market, &mut deal::Stocks::default(), Vec::new());
        for act in interventions.iter().flat_map(|m| &m.acts) {
            if let Act::Stop { country, stage } = act {
                for node in market.nodes.iter_mut().filter(|n| n.country == *country) {
                    if stage.is_none_or(|s| s == node.stage) {
                        let halted = node.tranches.iter_mut().filter(|t| t.feed != Feed::Scrap);
                        halted.for_each(|t| t.capacity = 0.0);
                    }
                }
            }
        }
        if leakage > 0.0 {
            Self::leak(market, leakage);
        }
    }

    /// The deal-language levers among the interventions, in force.
    pub(crate) fn events<'m>(&self, interventions: &[&'m Intervention], draw: Draw) -> Vec<Event<'m>> {
        let levers = interventions.iter().flat_map(|m| &m.acts).filter_map(|act| match act {
            Act::Lever(commitment) => Some(commitment.as_ref()),
            Act::Stop { .. } => None,
        });
        levers.map(|commitment| Event::in_force(commitment, self.base.baseline.year, draw)).collect()
    }

    /// Lets the share `leakage` of what banned routes carried through, with one limit for each seller.
    pub(crate) fn leak(market: &mut Market, leakage: f64) {
        for i in 0..market.nodes.len() {
            let banned = |&a: &usize| market.arcs[a].from == i && market.arcs[a].banned;
            let arcs: Vec<usize> = (0..market.arcs.len()).filter(banned).collect();
            if arcs.iter().map(|&a| market.base_flow(a)).sum::<f64>() > 0.0 {
                for &a in &arcs {
                    market.arcs[a].banned = false;
                }
                let id = format!("{LEAKAGE}{}", market.nodes[i].country);
                market.ban_with_leakage(&id, &arcs, leakage, 0.0);
            }
        }
    }

    /// The equilibrium of a market of this shock market, searched from base prices, so that it depends on nothing else.
    pub fn solve(solver: &mut Solver, market: &Market) -> Equilibrium {
        solver.reset();
        solver.solve(market)
    }
}
