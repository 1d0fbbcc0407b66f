//! The first rows of a screen solved again in draws, for their ranges.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::{
    RowRanges, ScreenOptions, ScreenRow,
    board::{Board, impact},
    probability,
};
use crate::{
    draw::Draw,
    ensemble::range_of,
    id::Iso3,
    market::{Solver, Status},
    shock::Hazard,
};

/// Solves the first rows again in draws of responses and hazard.
pub(super) fn add_ranges(
    boards: &[Board],
    rows: &mut [((usize, usize), ScreenRow)],
    leader: Iso3,
    hazard: &Hazard,
    options: &ScreenOptions<'_>,
) {
    let first: Vec<(usize, usize)> = rows.iter().take(options.ranged).map(|(at, _)| *at).collect();
    let used: BTreeSet<usize> = first.iter().map(|(b, _)| *b).collect();
    let draws = options.draws as u64;
    let tasks: Vec<(usize, u64)> = used.iter().flat_map(|&b| (0..draws).map(move |d| (b, d))).collect();
    // For each scenario in each draw: price, shortage, loss, probability, expected loss.
    let found: Vec<Vec<(usize, [f64; 5])>> = tasks
        .par_iter()
        .map_init(Solver::default, |solver, &(b, d)| {
            let (board, draw) = (&boards[b], Draw::new(options.seed, d));
            let mut market = board.scene.market(draw);
            let wanted = first.iter().filter(|(at, _)| *at == b);
            wanted
                .map(|&(_, s)| {
                    let scenario = &board.scenarios[s];
                    let impact = impact(&board.scene, scenario, leader, options.leakage, &mut market, solver);
                    let (chance, lasts) = probability(scenario, board, hazard, draw);
                    let loss = if impact.status == Status::Converged { impact.loss } else { f64::NAN };
                    let known = |value: Option<f64>| value.filter(|_| loss.is_finite()).unwrap_or(f64::NAN);
                    let values =
                        [known(impact.price), known(Some(impact.short)), loss, chance, chance * lasts * loss];
                    (s, values)
                })
                .collect()
        })
        .collect();
    for ((b, s), row) in rows.iter_mut().take(options.ranged).map(|(at, row)| (*at, row)) {
        let values: Vec<[f64; 5]> = tasks
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
        });
    }
}
