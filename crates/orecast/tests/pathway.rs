//! Laws of the years and of the draws, on the shipped case.
#![allow(clippy::unwrap_used)]

mod shipped;

use std::{collections::BTreeMap, fs, sync::LazyLock};

use orecast::{
    base::{
        draw::Draw,
        id::{Iso3, MineralId},
        unit::{Range, Stage},
    },
    ensemble::{self, Ensemble},
    indicator::{Measure, Roles},
    market::{Feed, Recipient, Status, curve::supply},
    params::Params,
    pathway::{Chain, Simulation, YearOutcome, calibrate::RUNNING},
    policy::{Arm, Case, Presets, Quantity},
    studies::{
        forecast::{ForecastOptions, UNUSUAL, forecast, forecast_all, groups, simulate, with_hosts},
        price_drivers::why_price,
        run::names,
    },
    world::{
        Tables, World,
        table::{ProjectStage, ProjectStatus},
    },
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
        Params::default(),
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
    let what = format!("{} {}", outcome.chain.base.mineral, outcome.year);
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

/// The shipped facts without any deal, to 2040.
fn all_minerals() -> &'static Vec<Simulation> {
    static ALL: LazyLock<Vec<Simulation>> = LazyLock::new(|| {
        let minerals: Vec<MineralId> = WORLD.market_minerals().map(|row| row.id.clone()).collect();
        let groups = groups(&WORLD, &minerals);
        groups.iter().map(|group| simulate(&WORLD, group, &options()).0).collect()
    });
    &ALL
}

fn options() -> ForecastOptions {
    ForecastOptions {
        as_of: None,
        last_year: 2040,
        scenario: "STEPS".to_owned(),
        draws: 0,
        seed: SEED,
        params: Params::default(),
    }
}

/// What the running and the new capacity of a node make at base prices, scrap aside.
fn at_base_prices(outcome: &YearOutcome<'_>, node: usize) -> f64 {
    let tranches = outcome.market.nodes[node].tranches.iter().filter(|t| t.feed != Feed::Scrap);
    tranches.map(|t| supply(t.capacity, t.drive, 1.0, 1.0, 1.0).value).sum()
}

#[test]
fn every_mineral_balances_and_is_certified_in_every_year() {
    let mut minerals = 0;
    for simulation in all_minerals() {
        minerals += simulation.chains.len();
        for draw in [Draw::MIDDLE, Draw::new(SEED, 0)] {
            let mut years = 0;
            simulation.runner().undisturbed(draw, None, &mut |outcome| {
                check_year(outcome);
                years += 1;
            });
            assert_eq!(years, simulation.chains.len() * 16);
        }
    }
    assert!(minerals >= 45, "{minerals}");
}

#[test]
fn prices_stay_within_reason_or_say_why() {
    let (found, _) = forecast_all(&WORLD, &options());
    for one in &found {
        for year in 2025..=2040 {
            let multiple = one.price_multiple(year).unwrap().mid;
            assert!(multiple > 0.0 && multiple < 20.0, "{} {year}: {multiple}", one.mineral);
            let told = one.causes.iter().any(|cause| cause.year == year && !cause.drivers.is_empty());
            assert!(
                told != (1.0 / UNUSUAL..=UNUSUAL).contains(&multiple),
                "{} {year}: {multiple}",
                one.mineral
            );
        }
    }
}

#[test]
fn the_drivers_parts_add_up_to_the_price() {
    for mineral in ["gallium", "lithium"] {
        let mineral: MineralId = mineral.parse().unwrap();
        let short = ForecastOptions { last_year: 2030, ..options() };
        let (simulation, _) = simulate(&WORLD, &with_hosts(&WORLD, std::slice::from_ref(&mineral)), &short);
        let position = simulation.chains.iter().position(|chain| chain.base.mineral == mineral).unwrap();
        let why = why_price(&simulation, position);
        let found = forecast(&WORLD, &mineral, &short).unwrap();
        assert!(why.years.len() == 6 && why.years[5].parts.len() >= 4);
        for year in &why.years {
            let sum: f64 = year.without + year.parts.iter().map(|(_, part)| part).sum::<f64>();
            assert!((sum / year.price - 1.0).abs() < 1e-9, "{mineral} {}", year.year);
            let price = found.at(year.year, why.stage).unwrap().price.mid;
            assert!((price / year.price - 1.0).abs() < 1e-9, "{mineral} {}: {price}", year.year);
        }
    }
}

#[test]
fn what_is_published_for_the_first_year_holds_the_mines_that_ramp_up_in_it() {
    let mut checked = 0;
    for simulation in all_minerals() {
        simulation.runner().undisturbed(Draw::MIDDLE, None, &mut |outcome| {
            let chain = outcome.chain;
            if outcome.year != chain.base.baseline.year + 1 || !chain.hosts.is_empty() {
                return;
            }
            for (i, step) in chain.first_step.iter().enumerate() {
                let Some(step) = step.filter(|_| chain.base_output[i] > 0.0) else { continue };
                let published = step * chain.base_output[i];
                let made = at_base_prices(outcome, i);
                let named = outcome.market.nodes[i].tranches.iter().filter(|t| t.id != RUNNING);
                let new: f64 = named.map(|t| t.capacity).sum();
                // Running output is never cut by more than half for what projects are said to add.
                assert!(made <= published + new.max(0.0) + 1e-6 * published);
                if new < 0.3 * published {
                    assert!((made / published - 1.0).abs() < 1e-9, "{} {i}", chain.base.mineral);
                    checked += usize::from(new > 0.0);
                }
            }
        });
    }
    assert!(checked > 5, "{checked}");
}

#[test]
fn a_project_with_both_stages_makes_its_tonnes_once_at_each() {
    let mut both = 0;
    for chain in all_minerals().iter().flat_map(|simulation| &simulation.chains) {
        for site in &chain.sites {
            let id = site.project.id.as_str();
            let places: Vec<_> = chain
                .base
                .market
                .nodes
                .iter()
                .flat_map(|node| node.tranches.iter().filter(|t| t.id == id).map(|_| node.stage))
                .collect();
            let stages: std::collections::BTreeSet<_> = places.iter().copied().collect();
            assert_eq!(places.len(), stages.len(), "{id}");
            both += usize::from(places.len() == 2);
        }
        let counted = WORLD.projects(&chain.base.mineral).iter().filter(|row| !row.counts);
        for row in counted {
            assert!(chain.sites.iter().all(|site| site.project.id != row.id), "{}", row.id);
        }
    }
    assert!(both > 10, "{both}");
}

#[test]
fn a_by_product_stays_under_what_its_hosts_let_it_make() {
    let mut bound = 0;
    for simulation in all_minerals() {
        let mut growth: BTreeMap<(MineralId, i32), Vec<f64>> = BTreeMap::new();
        simulation.runner().undisturbed(Draw::MIDDLE, None, &mut |outcome| {
            let chain = outcome.chain;
            let nodes = 0..chain.base.market.nodes.len();
            let made =
                nodes.clone().map(|i| outcome.equilibrium.node_output(i) / chain.node_base[i]).collect();
            growth.insert((chain.base.mineral.clone(), outcome.year), made);
            let share: f64 = chain.hosts.iter().map(|(_, share, ..)| share).sum();
            if share < 0.999 {
                return;
            }
            // Where one host alone carries a by-product, the limit can be read off the host's output.
            let [(host, _, most, stage)] = chain.hosts.as_slice() else { return };
            let of = simulation.chains.iter().find(|c| c.base.mineral == *host).unwrap();
            for i in nodes {
                let node = &chain.base.market.nodes[i];
                let Some(place) = of.base.node(node.country, *stage).filter(|&p| of.node_base[p] > 0.0)
                else {
                    continue;
                };
                let running: f64 = node
                    .tranches
                    .iter()
                    .zip(&outcome.market.nodes[i].tranches)
                    .filter(|(t, _)| t.id == RUNNING)
                    .map(|(_, now)| now.capacity)
                    .sum();
                let limit = most * growth[&(host.clone(), outcome.year)][place];
                assert!(
                    running <= chain.base_capacity[i] * limit * (1.0 + 1e-9),
                    "{} {}",
                    chain.base.mineral,
                    node.country
                );
                bound += 1;
            }
        });
    }
    assert!(bound > 10, "{bound}");
}

/// The facts with one table changed.
fn changed(edit: impl FnOnce(&mut Tables)) -> World {
    let mut tables = WORLD.tables().clone();
    edit(&mut tables);
    World::from_tables(tables)
}

fn lithium(world: &World) -> Chain {
    let lithium: MineralId = "lithium".parse().unwrap();
    Chain::prepare(world, &lithium, 2024, 2025..=2040, "STEPS", &[], &Params::default().mid()).unwrap()
}

/// What one country is expected to add beyond named projects in a year.
fn unnamed(chain: &Chain, country: &str, year: usize) -> f64 {
    let node = chain.base.node(country.parse().unwrap(), Stage::Mine).unwrap();
    chain.unnamed[node].get(year - 2024).copied().unwrap_or(0.0)
}

#[test]
fn a_named_project_takes_the_place_of_unnamed_ones() {
    let before = lithium(&WORLD);
    let after = lithium(&changed(|tables| {
        let mut row = WORLD.projects(&before.base.mineral)[0].clone();
        row.id = "CN-LI-NEW".parse().unwrap();
        row.iso3 = "CHN".parse().unwrap();
        (row.stage, row.status, row.counts) = (ProjectStage::Mine, ProjectStatus::Construction, true);
        (row.increment_low, row.increment_mid, row.increment_high) = (None, Some(20_000.0), None);
        (row.start_low, row.start_mid, row.start_high) = (Some(2026), Some(2026), Some(2026));
        tables.projects.push(row);
    }));
    let (was, is) = (unnamed(&before, "CHN", 2032), unnamed(&after, "CHN", 2032));
    let chance = Params::default().mid().success(ProjectStatus::Construction);
    assert!(was > 20_000.0 && (was - is - chance * 20_000.0).abs() < 1e-6, "{was} {is}");
    assert_eq!(unnamed(&before, "ARG", 2032), unnamed(&after, "ARG", 2032));
}

#[test]
fn a_country_under_a_quota_adds_nothing_unnamed() {
    let capped = changed(|tables| {
        let mut row = tables.restrictions[0].clone();
        row.exporter = "CHN".parse().unwrap();
        row.mineral = "lithium".parse().unwrap();
        (row.measure, row.to, row.scrap_only) = ("quota".to_owned(), String::new(), false);
        tables.restrictions.push(row);
    });
    assert!(unnamed(&lithium(&WORLD), "CHN", 2030) > 0.0);
    assert_eq!(unnamed(&lithium(&capped), "CHN", 2030), 0.0);
}

#[test]
fn the_names_and_order_of_projects_do_not_matter() {
    let renamed = changed(|tables| {
        let count = tables.projects.len();
        for (place, row) in tables.projects.iter_mut().enumerate() {
            row.id = format!("P-{:04}", count - place).parse().unwrap();
        }
        tables.projects.reverse();
    });
    let short = ForecastOptions { last_year: 2032, ..options() };
    for mineral in ["copper", "graphite"] {
        let mineral: MineralId = mineral.parse().unwrap();
        let of = |world| forecast(world, &mineral, &short).unwrap();
        let (plain, other) = (of(&WORLD), of(&renamed));
        for (a, b) in plain.years.iter().zip(&other.years) {
            assert!((a.price.mid / b.price.mid - 1.0).abs() < 1e-6, "{mineral} {}", a.year);
            assert!((a.output.mid / b.output.mid - 1.0).abs() < 1e-6, "{mineral} {}", a.year);
        }
    }
}

#[test]
fn a_mine_abroad_counts_at_its_place_and_for_its_owner() {
    let tungsten: MineralId = "tungsten".parse().unwrap();
    let found = forecast(&WORLD, &tungsten, &options()).unwrap();
    let year = found.at(2030, Stage::Mine).unwrap();
    let share = |list: &[(Iso3, Range)], country: &str| -> f64 {
        let country: Iso3 = country.parse().unwrap();
        list.iter().find(|(c, _)| *c == country).map_or(0.0, |(_, range)| range.mid)
    };
    let sum = |list: &[(Iso3, Range)]| -> f64 { list.iter().map(|(_, range)| range.mid).sum() };
    assert!((sum(&year.by_place) - 1.0).abs() < 1e-9 && (sum(&year.by_owner) - 1.0).abs() < 1e-6);
    assert!(share(&year.by_place, "KAZ") > 0.01);
    assert!(share(&year.by_owner, "CHN") > share(&year.by_place, "CHN"));
}
