//! Every documented parameter can be set by a case, and does something when it is.
#![allow(clippy::unwrap_used)]

mod shipped;

use std::{collections::BTreeMap, fs};

use orecast::{
    answer::explain::explain,
    base::{draw::Draw, unit::Range},
    ensemble,
    params::{Params, TABLE},
    pathway::Simulation,
    policy::{Arm, Case, Presets},
    studies::run::{names, prepare},
};
use shipped::{WORLD, root};

const SEED: u64 = 7;
/// Draws that each end of a range is tried in until one shows an effect: whether a project is built turns in few of them.
const DRAWS: u64 = 20;

/// Parameters that change nothing in any shipped case, with the reason.
const WITHOUT_EFFECT: &[(&str, &str)] =
    &[("success-lapsed", "no lapsed project of the list counts with a tonnage and a date")];

/// The shipped cases, those with the fewest minerals first.
fn cases() -> Vec<Case> {
    let files = fs::read_dir(root().join("deals")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    let names = names(&WORLD);
    let mut cases: Vec<Case> = files.iter().map(|file| Case::load(file, &names).unwrap()).collect();
    cases.sort_by_key(|case| case.minerals.len());
    cases
}

fn parse(text: &str) -> Case {
    Case::parse("case.toml", text, &names(&WORLD), &Presets::shipped().unwrap()).unwrap()
}

fn kazakhstan() -> String {
    fs::read_to_string(root().join("deals/us-kazakhstan-2025.toml")).unwrap()
}

/// Everything that a draw of some arms leaves, as one number: prices, output and money of all years.
fn fingerprint(simulation: &Simulation, arms: &[&Arm], draw: Draw) -> u64 {
    let mut print = 0_u64;
    let mut add = |value: f64| print = print.rotate_left(5).wrapping_mul(0x0100_0000_01b3) ^ value.to_bits();
    let mut runner = simulation.runner();
    for arm in arms {
        runner.run(arm, draw, None, &mut |outcome| {
            outcome.equilibrium.price.iter().flatten().for_each(|price| add(*price));
            outcome.equilibrium.output.iter().flatten().for_each(|tonnes| add(*tonnes));
            outcome.payments.host_revenue.values().for_each(|usd| add(*usd));
            outcome.payments.public_cost.values().for_each(|usd| add(*usd));
        });
    }
    print
}

/// A range as wide as anybody might set it.
fn wider(range: Range) -> [f64; 2] {
    [range.low / 4.0, range.high * 2.0]
}

#[test]
fn every_parameter_changes_something_in_some_shipped_case() {
    let mut left: BTreeMap<&str, Range> =
        TABLE.list().into_iter().map(|(parameter, _)| (parameter.name, parameter.range)).collect();
    for case in cases() {
        let (mut simulation, ..) = prepare(&WORLD, &case, None, None);
        let own = *simulation.params();
        let arms: Vec<&Arm> = case.arms.iter().collect();
        for draw in (0..DRAWS).map(|index| Draw::new(SEED, index)) {
            simulation.set_params(own);
            let as_it_is = fingerprint(&simulation, &arms, draw);
            left.retain(|name, range| {
                wider(*range).into_iter().all(|value| {
                    simulation.set_params(own.replaced(name, Range::exact(value)).unwrap());
                    fingerprint(&simulation, &arms, draw) == as_it_is
                })
            });
        }
        if left.len() <= WITHOUT_EFFECT.len() {
            break;
        }
    }
    let found: Vec<&str> = left.into_keys().collect();
    let known: Vec<&str> = WITHOUT_EFFECT.iter().map(|(name, _)| *name).collect();
    let unexplained: Vec<&str> = found.into_iter().filter(|name| !known.contains(name)).collect();
    assert!(
        unexplained.is_empty(),
        "these change nothing in any shipped case: {unexplained:?}, beyond {WITHOUT_EFFECT:?}"
    );
}

#[test]
fn replaced_parameters_are_as_if_the_case_had_been_prepared_with_them() {
    let with = |more: &str| parse(&format!("{}\n[assumptions]\n{more}", kazakhstan()));
    let own = with("unnamed-share = 0.4\nlarge-project = 0.001\nsuccess-dfs = 0.2\ndepletion = 0.04\n");
    let (mut plain, ..) = prepare(&WORLD, &parse(&kazakhstan()), Some(2030), None);
    let (set, ..) = prepare(&WORLD, &own, Some(2030), None);
    let arms: Vec<&Arm> = own.arms.iter().collect();
    let draw = Draw::new(SEED, 1);
    let before = fingerprint(&plain, &arms, draw);
    plain.set_params(own.params());
    assert_eq!(fingerprint(&plain, &arms, draw), fingerprint(&set, &arms, draw));
    plain.set_params(Params::default());
    assert_eq!(fingerprint(&plain, &arms, draw), before);
}

#[test]
fn the_size_beyond_which_a_project_moves_its_price_changes_the_rows() {
    let rows = |size: f64| {
        let case = parse(&format!("{}\n[assumptions]\nlarge-project = {size}\n", kazakhstan()));
        let (simulation, roles, _) = prepare(&WORLD, &case, Some(2031), None);
        let found = ensemble::run(&simulation, &case.arms, &roles, 4, SEED);
        let values = (0..found.minerals.len()).flat_map(|mineral| {
            let found = &found;
            (0..found.minerals[mineral].indicators.len())
                .flat_map(move |indicator| found.values(mineral, indicator, 0, found.years.len() - 1))
        });
        values.map(f64::to_bits).collect::<Vec<_>>()
    };
    assert_ne!(rows(0.0001), rows(1.0));
}

#[test]
fn a_case_explains_its_own_parameters() {
    let presets = Presets::shipped().unwrap();
    let effects = |text: &str| -> Vec<String> {
        explain(&WORLD, &parse(text), &presets).into_iter().map(|clause| clause.effect).collect()
    };
    let (plain, own) = (
        effects(&kazakhstan()),
        effects(&format!("{}\n[assumptions]\nwacc-without-offtake = 0.10\n", kazakhstan())),
    );
    let says = |list: &[String]| {
        list.iter()
            .any(|effect| effect.replace('\u{a0}', " ").contains("takes 10 points off the project's cost"))
    };
    assert!(says(&own) && !says(&plain), "{own:#?}");
}
