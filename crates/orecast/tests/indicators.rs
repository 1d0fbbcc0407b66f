//! Indicators on the shipped facts: one view for observations and runs.
#![allow(clippy::unwrap_used)]

mod shipped;

use std::sync::LazyLock;

use orecast::{
    base::{
        id::{Iso3, MineralId},
        unit::{Range, Stage},
    },
    indicator::{
        Group, View, concentration, control,
        dependence::{self, Pick},
        fragmentation, mean_price, share_by_owner, share_by_place,
    },
    market::{Solver, Status},
    params::Params,
    pathway::Chain,
    studies::{
        compare::compare,
        risk::{Dependence, page_of},
        scores,
        situation::{Sampling, Situation},
    },
};
use shipped::WORLD;

const YEAR: i32 = 2024;

fn group(text: &str) -> Group {
    Group::parse(&WORLD, text, YEAR).unwrap()
}

/// Every balanced mineral, with the European Union and the United States kept separate.
static SITUATIONS: LazyLock<Vec<Situation<'static>>> =
    LazyLock::new(|| Situation::all(&WORLD, YEAR, &[group("EU27"), group("USA")]).0);

/// All indicators on quantities and prices, for one group and one bloc.
fn indicators(view: &View<'_>, members: Pick<'_>, bloc: Pick<'_>) -> Vec<(String, Option<f64>)> {
    let mut found = Vec::new();
    for &stage in view.stages() {
        let outputs = view.outputs(stage);
        for (name, value) in [
            ("price", mean_price(view, stage)),
            ("hhi", concentration::hhi(&outputs)),
            ("top three", concentration::top_share(&outputs, 3)),
            ("bloc by place", share_by_place(view, stage, bloc)),
            ("bloc by owner", share_by_owner(view, stage, bloc)),
            ("reliance", dependence::stage_reliance(view, stage, members)),
            ("self-sufficiency", dependence::self_sufficiency(view, stage, members)),
            ("diversification", dependence::diversification(view, stage, members)),
            ("inside", fragmentation::trade_inside(view, stage, bloc)),
            ("hhi by owner", control::hhi(&control::outputs(view, stage))),
            ("self-sufficiency by owner", control::self_sufficiency(view, stage, members)),
            ("diversification by owner", control::diversification(view, stage, members)),
            ("inside by owner", control::trade_inside(view, stage, bloc)),
        ] {
            found.push((format!("{name} {stage}"), value));
        }
    }
    found.push(("gap".to_owned(), fragmentation::price_gap(view, view.last_stage, bloc)));
    found.push(("net import reliance".to_owned(), dependence::net_import_reliance(view, members)));
    let supply = dependence::supply(view, members, bloc);
    for (name, value) in [("place", supply.by_place), ("owner", supply.by_owner), ("content", supply.content)]
    {
        found.push((format!("supply by {name}"), Some(value).filter(|value| value.is_finite())));
    }
    found
}

#[test]
fn an_undisturbed_base_year_has_the_indicators_of_its_observations() {
    let (leader, bloc) = (group("USA"), group("CHN-BLOC"));
    let members: Vec<Iso3> = leader.members.iter().copied().collect();
    let mut compared = 0;
    for mineral in ["tungsten", "rare_earths", "gallium", "lithium", "copper", "beryllium"] {
        let mineral: MineralId = mineral.parse().unwrap();
        let chain = Chain::prepare(
            &WORLD,
            &mineral,
            YEAR,
            YEAR + 1..=YEAR + 2,
            "STEPS",
            &members,
            &Params::DOCUMENTED.mid(),
        )
        .unwrap();
        let solved = Solver::default().solve(&chain.base.market);
        assert_eq!(solved.status, Status::Converged, "{mineral}");
        let run = View::of_market(&chain.base.baseline, &chain.base.market, &solved, &chain.control);
        let observed = View::of_baseline(&WORLD, &chain.base.baseline);
        let of = |view: &View<'_>| indicators(view, &|c| leader.has(c), &|c| bloc.has(c));
        for ((name, a), (_, b)) in of(&run).into_iter().zip(of(&observed)) {
            let agree = match (a, b) {
                (Some(a), Some(b)) => (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1e-3),
                _ => a == b,
            };
            assert!(agree, "{mineral}, {name}: {a:?} in the run, {b:?} observed");
            compared += usize::from(a.is_some());
        }
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn the_whole_world_depends_on_nobody_and_groups_add_up() {
    for situation in &*SITUATIONS {
        let (view, mineral) = (&situation.view, &situation.mineral.id);
        let everyone: Pick<'_> = &|_| true;
        for &stage in view.stages() {
            let reliance = dependence::stage_reliance(view, stage, everyone);
            assert!(reliance.is_none_or(|reliance| reliance == 0.0), "{mineral} {stage}: {reliance:?}");
            let world: f64 = view.outputs(stage).iter().sum();
            let bought: f64 = dependence::suppliers(view, stage, everyone).values().sum();
            assert!(
                (world - bought).abs() <= 1e-6 * world,
                "{mineral} {stage}: {world} made, {bought} bought"
            );
            let union = group("EU27");
            let parts: f64 = union
                .members
                .iter()
                .filter_map(|member| share_by_place(view, stage, &|c| c == *member))
                .sum();
            let whole = share_by_place(view, stage, &|c| union.has(c)).unwrap();
            assert!(
                (whole - parts).abs() < 1e-9 && (0.0..=1.0 + 1e-12).contains(&whole),
                "{mineral} {stage}"
            );
            let owned = share_by_owner(view, stage, everyone).unwrap();
            assert!((owned - 1.0).abs() < 1e-9, "{mineral} {stage}: {owned} owned");
        }
    }
    assert!(SITUATIONS.len() > 40, "{}", SITUATIONS.len());
}

#[test]
fn scores_stay_in_their_ranges_and_say_what_is_unknown() {
    let who = group("USA");
    let sizes = scores::eu::Sizes::of(&WORLD, &who);
    let economics = scores::nassar::Economics::of(&WORLD, &SITUATIONS, &who);
    let (mut differ, mut important, mut scored) = (0, 0, 0);
    for situation in &*SITUATIONS {
        let score = scores::geopolrisk::compare(situation, &[], &who);
        let unit = |value: f64| (0.0..=1.0).contains(&value);
        assert!(unit(score.published) && score.corrected.is_none_or(unit), "{score:?}");
        assert_eq!(score.steps.last().unwrap().1, score.corrected);
        assert!(!score.words.is_empty());
        differ += usize::from(score.corrected.is_some_and(|other| (other - score.published).abs() > 0.01));
        let risk = scores::eu::assess(situation, &[], &who, sizes.as_ref());
        assert!(risk.supply_risk.is_none_or(|risk| (0.0..=10.0).contains(&risk.mid)), "{risk:?}");
        let parts = scores::nassar::assess(situation, &[], &who, economics.as_ref());
        let unit = |range: Range| (0.0..=1.0).contains(&range.mid);
        assert!(parts.disruption_potential.is_none_or(unit) && parts.trade_exposure.is_none_or(unit));
        assert!(parts.economic_vulnerability.is_none_or(unit) && parts.supply_risk.is_none_or(unit));
        assert!(risk.importance.is_none_or(|value| (0.0..=10.0).contains(&value)));
        important += usize::from(risk.importance.is_some());
        scored += usize::from(parts.supply_risk.is_some());
    }
    assert!(differ > 10 && important > 40 && scored > 40, "{differ} {important} {scored}");
    assert_eq!(scores::eu::Sizes::of(&WORLD, &group("EU27")), None, "own data gives it");
}

#[test]
fn a_page_ranks_by_the_largest_foreign_supplier() {
    let who = group("EU27");
    let page = page_of(&WORLD, &who, YEAR, &SITUATIONS, Vec::new(), Sampling::NONE);
    let largest: Vec<f64> = page.dependences.iter().map(Dependence::largest_share).collect();
    assert!(largest.len() > 20 && largest.is_sorted_by(|a, b| a >= b), "{largest:?}");
    for stage in page.dependences.iter().flat_map(|dependence| &dependence.stages) {
        for named in [&stage.suppliers, &stage.owners] {
            assert!(named.iter().map(|(_, share)| share.mid).sum::<f64>() <= 1.0 + 1e-9);
        }
        let named: f64 = stage.suppliers.iter().map(|(_, share)| share.mid).sum();
        assert!(named + stage.from_home.mid <= 1.0 + 1e-9);
        assert!(stage.suppliers.iter().all(|(country, _)| !who.has(*country)));
        assert!(stage.trend.iter().all(|(_, share)| share.is_none_or(|share| (0.0..=1.0).contains(&share))));
    }
    let usa = page_of(&WORLD, &group("USA"), YEAR, &SITUATIONS, Vec::new(), Sampling::NONE);
    assert!(!usa.blocs.is_empty());
    for bloc in &usa.blocs {
        let share = |range: Option<Range>| (0.0..=1.0).contains(&range.unwrap().mid);
        assert!(share(bloc.trade_inside) && share(bloc.trade_inside_by_owner), "{bloc:?}");
        assert!(bloc.customs_gap.unwrap().is_ordered() && bloc.customs_gap.unwrap().low > -1.0, "{bloc:?}");
    }
    let tungsten: MineralId = "tungsten".parse().unwrap();
    let found = compare(&WORLD, &[group("EU27"), group("USA")], YEAR, &[tungsten], Sampling::NONE);
    let stages: Vec<Stage> = found.lines.iter().map(|line| line.stage).collect();
    assert_eq!(stages, [Stage::Mine, Stage::Refine]);
    assert_eq!(found.lines[1].groups.len(), 2);
}

fn situation(mineral: &str) -> &'static Situation<'static> {
    SITUATIONS.iter().find(|situation| situation.mineral.id.as_str() == mineral).unwrap()
}

#[test]
fn ranges_hold_the_middle_and_do_not_depend_on_threads() {
    let who = group("USA");
    let sampling = Sampling { draws: 12, seed: 7 };
    let found = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| page_of(&WORLD, &who, YEAR, &SITUATIONS, Vec::new(), sampling))
    };
    let (one, two) = (found(1), found(2));
    assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&two).unwrap());
    let mut wide = 0;
    for dependence in &one.dependences {
        let stages = dependence.stages.iter();
        let ranges =
            stages.flat_map(|stage| [Some(stage.bought), stage.net_import_reliance, stage.world.hhi]);
        for range in ranges.chain([dependence.net_import_reliance, dependence.geopolrisk]).flatten() {
            assert!(range.is_ordered(), "{}: {range:?}", dependence.mineral);
            wide += usize::from(range.high - range.low > 0.02 * range.mid.abs());
        }
    }
    assert!(wide > 100 && one.leaning.is_ordered() && one.leaning.low < one.leaning.high, "{wide}");
    // The same levels come without draws, only without ranges.
    let plain = page_of(&WORLD, &who, YEAR, &SITUATIONS, Vec::new(), Sampling::NONE);
    for (a, b) in one.dependences.iter().zip(&plain.dependences) {
        assert_eq!((&a.mineral, a.worst_stage().bought.mid), (&b.mineral, b.worst_stage().bought.mid));
        assert_eq!(b.worst_stage().bought.low, b.worst_stage().bought.high);
    }
}

#[test]
fn published_figures_give_narrow_ranges_and_withheld_ones_wide() {
    let usa = group("USA");
    let spread = |mineral: &str, indicator: &dyn Fn(&View<'static>) -> Option<f64>| {
        let situation = situation(mineral);
        let drawn = situation.drawn(Sampling::default());
        assert_eq!(drawn.len(), Sampling::default().draws);
        let range = situation.ranged(&drawn, indicator).unwrap();
        (range.high - range.low) / range.mid
    };
    let hhi = |view: &View<'static>| concentration::hhi(&view.outputs(Stage::Refine));
    let own = |view: &View<'static>| share_by_place(view, Stage::Refine, &|c| usa.has(c));
    // China's gallium is published; output of tungsten powder in the United States is withheld.
    let (published, withheld) = (spread("gallium", &hhi), spread("tungsten", &own));
    assert!(published < 0.05 && withheld > 10.0 * published, "{published} {withheld}");
}
