//! Importers: one file per publisher turns raw publisher files into typed rows of the data package.
//!
//! Every importer takes the files, the [`reference::Reference`] of names and sources, and fills [`Tables`]; what it could not
//! read it notes in [`Diagnostics`], all at once. Labels, conversions and exceptions are data in `mapping/*.csv`, not code.

pub mod baci;
pub mod baci_tables;
pub mod bgs;
pub mod compile;
pub mod country_risk;
pub mod curated;
pub mod figure;
pub mod geodist;
pub mod iea;
pub mod io;
pub mod layer;
pub mod pink_sheet;
pub mod reference;
pub mod restrictions;
pub mod rows;
pub mod sheet;
pub mod text;
pub mod trade;
pub mod trade_codes;
pub mod trade_facts;
pub mod trade_us;
pub mod un_ideal_points;
pub mod usgs_mcs;
pub mod usgs_mcs_2025;
pub mod usgs_prices;
pub mod usgs_reliance;
pub mod usgs_yearbook;
pub mod wgi;
pub mod wmd;

pub use orecast::world::Tables;
pub use reference::Reference;
pub use text::Input;

use orecast::base::{diagnostic::Diagnostics, id::SourceId};

/// Fills tables from one file.
pub type ReadOne = fn(&Input, &Reference, &mut Tables, &mut Diagnostics);
/// Fills tables from files that belong together.
pub type ReadAll = fn(&[Input], &Reference, &mut Tables, &mut Diagnostics);

/// How an importer takes its files.
#[derive(Debug, Clone, Copy)]
pub enum Read {
    /// One by one.
    Each(ReadOne),
    /// All together.
    Together(ReadAll),
}

/// An importer by name.
#[derive(Debug, Clone, Copy)]
pub struct Importer {
    /// Name on the command line.
    pub name: &'static str,
    /// What it reads and what comes of it.
    pub about: &'static str,
    /// Source of its rows in `mapping/sources.csv`, which gives address and licence; empty for curated tables, whose rows
    /// name their own.
    pub source: &'static str,
    /// The files of the whole package that it reads, as `sources:` or `facts:` and a path within that folder.
    pub files: &'static [&'static str],
    /// The function that reads.
    pub read: Read,
}

impl Importer {
    const fn curated(
        name: &'static str,
        about: &'static str,
        files: &'static [&'static str],
        read: ReadOne,
    ) -> Self {
        Self { name, about, source: "", files, read: Read::Each(read) }
    }

    const fn published(
        name: &'static str,
        about: &'static str,
        source: &'static str,
        files: &'static [&'static str],
        read: ReadOne,
    ) -> Self {
        Self { name, about, source, files, read: Read::Each(read) }
    }

    const fn together(
        name: &'static str,
        about: &'static str,
        source: &'static str,
        files: &'static [&'static str],
        read: ReadAll,
    ) -> Self {
        Self { name, about, source, files, read: Read::Together(read) }
    }

    /// Fills tables from files.
    pub fn run(
        &self,
        inputs: &[Input],
        reference: &Reference,
        tables: &mut Tables,
        problems: &mut Diagnostics,
    ) {
        match self.read {
            Read::Each(read) => inputs.iter().for_each(|input| read(input, reference, tables, problems)),
            Read::Together(read) => read(inputs, reference, tables, problems),
        }
    }
}

/// The source and the vintage of an edition that comes out in the year after the last one of its data: `known` is the
/// source of an edition that ends in its year, such as `usgs-mcs-2026`.
fn edition(known: &str, last_year: Option<i32>) -> Option<(SourceId, String)> {
    let stem = known.trim_end_matches(|c: char| c.is_ascii_digit());
    let year = last_year?.checked_add(1)?;
    Some((format!("{stem}{year}").parse().ok()?, year.to_string()))
}

/// All importers, in the order in which the whole package is compiled: an importer may rely on the tables of those
/// before it.
pub const IMPORTERS: &[Importer] = &[
    Importer::curated(
        "minerals",
        "master table of minerals",
        &["facts:minerals/minerals.csv"],
        curated::minerals::read,
    ),
    Importer::curated(
        "prices",
        "yearly prices from USGS, World Bank and others",
        &["facts:minerals/prices.csv"],
        curated::parameters::prices,
    ),
    Importer::published(
        "usgs-mcs-2026",
        "USGS commodity data release, format since 2026: output, capacity, reserves, US stocks",
        usgs_mcs::SOURCE,
        &["sources:usgs/MCS2026_Commodities_Data.csv"],
        usgs_mcs::read,
    ),
    Importer::published(
        "usgs-reliance",
        "the same file: net import reliance and origins of US imports",
        usgs_mcs::SOURCE,
        &["sources:usgs/MCS2026_Commodities_Data.csv"],
        usgs_reliance::read,
    ),
    Importer::published(
        "usgs-us-trade",
        "the same file: imports and exports of the United States by form",
        usgs_mcs::SOURCE,
        &["sources:usgs/MCS2026_Commodities_Data.csv"],
        trade_us::read,
    ),
    Importer::published(
        "usgs-mcs-2025",
        "USGS world data release, format of 2025: output of the last reported year",
        usgs_mcs_2025::SOURCE,
        &["sources:usgs/MCS2025_World_Data.csv"],
        usgs_mcs_2025::read,
    ),
    Importer::published(
        "usgs-yearbook",
        "USGS Minerals Yearbook: output by country in earlier years",
        usgs_yearbook::SOURCE,
        &["sources:usgs/minerals_yearbook_parsed_2014_2020.csv"],
        usgs_yearbook::read,
    ),
    Importer::published(
        "iea",
        "IEA Critical Minerals Data Explorer as JSON: output of the base year",
        iea::SOURCE,
        &["sources:iea/iea_cm_data_explorer_2025.json"],
        iea::read,
    ),
    Importer::curated(
        "refined",
        "refined output by country",
        &["facts:refined_by_country.csv"],
        curated::refined::read,
    ),
    Importer::curated(
        "stocks",
        "stocks; needs minerals and output",
        &["facts:minerals/stocks.csv"],
        curated::stocks::read,
    ),
    Importer::curated(
        "elasticities",
        "response parameters",
        &["facts:minerals/elasticities.csv"],
        curated::parameters::elasticities,
    ),
    Importer::curated(
        "trade-elasticities",
        "substitution between origins (Hauk 2012, Broda and Weinstein 2006; own medians)",
        &["facts:minerals/import_demand_and_sigma_by_mineral.csv"],
        curated::parameters::trade_elasticities,
    ),
    Importer::curated(
        "byproducts",
        "by-products and their hosts",
        &["facts:minerals/byproducts.csv"],
        curated::parameters::byproducts,
    ),
    Importer::curated(
        "recycling",
        "scrap shares",
        &["facts:minerals/recycling.csv"],
        curated::parameters::recycling,
    ),
    Importer::curated(
        "demand",
        "indices of world use by scenario, from IEA",
        &["facts:minerals/demand_growth.csv"],
        curated::parameters::demand,
    ),
    Importer::curated(
        "end-uses",
        "what minerals are used for, from USGS, IEA and others",
        &["facts:minerals/end_uses.csv"],
        curated::end_uses::read,
    ),
    Importer::curated(
        "use-industries",
        "industries of the BEA detail table that make what a use names",
        &["facts:minerals/end_use_to_bea.csv"],
        curated::end_uses::industries,
    ),
    Importer::curated("projects", "mines and plants", &["facts:projects.csv"], curated::projects::read),
    Importer::curated(
        "projects-c5",
        "mines and plants of Central Asia",
        &["facts:projects_c5.csv"],
        curated::projects::read_c5,
    ),
    Importer::curated(
        "agreements",
        "deals and their clauses",
        &["facts:agreements.csv"],
        curated::register::agreements,
    ),
    Importer::curated(
        "deal-projects",
        "projects that belong to deals",
        &["facts:projects.csv"],
        curated::register::deal_projects,
    ),
    Importer::curated(
        "measures",
        "restrictions and other acts of states (OECD inventory 2024 and curated)",
        &["facts:policy_measures.csv"],
        curated::measures::read,
    ),
    Importer::curated(
        "policy-events",
        "days of announcement and effects of measures; needs measures",
        &["facts:policy_events.csv"],
        curated::measures::read_policy_events,
    ),
    Importer::curated(
        "recent-measures",
        "measures since the base year with their suspension and return; needs measures",
        &["facts:recent/recent_measures.csv"],
        curated::recent_register::measures,
    ),
    Importer::curated(
        "recent-deals",
        "steps of promises since the register was compiled; needs the register",
        &["facts:recent/recent_deals.csv"],
        curated::recent_register::deals,
    ),
    Importer::curated(
        "quotes",
        "prices by place and date since the base year; needs minerals",
        &["facts:recent/recent_prices.csv"],
        curated::recent::quotes,
    ),
    Importer::curated(
        "recent-output",
        "output since the base year, guidance, quotas; needs minerals",
        &["facts:recent/recent_output.csv"],
        curated::recent::output,
    ),
    Importer::published(
        "price-history",
        "World Bank monthly commodity prices: the months themselves",
        pink_sheet::EDITION,
        &["sources:prices/pinksheet_minerals_monthly_1960_2026-05.csv"],
        pink_sheet::read_history,
    ),
    Importer::published(
        "usgs-prices",
        "USGS yearly prices 1998 to 2015",
        usgs_prices::SOURCE,
        &["sources:prices/usgs_hhi_prices_1998_2015.csv"],
        usgs_prices::read,
    ),
    Importer::curated(
        "finance",
        "published numbers on public finance",
        &["facts:finance.csv"],
        curated::measures::finance,
    ),
    Importer::curated(
        "lever-precedents",
        "published terms of levers",
        &["facts:lever_precedents.csv"],
        curated::measures::lever_precedents,
    ),
    Importer::curated(
        "lead-times",
        "times of development, delays and chances; needs minerals",
        &["facts:lead_times.csv"],
        curated::findings::lead_times,
    ),
    Importer::curated(
        "project-finance",
        "cost overruns and costs of capital; needs minerals",
        &["facts:finance.csv"],
        curated::findings::finance,
    ),
    Importer::curated(
        "refining-pipeline",
        "plants that the other lists of projects lack; needs projects",
        &["facts:pipeline_refining.csv"],
        curated::projects::read_plants,
    ),
    Importer::published(
        "wgi-stability",
        "World Bank governance indicators: political stability",
        wgi::STABILITY_SOURCE,
        &["sources:governance/wgi_political_stability_estimate.csv"],
        wgi::read_stability,
    ),
    Importer::published(
        "wgi-six",
        "World Bank governance indicators: the five other dimensions",
        wgi::SIX_SOURCE,
        &["sources:governance/wgi_six_dimensions_2005_2022.csv.gz"],
        wgi::read_six,
    ),
    Importer::published(
        "un-ideal-points",
        "ideal points of countries from UN votes",
        un_ideal_points::SOURCE,
        &["sources:governance/unga_ideal_points_2005_2023.csv"],
        un_ideal_points::read,
    ),
    Importer::published(
        "geodist",
        "CEPII GeoDist: distances between and within countries",
        geodist::SOURCE,
        &["sources:governance/cepii_geodist.csv.gz"],
        geodist::read,
    ),
    Importer::published(
        "country-risk",
        "Damodaran: country risk premiums and tax rates",
        country_risk::SOURCE,
        &["sources:governance/damodaran_country_risk_2025-01.csv"],
        country_risk::read,
    ),
    Importer::published(
        "oecd-restrictions",
        "OECD inventory of export restrictions: the data service's CSV, or a list of measures",
        restrictions::SOURCE,
        &["sources:policy/oecd_export_restrictions_2024.csv"],
        restrictions::read,
    ),
    Importer::together(
        "bea-io",
        "BEA input-output detail: make, use, imports, gross output (four files together)",
        io::SOURCE,
        &[
            "sources:io/Detail_Use_2017_PRO_BeforeRedef_17sch.csv.gz",
            "sources:io/Detail_Make_2017_BeforeRedef_17sch.csv.gz",
            "sources:io/Detail_Import_2017_BeforeRedef_17sch.csv.gz",
            "sources:io/Detail_GrossOutput_IO_17sch.csv.gz",
        ],
        io::read,
    ),
    Importer::curated(
        "hazard-rates",
        "rates of export restrictions: own counts on the OECD inventory",
        &["facts:hazard_rates.csv"],
        curated::hazard::rates,
    ),
    Importer::curated(
        "hazard-events",
        "years in which exports were restricted: own counts on the OECD inventory; needs minerals",
        &["facts:hazard_events.csv"],
        curated::hazard::events,
    ),
    Importer::together(
        "baci",
        "CEPII BACI flows: yearly files, with their tables of countries and products if wanted",
        "cepii-baci",
        &[],
        compile::read_flows,
    ),
    Importer::published(
        "pink-sheet",
        "World Bank monthly commodity prices: months and yearly means",
        pink_sheet::EDITION,
        &[],
        pink_sheet::read,
    ),
    Importer::published(
        "wmd",
        "World Mining Data, chapter 6.4: output by country",
        wmd::SOURCE,
        &[],
        wmd::read,
    ),
    Importer::published(
        "bgs",
        "BGS World Mineral Statistics: output by country",
        bgs::SOURCE,
        &[],
        bgs::read,
    ),
];

/// The importer of a name.
pub fn importer(name: &str) -> Option<&'static Importer> {
    IMPORTERS.iter().find(|importer| importer.name == name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_edition_is_named_after_the_year_that_follows_its_data() {
        let of =
            |known, year| edition(known, Some(year)).map(|(source, vintage)| (source.to_string(), vintage));
        assert_eq!(of("usgs-mcs-2026", 2026), Some(("usgs-mcs-2027".to_owned(), "2027".to_owned())));
        assert_eq!(of("usgs-mcs-2026", i32::MAX), None);
    }

    #[test]
    fn importers_have_names_of_their_own_and_known_sources() {
        let reference = Reference::load().unwrap();
        for (place, importer) in IMPORTERS.iter().enumerate() {
            assert!(IMPORTERS[..place].iter().all(|other| other.name != importer.name), "{}", importer.name);
            let is_known = reference.sources.iter().any(|rule| rule.id.as_str() == importer.source);
            assert!(importer.source.is_empty() || is_known, "{}", importer.source);
        }
    }
}

#[cfg(test)]
mod testing;
