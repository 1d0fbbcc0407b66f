//! How the one-year market would have done: the price after a dated restriction over the price before, beside no change.

use rayon::prelude::*;
use serde::Serialize;

use crate::studies::shock::{
    effects::Zone,
    interventions::{Context, Intervention, InterventionKind},
    market::ShockMarket,
    report::{Request, run},
};
use crate::{
    base::unit::Range,
    params::responses::TimeScale,
    world::{World, table::PriceEventRow},
};

/// One event: what was seen, and what the market would have said.
#[derive(Debug, Clone, Serialize)]
pub struct PriceHindcast {
    /// The event.
    pub event: PriceEventRow,
    /// Price after over price before, as published.
    pub observed: f64,
    /// The same in the market, outside the restricting country; absent where the event cannot be run.
    pub model: Option<Range>,
    /// Why it cannot be run; empty where it is.
    pub why_not: String,
}

impl PriceHindcast {
    /// Errors of the model and of no change, as `|ln(foretold / observed)|`.
    pub fn errors(&self) -> Option<[f64; 2]> {
        let error = |foretold: f64| (foretold / self.observed).ln().abs();
        self.model.map(|model| [error(model.mid), error(1.0)])
    }
}

/// Runs every event of `price_events.csv`, in its order. Each starts from its own base year; stocks are those of the last base
/// year, since none are known before.
pub fn hindcast(world: &World, draws: usize, seed: u64) -> Vec<PriceHindcast> {
    let of = |event: &PriceEventRow| {
        let observed = event.after / event.before;
        let (model, why_not) = match model(world, event, draws, seed) {
            Ok(range) => (Some(range), String::new()),
            Err(reason) => (None, reason),
        };
        PriceHindcast { event: event.clone(), observed, model, why_not }
    };
    world.tables().price_events.par_iter().map(of).collect()
}

fn model(world: &World, event: &PriceEventRow, draws: usize, seed: u64) -> Result<Range, String> {
    let Some(year) = event.base_year else { return Err(event.reason.clone()) };
    let with_stocks;
    let world = if world.base_year() == Some(year) {
        world
    } else {
        with_stocks = stocks_in(world, year);
        &with_stocks
    };
    let scale: TimeScale = event.horizon.parse()?;
    let kind = InterventionKind::ALL.into_iter().find(|kind| kind.as_str() == event.option);
    let kind = kind.ok_or_else(|| format!("`{}` is no option of a shock", event.option))?;
    let prepare = |separate: &[_]| {
        ShockMarket::prepare(world, &event.mineral, year, scale, separate).map_err(|error| error.to_string())
    };
    let stages = prepare(&[])?.stages();
    let context = Context { world, mineral: &event.mineral, stages: &stages, year, scale };
    let action = Intervention::parse(kind, &event.argument, &context).map_err(|error| error.to_string())?;
    let shock = prepare(&action.countries())?;
    let interventions = [action];
    let report = run(
        world,
        &shock,
        &Request { interventions: &interventions, leakage: 0.0, leader: None, draws, seed, why: false },
    );
    let last = shock.base.baseline.last_stage;
    let price = report.prices.iter().find(|row| row.stage == last && row.zone == Zone::Outside);
    let ratio = price.map(|row| row.ratio).filter(|ratio| ratio.mid.is_finite());
    ratio.ok_or_else(|| "nobody sells it outside the restricting country".to_owned())
}

/// A world with the stocks of the last base year in an earlier one.
fn stocks_in(world: &World, year: i32) -> World {
    let mut tables = world.tables().clone();
    let last = world.base_year();
    for row in tables.stocks.iter_mut().filter(|row| Some(row.year) == last) {
        row.year = year;
    }
    world.with_tables(tables)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::{MiniPackage, shipped_world};

    #[test]
    fn every_event_with_a_base_year_runs_and_the_others_say_why_not() {
        let found = hindcast(&shipped_world(), 5, 1);
        assert!(found.iter().filter(|one| one.model.is_some()).count() >= 10);
        for one in found {
            assert_eq!(
                one.model.is_some(),
                one.event.base_year.is_some(),
                "{}: {}",
                one.event.id,
                one.why_not
            );
            assert_eq!(one.errors().is_some(), one.why_not.is_empty(), "{}", one.event.id);
        }
    }

    #[test]
    fn an_event_that_the_market_cannot_answer_says_so() {
        let found = hindcast(&MiniPackage::new().load().unwrap(), 1, 1);
        let why: Vec<&str> = found.iter().map(|one| one.why_not.as_str()).collect();
        assert_eq!(why, ["no price of gallium is published", "no base year"]);
    }

    #[test]
    fn errors_are_logarithms_so_that_too_high_and_too_low_weigh_the_same() {
        let world = MiniPackage::new().load().unwrap();
        let mut one = hindcast(&world, 1, 1).remove(0);
        one.model = Some(Range::exact(4.0));
        let [model, naive] = one.errors().unwrap();
        assert!((model - 2.0_f64.ln()).abs() < 1e-12 && (naive - 2.0_f64.ln()).abs() < 1e-12);
    }
}
