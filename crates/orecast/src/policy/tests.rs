#![allow(clippy::unwrap_used)]

mod faults;

use std::collections::BTreeSet;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::{preset::preset_schema, *};
use crate::{
    base::{
        id::ArmId,
        unit::{Range, Stage},
    },
    testing::assert_schema_in_docs,
    world::table::BlocRow,
};

const SHIPPED: &str = include_str!("../../../../deals/us-kazakhstan-2025.toml");

const GOOD: &str = r#"id = "AA-BB"
title = "A deal"
leader = "USA"
host = "KAZ"
rival = "CHN-BLOC"
signed = 2025-11-06
base_year = 2024
years = { from = 2025, to = 2040 }
minerals = ["tungsten", "titanium"]
demand_scenario = "STEPS"

[assumptions]
wacc_offtake_pp = [2, 2.5, 3]

[[arm]]
id = "no-deal"
title = "No deal"

[[arm]]
id = "mou"
title = "Memorandum"
preset = "mou"

[[commitment]]
lever = "project-finance"
project = "KZ-W-NKATPAR"
instrument = "letter-of-interest"
amount_musd = 900
payer = "USA"
materialises = { probability = [0.2, 0.4, 0.6], year = [2027, 2028, 2030] }
source = "press"
grade = "B"

[[commitment]]
lever = "price-floor"
mineral = "tungsten"
stage = "refine"
country = "KAZ"
usd_per_t = [35_000, 40_000, 45_000]
years = "unknown"
source = "press"
grade = "C"

[[shock]]
lever = "export-restriction"
mineral = "tungsten"
stage = "refine"
exporters = ["CHN"]
importers = ["USA"]
kind = "ban"
materialises = { probability = 0.3, year = 2027 }
source = "press"
grade = "C"

[[source]]
id = "press"
title = "An article"
date = "2026-03"
"#;

fn set<T: Ord + std::str::FromStr>(words: &str) -> BTreeSet<T> {
    words.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

fn member(bloc: &str, country: &str, from: i32) -> BlocRow {
    BlocRow {
        bloc: bloc.parse().unwrap(),
        iso3: country.parse().unwrap(),
        from,
        to: None,
        joined: String::new(),
        left: String::new(),
        source: "usgs".parse().unwrap(),
        note: String::new(),
    }
}

fn names() -> Names {
    let minerals = "tungsten chromium titanium beryllium tantalum rhenium antimony gallium germanium copper uranium \
                    rare_earths lithium graphite cobalt magnesium tin";
    let tungsten = ("tungsten".parse().unwrap(), Stage::Refine);
    Names {
        minerals: set(minerals),
        countries: set("USA KAZ CHN DEU"),
        projects: set("KZ-W-NKATPAR KZ-W-UKAIR KZ-TI-UKTMP KZ-MG-UKTMP"),
        sources: set("usgs"),
        blocs: vec![
            member("CHN-BLOC", "CHN", 2000),
            member("EU27", "DEU", 1958),
            member("LATER", "DEU", 2030),
        ],
        scenarios: set("STEPS APS"),
        parameters: set("wacc_offtake_pp"),
        prices: [(tungsten, (35_044.0, 59_180.0))].into(),
        columns: [("projects".to_owned(), vec!["id".to_owned(), "life_years".to_owned()])].into(),
        rates: [("letter-of-interest".to_owned(), Range::new(0.08, 0.24, 0.47))].into(),
    }
}

fn parse(text: &str) -> Result<Case, crate::base::diagnostic::Diagnostics> {
    Case::parse("case.toml", text, &names(), &Presets::shipped().unwrap())
}

/// What the good case says when one thing in it is changed.
fn says(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    match parse(&GOOD.replacen(from, to, 1)) {
        Ok(_) => "nothing".to_owned(),
        Err(report) => report.to_string(),
    }
}

fn arm<'a>(case: &'a Case, id: &str) -> &'a Arm {
    case.arm(&id.parse::<ArmId>().unwrap()).unwrap()
}

#[test]
fn a_good_case_is_read_and_filled() {
    assert_eq!(says("A deal", "A deal"), "nothing");
    let case = parse(GOOD).unwrap();
    assert!(arm(&case, "no-deal").commitments.is_empty());
    assert_eq!(arm(&case, "no-deal").shocks, arm(&case, "mou").shocks);
    let [floor, finance] = &arm(&case, "mou").commitments[..] else { panic!("two commitments") };
    assert_eq!(floor.id, "price-floor-tungsten-refine-KAZ");
    assert_eq!(finance.materialises.year, Quantity::stated(Range::new(2027.0, 2028.0, 2030.0)));
    let origins: Vec<String> =
        floor.numbers().iter().map(|(key, q)| format!("{key} {:?} {}", q.origin, q.range.mid)).collect();
    assert_snapshot!(origins.join("\n"), @r"
    probability Preset 0.15
    upside_share Preset 0.3
    usd_per_t Stated 40000
    year Preset 2028.8467741935483
    years Unknown 7
    ");
}

#[test]
fn the_shipped_case_reads_and_its_arms_differ_as_stated() {
    let case = Case::parse("deals/us-kazakhstan-2025.toml", SHIPPED, &names(), &Presets::shipped().unwrap())
        .unwrap();
    let row = |c: &Commitment| {
        let (p, year) = (c.materialises.probability.range, c.materialises.year.range);
        format!("  {:45} {} [{:.1}, {:.1}, {:.1}]", c.id, p.mid, year.low, year.mid, year.high)
    };
    let rows = |arm: &Arm| arm.commitments.iter().map(row).collect::<Vec<_>>();
    let table: Vec<String> =
        case.arms.iter().flat_map(|arm| [vec![arm.id.to_string()], rows(arm)].concat()).collect();
    assert_snapshot!(table.join("\n"), @r"
    no-deal
    mou
      dfc-nkatpar                                   0.24 [2026.7, 2027.8, 2030.3]
      dfc-ukair                                     0.24 [2026.7, 2027.8, 2030.3]
      exim-nkatpar                                  0.24 [2026.7, 2027.8, 2030.3]
      exim-ukair                                    0.24 [2026.7, 2027.8, 2030.3]
      offtake-KZ-W-NKATPAR                          0.3 [2026.8, 2028.8, 2031.8]
      offtake-KZ-W-UKAIR                            0.3 [2026.8, 2028.8, 2031.8]
    framework
      dfc-nkatpar                                   0.45 [2026.6, 2027.5, 2029.8]
      dfc-ukair                                     0.45 [2026.6, 2027.5, 2029.8]
      exim-nkatpar                                  0.45 [2026.6, 2027.5, 2029.8]
      exim-ukair                                    0.45 [2026.6, 2027.5, 2029.8]
      offtake-KZ-MG-UKTMP                           0.65 [2026.6, 2027.8, 2030.3]
      offtake-KZ-TI-UKTMP                           0.65 [2026.6, 2027.8, 2030.3]
      offtake-KZ-W-NKATPAR                          0.65 [2026.6, 2027.8, 2030.3]
      offtake-KZ-W-UKAIR                            0.65 [2026.6, 2027.8, 2030.3]
      offtake-beryllium-refine-KAZ                  0.65 [2026.6, 2027.8, 2030.3]
      offtake-chromium-refine-KAZ                   0.65 [2026.6, 2027.8, 2030.3]
      offtake-rhenium-refine-KAZ                    0.65 [2026.6, 2027.8, 2030.3]
      offtake-tantalum-refine-KAZ                   0.65 [2026.6, 2027.8, 2030.3]
      permitting-KZ-W-NKATPAR                       0.6 [2026.1, 2026.8, 2027.8]
      permitting-KZ-W-UKAIR                         0.6 [2026.1, 2026.8, 2027.8]
      price-floor-tungsten-refine-KAZ               0.35 [2026.8, 2028.3, 2030.8]
      tech-transfer-tungsten-KAZ                    0.55 [2026.8, 2028.3, 2030.8]
    ");
    let ids: BTreeSet<&str> = case.sources.iter().map(|source| source.id.as_str()).collect();
    assert!(case.arms.iter().flat_map(Arm::events).all(|c| ids.contains(c.source.as_str())));
    assert!(SHIPPED.lines().count() < 150);
}

#[test]
fn a_preset_of_the_reader_takes_the_place_of_a_shipped_one() {
    let mut presets = Presets::shipped().unwrap();
    let mine = "id = \"mou\"\ntitle = \"Mine\"\n[[source]]\nid = \"me\"\ntitle = \"My view\"\ndate = \"2026\"\n[[default]]\n\
                probability = 0.9\ndelay_years = 1\nnumbers = {}\nsource = \"me\"\ngrade = \"C\"\n";
    presets.add("mine.toml", mine).unwrap();
    let case = Case::parse("case.toml", GOOD, &names(), &presets).unwrap();
    assert_eq!(arm(&case, "mou").commitments[0].materialises.probability.range, Range::exact(0.9));
    let wrong = mine.replace("numbers = {}", "lever = \"offtake\"\nnumbers = { shares = 2 }");
    assert_snapshot!(presets.add("mine.toml", &wrong).unwrap_err(), @r"
    mine.toml:11: default.numbers.shares: the lever has no such number
        did you mean `share`?
    1 problem
    ");
}

#[test]
fn schemas_in_the_docs_are_those_of_the_code() {
    assert_schema_in_docs("case", case_schema());
    assert_schema_in_docs("preset", preset_schema());
    assert_schema_in_docs("disruption", disruption::disruption_schema());
}

#[test]
fn every_lever_has_documented_ranges_for_what_a_file_may_leave_out() {
    let presets = Presets::shipped().unwrap();
    for lever in super::check::tags(preset::commitment_schema()) {
        let mut entry = serde_json::Map::from_iter([("lever".to_owned(), lever.into())]);
        let open = presets.fill(&mut entry, Some("mou"), 2025.0);
        // The size of a stockpile has no usual value: the file must state it.
        let stated: &[&str] = if lever == "stockpile" { &["t"] } else { &[] };
        assert_eq!(open, stated, "{lever}");
    }
}

#[test]
fn deals_responses_and_branches_are_read() {
    let more = "[[deal]]\nid = \"CC\"\ntitle = \"C\"\nhost = \"DEU\"\nsigned = 2030-01-01\n\
                scope = { new_projects = [\"KZ-TI-UKTMP\"] }\n\n\
                [[response]]\nid = \"answer\"\nanswers = \"price-floor-tungsten-refine-KAZ\"\nlever = \"duty\"\n\
                mineral = \"tungsten\"\nstage = \"refine\"\nimporters = [\"CHN\"]\npercent = 5\n\
                materialises = { probability = 1, year = 2027 }\nsource = \"press\"\ngrade = \"C\"\n\n\
                [[branch]]\nid = \"other\"\ntitle = \"Another reading\"\n\n\
                [[overlay]]\nbranch = \"other\"\ntable = \"projects\"\nwhere = { id = \"x\" }\nset = { life_years = 5 }\n\
                source = \"press\"\n\n[[source]]";
    let text = GOOD.replace("[[source]]", more).replace("preset = \"mou\"", "preset = \"framework\"");
    let case = parse(&text).unwrap();
    let mou = arm(&case, "mou");
    // The framework's templates are filled for the further deal, too, from its own day of signature.
    let loan = mou.commitments.iter().find(|c| c.id == "project-finance-KZ-TI-UKTMP").unwrap();
    assert_eq!(loan.deal.as_ref().map(crate::base::id::DealId::as_str), Some("CC"));
    assert!(loan.materialises.year.range.mid > 2031.0, "{loan:?}");
    // Where nothing is promised there is nothing to answer.
    assert!(arm(&case, "no-deal").responses.is_empty());
    assert_eq!(mou.responses.len(), 1);
    let other = &case.branches[0].id;
    let empty = crate::world::World::from_tables(crate::world::Tables::default());
    let report = case.world(&empty, Some(other), "case.toml");
    let report = report.unwrap_err().to_string();
    assert!(report.contains("overlay.where: no row has these cells"), "{report}");
}

/// The good case with its commitments and shocks in another order.
fn shuffled(order: &[usize]) -> String {
    let (head, rest) = GOOD.split_once("[[commitment]]").unwrap();
    let (entries, tail) = rest.split_once("[[source]]").unwrap();
    let [finance, floor] =
        entries.split("[[shock]]").next().unwrap().split("[[commitment]]").collect::<Vec<_>>()[..]
    else {
        panic!("two commitments")
    };
    let shock = entries.split("[[shock]]").nth(1).unwrap();
    let entries =
        [format!("[[commitment]]{finance}"), format!("[[commitment]]{floor}"), format!("[[shock]]{shock}")];
    let entries = order.iter().map(|&i| entries[i].as_str()).collect::<Vec<_>>().join("\n");
    format!("{head}{entries}[[source]]{tail}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_entries_does_not_matter(order in Just(vec![0_usize, 1, 2]).prop_shuffle()) {
        prop_assert_eq!(parse(&shuffled(&order)).unwrap(), parse(GOOD).unwrap());
    }

    #[test]
    fn every_ordered_range_of_probabilities_is_legal_and_kept(mut p in prop::array::uniform3(0.0_f64..=1.0)) {
        p.sort_by(f64::total_cmp);
        let case = parse(&GOOD.replace("[0.2, 0.4, 0.6]", &format!("{p:?}"))).unwrap();
        let kept = arm(&case, "mou").commitments[1].materialises.probability;
        prop_assert_eq!(kept, Quantity::stated(Range::new(p[0], p[1], p[2])));
    }

    #[test]
    fn no_edit_of_one_character_makes_the_reader_panic(at in 0..GOOD.len(), with in "[ -~\n]") {
        if GOOD.is_char_boundary(at) && GOOD.is_char_boundary(at + 1) {
            let text = format!("{}{with}{}", &GOOD[..at], &GOOD[at + 1..]);
            let _ = parse(&text);
        }
    }
}

#[test]
fn a_deal_that_never_materialises_is_legal() {
    let case = parse(&GOOD.replace("[0.2, 0.4, 0.6]", "0").replace("0.3, year", "0.0, year")).unwrap();
    assert_eq!(arm(&case, "mou").commitments[1].materialises.probability.range, Range::exact(0.0));
}

#[test]
fn a_bloc_in_a_list_of_countries_stands_for_its_members_at_signature() {
    let importers = |list: &str| {
        let case = parse(&GOOD.replacen("importers = [\"USA\"]", &format!("importers = {list}"), 1)).unwrap();
        let shock = case.arms[0].shocks.iter().find_map(|commitment| match &commitment.lever {
            Lever::ExportRestriction(lever) => Some(lever.importers.clone()),
            _ => None,
        });
        shock.unwrap().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(importers(r#"["EU27", "USA", "DEU"]"#), ["DEU", "USA"]);
    assert_snapshot!(says(r#"importers = ["USA"]"#, r#"importers = ["LATER"]"#));
}
