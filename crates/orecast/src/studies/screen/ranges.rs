//! The first rows of a screen solved again in draws, for their ranges.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::studies::screen::{
    RowRanges, ScreenOptions, ScreenRow, Valuer, probability,
    scenario_set::{ScenarioSet, Stopped},
};
use crate::{
    base::{draw::Draw, id::Iso3},
    ensemble::range_of,
    market::{Solver, Status},
    studies::hazard::Hazard,
};

/// Solves the first rows again in draws of responses and hazard.
pub(super) fn add_ranges(
    sets: &[ScenarioSet],
    rows: &mut [((usize, usize), ScreenRow)],
    buyers: &[Iso3],
    hazard: &Hazard,
    options: &ScreenOptions<'_>,
) {
    let first: Vec<(usize, usize)> = rows.iter().take(options.ranged).map(|(at, _)| *at).collect();
    let used: BTreeSet<usize> = first.iter().map(|(b, _)| *b).collect();
    let (draws, lookers) = (options.draws as u64, [buyers.to_vec()]);
    let tasks: Vec<(usize, u64)> = used.iter().flat_map(|&b| (0..draws).map(move |d| (b, d))).collect();
    // For each scenario in each draw: price, shortage, loss, probability, expected loss, and the economy's two.
    let found: Vec<Vec<(usize, [f64; 7])>> = tasks
        .par_iter()
        .map_init(Solver::default, |solver, &(b, d)| {
            let (set, draw) = (&sets[b], Draw::new(options.seed, d));
            let mut market = set.shock.market(draw);
            let stopped = Stopped { shock: &set.shock, leakage: options.leakage, draw };
            let wanted = first.iter().filter(|(at, _)| *at == b);
            wanted
                .filter_map(|&(_, s)| {
                    let scenario = &set.scenarios[s];
                    let impact = stopped.impacts(scenario, &lookers, &mut market, solver).pop()?;
                    let (chance, lasts) = probability(scenario, set, hazard, draw);
                    let users = impact.users;
                    let solved = impact.status == Status::Converged;
                    let known = |value: Option<f64>| value.filter(|_| solved).unwrap_or(f64::NAN);
                    let loss = known(Some(users.loss_musd));
                    let mineral = &set.shock.base.mineral;
                    let economy = |v: &dyn Valuer| v.gdp_loss_musd(mineral, &users, impact.gain, draw);
                    let gdp = known(options.valuer.map(economy));
                    let (price, short) = (known(impact.price), known(Some(users.shortage_t)));
                    let lost = chance * lasts;
                    let values = [price, short, loss, chance, lost * loss, gdp, lost * gdp];
                    Some((s, values))
                })
                .collect()
        })
        .collect();
    for ((b, s), row) in rows.iter_mut().take(options.ranged).map(|(at, row)| (*at, row)) {
        let values: Vec<[f64; 7]> = tasks
            .iter()
            .zip(&found)
            .filter(|((at, _), _)| *at == b)
            .flat_map(|(_, list)| list.iter().filter(|(at, _)| *at == s).map(|(_, values)| *values))
            .collect();
        let range = |i: usize| range_of(values.iter().map(|v| v[i]));
        row.ranges = (!values.is_empty()).then(|| RowRanges {
            price_change_leader: range(0),
            shortage_t: range(1),
            loss_musd: range(2),
            probability: range(3),
            expected_loss_musd: range(4),
            gdp_loss_musd: range(5),
            expected_gdp_loss_musd: range(6),
        });
    }
}
