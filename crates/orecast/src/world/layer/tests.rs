#![allow(clippy::unwrap_used)]

use insta::assert_snapshot;

use super::*;
use crate::{
    base::unit::Stage,
    testing::{MiniPackage, OwnData, id},
    world::World,
};

const PRODUCTION: &str =
    "mineral,stage,iso3,year,value,low,high,raw,raw_unit,flag,product,source,vintage,grade,note,withdraw\n";
const SOURCES: &str = "id,title,publisher,url,licence,retrieved,sha256,note,confidential,preferred\nmine,My survey,Me,,own,2026,,,no,\n";

/// A folder with rows of production and a source `mine`.
fn own(production: &str) -> OwnData {
    OwnData::new(&[("production.csv", &format!("{PRODUCTION}{production}")), ("sources.csv", SOURCES)])
}

fn kazakhstan(world: &World) -> Option<f64> {
    world.chosen_production(&id("tungsten"), Stage::Mine, 2025)[&id("KAZ")].value
}

#[test]
fn a_figure_of_ones_own_stands_before_better_grades_and_is_counted_as_added() {
    let mine = own("tungsten,mine,KAZ,2025,1500,,,,,,,mine,2020,C,,\n");
    let world = MiniPackage::new().load_with(&[&mine]).unwrap();
    assert_eq!(kazakhstan(&world), Some(1_500.0));
    let [layer] = world.layers() else { panic!("{:?}", world.layers()) };
    // The row and its source.
    assert_eq!((layer.added, layer.replaced.len(), layer.withdrawn.len()), (2, 0, 0));
    assert!(!world.has_confidential() && !world.is_confidential(&id("mine")));
    // The shipped figure still stands against it.
    assert_eq!(world.observations(&id("tungsten"), Stage::Mine, 2025).len(), 3);
}

#[test]
fn a_source_that_is_not_preferred_competes_by_grade() {
    let modest = OwnData::new(&[
        ("production.csv", &format!("{PRODUCTION}tungsten,mine,KAZ,2025,1500,,,,,,,mine,2020,C,,\n")),
        ("sources.csv", &SOURCES.replace("no,\n", "no,no\n")),
    ]);
    assert_eq!(kazakhstan(&MiniPackage::new().load_with(&[&modest]).unwrap()), Some(2_400.0));
}

#[test]
fn the_same_key_replaces_and_withdraw_takes_away() {
    let mine = own("tungsten,mine,KAZ,2025,2600,,,2600,t,,,usgs-mcs-2026,2026,A,,\n\
                    zinc,mine,KAZ,2024,,,,,,,,usgs-mcs-2026,2026,,,yes\n");
    let world = MiniPackage::new().load_with(&[&mine]).unwrap();
    assert_eq!(kazakhstan(&world), Some(2_600.0));
    let zinc = world.chosen_production(&id("zinc"), Stage::Mine, 2024);
    assert_eq!(zinc.keys().map(ToString::to_string).collect::<Vec<_>>(), ["CHN"]);
    let layer = &world.layers()[0];
    assert_eq!(layer.replaced[0].key, ["tungsten", "mine", "KAZ", "2025", "usgs-mcs-2026", "2026"]);
    assert_eq!(layer.withdrawn[0].key[0], "zinc");
    assert_eq!(layer.replaced.len() + layer.withdrawn.len(), 2);
}

#[test]
fn the_last_layer_is_on_top() {
    let row = |value: u32| format!("tungsten,mine,KAZ,2025,{value},,,,,,,mine,2026,C,,\n");
    let (first, second) = (own(&row(1_500)), own(&row(1_700)));
    let mini = MiniPackage::new();
    assert_eq!(kazakhstan(&mini.load_with(&[&first, &second]).unwrap()), Some(1_700.0));
    assert_eq!(kazakhstan(&mini.load_with(&[&second, &first]).unwrap()), Some(1_500.0));
    let world = mini.load_with(&[&first, &second]).unwrap();
    assert_eq!(world.layers()[1].replaced.len(), 2);
}

#[test]
fn figures_of_confidential_sources_are_known_as_such() {
    let secret = OwnData::new(&[
        ("production.csv", &format!("{PRODUCTION}tungsten,mine,KAZ,2025,1500,,,,,,,mine,2026,C,,\n")),
        ("sources.csv", &SOURCES.replace("no,\n", "yes,\n")),
    ]);
    let world = MiniPackage::new().load_with(&[&secret]).unwrap();
    assert!(world.has_confidential() && world.is_confidential(&id("mine")));
    assert!(!world.is_confidential(&id("usgs-mcs-2026")));
    let unused = OwnData::new(&[("sources.csv", &SOURCES.replace("no,\n", "yes,\n"))]);
    assert!(!MiniPackage::new().load_with(&[&unused]).unwrap().has_confidential());
}

#[test]
fn everything_wrong_with_own_data_is_reported_with_its_own_lines() {
    let wrong = own("tungsten,mine,KAX,2025,-5,,,,,,,mine,2026,C,,\n\
                     tungsten,mine,KAZ,2025,,,,,,,,mine,2026,C,,\n\
                     tungsten,mine,KAZ,2019,,,,,,,,usgs-mcs-2026,2026,,,yes\n\
                     tungsten,mine,KAZ,2024,7,,,,,,,yours,2026,C,,maybe\n");
    assert_snapshot!(wrong.report(), @"
    own/production.csv:2: value: -5 is below 0
        write a number 0 or more: Output of the year in tonnes contained on the mineral's basis; empty when withheld or unknown.
    own/production.csv:2: iso3: `KAX` is not in countries.csv
        did you mean `KAZ` (Kazakhstan)?
    own/production.csv:3: value: the figure is absent and the flag does not say why
        write why: withheld or unavailable; absent is not zero
    own/production.csv:4: withdraw: no row beneath has the key `tungsten, mine, KAZ, 2019, usgs-mcs-2026, 2026`
        copy mineral, stage, iso3, year, product, source, vintage of the row to withdraw
    own/production.csv:5: withdraw: `maybe` is neither yes nor no
        write yes or no, or leave the cell empty
    own/production.csv:5: source: `yours` is not in sources.csv
        use a value that sources.csv has, or add a row there
    6 problems
    ");
    let misnamed = OwnData::new(&[("producton.csv", PRODUCTION)]);
    assert_snapshot!(misnamed.report(), @"
    own/producton.csv: there is no such table
        did you mean `production.csv`?
    1 problem
    ");
    assert_snapshot!(OwnData::new(&[]).report(), @"
    own: there is no table in this folder
        `orecast data new-layer DIR` writes a folder with empty tables
    1 problem
    ");
}

#[test]
fn a_withdrawn_row_that_others_need_is_missed() {
    let header = "id,title,publisher,url,licence,retrieved,sha256,note,withdraw\n";
    let folder = OwnData::new(&[("sources.csv", &format!("{header}baci-2026,,,,,,,,yes\n"))]);
    assert_snapshot!(folder.report(), @"
    trade.csv:2: source: `baci-2026` is not in sources.csv, here and in 4 more rows
        use a value that sources.csv has, or add a row there
    1 problem
    ");
}

#[test]
fn a_new_folder_is_sound_and_changes_nothing() {
    let mini = MiniPackage::new();
    let package = Package::read(&mini.path("")).unwrap();
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("mydata");
    let written = write_new(&folder, &package, &[]).unwrap();
    assert_eq!(written, ["README.md", "production.csv", "prices.csv", "projects.csv", "sources.csv"]);
    let world = World::load_with(&mini.path(""), std::slice::from_ref(&folder)).unwrap();
    assert_eq!(world.layers(), [Layer { name: "mydata".to_owned(), ..Layer::default() }]);
    assert_eq!(world.tables().row_count(), mini.load().unwrap().tables().row_count());
    assert!(write_new(&folder, &package, &[]).is_err(), "it is not empty any more");
}
