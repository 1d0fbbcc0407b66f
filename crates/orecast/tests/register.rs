//! The shipped register: its figures are those that its dated rows give.
#![allow(clippy::unwrap_used)]

mod shipped;

use std::collections::BTreeSet;

use orecast::{
    base::date::PartialDate,
    policy::case_schema,
    register::{
        Filter, deal,
        follow::{Follow, follow},
        history::{Kept, PromiseHistory, histories},
        party,
        rate::{Rate, rates},
    },
    world::{
        World,
        table::{ClauseKind, Link, Step},
    },
};

use shipped::WORLD;

fn world() -> &'static World {
    &WORLD
}

fn thread<'w>(world: &'w World, id: &str) -> PromiseHistory<'w> {
    histories(world).into_iter().find(|thread| thread.id.as_str() == id).unwrap()
}

fn follow_of<'w>(world: &'w World, id: &str) -> Follow<'w> {
    follow(world, deal(world, id).unwrap())
}

#[test]
fn a_promise_of_thirty_days_took_seventy_nine() {
    let thread = thread(world(), "us-eu-memorandum");
    let clocks = thread.clocks();
    let clock = clocks.iter().find(|clock| clock.step == Step::Delivered).unwrap();
    assert_eq!(clock.took.unwrap().exact(), Some(79));
    assert_eq!(clock.promised.unwrap().exact(), Some(30));
    assert_eq!(clock.slippage.unwrap().exact(), Some(49));
    assert_eq!(clock.kept, Kept::Late);
}

#[test]
fn a_fund_was_operational_232_days_after_signature() {
    let world = world();
    let signed = deal(world, "US-UKR-2025").unwrap().date;
    let thread = thread(world, "us-ukr-fund");
    let delivered = thread.taken(|step| step == Step::Delivered).unwrap().date.unwrap();
    assert_eq!(signed.until(delivered).exact(), Some(232));
    assert_eq!(thread.between(Step::Announced, Step::Delivered).unwrap().exact(), Some(232));
    assert_eq!(thread.between(Step::Announced, Step::InForce).unwrap().exact(), Some(8));
}

#[test]
fn a_letter_was_approved_after_25_months_at_1_6_times_the_amount() {
    let thread = thread(world(), "exim-stibnite");
    let months = thread.between(Step::LetterOfInterest, Step::Committed).unwrap().months();
    assert_eq!(months.round(), 25.0);
    assert_eq!((thread.growth().unwrap() * 10.0).round(), 16.0);
    assert!(!thread.counts(), "it is known because it was approved");
}

#[test]
fn definitive_papers_followed_the_announcement_within_126_days() {
    let found = follow_of(world(), "COVE-TKS-2025");
    let papers = found.promises.iter().find(|promise| promise.thread.as_str() == "cove-agreements").unwrap();
    let (_, clock) = papers.steps.iter().find(|(row, _)| row.step == Step::Committed).unwrap();
    assert_eq!(clock.took.unwrap().exact(), Some(126));
}

#[test]
fn every_fact_row_is_there() {
    let tables = world().tables();
    let count = [tables.agreements.len(), tables.measures.len(), tables.precedents.len()];
    assert_eq!(count, [63, 1151, 41]);
    assert!(tables.clauses.len() > 80 && tables.events.len() > 120 && tables.deal_projects.len() > 100);
    for row in &tables.agreements {
        assert!(tables.events.iter().any(|event| event.deal.as_ref() == Some(&row.id)), "{}", row.id);
    }
    let recalled: Vec<_> = tables.agreements.iter().filter(|row| row.note.contains("recalled")).collect();
    assert_eq!(recalled.len(), 11);
    assert!(recalled.iter().all(|row| row.grade == orecast::base::unit::Grade::C));
}

#[test]
fn every_page_of_the_register_has_an_address_and_terms() {
    let world = world();
    let tables = world.tables();
    let sources: BTreeSet<_> = tables
        .agreements
        .iter()
        .map(|row| &row.source)
        .chain(tables.events.iter().map(|row| &row.source))
        .collect();
    for id in sources {
        let source = world.source(id).unwrap();
        let own = id.as_str().starts_with("orecast-");
        assert!(own || source.url.starts_with("http"), "{id}");
        assert!(own || source.licence == "facts with citation", "{id}: {}", source.licence);
    }
}

#[test]
fn clauses_speak_the_language_of_levers() {
    let schema = case_schema().to_string();
    for kind in ClauseKind::ALL {
        let is_lever = schema.contains(&format!("\"const\":\"{kind}\""));
        assert_eq!(is_lever, kind.is_lever(), "{kind}");
    }
}

#[test]
fn rates_start_from_their_priors_and_count_only_what_was_not_picked_for_its_end() {
    let found = rates(world());
    let rate = |name: &str| -> &Rate { found.iter().find(|rate| rate.prior.name == name).unwrap() };
    let letters = rate("letter-of-interest");
    assert_eq!((letters.n, letters.converted, letters.set_aside, letters.set_aside_converted), (10, 0, 2, 2));
    assert_eq!((letters.prior.a, letters.prior.b), (3.0, 9.0));
    assert!(letters.mean < 0.25 && letters.mean > 0.24, "{}", letters.mean);
    assert!(letters.months.iter().any(|months| months.round() == 25.0));
    let soft = rate("non-binding-deal");
    assert!(soft.n > 30 && soft.converted >= 3 && soft.open_weight > 5.0, "{soft:?}");
    let promises = rate("dated-promise");
    assert_eq!((promises.converted, promises.lapsed), (0, 1));
    for rate in &found {
        assert!(rate.range.is_ordered() && rate.range.low > 0.0 && rate.range.high < 1.0, "{rate:?}");
        assert_eq!(rate.n, rate.converted + rate.lapsed + rate.open);
    }
}

#[test]
fn deals_are_found_by_what_they_are() {
    let world = world();
    let count = |filter: Filter| filter.of(world).len();
    let all = count(Filter::default());
    assert_eq!(all, 63);
    let kaz = party(world, "Kazakhstan").unwrap();
    let with_kaz = Filter { party: Some(kaz), ..Filter::default() };
    let found = with_kaz.of(world);
    let ids: BTreeSet<&str> = found.iter().map(|row| row.id.as_str()).collect();
    assert!(ids.contains("US-KAZ-2025") && ids.contains("EU-C5-2025"), "a bloc's member counts: {ids:?}");
    let since: PartialDate = "2026".parse().unwrap();
    let late = count(Filter { since: Some(since), ..Filter::default() });
    assert!(late > 10 && late < all);
    let floors = Filter { clause: Some(ClauseKind::PriceFloor), ..Filter::default() };
    assert!(floors.of(world).iter().all(|row| row.id.as_str() != "US-KAZ-2025"), "its text is not public");
    assert!(deal(world, "US-KAZ-2052").unwrap_err().contains("did you mean `US-KAZ-2025`?"));
}

#[test]
fn trade_before_and_after_adds_up() {
    let world = world();
    let found = follow_of(world, "EU-KAZ-2022");
    let line = found.trade.iter().find(|line| line.after.is_some_and(|after| after.tonnes > 0.0)).unwrap();
    let after: Vec<f64> = line.years.iter().filter(|flow| flow.year > 2022).map(|flow| flow.tonnes).collect();
    let mean = after.iter().sum::<f64>() / after.len() as f64;
    assert!((line.after.unwrap().tonnes - mean).abs() <= 1e-9 * mean);
    for flow in found.trade.iter().flat_map(|line| &line.years) {
        assert!(flow.tonnes <= flow.all_tonnes * (1.0 + 1e-9), "{flow:?}");
    }
    let late = follow_of(world, "US-KAZ-2025");
    assert!(late.trade.iter().all(|line| line.after.is_none()), "no trade is published after 2024");
    assert!(follow_of(world, "MP-DOD-2025").trade.is_empty(), "one country has no trade with itself");
}

#[test]
fn named_projects_are_told_from_those_in_scope() {
    let found = follow_of(world(), "US-AUS-2025");
    let named = found.projects.iter().filter(|linked| linked.link == Link::Named).count();
    assert_eq!(named, 9);
    assert!(found.projects.len() > named);
    let letters = found.promises.iter().filter(|promise| promise.steps[0].0.step == Step::LetterOfInterest);
    assert_eq!(letters.count(), 7);
}
