//! This package, with that cell broken, must say this.
#![allow(clippy::unwrap_used)]

use insta::assert_snapshot;

use crate::testing::MiniPackage;

#[test]
fn a_sound_package_loads_every_row() {
    let world = MiniPackage::new().load().unwrap();
    assert_eq!(world.tables().production.len(), 13);
    assert_eq!(world.tables().countries.len(), 7);
    assert_eq!(world.tables().projects[0].control, "CHN:0.9;KAZ:0.1");
}

#[test]
fn columns_may_stand_in_another_order() {
    let mini = MiniPackage::new().with("distance.csv", "a,b,km\nCHN,KAZ,4008", "km,a,b\n4008,CHN,KAZ");
    let mini = mini.with("distance.csv", "KAZ,KAZ,900\nKAZ,USA,10257", "900,KAZ,KAZ");
    let world = mini.load().unwrap();
    assert_eq!(world.tables().distance[0].km, 4008.0);
}

#[test]
fn a_misspelt_country_gets_its_code_and_name() {
    let mini = MiniPackage::new()
        .with("production.csv", "mine,KAZ,2024,0", "mine,KAX,2024,0")
        .with("trade.csv", "mine,KAZ,CHN", "mine,Kazakstan,CHN")
        .with("governance.csv", "KAZ,wgi-rl,2021", "QQQ,wgi-rl,2021")
        .with("projects.csv", "KAZ:0.1", "KAS:0.1");
    assert_snapshot!(mini.report(), @"
    governance.csv:2: iso3: `QQQ` is not in countries.csv
        use a value that countries.csv has, or add a row there
    production.csv:5: iso3: `KAX` is not in countries.csv
        did you mean `KAZ` (Kazakhstan)?
    projects.csv:2: control: `KAS` is not in countries.csv
        did you mean `KAZ`?
    trade.csv:2: exporter: `Kazakstan` is not in countries.csv
        did you mean `KAZ` (Kazakhstan)?
    4 problems
    ");
}

#[test]
fn a_negative_tonnage_is_refused() {
    let mini = MiniPackage::new().with("production.csv", "VNM,2024,3400,3000", "VNM,2024,-3400,");
    assert_snapshot!(mini.report(), @"
    production.csv:7: value: -3400 is below 0
        write a number 0 or more: Output of the year in tonnes contained on the mineral's basis; empty when withheld or unknown.
    1 problem
    ");
}

#[test]
fn a_missing_column_and_a_misspelt_one_are_named() {
    let mini = MiniPackage::new().with("reserves.csv", "year,value", "year,valeu");
    assert_snapshot!(mini.report(), @"
    reserves.csv:1: valeu: unknown column
        did you mean `value`?
    reserves.csv:1: value: missing column
        add it: Reserves in tonnes contained on the mineral's basis; empty when withheld or unknown.
    2 problems
    ");
    let mini = MiniPackage::new().with("distance.csv", "a,b,km", "a,b");
    assert_snapshot!(mini.report(), @"
    distance.csv:1: km: missing column
        add it: Population-weighted distance in kilometres.
    1 problem
    ");
}

#[test]
fn a_by_product_that_is_its_own_host_is_shown_as_a_chain() {
    let mini = MiniPackage::new()
        .with_line("byproducts.csv", "zinc,gallium,refine,0.1,0.2,0.3,,orecast,C")
        .with_line("byproducts.csv", "tungsten,gallium,refine,0.1,0.2,0.3,,orecast,C")
        .with_line("byproducts.csv", "alumina,alumina,mine,0.1,0.2,0.3,,orecast,C");
    assert_snapshot!(mini.report(), @"
    byproducts.csv:4: host: a by-product is its own host: gallium -> zinc -> gallium
        remove one of these rows: a host comes before its by-products
    byproducts.csv:6: host: a by-product is its own host: alumina -> alumina
        remove one of these rows: a host comes before its by-products
    2 problems
    ");
}

#[test]
fn an_unknown_value_of_a_list_is_refused() {
    let mini = MiniPackage::new()
        .with("production.csv", "tungsten,mine,CHN,2025", "tungsten,mined,CHN,2025")
        .with("projects.csv", "producing", "running")
        .with("prices.csv", "true", "yes");
    assert_snapshot!(mini.report(), @"
    prices.csv:2: primary: `yes` is neither true nor false
        write true or false
    production.csv:9: stage: `mined` is not a value of this column
        did you mean `mine`?
    projects.csv:2: status: `running` is not a value of this column
        write one of lapsed, announced, resource, pfs, dfs, permitted, financed, construction, commissioning, producing, suspended
    3 problems
    ");
}

#[test]
fn a_duplicate_key_names_the_first_line() {
    let line = "tungsten,mine,CHN,2024,66000,,,66000,t,,,usgs-mcs-2026,2026,A,";
    assert_snapshot!(MiniPackage::new().with_line("production.csv", line).report(), @"
    production.csv:15: mineral: `tungsten, mine, CHN, 2024, usgs-mcs-2026, 2026` is already on line 3
        keep one row per mineral, stage, iso3, year, product, source, vintage
    1 problem
    ");
}

#[test]
fn an_unknown_source_or_mineral_is_reported_once_with_its_count() {
    let mini = MiniPackage::new().with("sources.csv", "usgs-mcs-2026", "usgs-mcs-2027").with(
        "trade.csv",
        "tungsten,mine,KAZ",
        "wolfram metal,mine,KAZ",
    );
    assert_snapshot!(mini.report(), @"
    byproducts.csv:2: source: `usgs-mcs-2026` is not in sources.csv, here and in one more row
        did you mean `usgs-mcs-2025` (Mineral Commodity Summaries 2025)?
    capacity.csv:2: source: `usgs-mcs-2026` is not in sources.csv
        did you mean `usgs-mcs-2025` (Mineral Commodity Summaries 2025)?
    import_reliance.csv:2: source: `usgs-mcs-2026` is not in sources.csv
        did you mean `usgs-mcs-2025` (Mineral Commodity Summaries 2025)?
    import_sources.csv:2: source: `usgs-mcs-2026` is not in sources.csv, here and in one more row
        did you mean `usgs-mcs-2025` (Mineral Commodity Summaries 2025)?
    minerals.csv:2: source: `usgs-mcs-2026` is not in sources.csv, here and in 5 more rows
        did you mean `usgs-mcs-2025` (Mineral Commodity Summaries 2025)?
    prices.csv:2: source: `usgs-mcs-2026` is not in sources.csv, here and in 2 more rows
        did you mean `usgs-mcs-2025` (Mineral Commodity Summaries 2025)?
    production.csv:2: source: `usgs-mcs-2026` is not in sources.csv, here and in 9 more rows
        did you mean `usgs-mcs-2025` (Mineral Commodity Summaries 2025)?
    reserves.csv:2: source: `usgs-mcs-2026` is not in sources.csv, here and in one more row
        did you mean `usgs-mcs-2025` (Mineral Commodity Summaries 2025)?
    trade.csv:2: mineral: `wolfram metal` is not in minerals.csv
        use a value that minerals.csv has, or add a row there
    9 problems
    ");
}

#[test]
fn text_in_a_number_column_is_refused() {
    let mini = MiniPackage::new()
        .with("production.csv", "67000,,,67000", "67 000,,,67000")
        .with("production.csv", "CHN,2024,4000000", "CHN,20x4,NaN")
        .with("distance.csv", "4008", "24008");
    assert_snapshot!(mini.report(), @"
    distance.csv:2: km: 24008 is above 20100
        write a number from 0 to 20100: Population-weighted distance in kilometres.
    production.csv:3: value: `67 000` is not a number
        write a plain number such as 1234.5; leave the cell empty when it is unknown
    production.csv:14: year: `20x4` is not a whole number
        write a whole number: Calendar year.
    production.csv:14: value: `NaN` is not a number
        write a plain number such as 1234.5; leave the cell empty when it is unknown
    4 problems
    ");
}

#[test]
fn an_empty_cell_and_a_wrong_form_are_refused() {
    let mini = MiniPackage::new()
        .with("reserves.csv", "usgs-mcs-2026,2026,A", "usgs-mcs-2026,Feb 2026,")
        .with("blocs.csv", "EU27", "EU 27");
    assert_snapshot!(mini.report(), @"
    blocs.csv:2: bloc: `EU 27` does not have the right form
        it must match ^[A-Za-z0-9_.+-]+$: Bloc.
    reserves.csv:2: vintage: `Feb 2026` does not have the right form
        it must match ^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$: Edition of the source, as year or date.
    reserves.csv:2: grade: the cell is empty
        fill it: Evidence grade: A published for exactly this, B derived or close analogue, C documented assumption.
    3 problems
    ");
}

#[test]
fn a_missing_file_is_named() {
    assert_snapshot!(MiniPackage::new().without("transit.csv").without("countries.csv").report(), @"
    countries.csv: the file is missing
        add the table (Countries: codes, names and the spellings that publishers use); an empty table is its header alone
    transit.csv: the file is missing
        add the table (Transit: places that trade passes through, taken out of the chain before balancing); an empty table is its header alone
    2 problems
    ");
    assert_snapshot!(MiniPackage::new().without("datapackage.json").report(), @"
    datapackage.json: cannot be read: No such file or directory (os error 2)
        name a directory that holds a data package of this program
    1 problem
    ");
}

#[test]
fn a_range_must_be_in_order() {
    let mini = MiniPackage::new()
        .with("production.csv", "3400,3000,3500", "3400,3450,3500")
        .with("elasticities.csv", "0.5,0.9,1.5", "0.5,0.9,0.7")
        .with("import_sources.csv", "2021,2024", "2024,2021");
    assert_snapshot!(mini.report(), @"
    elasticities.csv:3: mid: mid 0.9 is above high 0.7
        put them in order: low <= mid <= high
    import_sources.csv:2: from: from 2024 is above to 2021
        put them in order: from <= to
    production.csv:7: low: low 3450 is above value 3400
        put them in order: low <= value <= high
    3 problems
    ");
}

#[test]
fn an_absent_figure_says_why_and_a_withheld_one_has_no_value() {
    let mini = MiniPackage::new().with("production.csv", "USA,2024,", "USA,2024,12").with(
        "production.csv",
        "VNM,2024,3400,3000,3500",
        "VNM,2024,,,",
    );
    assert_snapshot!(mini.report(), @"
    production.csv:6: flag: the figure is marked as absent but has the value 12
        empty the value, or write another flag
    production.csv:7: value: the figure is absent and the flag does not say why
        write why: withheld or unavailable; absent is not zero
    2 problems
    ");
}

#[test]
fn an_element_needs_a_market_of_its_own_kind() {
    let mini = MiniPackage::new().with("minerals.csv", "element,rare_earths", "element,rare_earth").with(
        "minerals.csv",
        "critical,tungsten",
        "critical,zinc",
    );
    assert_snapshot!(mini.report(), @"
    minerals.csv:3: market: `rare_earth` is not in minerals.csv
        did you mean `rare_earths` (Rare earths)?
    minerals.csv:6: market: `tungsten` is not an element but its market is `zinc`
        write `tungsten`, or make it an element
    2 problems
    ");
    let mini = MiniPackage::new()
        .with("minerals.csv", "element,rare_earths", "element,gallium")
        .with("minerals.csv", "critical,gallium", "element,zinc")
        .with("distance.csv", "CHN,KAZ", "KAZ,CHN");
    assert_snapshot!(mini.report(), @"
    distance.csv:2: a: the pair KAZ, CHN is not in alphabetical order
        write CHN, KAZ
    minerals.csv:3: market: `gallium` is not a market of its own
        name a mineral whose market is itself
    2 problems
    ");
}

#[test]
fn a_torn_row_and_foreign_text_are_refused_at_their_line() {
    let mini = MiniPackage::new().with("blocs.csv", "AUT,1995,,1995-01-01,,orecast,", "AUT,1995");
    std::fs::write(
        mini.path("transit.csv"),
        b"mineral,stage,iso3,source,note\r\n,,AUT,orecast,\r\n,,CHN,orecast,caf\xe9\r\n",
    )
    .unwrap();
    assert_snapshot!(mini.report(), @"
    blocs.csv:2: the row has 3 fields, the header 8
        write a comma for every empty cell
    transit.csv:3: the text is not UTF-8
        save the file in the encoding UTF-8
    2 problems
    ");
}

#[test]
fn a_description_of_another_version_is_refused() {
    let mini = MiniPackage::new().with("datapackage.json", r#"{"name": "km""#, r#"{"name": "miles""#);
    assert_snapshot!(mini.report(), @"
    datapackage.json: distance: the columns are not the ones that are read
        this version of the program reads a, b, km
    1 problem
    ");
}

#[test]
fn a_column_full_of_problems_is_cut_short() {
    let mut mini = MiniPackage::new();
    for number in 0..25 {
        mini = mini.with_line("distance.csv", &format!("AUT,AUT,x{number}"));
    }
    let report = mini.load().unwrap_err();
    assert_eq!(report.iter().filter(|problem| problem.field == "km").count(), 21);
    assert!(mini.report().contains("5 more problems in this column"));
}

#[test]
fn a_file_that_is_read_in_parts_reports_lines_and_repeats_as_a_small_one_does() {
    let mini = MiniPackage::new();
    let header = "mineral,stage,exporter,importer,year,hs6,tonnes,gross_tonnes,kusd,flag,source,grade\n";
    let row = |code: u32| format!("zinc,mine,KAZ,CHN,2024,{code},1.5,,,,baci-2026,B\n");
    // More than two parts.
    let mut text: String = std::iter::once(header.to_owned()).chain((100_000..120_000).map(row)).collect();
    std::fs::write(mini.path("trade.csv"), &text).unwrap();
    let world = mini.load().unwrap();
    let codes: Vec<u32> = world.tables().trade.iter().map(|row| row.hs6).collect();
    assert_eq!(codes, (100_000..120_000).collect::<Vec<_>>());

    text += &row(100_007);
    text += &row(200_000).replace("1.5", "x");
    std::fs::write(mini.path("trade.csv"), text.replace("CHN,2024,115000", "CNH,2024,115000")).unwrap();
    assert_snapshot!(mini.report(), @"
    trade.csv:15002: importer: `CNH` is not in countries.csv
        did you mean `CHN` (China)?
    trade.csv:20002: mineral: `zinc, mine, KAZ, CHN, 2024, 100007, baci-2026` is already on line 9
        keep one row per mineral, stage, exporter, importer, year, hs6, source
    trade.csv:20003: tonnes: `x` is not a number
        write a plain number such as 1234.5; leave the cell empty when it is unknown
    3 problems
    ");
}

#[test]
fn parties_minerals_and_dates_of_the_register_are_checked() {
    let mini = MiniPackage::new()
        .with("agreements.csv", "2024-03-05,USA,KAZ,", "2024-03-05,USA,KAX;EU28,")
        .with("agreements.csv", "signed,tungsten,broad", "signed,tungsten;tungstn,broad")
        .with(
            "agreements.csv",
            "2023-11,TPP,VNM,,framework,non-binding,,signed,2024,",
            "2023-11,,VNM,,framework,non-binding,,signed,2022,",
        )
        .with("events.csv", "plan,,KAZ,delivered,2024-05-20,2024-04-04", "plan,,KAZ,lapsed,,2024-02-04")
        .with(
            "events.csv",
            "US-KAZ-2024,output,KZ-W-NORTH,KAZ,delivered,,2027",
            "US-KAZ-2024,output,KZ-W-NORTH,KAZ,delivered,,",
        )
        .with("measures.csv", "dual use,2025-02-04,2025-02-04,,", "dual use,2025-03,2025-02-04,2025-01,")
        .with("deal_projects.csv", "US-KAZ-2024,KZ-W-NORTH", "US-KAZ-2025,KZ-W-NORD");
    assert_snapshot!("register_names_and_dates", mini.report());
}

#[test]
fn dates_and_words_of_the_register_are_of_their_kind() {
    let mini = MiniPackage::new()
        .with("agreements.csv", "2024-03-05,USA", "5 March 2024,USA")
        .with("agreements.csv", "framework,non-binding", "framwork,non-binding")
        .with("events.csv", "committed,2026-03", "committed,2026-13")
        .with("measures.csv", "dual use,2025-02-04", "dual use,2025-02-30")
        .with("clauses.csv", "US-KAZ-2024,offtake", "US-KAZ-2024,oftake");
    assert_snapshot!("register_words", mini.report());
}

#[test]
fn a_price_names_the_country_of_its_place_and_a_return_its_suspension() {
    let report = MiniPackage::new().with("quotes.csv", "outside,CHN", "world,CHN").report();
    assert!(report.contains("quotes.csv:2: iso3: the place is `world` and the country `CHN`"), "{report}");
    let report = MiniPackage::new().with(
        "measures.csv",
        "2025-02-04,2025-02-04,,,,",
        "2025-02-04,2025-02-04,,,2026-11-10,",
    );
    assert!(report.report().contains("the measure returns but was not suspended"));
}
