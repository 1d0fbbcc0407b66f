//! What the reader says about a good case with one fault in it.

use insta::assert_snapshot;

use super::{GOOD, parse, says};

#[test]
fn an_unknown_word_is_met_with_the_nearest_legal_one() {
    assert_snapshot!(says("\"project-finance\"", "\"project-finanse\""), @r"
    case.toml:25: commitment.lever: no lever `project-finanse`
        did you mean `project-finance`?
    1 problem
    ");
    assert_snapshot!(says("leader = \"USA\"", "leader = \"USX\""), @r"
    case.toml:3: leader: no country `USX`
        did you mean `USA`?
    1 problem
    ");
    assert_snapshot!(says("[\"tungsten\", \"titanium\"]", "[\"tungsten\", \"titanum\"]"), @r"
    case.toml:9: minerals: no mineral `titanum`
        did you mean `titanium`?
    1 problem
    ");
    assert_snapshot!(says("KZ-W-NKATPAR", "KZ-W-NKATPA"), @r"
    case.toml:26: commitment.project: no project `KZ-W-NKATPA`
        did you mean `KZ-W-NKATPAR`?
    1 problem
    ");
    assert_snapshot!(says("source = \"press\"", "source = \"pres\""), @r"
    case.toml:31: commitment.source: no source `pres`
        did you mean `press`?
    1 problem
    ");
    assert_snapshot!(says("preset = \"mou\"", "preset = \"treaty\""), @r"
    case.toml:22: arm.preset: no preset `treaty`
        choose from: any, framework, framework-plus, joint-investment, mou, right-of-first-offer
    1 problem
    ");
    assert_snapshot!(says("payer = \"USA\"", "arms = [\"muo\"]"), @r"
    case.toml:29: commitment.arms: no arm `muo`
        did you mean `mou`?
    1 problem
    ");
    assert_snapshot!(says("letter-of-interest", "letter-of-intrest"), @r"
    case.toml:27: commitment.instrument: `letter-of-intrest` is not known
        did you mean `letter-of-interest`?
    1 problem
    ");
    assert_snapshot!(says("wacc_offtake_pp", "wacc_oftake_pp"), @r"
    case.toml:13: assumptions.wacc_oftake_pp: no parameter `wacc_oftake_pp`
        did you mean `wacc_offtake_pp`?
    1 problem
    ");
    assert_snapshot!(says("\"STEPS\"", "\"NZE2099\""), @r"
    case.toml:10: demand_scenario: no scenario `NZE2099`
        see data/demand.csv for the legal names
    1 problem
    ");
    assert_snapshot!(says("amount_musd", "amount_usd"), @r#"
    case.toml:24: commitment: `amount_musd` or `capex_share` is missing
        add it, as a number, a range or "unknown"
    case.toml:28: commitment.amount_usd: unknown key
        did you mean `amount_musd`?
    2 problems
    "#);
    assert_snapshot!(says("grade = \"B\"", "grade = \"B\"\nprobability = 0.3"), @r"
    case.toml:33: commitment.probability: unknown key
        the keys here are: amount_musd, answers, arms, capex_share, deal, grade, id, instrument, lever, materialises, note, payer, project, rate_percent, source
    1 problem
    ");
}

#[test]
fn a_number_must_make_sense() {
    assert_snapshot!(says("[0.2, 0.4, 0.6]", "[0.2, 0.4, 1.4]"), @r#"
    case.toml:30: commitment.materialises.probability: 1.4 is out of bounds
        write a number from 0 to 1, a range [low, middle, high], or "unknown"
    1 problem
    "#);
    assert_snapshot!(says("[0.2, 0.4, 0.6]", "[0.6, 0.4, 0.2]"), @r"
    case.toml:30: commitment.materialises.probability: [0.6, 0.4, 0.2] is not in order
        write the range as [low, middle, high] with low <= middle <= high
    1 problem
    ");
    assert_snapshot!(says("[0.2, 0.4, 0.6]", "[0.2, 0.4]"), @r#"
    case.toml:30: commitment.materialises.probability: found [0.2, 0.4]
        write a number from 0 to 1, a range [low, middle, high], or "unknown"
    1 problem
    "#);
    assert_snapshot!(says("[0.2, 0.4, 0.6]", "nan"), @r#"
    case.toml:30: commitment.materialises.probability: found NaN
        write a number from 0 to 1, a range [low, middle, high], or "unknown"
    1 problem
    "#);
    assert_snapshot!(says("amount_musd = 900", "amount_musd = -900"), @r#"
    case.toml:28: commitment.amount_musd: -900 is out of bounds
        write a number that is not negative, a range [low, middle, high], or "unknown"
    1 problem
    "#);
    assert_snapshot!(says("amount_musd = 900", "amount_musd = \"much\""), @r#"
    case.toml:28: commitment.amount_musd: found the text "much"
        write a number that is not negative, a range [low, middle, high], or "unknown"
    1 problem
    "#);
    assert_snapshot!(says("[2027, 2028, 2030]", "[2027, 2028, 2061]"), @r"
    case.toml:30: commitment.materialises.year: 2027 to 2061 is outside the horizon
        the case runs from 2025 to 2040
    1 problem
    ");
    assert_snapshot!(says("[35_000, 40_000, 45_000]", "[300, 320, 350]"), @r"
    case.toml:39: commitment.usd_per_t: a floor of 300 to 350 USD/t is far from any price seen
        prices of tungsten (refine) ran from 35044 to 59180 USD per tonne contained
    1 problem
    ");
    assert_snapshot!(says("from = 2025, to = 2040", "from = 2045, to = 2040"), @r"
    case.toml:8: years.from: 2045 is after 2040
        write the first year and then the last
    case.toml:30: commitment.materialises.year: 2027 to 2030 is outside the horizon
        the case runs from 2045 to 2040
    case.toml:51: shock.materialises.year: 2027 is outside the horizon
        the case runs from 2045 to 2040
    3 problems
    ");
    assert_snapshot!(says("base_year = 2024", "base_year = 2024.5"), @r"
    case.toml:7: base_year: found 2024.5
        write a whole number
    1 problem
    ");
    assert_snapshot!(says("signed = 2025-11-06", "signed = \"last autumn\""), @r"
    case.toml:6: signed: `last autumn` is not a date
        write a date such as 2025-11-06
    1 problem
    ");
}

#[test]
fn a_case_must_be_complete_and_of_one_mind() {
    assert_snapshot!(says("title = \"A deal\"\n", ""), @r"
    case.toml:1: `title` is missing
        add `title = ...`
    1 problem
    ");
    assert_snapshot!(says("amount_musd = 900\n", ""), @r#"
    case.toml:24: commitment: `amount_musd` or `capex_share` is missing
        add it, as a number, a range or "unknown"
    1 problem
    "#);
    assert_snapshot!(says("amount_musd = 900", "amount_musd = 900\ncapex_share = 0.8"), @r"
    case.toml:28: commitment.amount_musd: amount_musd and capex_share are given together
        keep one: `amount_musd` or `capex_share`
    1 problem
    ");
    assert_snapshot!(says("host = \"KAZ\"", "host = \"USA\""), @r"
    case.toml:4: host: `USA` is the leader too
        name two countries
    1 problem
    ");
    assert_snapshot!(says("id = \"mou\"", "id = \"no-deal\""), @r"
    case.toml:20: arm.id: `no-deal` is taken by the entry on line 15
        give it an `id` of its own
    1 problem
    ");
    assert_snapshot!(says("[[shock]]\nlever", "[[shock]]\nid = \"price-floor-tungsten-refine-KAZ\"\nlever"), @r"
    case.toml:45: shock.id: `price-floor-tungsten-refine-KAZ` is taken by the entry on line 34
        give it an `id` of its own
    1 problem
    ");
    assert_snapshot!(says("kind = \"ban\"", "kind = \"tax\""), @r#"
    case.toml:44: shock: `percent` is missing
        add it, as a number, a range or "unknown"
    1 problem
    "#);
    assert_snapshot!(says("materialises = { probability = 0.3, year = 2027 }", ""), @r"
    case.toml:44: shock.materialises.probability: `materialises.probability` is open and no preset fills it here
        write a number or a range
    case.toml:44: shock.materialises.year: `materialises.year` is open and no preset fills it here
        write a number or a range
    2 problems
    ");
    assert_snapshot!(says("mineral = \"tungsten\"", "mineral = \"tin\""), @r"
    case.toml:36: commitment.mineral: `tin` is not among the minerals of the case
        add it to `minerals` at the top of the file
    1 problem
    ");
    assert_snapshot!(says("exporters = [\"CHN\"]", "exporters = []"), @r"
    case.toml:48: shock.exporters: the list is empty
        name at least one
    1 problem
    ");
    assert_snapshot!(says("lever = \"price-floor\"\n", ""), @r"
    case.toml:34: commitment: `lever` is missing
        choose from: project-finance, offtake, price-floor, production-credit, tech-transfer, permitting, infrastructure, duty, export-restriction, exemption, pledge-not-to-restrict, stockpile, ownership-screen, right-of-first-offer, share-cap, recycling
    1 problem
    ");
}

#[test]
fn a_syntax_error_has_its_line() {
    assert_snapshot!(says("host = \"KAZ\"", "host = \"KAZ"), @r#"
    case.toml:4: invalid basic string, expected `"`
        write valid TOML here; toml.io shows the syntax
    1 problem
    "#);
}

#[test]
fn all_problems_are_reported_at_once() {
    let text = GOOD
        .replace("\"KAZ\"", "\"KAX\"")
        .replace("= 900", "= -900")
        .replace("0.6]", "1.6]")
        .replace("kind = \"ban\"", "kind = \"bann\"");
    assert_snapshot!(parse(&text).unwrap_err(), @r#"
    case.toml:4: host: no country `KAX`
        did you mean `KAZ`?
    case.toml:28: commitment.amount_musd: -900 is out of bounds
        write a number that is not negative, a range [low, middle, high], or "unknown"
    case.toml:30: commitment.materialises.probability: 1.6 is out of bounds
        write a number from 0 to 1, a range [low, middle, high], or "unknown"
    case.toml:38: commitment.country: no country `KAX`
        did you mean `KAZ`?
    case.toml:50: shock.kind: `bann` is not known
        did you mean `ban`?
    5 problems
    "#);
}

/// Faults besides those above: what is changed in the good case, and into what.
const MORE: [(&str, &str); 24] = [
    ("rival = \"CHN-BLOC\"", "rival = \"CHNBLOC\""),
    ("rival = \"CHN-BLOC\"\n", ""),
    ("id = \"AA-BB\"", "id = \"AA BB\""),
    ("title = \"A deal\"", "title = 5"),
    ("minerals = [\"tungsten\", \"titanium\"]", "minerals = \"tungsten\""),
    ("minerals = [\"tungsten\", \"titanium\"]", "minerals = []"),
    ("years = { from = 2025, to = 2040 }", "years = { from = 2025 }"),
    ("years = { from = 2025, to = 2040 }", "years = { from = 2025, to = 2040, by = 1 }"),
    ("base_year = 2024", "base_year = 2030"),
    ("signed = 2025-11-06", "signed = 2025-13-06"),
    ("wacc_offtake_pp = [2, 2.5, 3]", "wacc_offtake_pp = [3, 2.5, 2]"),
    ("payer = \"USA\"", "payer = \"Amerika\""),
    ("grade = \"B\"", "grade = \"D\""),
    ("source = \"press\"\ngrade = \"B\"", "grade = \"B\""),
    ("country = \"KAZ\"", "country = \"KAZ\"\nproject = \"KZ-W-UKAIR\""),
    ("stage = \"refine\"\ncountry", "stage = \"smelt\"\ncountry"),
    ("mineral = \"tungsten\"\nstage = \"refine\"\ncountry", "stage = \"refine\"\ncountry"),
    ("years = \"unknown\"", "years = \"unkown\""),
    ("years = \"unknown\"", "years = true"),
    ("kind = \"ban\"", "kind = \"ban\"\nquota_share = 0.4"),
    ("kind = \"ban\"", "kind = \"quota\"\nt_per_year = 5\nquota_share = 0.4"),
    (
        "lever = \"price-floor\"\nmineral = \"tungsten\"\nstage = \"refine\"",
        "lever = \"offtake\"\nbuyer = \"USA\"\nmineral = \"tungsten\"",
    ),
    (
        "materialises = { probability = 0.3, year = 2027 }",
        "materialises = { probability = \"observed:letter\", year = 2027 }",
    ),
    (
        "[[source]]\nid = \"press\"",
        "[[source]]\nid = \"press\"\ntitle = \"Twice\"\ndate = \"2026\"\n\n[[source]]\nid = \"press\"",
    ),
];

/// Faults of deals, responses, overlays and branches: what is added to the good case.
const ADDED: [(&str, &str); 19] = [
    ("id = \"AA-BB\"", "time_scale = \"slow\""),
    ("id = \"AA-BB\"", "leader_bloc = \"EU\""),
    ("id = \"AA-BB\"", "answer_year = 2050"),
    ("[[source]]", "[[deal]]\nid = \"CC\"\ntitle = \"C\"\nhost = \"XXX\"\nsigned = 2026-01-01\n"),
    ("[[source]]", "[[deal]]\nid = \"CC\"\ntitle = \"C\"\nhost = \"DEU\"\nsigned = 2026\n"),
    (
        "[[source]]",
        "[[deal]]\nid = \"CC\"\ntitle = \"C\"\nhost = \"DEU\"\nsigned = 2026-01-01\n\n[[deal]]\nid = \"CC\"\n\
         title = \"C\"\nhost = \"DEU\"\nsigned = 2026-01-01\n",
    ),
    ("payer = \"USA\"", "deal = \"DD\""),
    ("payer = \"USA\"", "answers = \"price-floor-tungsten-refine-KAZ\""),
    ("[[source]]", RESPONSE),
    (
        "[[source]]",
        "[[response]]\nanswers = \"price-flor-tungsten-refine-KAZ\"\nlever = \"duty\"\nmineral = \"tungsten\"\nstage = \"refine\"\n\
        importers = [\"CHN\"]\npercent = 5\nmaterialises = { probability = 1, year = 2027 }\nsource = \"press\"\ngrade = \"C\"\n",
    ),
    (
        "[[source]]",
        "[[response]]\nanswers = \"price-floor-tungsten-refine-KAZ\"\nlever = \"duty\"\nmineral = \"tungsten\"\nstage = \"refine\"\n\
        importers = [\"CHN\"]\npercent = 5\nsource = \"press\"\ngrade = \"C\"\n",
    ),
    ("[[source]]", "[[branch]]\nid = \"b\"\ntitle = \"B\"\n"),
    (
        "[[source]]",
        "[[overlay]]\ntable = \"project\"\nwhere = { id = \"x\" }\nset = { life_years = 5 }\nsource = \"press\"\n",
    ),
    (
        "[[source]]",
        "[[overlay]]\ntable = \"projects\"\nwhere = { idd = \"x\" }\nset = { life_years = 5 }\nsource = \"press\"\n",
    ),
    (
        "[[source]]",
        "[[overlay]]\ntable = \"projects\"\nwhere = {}\nset = { life_years = 5 }\nsource = \"press\"\n",
    ),
    (
        "[[source]]",
        "[[overlay]]\ntable = \"projects\"\nwhere = { id = \"x\" }\nset = { life_year = 5 }\nsource = \"press\"\n",
    ),
    (
        "[[source]]",
        "[[overlay]]\ntable = \"projects\"\nwhere = { id = \"x\" }\nset = { life_years = [4, 5, 6] }\nsource = \"press\"\n",
    ),
    (
        "[[source]]",
        "[[overlay]]\nbranch = \"a\"\ntable = \"projects\"\nwhere = { id = \"x\" }\nset = { life_years = 5 }\nsource = \"press\"\n",
    ),
    ("[[source]]", "[[overlay]]\ntable = \"projects\"\nwhere = { id = \"x\" }\nset = { life_years = 5 }\n"),
];

/// A response that does not say what it answers.
const RESPONSE: &str = "[[response]]\nlever = \"duty\"\nmineral = \"tungsten\"\nstage = \"refine\"\nimporters = [\"CHN\"]\n\
                        percent = 5\nmaterialises = { probability = 1, year = 2027 }\nsource = \"press\"\ngrade = \"C\"\n";

#[test]
fn faults_of_deals_responses_and_overlays_have_their_line_and_a_remedy_too() {
    let told: Vec<String> = ADDED
        .iter()
        .map(|(before, added)| {
            let report = says(before, &format!("{added}\n{before}"));
            assert!(report.contains("case.toml:") && report.contains("\n    "), "{added}: {report}");
            format!("+++ {}\n{report}\n", added.replace('\n', " / "))
        })
        .collect();
    assert_snapshot!("added_faults", told.join("\n"));
}

#[test]
fn every_other_fault_has_its_line_and_a_remedy_too() {
    let told: Vec<String> = MORE
        .iter()
        .map(|(from, to)| {
            let report = says(from, to);
            assert!(report.contains("case.toml:") && report.contains("\n    "), "{to}: {report}");
            format!("--- {}\n+++ {}\n{report}\n", from.replace('\n', " / "), to.replace('\n', " / "))
        })
        .collect();
    assert_snapshot!("more_faults", told.join("\n"));
}

#[test]
fn a_preset_may_only_name_rates_that_are_observed() {
    let mut presets = super::Presets::shipped().unwrap();
    let mine = "id = \"mou\"\ntitle = \"Mine\"\n[[source]]\nid = \"me\"\ntitle = \"My view\"\ndate = \"2026\"\n[[default]]\n\
                probability = \"observed:letter-of-intrest\"\ndelay_years = 1\nsource = \"me\"\ngrade = \"C\"\n";
    let report = presets.add("mine.toml", mine).unwrap_err().to_string();
    assert!(
        report.contains("mine.toml:8: default.probability: no observed rate `letter-of-intrest`"),
        "{report}"
    );
    assert!(report.contains("did you mean `letter-of-interest`?"), "{report}");
    presets.add("mine.toml", &mine.replace("intrest", "interest")).unwrap();
}
