//! Laws of the years and of the draws, on the shipped case.
#![allow(clippy::unwrap_used)]

mod shipped;

use std::fs;

use orecast::{
    brief::run::names,
    draw::Draw,
    ensemble::{self, Ensemble},
    indicator::{Measure, Roles},
    market::{Feed, Recipient, Status},
    pathway::{Simulation, YearOutcome, assumption::Assumptions},
    policy::{Arm, Case, Presets, Quantity},
    unit::Range,
};
use shipped::{WORLD, root};

const LAST_YEAR: i32 = 2031;
const SEED: u64 = 7;

fn text() -> String {
    fs::read_to_string(root().join("deals/us-kazakhstan-2025.toml")).unwrap()
}

fn parse(text: &str) -> Case {
    Case::parse("case.toml", text, &names(&WORLD), &Presets::shipped().unwrap()).unwrap()
}

fn prepare(case: &Case) -> (Simulation, Roles) {
    let roles = Roles {
        leader: case.leader,
        host: case.host,
        leaders: None,
        hosts: None,
        rival: case.rival.to_string(),
        rival_members: WORLD.bloc_members(&case.rival, case.base_year),
    };
    let (simulation, failed) = Simulation::prepare(
        &WORLD,
        &case.minerals,
        case.base_year,
        LAST_YEAR,
        &case.demand_scenario,
        &[case.leader, case.host],
        Assumptions::with([]),
    );
    assert!(failed.is_empty(), "{failed:?}");
    (simulation, roles)
}

/// All values of an arm, bit by bit: mineral, indicator, year, draw.
fn bits(ensemble: &Ensemble, arm: usize, draws: usize) -> Vec<u64> {
    let mut bits = Vec::new();
    for (m, panel) in ensemble.minerals.iter().enumerate() {
        for k in 0..panel.indicators.len() {
            for y in 0..ensemble.years.len() {
                bits.extend(ensemble.values(m, k, arm, y).take(draws).map(f64::to_bits));
            }
        }
    }
    bits
}

fn position(case: &Case, arm: &str) -> usize {
    case.arms.iter().position(|a| a.id.as_str() == arm).unwrap()
}

#[test]
fn a_deal_that_never_materialises_is_no_deal() {
    let mut case = parse(&text());
    for arm in &mut case.arms {
        for commitment in arm.commitments.iter_mut().chain(&mut arm.shocks) {
            commitment.materialises.probability = Quantity::stated(Range::exact(0.0));
        }
    }
    assert!(case.arms.iter().any(|arm| arm.commitments.len() > 5));
    let (simulation, roles) = prepare(&case);
    let ensemble = ensemble::run(&simulation, &case.arms, &roles, 4, SEED);
    let touched = ensemble.minerals.iter().filter(|panel| panel.touched).count();
    assert!(touched > 3, "{touched}");
    let no_deal = bits(&ensemble, 0, 4);
    for arm in 1..case.arms.len() {
        assert!(bits(&ensemble, arm, 4) == no_deal, "{}", case.arms[arm].id);
    }
}

#[test]
fn the_order_of_the_commitments_does_not_matter() {
    let text = text();
    let (head, rest) = text.split_once("[[commitment]]").unwrap();
    let (blocks, tail) = rest.split_once("[[source]]").unwrap();
    let mut blocks: Vec<&str> = blocks.split("[[commitment]]").collect();
    blocks.reverse();
    blocks.swap(1, 3);
    let shuffled = format!("{head}[[commitment]]{}\n[[source]]{tail}", blocks.join("\n[[commitment]]"));
    assert_ne!(shuffled, text);
    let (plain, other) = (parse(&text), parse(&shuffled));
    assert_eq!(plain, other);
    let (simulation, roles) = prepare(&plain);
    let arm = position(&plain, "framework");
    let values = |case: &Case| {
        let arms = [case.arms[0].clone(), case.arms[arm].clone()];
        bits(&ensemble::run(&simulation, &arms, &roles, 3, SEED), 1, 3)
    };
    assert!(values(&plain) == values(&other));
}

/// What goes out of each seller is what it makes; what goes into each user is what it uses; prices are numbers.
fn check_year(outcome: &YearOutcome<'_>) {
    let (market, found) = (outcome.market, outcome.equilibrium);
    let what = format!("{} {}", outcome.chain.mineral, outcome.year);
    assert_eq!(found.status, Status::Converged, "{what}: {:?}", found.certificate);
    let world: f64 = found.output.iter().flatten().sum();
    let agree = |a: f64, b: f64| (a - b).abs() <= 1e-8 * a.abs().max(b.abs()).max(1e-6 * world);
    let mut sold = vec![0.0; market.nodes.len()];
    let mut bought = vec![0.0; market.users.len()];
    let mut intake = vec![0.0; market.nodes.len()];
    for (arc, flow) in market.arcs.iter().zip(&found.flow) {
        assert!(*flow >= 0.0, "{what}");
        sold[arc.from] += flow;
        match arc.to {
            Recipient::User(j) => bought[j] += flow,
            Recipient::Node(k) => intake[k] += flow,
        }
    }
    for (i, node) in market.nodes.iter().enumerate() {
        let made = found.node_output(i);
        assert!(found.output[i].iter().all(|tonnes| *tonnes >= 0.0 && tonnes.is_finite()), "{what}");
        assert!(found.price[i].is_none_or(f64::is_finite), "{what}");
        assert!(found.price[i].is_some() || made == 0.0, "{what}: {} sells without a price", node.country);
        assert!(agree(made, sold[i]), "{what} {} {}: {made} against {}", node.stage, node.country, sold[i]);
        if let Some(sourcing) = node.sourcing {
            let from_ore: f64 = (0..node.tranches.len())
                .filter(|&t| node.tranches[t].feed == Feed::Ore)
                .map(|t| found.output[i][t])
                .sum();
            assert!(agree(sourcing.recovery * intake[i], from_ore), "{what}: ore of {}", node.country);
        }
    }
    for (j, used) in found.used.iter().enumerate() {
        assert!(*used >= 0.0 && agree(*used, bought[j]), "{what}: use in {}", market.users[j].country);
    }
    assert!(found.delivered_price.iter().flatten().all(|price| price.is_finite()), "{what}");
}

#[test]
fn mass_is_kept_and_numbers_are_sound_in_every_year() {
    let case = parse(&text());
    let (simulation, _) = prepare(&case);
    let mut seen = 0;
    for arm in &case.arms {
        for draw in 0..4 {
            simulation.run(arm, Draw::new(SEED, draw), None, &mut |outcome| {
                check_year(outcome);
                seen += 1;
            });
        }
    }
    assert_eq!(seen, case.arms.len() * 4 * case.minerals.len() * simulation.years.len());
}

#[test]
fn without_a_deal_nothing_is_spent() {
    let case = parse(&text());
    let (simulation, roles) = prepare(&case);
    let ensemble = ensemble::run(&simulation, &case.arms, &roles, 4, SEED);
    let spent = |arm: usize| {
        let mut values = Vec::new();
        for (m, panel) in ensemble.minerals.iter().enumerate() {
            for (k, indicator) in panel.indicators.iter().enumerate() {
                if matches!(indicator.measure, Measure::PublicCost | Measure::PublicFinance) {
                    let last = ensemble.years.len() - 1;
                    values.extend(ensemble.values(m, k, arm, last));
                }
            }
        }
        values
    };
    let no_deal = spent(0);
    assert!(no_deal.len() >= 2 * 4 && no_deal.iter().all(|usd| *usd == 0.0));
    assert!(spent(position(&case, "framework")).iter().any(|usd| *usd > 0.0));
}

#[test]
fn leaving_out_what_no_arm_touches_changes_no_value() {
    let case = parse(&text());
    let (simulation, roles) = prepare(&case);
    let (no_deal, framework) = (case.arms[0].clone(), case.arms[position(&case, "framework")].clone());
    // The first arm is run in full, later ones copy what no arm touches from it.
    let values = |arms: [Arm; 2]| ensemble::run(&simulation, &arms, &roles, 3, SEED);
    let copied = values([no_deal.clone(), framework.clone()]);
    let in_full = values([framework, no_deal.clone()]);
    assert!(copied.minerals.iter().any(|panel| !panel.touched));
    assert!(bits(&copied, 1, 3) == bits(&in_full, 0, 3));
    assert!(bits(&copied, 0, 3) == bits(&in_full, 1, 3));
    assert!(bits(&copied, 0, 3) != bits(&copied, 1, 3));
    let twice = values([no_deal.clone(), no_deal]);
    assert!(twice.minerals.iter().all(|panel| !panel.touched));
    assert!(bits(&twice, 1, 3) == bits(&copied, 0, 3));
}

#[test]
fn more_draws_keep_the_first_ones() {
    let case = parse(&text());
    let (simulation, roles) = prepare(&case);
    let few = ensemble::run(&simulation, &case.arms, &roles, 3, SEED);
    let many = ensemble::run(&simulation, &case.arms, &roles, 6, SEED);
    for arm in 0..case.arms.len() {
        assert!(bits(&few, arm, 3) == bits(&many, arm, 3));
        assert_ne!(bits(&few, arm, 3).len(), bits(&many, arm, 6).len());
    }
    let other = ensemble::run(&simulation, &case.arms[..1], &roles, 3, SEED + 1);
    assert!(bits(&few, 0, 3) != bits(&other, 0, 3));
}

#[test]
fn shares_are_shares() {
    let case = parse(&text());
    let (simulation, roles) = prepare(&case);
    let ensemble = ensemble::run(&simulation, &case.arms, &roles, 3, SEED);
    for (m, panel) in ensemble.minerals.iter().enumerate() {
        for (k, indicator) in panel.indicators.iter().enumerate() {
            let legal = match indicator.measure {
                Measure::ShareByPlace
                | Measure::ShareByOwner
                | Measure::SupplyFromRival
                | Measure::SupplyFromRivalOwned
                | Measure::RivalContent
                | Measure::SupplyFromHost => 0.0..=1.0 + 1e-9,
                Measure::Hhi => 0.0..=10_000.0 + 1e-6,
                Measure::NetImportReliance => f64::NEG_INFINITY..=1.0 + 1e-9,
                Measure::Production | Measure::HostRevenue => 0.0..=f64::MAX,
                _ => continue,
            };
            for arm in 0..ensemble.arms.len() {
                for y in 0..ensemble.years.len() {
                    for value in ensemble.values(m, k, arm, y).filter(|value| !value.is_nan()) {
                        assert!(legal.contains(&value), "{} {indicator:?}: {value}", panel.mineral);
                    }
                }
            }
        }
    }
}
