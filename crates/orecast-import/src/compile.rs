//! The whole package from a folder of curated facts and a folder of publisher files.

use std::{
    collections::BTreeSet,
    io,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use super::{
    IMPORTERS, Input, Reference, Tables, baci, baci_tables, curated, geodist, io as accounts,
    trade::{Contents, NEGLIGIBLE, contained, settled, unit_values},
    trade_codes, trade_facts,
};
use orecast::base::{
    diagnostic::Diagnostics,
    id::{MineralId, SourceId},
};

/// Years of trade that the package carries.
const TRADE_YEARS: RangeInclusive<i32> = 2022..=2024;
/// Earlier years from which hindcasts start, carried for the minerals whose output is published for them.
const PAST_YEARS: [i32; 2] = [2015, 2018];
/// Flows below this share of a mineral's trade in a stage are left out of those years, so that the package stays small.
const PAST_SMALLEST: f64 = 1e-4;
/// Flows by code, both in the tidy layout.
const FLOWS: [&str; 2] = ["trade/mineral_hs6_flows_2015_2024.csv.gz", "trade/gap_codes_2022_2024.csv.gz"];
/// Source of unit values of trade.
const PRICES_SOURCE: &str = "cepii-baci";
/// Flows by heading, for headings whose codes have no flows.
const HEADINGS: &str = "trade/comflow_hs4_top200_2022_2024.csv";
/// Published single figures of trade.
const FLOW_FACTS: &str = "published_flow_facts.csv";
/// US imports by origin.
const US_IMPORTS: &str = "us_imports_by_origin_2021_2024.csv";
/// Source of the list of countries.
const COUNTRIES: &str = "iso-3166";

/// The two folders that a package is compiled from.
#[derive(Debug, Clone)]
pub struct Folders {
    /// Curated tables.
    pub facts: PathBuf,
    /// Publisher files.
    pub sources: PathBuf,
}

impl Folders {
    /// The path of `facts:…` or `sources:…`.
    fn path(&self, file: &str) -> Option<PathBuf> {
        let (folder, path) = file.split_once(':')?;
        Some(if folder == "facts" { self.facts.join(path) } else { self.sources.join(path) })
    }

    /// A file with a name that does not depend on where the folders lie.
    fn input(path: &Path, name: &str) -> io::Result<Input> {
        Ok(Input::inline(name, std::fs::read(path)?))
    }
}

/// Reads files of flows into contained tonnes, all years and all codes that belong to a mineral. CEPII's tables of
/// countries and products may be among the files.
pub fn read_flows(inputs: &[Input], reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let contents = Contents::load(problems);
    let twins = baci_tables::twins(problems);
    let wanted = |_, code| contents.has(code) || twins.contains_key(&code);
    let codes = baci_tables::Tables::read(inputs, problems);
    let mut flows = Vec::new();
    for input in inputs.iter().filter(|input| baci_tables::Kind::of(input) == baci_tables::Kind::Flows) {
        let mut found = baci::read_with(input, reference, &codes, wanted, problems);
        baci::in_mapped_codes(&mut found, &twins);
        codes.remark_absent(input.name(), problems);
        if found.is_empty() {
            let remedy = "check that it is a file of BACI with codes of six digits";
            problems.remark(input.name(), 0, "k", "no flow of a mineral", remedy);
        }
        flows.extend(found);
    }
    flows.retain(|flow| contents.has(flow.hs6));
    // Codes that share no mineral have nothing to do with each other: one group at a time needs less memory.
    let groups = baci_tables::groups(problems);
    let group = |flow: &baci::Flow| groups.get(&flow.hs6);
    flows.sort_by_key(group);
    for part in flows.chunk_by(|a, b| group(a) == group(b)) {
        tables.trade.extend(settled(contained(part, &contents, &tables.prices), NEGLIGIBLE));
    }
}

/// Compiles every table.
///
/// # Errors
/// Everything that could not be read, with file and line.
pub fn compile(folders: &Folders) -> Result<Tables, Diagnostics> {
    let reference = Reference::load()?;
    let mut tables = Tables::default();
    let mut problems = Diagnostics::default();
    curated::carried(&reference, &mut tables, &mut problems);
    for importer in IMPORTERS.iter().filter(|importer| !importer.files.is_empty()) {
        let files = importer.files.iter().filter_map(|file| open(folders, file, &mut problems));
        let inputs: Vec<Input> = files.collect();
        if inputs.len() == importer.files.len() {
            importer.run(&inputs, &reference, &mut tables, &mut problems);
        }
    }
    trade(folders, &reference, &mut tables, &mut problems);
    past_trade(folders, &reference, &mut tables, &mut problems);
    sources(folders, &reference, &mut tables, &mut problems);
    problems.into_result(tables)
}

fn open(folders: &Folders, file: &str, problems: &mut Diagnostics) -> Option<Input> {
    let path = folders.path(file)?;
    match Folders::input(&path, file) {
        Ok(input) => Some(input),
        Err(error) => {
            problems.push(
                file,
                0,
                "",
                error.to_string(),
                "put the file into the folder or give another folder",
            );
            None
        }
    }
}

/// Trade of the years from which hindcasts start, of minerals with published output, and unit values as its prices.
fn past_trade(folders: &Folders, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let contents = Contents::load(problems);
    let made: BTreeSet<(&MineralId, i32)> =
        tables.production.iter().map(|row| (&row.mineral, row.year)).collect();
    let traded: BTreeSet<u32> = contents
        .codes()
        .filter(|(_, mineral, _)| PAST_YEARS.iter().any(|&year| made.contains(&(mineral, year))))
        .map(|(code, ..)| code)
        .collect();
    let wanted = |year, code| PAST_YEARS.contains(&year) && traded.contains(&code);
    let Some(input) = open(folders, &format!("sources:{}", FLOWS[0]), problems) else { return };
    let flows = baci::read(&input, reference, wanted, problems);
    let mut found = settled(contained(&flows, &contents, &tables.prices), PAST_SMALLEST);
    found.retain(|row| made.contains(&(&row.mineral, row.year)));
    let Ok(source) = PRICES_SOURCE.parse() else { return };
    let prices = unit_values(&found, &source);
    tables.trade.extend(found);
    tables.prices.extend(prices);
}

/// Flows of all files together, so that double entries across files are settled, then the figures of codes without flows.
fn trade(folders: &Folders, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let contents = Contents::load(problems);
    let wanted = |year, code| TRADE_YEARS.contains(&year) && contents.has(code);
    let mut flows = Vec::new();
    for file in FLOWS {
        if let Some(input) = open(folders, &format!("sources:{file}"), problems) {
            flows.extend(baci::read(&input, reference, wanted, problems));
        }
    }
    if let Some(input) = open(folders, &format!("sources:{HEADINGS}"), problems) {
        flows.extend(trade_facts::headings(&input, reference, &TRADE_YEARS, problems));
    }
    let mut candidates = contained(&flows, &contents, &tables.prices);
    if let Some(input) = open(folders, &format!("facts:{US_IMPORTS}"), problems) {
        let totals = trade_facts::totals(&input, reference, &TRADE_YEARS, &candidates, problems);
        candidates.extend(totals);
    }
    if let Some(input) = open(folders, &format!("facts:{FLOW_FACTS}"), problems) {
        candidates.extend(trade_facts::published(&input, reference, &TRADE_YEARS, problems));
    }
    candidates.extend(trade_facts::derived(problems));
    tables.trade.extend(settled(candidates, NEGLIGIBLE));
    tables.trade_codes = trade_codes::rows(&contents, &tables.trade);
}

/// The sources that rows name, each with the hash of its raw file.
fn sources(folders: &Folders, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let used = used_sources(tables);
    for id in &used {
        let Some(rule) = reference.sources.iter().find(|rule| &rule.id == id) else {
            let remedy = "add it to mapping/sources.csv";
            problems.push("sources.csv", 0, "id", format!("`{id}` is used but not listed"), remedy);
            continue;
        };
        let hash = if rule.file.is_empty() {
            Some(String::new())
        } else {
            open(folders, &rule.file, problems).and_then(|input| input.sha256().ok())
        };
        tables.sources.extend(hash.map(|hash| rule.row(hash)));
    }
}

/// The sources that the rows of tables name; tables without a column for it have one source each.
pub(super) fn used_sources(tables: &Tables) -> BTreeSet<SourceId> {
    let mut used = BTreeSet::new();
    macro_rules! collect {
        ($($table:ident),*) => { $(used.extend(tables.$table.iter().map(|row| row.source.clone()));)* };
    }
    collect!(
        minerals,
        blocs,
        production,
        capacity,
        reserves,
        requirements,
        stocks,
        trade,
        trade_totals,
        trade_codes,
        prices,
        price_history,
        quotes,
        guidance,
        elasticities,
        byproducts,
        baskets,
        lists,
        end_uses,
        use_industries,
        recycling,
        import_reliance,
        import_sources,
        demand,
        governance,
        projects,
        ownership,
        transit,
        restrictions,
        hazard,
        hazard_events,
        price_events,
        agreements,
        clauses,
        deal_projects,
        events,
        measures,
        precedents,
        lead_times,
        finance,
        fiscal,
        licence_rules,
        stock_holders,
        value_added
    );
    let whole = [
        (geodist::SOURCE, tables.distance.is_empty()),
        (COUNTRIES, tables.countries.is_empty()),
        (accounts::SOURCE, tables.io_sectors.is_empty()),
    ];
    used.extend(whole.iter().filter(|(_, is_empty)| !is_empty).filter_map(|(id, _)| id.parse().ok()));
    used
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn missing_files_are_all_named_at_once() {
        let empty = tempfile::tempdir().unwrap();
        let folders = Folders { facts: empty.path().to_owned(), sources: empty.path().to_owned() };
        let text = compile(&folders).unwrap_err().to_string();
        for file in
            ["facts:minerals/minerals.csv", "sources:usgs/MCS2025_World_Data.csv", "sources:trade/gap_codes"]
        {
            assert!(text.contains(file), "{file} in {text}");
        }
    }

    #[test]
    #[ignore = "reads the publishers' files in the folder `shared` beside the repository"]
    fn the_whole_package_is_the_same_every_time() {
        let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
        assert!(shared.join("facts").is_dir(), "no folder `shared`: run without the ignored tests");
        let folders = Folders { facts: shared.join("facts"), sources: shared.join("sources") };
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let written = compile(&folders).unwrap().write(one.path()).unwrap();
        compile(&folders).unwrap().write(two.path()).unwrap();
        assert_eq!(written.len(), 52);
        for (table, _) in written {
            let read = |dir: &Path| std::fs::read(dir.join(format!("{table}.csv"))).unwrap();
            assert!(read(one.path()) == read(two.path()), "{table}");
        }
    }
}
