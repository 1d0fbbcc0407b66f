#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, io::Write as _};

use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::Field,
};
use proptest::prelude::*;

use crate::studies::manifest::{Convergence, LayerHash, PRODUCT, PackageHash, VERSION};
use crate::{
    base::unit::{Grade, Stage},
    render::results::*,
    studies::rows::sort,
};

fn row(mineral: &str, stage: Option<Stage>, arm: &str, year: i32, mid: f64) -> ResultRow {
    ResultRow {
        mineral: mineral.parse().unwrap(),
        stage,
        indicator: "share, largest".to_owned(),
        actor: "KAZ".to_owned(),
        arm: arm.parse().unwrap(),
        year,
        unit: "share".to_owned(),
        low: mid - 0.125,
        mid,
        high: mid + 0.25,
        grade: Grade::B,
    }
}

fn some_rows() -> Vec<ResultRow> {
    vec![
        row("tungsten", Some(Stage::Refine), "mou", 2030, 0.5),
        row("tungsten", None, "mou", 2030, f64::NAN),
        row("gallium", Some(Stage::Mine), "no-deal", 2031, 0.1 + 0.2),
        row("gallium", Some(Stage::Mine), "mou", 2035, 1e-12),
    ]
}

fn manifest() -> Manifest {
    Manifest {
        product: PRODUCT.to_owned(),
        version: VERSION.to_owned(),
        command: vec!["orecast".to_owned(), "run".to_owned(), "case.toml".to_owned()],
        case: FileHash::of("case.toml", b"id = 1"),
        package: PackageHash::of(vec![FileHash::of("minerals.csv", b"id")]),
        layers: Vec::new(),
        base_year: 2024,
        seed: 7,
        draws: 200,
        years: vec![2025, 2026],
        arms: vec!["no-deal".parse().unwrap()],
        converged: Convergence { answered: 5, solved: 3, failed: 1 },
        minerals: Vec::new(),
        outputs: Vec::new(),
    }
}

fn csv_text(rows: &[ResultRow]) -> String {
    let mut bytes = Vec::new();
    write_csv(&mut bytes, rows, false).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn parquet_bytes(rows: &[ResultRow]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_parquet(&mut bytes, rows, false).unwrap();
    bytes
}

#[test]
fn results_of_confidential_data_carry_a_mark() {
    let root = tempfile::tempdir().unwrap();
    let content = PackageHash::of(vec![FileHash::of("production.csv", b"secret")]);
    let layer = LayerHash { name: "mine".to_owned(), confidential: true, content };
    let marked = Manifest { layers: vec![layer], ..manifest() };
    write_results(root.path(), some_rows(), marked.clone()).unwrap();
    let csv = fs::read_to_string(root.path().join(CSV_FILE)).unwrap();
    let last = |line: &str| line.rsplit(',').next().unwrap().to_owned();
    let cells: Vec<String> = csv.lines().map(last).collect();
    assert_eq!(cells, ["confidential", "yes", "yes", "yes", "yes"]);
    let file = open(&fs::read(root.path().join(PARQUET_FILE)).unwrap());
    let columns = file.metadata().file_metadata().schema_descr();
    assert_eq!(columns.column(columns.num_columns() - 1).name(), CONFIDENTIAL);
    let written: Manifest =
        serde_json::from_slice(&fs::read(root.path().join(MANIFEST_FILE)).unwrap()).unwrap();
    assert!(written.is_confidential());
    assert_eq!(written.layers, marked.layers);
}

fn open(bytes: &[u8]) -> SerializedFileReader<fs::File> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    SerializedFileReader::new(file).unwrap()
}

/// Reads a Parquet file back through the record reader.
fn read_parquet(bytes: &[u8]) -> Vec<ResultRow> {
    let text = |field: Option<&Field>| match field.unwrap() {
        Field::Str(text) => Some(text.clone()),
        Field::Null => None,
        other => panic!("{other:?}"),
    };
    let number = |field: Option<&Field>| match field.unwrap() {
        Field::Double(value) => *value,
        Field::Null => f64::NAN,
        other => panic!("{other:?}"),
    };
    let reader = open(bytes);
    let records = reader.get_row_iter(None).unwrap().map(|record| {
        let record = record.unwrap();
        let fields: BTreeMap<&str, &Field> =
            record.get_column_iter().map(|(name, f)| (name.as_str(), f)).collect();
        let word = |name: &str| text(fields.get(name).copied());
        ResultRow {
            mineral: word("mineral").unwrap().parse().unwrap(),
            stage: word("stage").map(|stage| if stage == "mine" { Stage::Mine } else { Stage::Refine }),
            indicator: word("indicator").unwrap(),
            actor: word("actor").unwrap(),
            arm: word("arm").unwrap().parse().unwrap(),
            year: match fields["year"] {
                Field::Int(year) => *year,
                other => panic!("{other:?}"),
            },
            unit: word("unit").unwrap(),
            low: number(fields.get("low").copied()),
            mid: number(fields.get("mid").copied()),
            high: number(fields.get("high").copied()),
            grade: match word("grade").unwrap().as_str() {
                "A" => Grade::A,
                "B" => Grade::B,
                _ => Grade::C,
            },
        }
    });
    records.collect()
}

#[test]
fn csv_is_sorted_and_leaves_absent_points_empty() {
    let mut rows = some_rows();
    sort(&mut rows);
    insta::assert_snapshot!(csv_text(&rows), @r#"
    mineral,stage,indicator,actor,arm,year,unit,low,mid,high,grade
    gallium,mine,"share, largest",KAZ,mou,2035,share,-0.124999999999,1e-12,0.250000000001,B
    gallium,mine,"share, largest",KAZ,no-deal,2031,share,0.17500000000000004,0.30000000000000004,0.55,B
    tungsten,,"share, largest",KAZ,mou,2030,share,,,,B
    tungsten,refine,"share, largest",KAZ,mou,2030,share,0.375,0.5,0.75,B
    "#);
}

#[test]
fn an_empty_table_still_has_its_columns() {
    assert_eq!(csv_text(&[]).lines().count(), 1);
    let reader = open(&parquet_bytes(&[]));
    let schema = reader.metadata().file_metadata().schema_descr();
    let names: Vec<&str> = schema.columns().iter().map(|column| column.name()).collect();
    assert_eq!(names, columns::NAMES);
}

#[test]
fn parquet_names_its_maker_and_uses_snappy_dictionaries() {
    let bytes = parquet_bytes(&some_rows());
    assert_eq!(bytes, parquet_bytes(&some_rows()), "the same rows give the same bytes");
    let reader = open(&bytes);
    let meta = reader.metadata();
    assert_eq!(meta.file_metadata().created_by(), Some(format!("{PRODUCT} {VERSION}").as_str()));
    for column in meta.row_group(0).columns() {
        assert_eq!(column.compression(), parquet::basic::Compression::SNAPPY);
        assert!(column.dictionary_page_offset().is_some(), "{}", column.column_path());
    }
}

#[test]
fn a_result_folder_is_whole_and_the_same_every_time() {
    let root = tempfile::tempdir().unwrap();
    let [first, second] = ["results/a", "results/b"].map(|name| root.path().join(name));
    write_results(&first, some_rows(), manifest()).unwrap();
    let reversed = some_rows().into_iter().rev().collect();
    write_results(&second, reversed, manifest()).unwrap();
    for name in [CSV_FILE, PARQUET_FILE, MANIFEST_FILE] {
        assert_eq!(fs::read(first.join(name)).unwrap(), fs::read(second.join(name)).unwrap(), "{name}");
    }
    let written: Manifest = serde_json::from_slice(&fs::read(first.join(MANIFEST_FILE)).unwrap()).unwrap();
    for output in &written.outputs {
        assert_eq!(*output, FileHash::read(&first, &output.file).unwrap());
    }
    assert_eq!(Manifest { outputs: Vec::new(), ..written }, manifest());
    let left: Vec<_> =
        fs::read_dir(root.path().join("results")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "nothing temporary remains: {left:?}");
}

#[test]
fn new_results_replace_old_ones_and_spare_other_files() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("note.txt"), "mine").unwrap();
    write_results(root.path(), some_rows(), manifest()).unwrap();
    write_results(root.path(), Vec::new(), manifest()).unwrap();
    assert_eq!(fs::read_to_string(root.path().join(CSV_FILE)).unwrap().lines().count(), 1);
    assert_eq!(fs::read_to_string(root.path().join("note.txt")).unwrap(), "mine");
}

#[test]
fn a_failed_write_leaves_no_manifest_and_nothing_temporary() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("out");
    write_results(&dir, some_rows(), manifest()).unwrap();
    fs::remove_file(dir.join(PARQUET_FILE)).unwrap();
    fs::create_dir(dir.join(PARQUET_FILE)).unwrap();
    let error = write_results(&dir, some_rows(), manifest()).unwrap_err().to_string();
    assert!(error.starts_with("cannot write") && error.contains(PARQUET_FILE), "{error}");
    assert!(!dir.join(MANIFEST_FILE).exists());
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
}

#[test]
fn the_manifest_reads_well() {
    insta::assert_snapshot!(manifest().to_json().unwrap().replace(VERSION, "VERSION"), @r#"
    {
      "product": "orecast",
      "version": "VERSION",
      "command": [
        "orecast",
        "run",
        "case.toml"
      ],
      "case": {
        "file": "case.toml",
        "sha256": "cec3cc22944a81c1a4cdd216858a5c2d44544a9619fb15b78c6d2b32c5c7868b"
      },
      "package": {
        "sha256": "72a36fd66d27a435edc4db179733b603b0ee6596cfc86dea836d35af04e80565",
        "files": [
          {
            "file": "minerals.csv",
            "sha256": "a56145270ce6b3bebd1dd012b73948677dd618d496488bc608a3cb43ce3547dd"
          }
        ]
      },
      "base_year": 2024,
      "seed": 7,
      "draws": 200,
      "years": [
        2025,
        2026
      ],
      "arms": [
        "no-deal"
      ],
      "minerals": [],
      "converged": {
        "answered": 5,
        "solved": 3,
        "failed": 1
      },
      "outputs": []
    }
    "#);
}

fn any_row() -> impl Strategy<Value = ResultRow> {
    let stage = prop::sample::select(vec![None, Some(Stage::Mine), Some(Stage::Refine)]);
    let grade = prop::sample::select(vec![Grade::A, Grade::B, Grade::C]);
    let text = "[\\PC]{0,12}";
    (
        "[a-z]{1,3}",
        stage,
        text,
        text,
        "[a-z-]{1,3}",
        any::<i32>(),
        prop::array::uniform3(prop::num::f64::ANY),
        grade,
    )
        .prop_map(|(mineral, stage, indicator, actor, arm, year, [low, mid, high], grade)| ResultRow {
            mineral: mineral.parse().unwrap(),
            stage,
            indicator,
            actor,
            arm: arm.parse().unwrap(),
            year,
            unit: "t W".to_owned(),
            low,
            mid,
            high,
            grade,
        })
}

/// What every format keeps: all but infinite points, which are absent.
fn as_kept(rows: &[ResultRow]) -> Vec<String> {
    let keep = |value: f64| if value.is_finite() { value } else { f64::NAN };
    rows.iter()
        .map(|row| {
            let points = [row.low, row.mid, row.high].map(keep);
            let [low, mid, high] = points;
            format!("{:?}", ResultRow { low, mid, high, ..row.clone() })
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn parquet_and_csv_give_back_what_was_written(rows in prop::collection::vec(any_row(), 1..40)) {
        prop_assert_eq!(as_kept(&read_parquet(&parquet_bytes(&rows))), as_kept(&rows));
        let text = csv_text(&rows);
        let read: Vec<ResultRow> = csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect();
        prop_assert_eq!(as_kept(&read), as_kept(&rows));
    }

    #[test]
    fn order_does_not_depend_on_where_rows_came_from(rows in prop::collection::vec(any_row(), 0..20)) {
        let mut forwards = rows.clone();
        let mut backwards: Vec<ResultRow> = rows.into_iter().rev().collect();
        sort(&mut forwards);
        sort(&mut backwards);
        prop_assert_eq!(format!("{forwards:?}"), format!("{backwards:?}"));
    }
}
