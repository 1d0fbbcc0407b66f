//! The program as a reader meets it: results, reports and exit codes.
#![allow(clippy::unwrap_used)]

mod common;

use std::{collections::BTreeSet, fs, path::Path};

use common::{CASE, answer, report, root};
use insta::assert_snapshot;
use orecast::market::Market;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder of one test, with the shipped facts or the shipped case in it where asked.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, file: &str) -> String {
        self.0.path().join(file).to_str().unwrap().to_owned()
    }

    /// The shipped facts with one table edited.
    fn facts(file: &str, edit: impl Fn(&str) -> String) -> Self {
        let place = Self::new();
        fs::create_dir(place.path("data")).unwrap();
        for entry in fs::read_dir(root().join("data")).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, place.0.path().join("data").join(path.file_name().unwrap())).unwrap();
        }
        place.edit(&format!("data/{file}"), edit);
        place
    }

    /// The shipped case with a text replaced where it first stands.
    fn case(old: &str, new: &str) -> Self {
        let place = Self::new();
        fs::copy(root().join(CASE), place.path("case.toml")).unwrap();
        place.edit("case.toml", |text| text.replacen(old, new, 1));
        place
    }

    fn edit(&self, file: &str, edit: impl Fn(&str) -> String) {
        let path = self.path(file);
        let text = fs::read_to_string(&path).unwrap();
        let edited = edit(&text);
        assert_ne!(edited, text, "the edit changes nothing");
        fs::write(path, edited).unwrap();
    }

    /// What `run` says of the facts of this place; nothing may be written.
    fn report_of_facts(&self) -> String {
        self.report(&["run", CASE, "--package", &self.path("data")])
    }

    /// What `run` says of the case of this place; nothing may be written.
    fn report_of_case(&self) -> String {
        self.report(&["run", &self.path("case.toml")])
    }

    fn report(&self, arguments: &[&str]) -> String {
        let out = self.path("results");
        let said = report(&[arguments, &["--draws", "2", "--years", "2027", "--out", &out]].concat());
        assert!(!Path::new(&out).exists(), "something was written");
        self.relative(&said)
    }

    /// A report with paths relative to this place, and with the beginning of a line in place of its number, which
    /// changes with every row that is added to a table.
    fn relative(&self, said: &str) -> String {
        let quoted = |line: &str| {
            let (file, rest) = line.strip_prefix(&self.path(""))?.split_once(':')?;
            let (number, problem) = rest.split_once(':')?;
            let text = fs::read_to_string(self.path(file)).ok()?;
            let there = text.lines().nth(number.parse::<usize>().ok()? - 1)?;
            Some(format!("{file} [{}]:{problem}", there.chars().take(30).collect::<String>()))
        };
        let lines = said.lines().map(|line| quoted(line).unwrap_or_else(|| line.replace(&self.path(""), "")));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// A run of two draws over three years into a folder.
fn run_into(folder: &str, extra: &[&str]) {
    answer(&[&["run", CASE, "--draws", "2", "--years", "2027", "--out", folder], extra].concat());
}

#[test]
fn results_are_the_same_bytes_for_any_number_of_threads() {
    let place = Place::new();
    let bytes = |folder: &str, file: &str| fs::read(place.path(&format!("{folder}/{file}"))).unwrap();
    for (folder, threads) in [("one", "1"), ("again", "1"), ("two", "2")] {
        run_into(&place.path(folder), &["--threads", threads]);
    }
    for file in ["results.csv", "results.parquet", "manifest.json"] {
        let first = bytes("one", file);
        assert!(first.len() > 500, "{file}");
        assert!(bytes("again", file) == first && bytes("two", file) == first, "{file}");
    }
    let manifest: Value = serde_json::from_slice(&bytes("one", "manifest.json")).unwrap();
    assert_eq!(manifest["draws"], 2);
    assert_eq!(manifest["years"], json!([2025, 2026, 2027]));
    assert_eq!(manifest["converged"]["failed"], 0);
    run_into(&place.path("other"), &["--seed", "2"]);
    assert!(bytes("other", "results.csv") != bytes("one", "results.csv"), "the seed has no effect");
}

#[test]
fn the_document_holds_case_manifest_arms_and_ordered_rows() {
    const KEYS: [&str; 11] =
        ["mineral", "stage", "indicator", "actor", "arm", "year", "unit", "low", "mid", "high", "grade"];
    let text = answer(&["run", CASE, "--draws", "2", "--years", "2027", "--json"]);
    let document: Value = serde_json::from_str(&text).unwrap();
    for key in ["case", "manifest", "arms", "answer", "rows"] {
        assert!(document.get(key).is_some(), "{key}");
    }
    assert_eq!(document["case"]["id"], "US-KAZ-2025");
    let list = |key: &str| document[key].as_array().unwrap();
    let arms: Vec<&str> = list("arms").iter().map(|arm| arm["id"].as_str().unwrap()).collect();
    assert_eq!(arms, ["no-deal", "mou", "framework"]);
    let mut finite = 0;
    for row in list("rows") {
        assert!(KEYS.iter().all(|key| row.get(key).is_some()), "{row}");
        let number = |key: &str| row[key].as_f64();
        if let (Some(low), Some(mid), Some(high)) = (number("low"), number("mid"), number("high")) {
            assert!(low <= mid && mid <= high, "{row}");
            finite += 1;
        }
    }
    let rows = list("rows").len();
    assert!(rows > 1_000 && finite * 10 > rows * 9, "{finite} of {rows}");
    let minerals: BTreeSet<&str> = list("rows").iter().map(|row| row["mineral"].as_str().unwrap()).collect();
    assert_eq!(minerals.len(), document["manifest"]["minerals"].as_array().unwrap().len());
}

#[test]
fn minerals_and_countries_are_shown() {
    let tungsten = answer(&["show", "tungsten"]);
    assert!(tungsten.contains("China") && tungsten.contains("Sources"), "{tungsten}");
    assert_eq!(answer(&["show", "W"]), tungsten);
    let kazakhstan = answer(&["show", "KAZ"]);
    assert!(kazakhstan.contains("uranium") && kazakhstan.contains("KZ-W-NKATPAR"), "{kazakhstan}");
    assert_eq!(
        report(&["show", "tungstn"]),
        "`tungstn` is neither a mineral nor a country\n    did you mean `tungsten`?\n"
    );
}

#[test]
fn the_shipped_facts_are_sound() {
    let said = answer(&["data", "check"]);
    assert!(said.contains("no problems"), "{said}");
}

#[test]
fn reliance_is_compared_with_every_published_figure() {
    let text = answer(&["data", "reliance"]);
    assert!(text.contains("Published") && text.contains("tungsten"), "{text}");
    let document: Value = serde_json::from_str(&answer(&["data", "reliance", "--json"])).unwrap();
    let rows = document["rows"].as_array().unwrap();
    assert!(rows.len() >= 16);
    for row in rows {
        assert!(row["gap_points"].as_f64().is_none_or(|gap| gap >= 0.0), "{row}");
        assert!(row["published"].is_number() || row["flag"] == "net-exporter", "{row}");
    }
}

#[test]
fn tension_says_what_was_moved_and_what_pushed_it() {
    let text = answer(&["data", "tension"]);
    assert!(text.contains("tungsten") && text.contains("The largest moves"), "{text}");
    let document: Value = serde_json::from_str(&answer(&["data", "tension", "--json"])).unwrap();
    assert_eq!(document["worst"].as_array().unwrap().len(), 10);
    let cells: Value =
        serde_json::from_str(&answer(&["data", "tension", "--mineral", "tungsten", "--json"])).unwrap();
    let moves: Vec<f64> = cells["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cell| cell["tension"].as_f64().unwrap().abs())
        .collect();
    assert!(moves.len() > 50 && moves.is_sorted_by(|a, b| a >= b));
    assert!(answer(&["data", "tension", "--mineral", "tungsten"]).contains("mine output of China"));
    assert_eq!(
        report(&["data", "tension", "--mineral", "tungstn"]),
        "`tungstn` is neither a mineral nor a country\n    did you mean `tungsten`?\n"
    );
}

#[test]
fn exposure_is_shown_for_a_country_and_side_by_side() {
    let page = answer(&["risk", "USA", "--top", "3", "--wide"]);
    assert!(page.starts_with("United States: how exposed"), "{page}");
    assert!(page.contains("ranges: 9 in 10 of 40 readings"), "{page}");
    let plain = answer(&["risk", "USA", "--top", "60", "--draws", "0", "--wide"]);
    let lines: Vec<&str> = plain.lines().filter(|line| line.starts_with("rare earths")).collect();
    assert!(lines[0].contains("refine") && !lines[1].contains("net exporter"), "{lines:?}");
    assert!(page.contains("Reserves of note") && page.contains("published, B derived"), "{page}");
    let document: Value = serde_json::from_str(&answer(&["risk", "EU27", "--json"])).unwrap();
    let ranked = document["dependences"].as_array().unwrap();
    assert!(ranked.len() > 20 && ranked.iter().all(|row| row["stages"].as_array().is_some()));
    let table =
        answer(&["compare", "USA", "EU27", "JPN+KOR", "--minerals", "tungsten,W", "--stage", "refine"]);
    assert!(table.contains("EU27") && table.contains("JPN+KOR") && !table.contains("copper"), "{table}");
    assert_eq!(
        report(&["risk", "Atlantis"]),
        "`Atlantis` is neither a country nor a bloc of that year\n    give a country code such as `USA`, or one of \
         BRICS, C5, CHN-BLOC, EAEU, EU27, FORGE, G7, MSP, PAX-SILICA, SCO\n"
    );
}

#[test]
fn risk_scores_name_their_method_and_what_it_lacks() {
    let two = answer(&["risk", "geopolrisk", "--country", "USA", "--wide"]);
    assert!(two.contains("As published") && two.contains("Corrected"), "{two}");
    let risk = answer(&["risk", "eu", "--country", "EU27", "--wide"]);
    assert!(
        risk.contains("not the European Commission's scores") && risk.contains("no data, left out"),
        "{risk}"
    );
    let parts: Value =
        serde_json::from_str(&answer(&["risk", "nassar", "--country", "USA", "--json"])).unwrap();
    assert!(parts["rows"].as_array().unwrap().len() > 20 && parts["steps"][4]["support"] == "stand-in");
    let place = Place::new();
    let said = place.relative(&report(&["risk", "geopolrisk", "--inputs", &place.path("nothing")]));
    assert!(said.contains("nothing/countries.csv") && said.ends_with("5 problems"), "{said}");
}

#[test]
fn a_market_goes_to_a_file_and_back() {
    let place = Place::new();
    let file = place.path("m.json");
    let said = answer(&["market", "dump", "tungsten", "--year", "2024", "-o", &file]);
    assert!(said.starts_with(&format!("{file} written")) && said.contains("sellers"), "{said}");
    let text = fs::read_to_string(&file).unwrap();
    let market: Market = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string_pretty(&market).unwrap() + "\n", text);
    assert_eq!(answer(&["market", "dump", "tungsten"]), text);
    let dumped: Value = serde_json::from_str(&answer(&["market", "dump", "W", "--json"])).unwrap();
    assert_eq!(dumped["file"], text.as_str());
    let solution: Value = serde_json::from_str(&answer(&["market", "solve", &file, "--json"])).unwrap();
    assert_eq!(solution["status"], "converged");
    assert_eq!(solution["flow"].as_array().unwrap().len(), market.arcs.len());
    assert!(answer(&["market", "solve", &file]).starts_with("tungsten 2024: converged"));
    assert_eq!(
        report(&["market", "dump", "tungstn"]),
        "`tungstn` is neither a mineral nor a country\n    did you mean `tungsten`?\n"
    );
}

#[test]
fn a_broken_market_is_refused() {
    let place = Place::new();
    let file = place.path("m.json");
    answer(&["market", "dump", "beryllium", "-o", &file]);
    let mut broken: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let says = |text: &str| {
        fs::write(&file, text).unwrap();
        place.relative(&report(&["market", "solve", &file, "--json"]))
    };

    broken["nodes"][0]["base_price"] = (-5.0).into();
    broken["arcs"][1]["from"] = 9_999.into();
    broken["users"][0]["theta"] = 0.into();
    assert_snapshot!(says(&broken.to_string()), @r"
    m.json: nodes[0]: not a legal market
        base_price must be a positive number
    m.json: users[0]: not a legal market
        base_price, theta and backstop.multiple must be positive, the rest at least 0
    m.json: arcs[1]: not a legal market
        `from` must be the index of a node
    3 problems
    ");
    let incomplete = "{\n\"mineral\": \"tin\",\n\"year\": 2024,\n\"basis\": \"t Sn\",\n\"nodes\": []\n}";
    assert_snapshot!(says(incomplete), @r"
    m.json [}]: missing field `users` at line 6 column 1
        see docs/schemas/market.schema.json
    1 problem
    ");
    assert_snapshot!(says("{\n\"mineral\""), @r#"
    m.json ["mineral"]: EOF while parsing an object at line 2 column 9
        see docs/schemas/market.schema.json
    1 problem
    "#);
    fs::remove_file(&file).unwrap();
    let missing = report(&["market", "solve", &file]);
    assert!(place.relative(&missing).starts_with("m.json: "), "{missing}");
}

/// The first line of a table that begins like this, with one text in it replaced.
fn in_row<'a>(start: &'a str, old: &'a str, new: &'a str) -> impl Fn(&str) -> String + 'a {
    move |text| {
        let row = text.lines().find(|line| line.starts_with(start)).unwrap();
        text.replacen(row, &row.replacen(old, new, 1), 1)
    }
}

#[test]
fn a_misspelt_country_is_reported() {
    let place = Place::facts("projects.csv", in_row("KZ-W-NKATPAR,", ",KAZ,", ",KZA,"));
    assert_snapshot!(place.report_of_facts(), @r"
    data/projects.csv [KZ-W-NKATPAR,Northern Katpar,K]: iso3: `KZA` is not in countries.csv
        did you mean `KAZ` (Kazakhstan)?
    1 problem
    ");
    let place = Place::case("host = \"KAZ\"", "host = \"KZA\"");
    assert_snapshot!(place.report_of_case(), @r#"
    case.toml [host = "KZA"]: host: no country `KZA`
        did you mean `KAZ`?
    1 problem
    "#);
}

#[test]
fn a_negative_tonnage_is_reported() {
    let place = Place::facts("production.csv", in_row("tungsten,mine,CHN,2024,", ",2024,", ",2024,-"));
    assert_snapshot!(place.report_of_facts(), @r"
    data/production.csv [tungsten,mine,CHN,2024,-67000.]: value: -67000.0 is below 0
        write a number 0 or more: Output of the year in tonnes contained on the mineral's basis; empty when withheld or unknown.
    1 problem
    ");
}

#[test]
fn a_missing_column_is_reported() {
    let place = Place::facts("distance.csv", |text| {
        let lines: Vec<&str> = text.lines().map(|line| line.rsplit_once(',').unwrap().0).collect();
        lines.join("\n") + "\n"
    });
    assert_snapshot!(place.report_of_facts(), @r"
    data/distance.csv [a,b]: km: missing column
        add it: Population-weighted distance in kilometres.
    1 problem
    ");
}

#[test]
fn a_circle_of_by_products_is_reported() {
    let circle = "zinc,germanium,refine,0.1,0.2,0.3,,orecast-assumption,C\n";
    let place = Place::facts("byproducts.csv", |text| format!("{text}{circle}"));
    assert_snapshot!(place.report_of_facts(), @r"
    data/byproducts.csv [germanium,zinc,mine,0.5,0.6,0.]: host: a by-product is its own host: zinc -> germanium -> zinc
        remove one of these rows: a host comes before its by-products
    1 problem
    ");
}

#[test]
fn an_unknown_lever_is_reported() {
    let place = Place::case("lever = \"offtake\"", "lever = \"oftake\"");
    assert_snapshot!(place.report_of_case(), @r#"
    case.toml [lever = "oftake"]: commitment.lever: no lever `oftake`
        did you mean `offtake`?
    1 problem
    "#);
}

#[test]
fn an_impossible_probability_is_reported() {
    let unlikely = "lever = \"offtake\"\nmaterialises = { probability = 1.4, year = 2028 }";
    let place = Place::case("lever = \"offtake\"", unlikely);
    assert_snapshot!(place.report_of_case(), @r#"
    case.toml [materialises = { probability =]: commitment.materialises.probability: 1.4 is out of bounds
        write a number from 0 to 1, a range [low, middle, high], or "unknown"
    1 problem
    "#);
}

#[test]
fn problems_of_several_tables_come_in_one_report() {
    let place = Place::facts("projects.csv", in_row("KZ-W-NKATPAR,", ",KAZ,", ",KZA,"));
    place.edit("data/distance.csv", |text| text.replacen("\nABW,ABW,25", "\nABW,ABW,-25", 1));
    let said = place.report_of_facts();
    assert!(said.contains("projects.csv") && said.contains("distance.csv"), "{said}");
    assert_eq!(place.relative(&report(&["data", "check", "--package", &place.path("data")])), said);
}

/// The JSON document of a command.
fn document(arguments: &[&str]) -> Value {
    serde_json::from_str(&answer(arguments)).unwrap()
}

#[test]
fn a_shock_says_who_loses_what() {
    let arguments = ["shock", "gallium", "--ban", "CHN", "--for", "USA", "--draws", "20"];
    let report = document(&[&arguments[..], &["--json", "--why"]].concat());
    let price = |zone: &str| {
        let rows = report["prices"].as_array().unwrap();
        rows.iter().find(|row| row["zone"] == zone).unwrap()["ratio"]["mid"].as_f64().unwrap()
    };
    assert!(price("outside") > 1.5 && price("inside") < 1.0, "{} {}", price("outside"), price("inside"));
    assert_eq!(report["runs"]["converged"], 20);
    let buyers = report["buyers"].as_array().unwrap();
    assert_eq!([&buyers[0]["country"], &buyers[1]["country"], &buyers[2]["country"]], ["WLD", "ROW", "USA"]);
    assert!(buyers[2]["loss_musd"]["low"].as_f64().unwrap() > 0.0);
    assert_eq!(report["why"][0]["label"], "export ban, China");
    let text = answer(&arguments);
    for part in ["Sellers' price", "United States", "Rents", "Flows"] {
        assert_eq!(text.contains(part), part != "Rents", "{part} in {text}");
    }
    assert_eq!(answer(&arguments), text, "the same bytes again");
    let table = answer(&[&arguments[..], &["--csv"]].concat());
    assert!(table.starts_with("table,stage,country,partner,measure,unit,before,low,mid,high,bound\n"));
    assert!(table.contains("users,,USA,,loss,M USD,"));
}

#[test]
fn a_shock_that_cannot_be_read_says_what_would_be_right() {
    let said = [
        &["shock", "galium", "--ban", "CHN"][..],
        &["shock", "CHN", "--ban", "gallium"],
        &["shock", "gallium"],
        &["shock", "gallium", "--ban", "Chna"],
        &["shock", "gallium", "--quota", "CHN=150%"],
        &["shock", "gallium", "--ban", "CHN@mine"],
        &["shock", "gallium", "--ban", "CHN", "--leakage", "120%"],
        &["shock", "gallium", "--ban", "CHN", "--for", "Amerika"],
        &["screen", "Atlantis"],
    ];
    assert_snapshot!(said.map(report).concat());
}

#[test]
fn a_screen_ranks_and_writes_every_scenario() {
    let place = Place::new();
    let out = place.path("screen");
    let found = document(&["screen", "USA", "--draws", "3", "--top", "2", "--out", &out, "--json"]);
    let rows = found["rows"].as_array().unwrap();
    let expected: Vec<f64> = rows.iter().filter_map(|row| row["expected_loss_musd"].as_f64()).collect();
    assert!(expected.is_sorted_by(|a, b| a >= b) && expected[0] > 1.0);
    assert!(rows[1]["ranges"].is_object() && rows[2].get("ranges").is_none());
    for key in ["mineral", "stage", "exporter", "status", "shortage_t", "loss_musd", "probability"] {
        assert!(!rows[0][key].is_null(), "{key}");
    }
    let table = fs::read_to_string(place.path("screen/screen.csv")).unwrap();
    assert_eq!(table.lines().count(), rows.len() + 1);
    assert!(fs::metadata(place.path("screen/screen.parquet")).unwrap().len() > 1000);
    let tense = document(&["screen", "USA", "--draws", "0", "--regime", "tense", "--json"]);
    let chance = |found: &Value, who: &str| {
        let rows = found["rows"].as_array().unwrap();
        rows.iter().find(|row| row["exporter"] == who).unwrap()["probability"].as_f64().unwrap()
    };
    assert!(chance(&tense, "COD") > chance(&found, "COD"));
    let text = answer(&["screen", "USA", "--draws", "3", "--top", "2", "--wide"]);
    assert!(text.contains("Expected loss a year") && text.contains("By exporter"), "{text}");
}

#[test]
fn a_case_and_a_hazard_file_are_heard() {
    let place = Place::new();
    fs::write(
        place.path("year.toml"),
        "horizon = \"short\"\nleader = \"USA\"\n[[shock]]\ntitle = \"Licences\"\nlever = \"export-restriction\"\n\
         mineral = \"antimony\"\nstage = \"refine\"\nexporters = [\"CHN\"]\nkind = \"licence\"\n\
         quota_share = [0.2, 0.4, 0.6]\n[[group]]\nid = \"two\"\nexporters = [\"CHN\", \"RUS\"]\nprobability = 0.1\n",
    )
    .unwrap();
    fs::write(
        place.path("hazard.toml"),
        "[[stated]]\nexporter = \"COD\"\nmineral = \"cobalt\"\nprobability = 0.5\n",
    )
    .unwrap();
    let case = place.path("year.toml");
    let report = document(&["shock", "antimony", "--case", &case, "--draws", "3", "--json"]);
    assert_eq!(
        (&report["scale"], &report["leader"], &report["moves"][0]),
        (&json!("short"), &json!("USA"), &json!("Licences"))
    );
    let hazard = place.path("hazard.toml");
    let found = document(&["screen", "USA", "--case", &case, "--hazard", &hazard, "--draws", "0", "--json"]);
    let rows = found["rows"].as_array().unwrap();
    let cobalt = rows.iter().find(|row| row["mineral"] == "cobalt" && row["exporter"] == "COD").unwrap();
    assert_eq!(cobalt["probability"], 0.5);
    assert!(
        rows.iter()
            .any(|row| row["exporter"] == "two" && row["stage"].is_null() && row["probability"] == 0.1)
    );
}
