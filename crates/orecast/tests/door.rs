//! Laws of the door: every question is walked, and all renderings of its answer say the same.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeSet, path::PathBuf, sync::LazyLock};

use orecast::{
    answer::{figure::Bound, view::Cell},
    ask::{Answer, Control, DataSource, Engine, Question},
    render::{
        csv,
        json::json,
        terminal::{CONFIDENTIAL, Layout, text},
    },
};
use serde_json::{Value, json};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let package = Some(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data"));
    Engine::open(&DataSource { package, ..DataSource::default() }).unwrap()
});

static MARKET: LazyLock<Value> = LazyLock::new(|| {
    let answer = ask(&json!({"ask": "market-dump", "mineral": "beryllium"})).unwrap();
    answer.data.value().unwrap()["market"].clone()
});

/// One question or more of every kind, small enough to be asked in a test.
fn examples() -> Vec<Value> {
    vec![
        json!({"ask": "run", "case": "us-kazakhstan-2025", "draws": 4, "years": 2030}),
        json!({"ask": "show", "name": "tungsten"}),
        json!({"ask": "show", "name": "Dy"}),
        json!({"ask": "show", "name": "KAZ"}),
        json!({"ask": "show", "name": "C5"}),
        json!({"ask": "compare", "who": ["USA", "EU27"], "minerals": ["gallium", "tungsten"], "draws": 4}),
        json!({"ask": "shock", "mineral": "gallium", "ban": ["CHN"], "for": "USA", "draws": 8}),
        json!({"ask": "shock", "mineral": "gallium", "ban": ["CHN"], "for": "EU27", "draws": 8}),
        json!({"ask": "shock", "mineral": "Dy", "quota": ["CHN=50%"], "for": "USA", "draws": 4, "why": true}),
        json!({"ask": "shock-hindcast", "draws": 4}),
        json!({"ask": "screen", "who": "USA", "draws": 0, "top": 20}),
        json!({"ask": "screen", "who": "EU27", "draws": 0, "top": 5}),
        json!({"ask": "screen-gdp", "who": "USA", "draws": 0, "top": 10}),
        json!({"ask": "risk", "who": "USA", "draws": 0, "top": 5}),
        json!({"ask": "risk-geopolrisk", "who": "USA", "draws": 0}),
        json!({"ask": "risk-eu", "who": "EU27", "draws": 0}),
        json!({"ask": "risk-nassar", "who": "USA", "draws": 0}),
        json!({"ask": "risk-hazard", "who": "USA"}),
        json!({"ask": "path", "mineral": "tungsten", "draws": 4, "to": 2036}),
        json!({"ask": "path-all", "draws": 0, "to": 2036}),
        json!({"ask": "why-price", "mineral": "tungsten", "to": 2030}),
        json!({"ask": "outside", "outside": "CHN"}),
        json!({"ask": "hindcast", "base_year": 2023}),
        json!({"ask": "now", "mineral": "tungsten", "draws": 4}),
        json!({"ask": "data-check"}),
        json!({"ask": "data-coverage"}),
        json!({"ask": "data-gaps", "mineral": "tungsten"}),
        json!({"ask": "data-reliance"}),
        json!({"ask": "data-tension"}),
        json!({"ask": "data-tension", "mineral": "W"}),
        json!({"ask": "data-diff", "vintage": true, "old": "2025", "new": "2026", "table": "reserves"}),
        json!({"ask": "projects", "mineral": "W", "country": "C5"}),
        json!({"ask": "projects", "control": "CHN", "status": "construction"}),
        json!({"ask": "project", "id": "KZ-W-NKATPAR"}),
        json!({"ask": "lead-times"}),
        json!({"ask": "licence", "regime": "kazakhstan", "blocks": 200, "years": 11}),
        json!({"ask": "deals", "party": "EU27", "since": "2023"}),
        json!({"ask": "deal-show", "id": "US-KAZ-2025"}),
        json!({"ask": "deal-follow", "id": "EU-KAZ-2022"}),
        json!({"ask": "deal-clauses", "party": "KAZ"}),
        json!({"ask": "deal-rates"}),
        json!({"ask": "case-check", "case": "us-kazakhstan-2025"}),
        json!({"ask": "case-explain", "case": "us-kazakhstan-2025", "arm": "mou"}),
        json!({"ask": "case-new", "leader": "EU27", "host": "KAZ", "preset": "framework", "minerals": ["W"]}),
        json!({"ask": "market-dump", "mineral": "beryllium"}),
        json!({"ask": "market-solve", "market": MARKET.clone()}),
    ]
}

fn ask(question: &Value) -> Result<Answer, String> {
    let question: Question = serde_json::from_value(question.clone()).map_err(|e| e.to_string())?;
    ENGINE.ask(&question, &Control::default()).map_err(|e| e.to_string())
}

fn rendered(answer: &Answer) -> (String, Value, String) {
    let mut rows = Vec::new();
    csv::write(answer, &mut rows).unwrap();
    let document = serde_json::from_str(&json(answer).unwrap()).unwrap();
    let wide = Layout { width: None, colour: false };
    (text(answer, wide), document, String::from_utf8(rows).unwrap())
}

/// Every number in a document.
fn numbers(value: &Value, found: &mut Vec<f64>) {
    match value {
        Value::Number(number) => found.extend(number.as_f64()),
        Value::Array(items) => items.iter().for_each(|item| numbers(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| numbers(field, found)),
        _ => {}
    }
}

#[test]
fn every_kind_of_question_has_an_example() {
    let asked: BTreeSet<String> =
        examples().iter().map(|question| question["ask"].as_str().unwrap().to_owned()).collect();
    // A folder of inputs or a new folder is no part of the facts: tests of their own ask for them.
    let of_folders = ["data-new-layer", "risk-geopolrisk-folder"];
    let kinds = Question::KINDS.iter().filter(|kind| !of_folders.contains(kind));
    assert_eq!(asked, kinds.map(|&kind| kind.to_owned()).collect());
}

#[test]
fn text_json_and_csv_say_the_same() {
    for question in examples() {
        let answer = ask(&question).unwrap_or_else(|error| panic!("{question}: {error}"));
        let (text, document, csv) = rendered(&answer);
        for (place, figure) in answer.view.figures() {
            assert!(figure.low <= figure.mid && figure.mid <= figure.high, "{question} {place}: {figure:?}");
            assert!(!figure.text.is_empty(), "{question} {place}");
        }
        let mut shown = 0;
        for section in &answer.view.sections {
            for row in section.table.iter().flat_map(|table| &table.rows) {
                for cell in &row.cells {
                    shown += usize::from(*cell != Cell::Empty);
                    if let Cell::Figure(figure) = cell {
                        assert!(
                            text.contains(&figure.text),
                            "{question} {}: {} is not in the text",
                            section.id,
                            figure.text
                        );
                    }
                }
            }
        }
        for sentence in &answer.view.lead {
            assert!(text.contains(&sentence.text), "{question}: {}", sentence.text);
        }
        assert!(shown > 0, "{question}: nothing is shown");
        let of_view = serde_json::to_value(&answer.view).unwrap();
        assert_eq!(document["view"], of_view, "{question}: the view of the document is another");
        let lines = csv.lines().count();
        assert!(lines > 1, "{question}: no row of CSV");
    }
}

#[test]
fn every_document_has_the_same_envelope() {
    for question in examples() {
        let answer = ask(&question).unwrap();
        let (_, document, _) = rendered(&answer);
        for field in
            ["kind", "format", "version", "question", "inputs", "confidential", "limits", "unsolved", "view"]
        {
            assert!(document.get(field).is_some(), "{question}: no {field}");
        }
        assert_eq!(document["kind"], question["ask"]);
        assert_eq!(document["inputs"]["package"].as_str().unwrap().len(), 64);
        // The question as understood is asked again with the same answer.
        let again = ask(&document["question"]).unwrap();
        assert_eq!(json(&again).unwrap(), json(&answer).unwrap(), "{question}");
    }
}

/// Figures of a view are those of the data: a reader who computes with the document gets what the page shows.
#[test]
fn every_figure_of_a_view_is_in_the_data() {
    // Runs hold rows by year and arm; scores of hindcasts are means over the rows that their data hold.
    let summed = ["run", "shock-hindcast", "hindcast"];
    let mut missing = Vec::new();
    for question in examples().into_iter().filter(|q| !summed.iter().any(|kind| q["ask"] == *kind)) {
        let answer = ask(&question).unwrap();
        let mut known = Vec::new();
        numbers(&answer.data.value().unwrap(), &mut known);
        known.sort_by(f64::total_cmp);
        let near = |value: f64| {
            let close =
                |at: usize| known.get(at).is_some_and(|n| (n - value).abs() <= 1e-6 * value.abs().max(1e-12));
            let at = known.partition_point(|n| *n < value);
            close(at) || at.checked_sub(1).is_some_and(close)
        };
        // Data name a bound where the view shows one.
        let exact = answer.view.figures().into_iter().filter(|(_, figure)| figure.bound == Bound::Exact);
        for (place, figure) in exact {
            // Values in dollars may stand in the data in thousands.
            let found = near(figure.mid) || near(figure.mid / 1e3);
            if !found {
                missing.push(format!("{question} {place}: {}", figure.mid));
            }
        }
    }
    assert!(missing.is_empty(), "not in the data:\n{}", missing.join("\n"));
}

fn new_case(leader: &str, host: &str, mineral: &str) -> Value {
    json!({"ask": "case-new", "leader": leader, "host": host, "preset": "mou", "minerals": [mineral]})
}

/// A bloc may lead or host a new case, which is a sound one and says who stands for the bloc.
#[test]
fn a_new_case_takes_blocs() {
    for (leader, host, leads, hosts) in [
        ("EU27", "KAZ", "leader_bloc = \"EU27\"", "host = \"KAZ\""),
        ("USA", "C5", "leader = \"USA\"", "host_bloc = \"C5\""),
    ] {
        let answer = ask(&new_case(leader, host, "W")).unwrap();
        let document = answer.data.value().unwrap();
        let file = document["file"].as_str().unwrap();
        assert!(file.contains(leads) && file.contains(hosts), "{file}");
    }
}

/// A market without an equilibrium says so, and what is marked as confidential stays marked.
#[test]
fn a_market_says_how_it_ended_and_from_what() {
    let mut market = MARKET.clone();
    market["confidential"] = true.into();
    let answer = ask(&json!({"ask": "market-solve", "market": market})).unwrap();
    assert!(answer.head.confidential && answer.head.unsolved.failed == 0, "{:?}", answer.head.unsolved);
    assert_eq!(answer.head.unsolved.markets, 1);
    assert!(answer.view.title.ends_with("converged"), "{}", answer.view.title);
}

#[test]
fn what_is_no_party_or_no_name_is_refused_with_a_remedy() {
    for (question, found) in [
        (json!({"ask": "show", "name": "tungstn"}), "did you mean `tungsten`?"),
        (json!({"ask": "show", "name": "WLD"}), "a sum of countries"),
        (json!({"ask": "compare", "who": ["ROW"]}), "a sum of countries"),
        (
            json!({"ask": "compare", "who": ["USA"], "minerals": ["dysprosium"]}),
            "sold within the market of rare_earths",
        ),
        (json!({"ask": "compare", "who": ["USA"], "year": 2012}), "there is no trade of 2012"),
        (json!({"ask": "run", "case": "us-kazakstan-2025"}), "did you mean `us-kazakhstan-2025`?"),
        (json!({"ask": "show", "name": "KAZ", "colour": "red"}), "unknown field `colour`"),
        (json!({"ask": "deals", "party": "WLD"}), "a sum of countries"),
        (json!({"ask": "deals", "form": "memorandom"}), "did you mean `memorandum`?"),
        (json!({"ask": "deals", "since": "2025-02-31"}), "is not a date such as"),
        (json!({"ask": "projects", "country": "ROW"}), "a sum of countries"),
        (json!({"ask": "projects", "status": "construcion"}), "did you mean `construction`?"),
        (json!({"ask": "project", "id": "KZ-W-NKATPR"}), "nearest: KZ-W-NKATPAR"),
        (json!({"ask": "licence"}), "name one of the two"),
        (json!({"ask": "licence", "regime": "kazakhstan", "blocks": 0}), "ask for 1 to"),
        (json!({"ask": "case-explain", "case": "us-kazakhstan-2025", "arm": "muo"}), "did you mean `mou`?"),
        (new_case("EU27", "DEU", "W"), "have a country in common"),
        (new_case("WLD", "KAZ", "W"), "a sum of countries"),
        (new_case("USA", "KAZ", "dysprosium"), "sold within the market of rare_earths"),
        (json!({"ask": "market-dump", "mineral": "dysprosium"}), "sold within the market of rare_earths"),
        (json!({"ask": "market-solve", "market": {"mineral": "tin"}}), "missing field"),
    ] {
        let error = ask(&question).map(|answer| answer.view.title).unwrap_err();
        assert!(error.contains(found), "{question}: {error}");
    }
}

#[test]
fn confidential_figures_never_leave_unmarked() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("sources.csv"),
        "id,title,publisher,url,licence,retrieved,sha256,note,confidential,preferred\n\
         own-book,Own order book,we,,own,2026-01-01,,,yes,\n",
    )
    .unwrap();
    std::fs::write(
        folder.path().join("production.csv"),
        "mineral,stage,iso3,year,value,low,high,raw,raw_unit,flag,product,source,vintage,grade,note\n\
         tungsten,mine,KAZ,2024,4321.125,,,4321.125,t,,,own-book,2026,A,\n",
    )
    .unwrap();
    let package = Some(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data"));
    let engine = Engine::open(&DataSource { package, own: vec![folder.path().to_owned()] }).unwrap();
    for question in examples() {
        let question: Question = serde_json::from_value(question).unwrap();
        let answer = engine.ask(&question, &Control::default()).unwrap();
        let (text, document, csv) = rendered(&answer);
        assert!(text.contains(CONFIDENTIAL), "{}", question.kind());
        assert_eq!(document["confidential"], json!(true), "{}", question.kind());
        let marked = csv.lines().all(|line| line.ends_with(",confidential") || line.ends_with(",yes"));
        assert!(marked, "{}: {}", question.kind(), csv.lines().take(2).collect::<String>());
        // `show` leaves secret figures out of what is easily passed on.
        if question.kind() == "show" {
            assert!(
                !document.to_string().contains("4321.125") && !csv.contains("4321.125"),
                "{}",
                question.kind()
            );
        }
    }
}
