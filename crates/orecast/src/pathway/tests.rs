//! Laws of stocks, suspensions and levies in the years.
#![allow(clippy::unwrap_used)]

use super::{Driver, Drivers, Growth, Simulation, year::take};
use crate::studies::forecast::{ForecastOptions, simulate, with_hosts};
use crate::{
    base::{
        draw::Draw,
        id::MineralId,
        unit::{Range, Stage},
    },
    market::Feed,
    params::Params,
    pathway::calibrate::RUNNING,
    project::{economics, fiscal::Terms},
    testing::{id, shipped_world},
    world::World,
};

#[expect(clippy::large_types_passed_by_value, reason = "a test's own parameters")]
fn prepared(world: &World, mineral: &str, params: Params<Range>) -> (Simulation, usize) {
    let mineral: MineralId = id(mineral);
    let options = ForecastOptions {
        last_year: 2040,
        scenario: "STEPS".to_owned(),
        as_of: None,
        draws: 0,
        seed: 1,
        params,
    };
    let (simulation, _) = simulate(world, &with_hosts(world, std::slice::from_ref(&mineral)), &options);
    let position = simulation.chains.iter().position(|chain| chain.base.mineral == mineral).unwrap();
    (simulation, position)
}

fn shipped(mineral: &str) -> (Simulation, usize) {
    prepared(&shipped_world(), mineral, Params::default())
}

/// Prices of all sellers, year by year.
fn prices(simulation: &Simulation, position: usize, drivers: Drivers, draw: Draw) -> Vec<Vec<Option<f64>>> {
    let mut years = Vec::new();
    simulation.runner().with_drivers(drivers).undisturbed(draw, None, &mut |outcome| {
        if outcome.position == position {
            years.push(outcome.equilibrium.price.clone());
        }
    });
    years
}

fn without(driver: Driver) -> Drivers {
    Drivers::of(Driver::ALL.into_iter().filter(|other| *other != driver))
}

#[test]
fn every_stock_account_closes_and_opens_where_it_closed() {
    let mut traded = 0;
    for mineral in ["gallium", "tungsten", "graphite", "silver"] {
        let (simulation, position) = shipped(mineral);
        let held = simulation.chains[position].holdings.iter().filter(|holding| holding.trades()).count();
        for draw in [Draw::MIDDLE, Draw::new(5, 0), Draw::new(5, 1)] {
            let mut before: Option<Vec<f64>> = None;
            simulation.runner().undisturbed(draw, None, &mut |outcome| {
                if outcome.position != position {
                    return;
                }
                assert_eq!(outcome.stocks.len(), held);
                for (place, account) in outcome.stocks.iter().enumerate() {
                    assert_eq!(account.opening + account.bought - account.released, account.closing);
                    assert!(account.closing >= 0.0 && account.bought >= 0.0 && account.released >= 0.0);
                    assert!(account.bought == 0.0 || account.released == 0.0);
                    assert!(before.as_ref().is_none_or(|closing| closing[place] == account.opening));
                    traded += usize::from(account.opening != account.closing);
                }
                before = Some(outcome.stocks.iter().map(|account| account.closing).collect());
            });
        }
    }
    assert!(traded > 10, "{traded}");
}

#[test]
fn money_is_no_stock_and_sales_since_the_figure_are_taken_off() {
    let (simulation, position) = shipped("tungsten");
    let chain = &simulation.chains[position];
    let reserve = chain.holdings.iter().find(|holding| holding.holder == id("USA")).unwrap();
    assert!((reserve.tonnes.mid - (8330.0 - 1719.0) * chain.base.baseline.recovery).abs() < 1.0);
    let (simulation, position) = shipped("silver");
    let holdings = &simulation.chains[position].holdings;
    assert_eq!((holdings.len(), holdings.iter().filter(|holding| holding.trades()).count()), (2, 1));
}

#[test]
fn without_a_stock_nothing_changes_to_the_bit() {
    let mut tables = shipped_world().tables().clone();
    for row in &mut tables.stocks {
        (row.value, row.low, row.high) = (Some(0.0), None, None);
    }
    let empty = World::from_tables(tables);
    let (of_none, position) = prepared(&empty, "tungsten", Params::default());
    let (of_some, _) = shipped("tungsten");
    for draw in [Draw::MIDDLE, Draw::new(5, 3)] {
        let none = prices(&of_none, position, Drivers::ALL, draw);
        assert_eq!(none, prices(&of_some, position, without(Driver::Stocks), draw));
        assert_ne!(none, prices(&of_some, position, Drivers::ALL, draw));
    }
}

#[test]
fn what_is_let_go_never_raises_a_price() {
    let mut released = 0;
    for mineral in ["graphite", "tin", "niobium", "magnesium", "cobalt", "antimony"] {
        let (simulation, position) = shipped(mineral);
        for draw in [Draw::MIDDLE, Draw::new(5, 1)] {
            let plain = prices(&simulation, position, without(Driver::Stocks), draw);
            let (mut year, mut first) = (0, None);
            simulation.runner().undisturbed(draw, None, &mut |outcome| {
                if outcome.position == position {
                    let acts = outcome.stocks.iter().any(|account| account.opening != account.closing);
                    if acts && first.is_none() {
                        let only_out = outcome.stocks.iter().all(|account| account.bought == 0.0);
                        first = Some((year, only_out, outcome.equilibrium.price.clone()));
                    }
                    year += 1;
                }
            });
            // Until the first trade the two runs are the same, if the hosts are.
            let Some((year, true, with)) = first.filter(|_| simulation.chains.len() == 1) else { continue };
            for (with, without) in with.iter().zip(&plain[year]) {
                if let (Some(with), Some(without)) = (with, without) {
                    assert!(*with <= without * (1.0 + 1e-9), "{mineral}: {with} {without}");
                }
            }
            released += 1;
        }
    }
    assert!(released >= 3, "{released}");
}

/// Capacity of a node's running plants in the first year when one host's mines in that country run to a share of the usual.
fn beside_host(simulation: &Simulation, by_product: usize, host: usize, node: usize, runs: f64) -> f64 {
    let mut growth: Vec<Vec<Growth>> = simulation.runner().undisturbed(Draw::MIDDLE, None, &mut |_| {});
    let country = simulation.chains[by_product].base.market.nodes[node].country;
    let stage =
        simulation.chains[by_product].hosts.iter().find(|h| h.0 == simulation.chains[host].base.mineral);
    let place = simulation.chains[host].base.node(country, stage.unwrap().3).unwrap();
    for year in &mut growth[host] {
        year.running[place] *= runs;
        year.nodes[place] *= runs;
    }
    let known: Vec<bool> = (0..simulation.chains.len()).map(|c| c != by_product).collect();
    let mut capacity = 0.0;
    simulation.runner().undisturbed(Draw::MIDDLE, Some((&known, &growth)), &mut |outcome| {
        // The first year, before any price could answer.
        if outcome.year == 2025 {
            let tranches = &outcome.market.nodes[node].tranches;
            capacity = tranches.iter().filter(|t| t.id == RUNNING).map(|t| t.capacity).sum();
        }
    });
    capacity
}

#[test]
fn by_products_stand_still_with_their_hosts_and_only_once() {
    let mut checked = 0;
    for (mineral, host) in
        [("indium", "zinc"), ("germanium", "zinc"), ("rhenium", "molybdenum"), ("cobalt", "copper")]
    {
        let (simulation, position) = shipped(mineral);
        let chain = &simulation.chains[position];
        let at = simulation.chains.iter().position(|chain| chain.base.mineral == id(host)).unwrap();
        let (_, share, _, stage) = chain.hosts.iter().find(|of| of.0 == id(host)).unwrap();
        let total: f64 = chain.hosts.iter().map(|of| of.1).sum();
        let share = share / total * total.min(1.0);
        for (node, of) in chain.base.market.nodes.iter().enumerate() {
            let hosted = simulation.chains[at].base.node(of.country, *stage);
            let is_mine = of.tranches.iter().any(|t| t.feed == Feed::Ground && t.id == RUNNING);
            let Some(place) = hosted.filter(|_| is_mine && chain.base_output[node] > 0.0) else { continue };
            if simulation.chains[at].node_base[place] <= 0.0 {
                continue;
            }
            let full = beside_host(&simulation, position, at, node, 1.0);
            let half = beside_host(&simulation, position, at, node, 0.5);
            // Neither less, nor once more through the ceiling.
            assert!(
                (half / full - (1.0 - 0.5 * share)).abs() < 1e-6,
                "{mineral} {}: {}",
                of.country,
                half / full
            );
            checked += 1;
            if checked % 3 == 0 {
                break;
            }
        }
    }
    assert!(checked >= 6, "{checked}");
}

#[test]
fn in_every_draw_a_by_product_runs_no_more_than_its_suspended_hosts() {
    let often = Params {
        suspension_rate: Range::exact(0.3),
        restart_rate: Range::exact(0.3),
        closure_rate: Range::exact(0.0),
        ..Params::default()
    };
    let (simulation, position) = prepared(&shipped_world(), "germanium", often);
    let chain = &simulation.chains[position];
    let at = simulation.chains.iter().position(|chain| chain.base.mineral == id("zinc")).unwrap();
    let share = chain.hosts.iter().find(|of| of.0 == id("zinc")).unwrap().1;
    let mut stopped = 0;
    for draw in (0..6).map(|index| Draw::new(11, index)) {
        let growth = simulation.runner().undisturbed(draw, None, &mut |_| {});
        for (host, by_product) in growth[at].iter().zip(&growth[position]) {
            for (node, of) in chain.base.market.nodes.iter().enumerate() {
                let Some(place) = simulation.chains[at].base.node(of.country, Stage::Mine) else {
                    continue;
                };
                if simulation.chains[at].node_base[place] > 0.0 && chain.base_output[node] > 0.0 {
                    let runs = host.running[place];
                    let own = by_product.running[node] - share * runs;
                    // What does not come out of zinc has mines of its own, which run or not: at most all of them, of which half
                    // are suspended as a rule.
                    assert!((-1e-9..=2.0 * (1.0 - share) + 1e-9).contains(&own), "{own}");
                    stopped += usize::from(runs == 0.0);
                }
            }
        }
    }
    assert!(stopped > 0);
}

#[test]
fn a_projects_levies_in_the_years_are_those_of_its_page() {
    let world = shipped_world();
    let (simulation, position) = shipped("tungsten");
    let chain = &simulation.chains[position];
    let mut own = 0;
    for index in 0..20 {
        let draw = Draw::new(9, index);
        let params = simulation.params().draw(draw);
        for site in &chain.sites {
            let row =
                world.projects(&chain.base.mineral).iter().find(|row| row.id == site.project.id).unwrap();
            let page = economics::Case::of(&world, row, chain.base.baseline.year + 1).unwrap().fiscal;
            let drawn = take::of_project(chain, site, draw, &params);
            if take::stands_in(&page) {
                assert_eq!(drawn.royalty, params.royalty);
            } else {
                assert_eq!(drawn, page.draw(row.iso3, draw), "{}", row.id);
                own += 1;
            }
        }
    }
    assert!(own > 50, "{own}");
}

#[test]
fn a_host_with_mines_and_no_project_takes_what_its_terms_say() {
    let world = shipped_world();
    let (simulation, position) = shipped("tungsten");
    let chain = &simulation.chains[position];
    let alone = |node: &&crate::market::Node| {
        node.stage == Stage::Mine
            && chain.base.market.nodes.iter().filter(|other| other.country == node.country).count() == 1
            && chain.sites.iter().all(|site| site.project.country != node.country)
    };
    let host = chain.base.market.nodes.iter().find(alone).unwrap().country;
    let terms = Terms::of(&world, host, &chain.base.mineral, true, chain.base.baseline.year + 1);
    let params = simulation.params().draw(Draw::MIDDLE);
    let mut rates = terms.draw(host, Draw::MIDDLE);
    if take::stands_in(&terms) {
        rates.royalty = params.royalty;
    }
    if rates.income_tax == 0.0 {
        rates.income_tax = 0.25;
    }
    let cost = params.operating_share;
    let written_off = 1.0 - cost - params.profit_share;
    let mut years = 0;
    simulation.runner().undisturbed(Draw::MIDDLE, None, &mut |outcome| {
        if outcome.position != position {
            return;
        }
        let node = chain.base.node(host, Stage::Mine).unwrap();
        let price = outcome.equilibrium.price[node].unwrap();
        let (tonnes, base) =
            (outcome.equilibrium.node_output(node), chain.base.market.nodes[node].base_price);
        let take = rates.take(price * tonnes, cost * base * tonnes, written_off * base * tonnes, &mut 0.0);
        let found = outcome.payments.host_revenue[&host];
        assert!((found / take.total() - 1.0).abs() < 1e-9, "{host}: {found} {}", take.total());
        years += 1;
    });
    assert_eq!(years, simulation.years.len());
}
