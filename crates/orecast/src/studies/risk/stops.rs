//! Which stop of an exporter would cost a group most.

use serde::Serialize;

use crate::{
    base::{
        id::MineralId,
        unit::{Range, Stage},
    },
    baseline::Baseline,
    indicator::Group,
    params::responses::TimeScale,
    studies::{
        gdp::{Assumptions, Basis, Economy, MineralRisk, gdp_screen_by},
        screen::{ScreenOptions, ScreenRow, Solved},
        shock::effects::price_ratio,
        situation::{Sampling, Situation},
    },
    world::World,
};

/// Stops that are listed, and drawn for their ranges.
const LISTED: usize = 8;
/// Scenarios that are drawn where the economy ranks them.
const DRAWN: usize = 40;

/// What stops would cost.
#[derive(Debug, Default, Serialize)]
pub struct Stops {
    /// Scenarios that were solved.
    pub scenarios: usize,
    /// The stops with the largest expected loss of users, the largest first.
    pub rows: Vec<Stop>,
    /// Gross domestic product at risk by mineral, USGS-style, the largest first; only for the country whose accounts the
    /// package has.
    pub economy: Vec<MineralRisk>,
}

/// One exporter stops one stage of one mineral for a year.
#[derive(Debug, Clone, Serialize)]
pub struct Stop {
    /// Mineral.
    pub mineral: MineralId,
    /// Stage.
    pub stage: Option<Stage>,
    /// Country.
    pub exporter: String,
    /// Price delivered over the base price; in files a bound where it lies beyond what the model is made for.
    #[serde(serialize_with = "price_ratio")]
    pub price: Range,
    /// Loss of the group's users in a full year, million USD.
    pub loss_musd: Range,
    /// Probability within a year.
    pub probability: Range,
    /// Loss times probability times the share of the year that a stop lasts, million USD.
    pub expected_loss_musd: Range,
}

impl Stop {
    fn of(row: &ScreenRow) -> Option<Self> {
        let (loss, expected) = (row.loss_musd?, row.expected_loss_musd?);
        let one = |value: Option<f64>| Range::exact(value.map_or(f64::NAN, |change| 1.0 + change));
        let more = |r: Range| Range::new(1.0 + r.low, 1.0 + r.mid, 1.0 + r.high);
        let ranges = row.ranges;
        Some(Self {
            mineral: row.mineral.clone(),
            stage: row.stage,
            exporter: row.exporter.clone(),
            price: ranges.map_or(one(row.price_change_leader), |r| more(r.price_change_leader)),
            loss_musd: ranges.map_or(Range::exact(loss), |r| r.loss_musd),
            probability: ranges.map_or(Range::exact(row.probability), |r| r.probability),
            expected_loss_musd: ranges.map_or(Range::exact(expected), |r| r.expected_loss_musd),
        })
    }
}

/// Screens every exporter for each of some groups, whose balanced years are known; the members of a group count as one.
/// `minerals` limits what is listed; all when empty.
pub fn stops(
    world: &World,
    groups: &[Group],
    year: i32,
    situations: &[Situation<'_>],
    minerals: &[MineralId],
    sampling: Sampling,
) -> Vec<Stops> {
    let balanced: Vec<&Baseline> = situations.iter().map(|situation| &situation.baseline).collect();
    let options = ScreenOptions {
        draws: sampling.draws,
        seed: sampling.seed,
        ranged: LISTED,
        balanced: &balanced,
        ..ScreenOptions::middle(year)
    };
    let lookers: Vec<Group> = groups.iter().filter(|group| !group.members.is_empty()).cloned().collect();
    let solved = Solved::of(world, &lookers, &options);
    let of_group = |group: &Group| {
        let looker = lookers.iter().position(|looker| looker.members == group.members);
        looker.map_or_else(Stops::default, |looker| {
            of_looker(world, &solved, (looker, group), &options, minerals)
        })
    };
    groups.iter().map(of_group).collect()
}

fn of_looker(
    world: &World,
    solved: &Solved,
    (looker, group): (usize, &Group),
    options: &ScreenOptions<'_>,
    minerals: &[MineralId],
) -> Stops {
    let wanted = |mineral: &MineralId| minerals.is_empty() || minerals.contains(mineral);
    let own_accounts = group.members.len() == 1
        && Economy::of(world, group, options.year, TimeScale::Medium, Assumptions::default())
            .is_some_and(|economy| economy.basis == Basis::Accounts);
    let run = |options: &ScreenOptions<'_>| solved.screen(world, looker, options);
    let (rows, economy) = if own_accounts {
        let drawn = ScreenOptions { ranged: DRAWN, ..options.clone() };
        match gdp_screen_by(world, group, &drawn, Assumptions::default(), run) {
            Ok(found) => (found.screen.rows, found.minerals),
            Err(_) => return Stops::default(),
        }
    } else {
        match run(options) {
            Ok(found) => (found.rows, Vec::new()),
            Err(_) => return Stops::default(),
        }
    };
    let scenarios = rows.len();
    let mut rows: Vec<&ScreenRow> = rows.iter().filter(|row| wanted(&row.mineral)).collect();
    let expected = |row: &ScreenRow| row.expected_loss_musd.unwrap_or(f64::NEG_INFINITY);
    rows.sort_by(|a, b| expected(b).total_cmp(&expected(a)));
    let economy = economy.into_iter().filter(|risk| wanted(&risk.mineral)).take(LISTED).collect();
    Stops { scenarios, rows: rows.into_iter().filter_map(Stop::of).take(LISTED).collect(), economy }
}
