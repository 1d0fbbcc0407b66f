//! Sound files to start from.

use std::path::{Path, PathBuf};

use super::File;

/// Fixtures of each importer; files in one list belong together.
pub(crate) const IMPORTERS: &[(&str, &[&[&str]])] = &[
    ("usgs-mcs-2026", &[&["usgs-mcs-2026.csv"]]),
    ("usgs-reliance", &[&["usgs-mcs-2026.csv"]]),
    ("usgs-us-trade", &[&["usgs-mcs-2026.csv"]]),
    ("usgs-mcs-2025", &[&["usgs-mcs-2025.csv"]]),
    ("usgs-yearbook", &[&["usgs-yearbook.csv"]]),
    ("iea", &[&["iea.json"]]),
    ("wgi-stability", &[&["wgi-stability.csv"], &["wgi-six.csv"]]),
    ("wgi-six", &[&["wgi-six.csv"]]),
    ("un-ideal-points", &[&["un-ideal-points.csv"]]),
    ("geodist", &[&["geodist.csv"]]),
    ("country-risk", &[&["country-risk.csv"]]),
    ("oecd-restrictions", &[&["oecd-restrictions.csv"], &["oecd-service.csv"]]),
    ("bea-io", &[&["io-use.csv", "io-make.csv", "io-import.csv", "io-output.csv"]]),
    ("baci", &[&["baci.csv"], &["baci-tidy.csv"], &["baci.csv", "baci-countries.csv", "baci-products.csv"]]),
    ("recent-measures", &[&["recent-measures.csv"]]),
    ("recent-deals", &[&["recent-deals.csv"]]),
    ("quotes", &[&["quotes.csv"]]),
    ("recent-output", &[&["recent-output.csv"]]),
    ("price-history", &[&["pink-sheet.csv"]]),
    ("usgs-prices", &[&["prices.csv"]]),
    ("pink-sheet", &[&["pink-sheet.csv"], &["../pink_sheet.xlsx"]]),
    ("wmd", &[&["wmd.csv"], &["../wmd.xlsx"]]),
    ("bgs", &[&["bgs.csv"], &["bgs.json"]]),
    ("minerals", &[&["minerals.csv"]]),
    ("prices", &[&["prices.csv"]]),
    ("refined", &[&["refined.csv"]]),
    ("stocks", &[&["stocks.csv"]]),
    ("elasticities", &[&["elasticities.csv"]]),
    ("trade-elasticities", &[&["trade-elasticities.csv"]]),
    ("byproducts", &[&["byproducts.csv"]]),
    ("recycling", &[&["recycling.csv"]]),
    ("demand", &[&["demand.csv"]]),
    ("end-uses", &[&["end-uses.csv"]]),
    ("use-industries", &[&["use-industries.csv"]]),
    ("hazard-rates", &[&["hazard-rates.csv"]]),
    ("hazard-events", &[&["hazard-events.csv"]]),
    ("agreements", &[&["agreements.csv"]]),
    ("deal-projects", &[&["projects.csv"]]),
    ("measures", &[&["measures.csv"]]),
    ("policy-events", &[&["policy-events.csv"]]),
    ("finance", &[&["finance.csv"]]),
    ("project-finance", &[&["finance.csv"]]),
    ("lead-times", &[&["lead-times.csv"]]),
    ("refining-pipeline", &[&["refining-pipeline.csv"]]),
    ("lever-precedents", &[&["lever-precedents.csv"]]),
    ("projects", &[&["projects.csv"]]),
    ("projects-c5", &[&["projects-c5.csv"]]),
];

/// Rows kept of a shipped table.
const ROWS: usize = 30;
/// Shipped tables that others refer to, kept whole.
const WHOLE: [&str; 11] = [
    "minerals.csv",
    "countries.csv",
    "blocs.csv",
    "sources.csv",
    "projects.csv",
    "agreements.csv",
    "baskets.csv",
    "lists.csv",
    "use_industries.csv",
    "io_sectors.csv",
    "datapackage.json",
];

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file of `tests/fixtures/import`.
pub(crate) fn fixture(name: &str) -> File {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import").join(name);
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    File { name: name.to_owned(), bytes }
}

/// The shipped package with the first rows of every table.
pub(crate) fn package() -> Vec<File> {
    files(&root().join("data"), &["csv", "json"])
        .into_iter()
        .map(|file| if WHOLE.contains(&file.name.as_str()) { file } else { first_rows(&file) })
        .collect()
}

fn first_rows(file: &File) -> File {
    let lines = file.bytes.split_inclusive(|&byte| byte == b'\n').take(ROWS + 1);
    File { name: file.name.clone(), bytes: lines.flatten().copied().collect() }
}

/// Every TOML file of a folder of the repository, each alone.
pub(crate) fn toml(folder: &str) -> Vec<Vec<File>> {
    files(&root().join(folder), &["toml"]).into_iter().map(|file| vec![file]).collect()
}

/// Files of a folder with one of some extensions, in the order of their names.
fn files(folder: &Path, extensions: &[&str]) -> Vec<File> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let wanted = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extensions.iter().any(|one| extension == *one))
    };
    let mut paths: Vec<PathBuf> = entries.filter(wanted).collect();
    paths.sort();
    let file = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        File { name, bytes: std::fs::read(path).unwrap() }
    };
    paths.iter().map(file).collect()
}
