//! Laws of deals: nothing comes from what fails, parts add up, and each lever does what it says.
#![allow(clippy::unwrap_used)]

mod shipped;

use std::fs;

use orecast::{
    base::unit::Range,
    ensemble::{self, Ensemble},
    indicator::{Measure, Roles},
    pathway::Simulation,
    policy::{Case, Presets, Quantity},
    studies::{
        changes::changes,
        run::{names, prepare},
        why::{Subject, contributions},
    },
};
use proptest::prelude::*;
use shipped::{WORLD, root};

const SEED: u64 = 7;

fn shipped_text(name: &str) -> String {
    fs::read_to_string(root().join("deals").join(name)).unwrap()
}

fn parse(text: &str) -> Case {
    Case::parse("case.toml", text, &names(&WORLD), &Presets::shipped().unwrap()).unwrap()
}

fn ready(case: &Case, last_year: i32) -> (Simulation, Roles) {
    let (simulation, roles, _) = prepare(&WORLD, case, Some(last_year), None);
    (simulation, roles)
}

/// Every value of an arm, bit by bit.
fn bits(ensemble: &Ensemble, arm: usize) -> Vec<u64> {
    let mut bits = Vec::new();
    for (m, panel) in ensemble.minerals.iter().enumerate() {
        for k in 0..panel.indicators.len() {
            for y in 0..ensemble.years.len() {
                bits.extend(ensemble.values(m, k, arm, y).map(f64::to_bits));
            }
        }
    }
    bits
}

/// A small case about tungsten (and antimony), with these entries.
fn small(entries: &str) -> String {
    format!(
        r#"
id = "TEST"
title = "A test"
leader = "USA"
host = "KAZ"
rival = "CHN-BLOC"
signed = 2025-01-01
base_year = 2024
years = {{ from = 2025, to = 2035 }}
minerals = ["tungsten"]
demand_scenario = "STEPS"

[[arm]]
id = "none"
title = "Nothing"

[[arm]]
id = "deal"
title = "Something"
preset = "framework"

[[source]]
id = "test"
title = "A test"
date = "2026"
{entries}
"#
    )
}

fn clause(lever: &str, chance: f64) -> String {
    format!(
        "[[commitment]]\n{lever}\nmaterialises = {{ probability = {chance}, year = 2026 }}\nsource = \"test\"\ngrade = \"C\"\n"
    )
}

/// One clause of every kind of lever.
const CLAUSES: [&str; 16] = [
    "lever = \"project-finance\"\nproject = \"KZ-W-NKATPAR\"\ninstrument = \"loan\"\namount_musd = 300\npayer = \"USA\"",
    "lever = \"offtake\"\nproject = \"KZ-W-NKATPAR\"\nbuyer = \"USA\"\nshare = 0.5\nyears = 10",
    "lever = \"price-floor\"\nmineral = \"tungsten\"\nstage = \"refine\"\ncountry = \"KAZ\"\ntimes_base_price = 1.5\nyears = 10\npayer = \"USA\"",
    "lever = \"production-credit\"\nmineral = \"tungsten\"\nstage = \"mine\"\ncountry = \"KAZ\"\nusd_per_t = 5000\nyears = 10\npayer = \"USA\"",
    "lever = \"tech-transfer\"\nmineral = \"tungsten\"\ncountry = \"USA\"\nrecovery_gain = 0.05\nlead_time_years = 1\nt_per_year = 800\ncapex_musd = 50\npayer = \"USA\"",
    "lever = \"permitting\"\ncountry = \"KAZ\"\nmonths_saved = 12",
    "lever = \"infrastructure\"\nroute = \"middle\"\nexporters = [\"KAZ\"]\nsaving_usd_per_t = 3000\ncapacity_t_per_year = 5000",
    "lever = \"duty\"\nmineral = \"tungsten\"\nstage = \"refine\"\nexporters = [\"CHN\"]\nimporters = [\"USA\"]\npercent = 50",
    "lever = \"export-restriction\"\nmineral = \"tungsten\"\nstage = \"refine\"\nexporters = [\"CHN\"]\nkind = \"quota\"\nquota_share = 0.3\nyears = 9",
    "lever = \"exemption\"\nexporters = [\"KAZ\"]\nimporters = [\"USA\"]",
    "lever = \"pledge-not-to-restrict\"\nexporters = [\"CHN\"]\nprobability_cut = 1",
    "lever = \"stockpile\"\nmineral = \"tungsten\"\nstage = \"refine\"\nholder = \"USA\"\nt = 4000\nfill_years = 2\nrelease_above = 0.1\npayer = \"USA\"",
    "lever = \"ownership-screen\"\ncountry = \"KAZ\"\nagainst = \"CHN-BLOC\"",
    "lever = \"right-of-first-offer\"\ncountry = \"KAZ\"\nbuyer = \"USA\"\ntake_up = 0.5",
    "lever = \"share-cap\"\nmineral = \"tungsten\"\nstage = \"refine\"\nimporters = [\"USA\"]\nmax_share = 0.3",
    "lever = \"recycling\"\nmineral = \"tungsten\"\ncountry = \"USA\"\nshare = 0.6\nramp_years = 2",
];

fn run_small(entries: &str, draws: usize) -> Ensemble {
    let case = parse(&small(entries));
    let (simulation, roles) = ready(&case, 2033);
    ensemble::run(&simulation, &case.arms, &roles, draws, SEED)
}

/// Mean of an indicator of tungsten in the last year: no deal, deal.
fn means(ensemble: &Ensemble, measure: Measure, year: usize) -> [f64; 2] {
    let k = ensemble.minerals[0].indicators.iter().position(|i| i.measure == measure).unwrap();
    [0, 1].map(|arm| ensemble.values(0, k, arm, year).sum::<f64>() / ensemble.draws as f64)
}

#[test]
fn every_shipped_deal_whose_clauses_all_fail_is_no_deal() {
    for name in ["c5-antimony-2025.toml", "us-drc-2025.toml", "us-japan-2025.toml", "us-australia-2025.toml"]
    {
        let mut case = parse(&shipped_text(name));
        for arm in &mut case.arms {
            for commitment in arm.commitments.iter_mut().chain(&mut arm.responses) {
                commitment.materialises.probability = Quantity::stated(Range::exact(0.0));
            }
        }
        let (simulation, roles) = ready(&case, 2029);
        let ensemble = ensemble::run(&simulation, &case.arms, &roles, 3, SEED);
        let last = ensemble.years.len() - 1;
        for arm in 1..case.arms.len() {
            assert!(bits(&ensemble, arm) == bits(&ensemble, 0), "{name}: {}", case.arms[arm].id);
            let moved = (0..ensemble.accounts.list.len()).flat_map(|k| ensemble.amounts(k, arm, last));
            assert!(moved.into_iter().all(|usd| usd == 0.0), "{name}");
        }
    }
}

#[test]
fn a_clause_of_any_kind_with_probability_zero_changes_nothing() {
    let third = "[[arm]]\nid = \"more\"\ntitle = \"One clause more\"\npreset = \"framework\"\n";
    let common = clause(&format!("arms = [\"deal\", \"more\"]\n{}", CLAUSES[0]), 0.7);
    for lever in &CLAUSES[1..] {
        let added = clause(&format!("arms = [\"more\"]\n{lever}"), 0.0);
        let ensemble = run_small(&format!("{third}\n{common}\n{added}"), 3);
        assert!(bits(&ensemble, 1) == bits(&ensemble, 2), "{lever}");
        assert!(bits(&ensemble, 0) != bits(&ensemble, 1));
    }
}

#[test]
fn every_lever_does_what_it_says() {
    let last = 6;
    let rival = |e: &Ensemble| means(e, Measure::SupplyFromRival, last);
    let owned = |e: &Ensemble| {
        let k = e.minerals[0].indicators.iter().position(|i| {
            i.measure == Measure::ShareByOwner && i.stage == Some(orecast::base::unit::Stage::Mine)
        });
        [0, 1].map(|arm| e.values(0, k.unwrap(), arm, last).sum::<f64>())
    };
    let run = |lever: usize| run_small(&clause(CLAUSES[lever], 1.0), 6);

    let recycled = run(15);
    let [before, after] = means(&recycled, Measure::NetImportReliance, last);
    assert!(after < before - 0.05, "recycling: {before} {after}");
    let [before, after] = means(&run(4), Measure::NetImportReliance, last);
    // Reliance counts the ore that new refining buys abroad, so that its sign hangs on who mines; that it moves does not.
    assert!((after - before).abs() > 1e-4, "technology: {before} {after}");
    let [before, after] = owned(&run(12));
    assert!(after <= before, "screen: {before} {after}");
    let [before, after] = means(&run(13), Measure::SupplyFromHost, last);
    assert!(after > before, "first offer: {before} {after}");
    let [before, after] = rival(&run(7));
    assert!(after < before, "duty: {before} {after}");

    // A stock buys while prices are below its mark, and nothing where they never are.
    let spent = |mark: &str| {
        let lever = CLAUSES[11].replace("release_above = 0.1", &format!("release_above = {mark}"));
        means(&run_small(&clause(&lever, 1.0), 4), Measure::PublicCost, last)[1]
    };
    assert!(spent("10") > 1e6 && spent("0.1") == 0.0, "{} {}", spent("10"), spent("0.1"));

    // A route that can carry little saves little.
    let wide = means(
        &run_small(&clause(&CLAUSES[6].replace("5000", "500000"), 1.0), 16),
        Measure::SupplyFromHost,
        last,
    );
    let narrow =
        means(&run_small(&clause(&CLAUSES[6].replace("5000", "50"), 1.0), 16), Measure::SupplyFromHost, last);
    assert!(wide[1] - wide[0] > narrow[1] - narrow[0], "{wide:?} {narrow:?}");
}

#[test]
fn a_pledge_prevents_the_restriction_that_it_is_about() {
    let ban = "[[shock]]\nlever = \"export-restriction\"\nmineral = \"tungsten\"\nstage = \"refine\"\nexporters = [\"CHN\"]\nkind = \"ban\"\nyears = 9\n\
               materialises = { probability = 1, year = 2028 }\nsource = \"test\"\ngrade = \"C\"\n";
    let pledged = run_small(&format!("{}\n{ban}", clause(CLAUSES[10], 1.0)), 4);
    let [without, with] = means(&pledged, Measure::DeliveredPrice, 4);
    assert!(with < without, "{without} {with}");
}

#[test]
fn an_answer_needs_what_it_answers() {
    let answer = |chance: f64| {
        let response = "[[response]]\nid = \"answer\"\nanswers = \"loan\"\nlever = \"export-restriction\"\nmineral = \"tungsten\"\n\
                        stage = \"refine\"\nexporters = [\"CHN\"]\nkind = \"ban\"\nyears = 9\n\
                        materialises = { probability = 1, year = 2026 }\nsource = \"test\"\ngrade = \"C\"\n";
        let loan = clause(&format!("id = \"loan\"\n{}", CLAUSES[0]), chance);
        means(&run_small(&format!("{loan}\n{response}"), 4), Measure::DeliveredPrice, 4)
    };
    let [without, with] = answer(1.0);
    assert!(with > without, "{without} {with}");
    let [without, with] = answer(0.0);
    assert!(with == without, "{without} {with}");
}

#[test]
fn contributions_add_up_to_the_difference_of_the_arms() {
    let entries: Vec<String> = [0, 1, 2, 7, 13].map(|k| clause(CLAUSES[k], 0.6)).into();
    let case = parse(&small(&entries.join("\n")));
    let (simulation, roles) = ready(&case, 2033);
    let draws = 8;
    let ensemble = ensemble::run(&simulation, &case.arms, &roles, draws, SEED);
    let year = ensemble.years.len() - 1;
    let found = changes(&ensemble, &roles, year);
    let why = contributions(&simulation, &ensemble, &roles, &found, year, draws, SEED).unwrap();
    assert_eq!(why.draws, draws);
    let mut compared = 0;
    for headline in &why.headlines {
        let difference = match &headline.subject {
            Subject::Indicator { indicator, .. } => {
                let k = ensemble.minerals[0].indicators.iter().position(|i| i == indicator).unwrap();
                let mean = |arm| ensemble.values(0, k, arm, year).sum::<f64>() / draws as f64;
                mean(1) - mean(0)
            }
            Subject::Money { account } => {
                let k = ensemble.accounts.list.iter().position(|a| a == account).unwrap();
                ensemble.amounts(k, 1, year).iter().sum::<f64>() / draws as f64
            }
        };
        let parts: f64 = headline.parts.iter().map(|part| part.mean).sum();
        assert!((difference - parts).abs() <= 1e-7 * difference.abs().max(1e-6), "{headline:?} {difference}");
        compared += 1;
    }
    assert!(compared > 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn the_order_of_clauses_changes_nothing(order in Just((0..CLAUSES.len()).collect::<Vec<_>>()).prop_shuffle()) {
        let text = |order: &[usize]| {
            order.iter().map(|&k| clause(&format!("id = \"c{k}\"\n{}", CLAUSES[k]), 0.5)).collect::<Vec<_>>().join("\n")
        };
        let sorted: Vec<usize> = (0..CLAUSES.len()).collect();
        let (one, other) = (run_small(&text(&sorted), 2), run_small(&text(&order), 2));
        prop_assert!(bits(&one, 1) == bits(&other, 1));
    }
}
