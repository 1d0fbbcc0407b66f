//! Importers: one file per publisher turns raw publisher files into typed rows of the data package.
//!
//! Every importer takes the files, the [`reference::Reference`] of names and sources, and fills [`Tables`]; what it could not
//! read it notes in [`Diagnostics`], all at once. Labels, conversions and exceptions are data in `mapping/*.csv`, not code.

pub mod baci;
pub mod compile;
pub mod country_risk;
pub mod curated;
pub mod figure;
pub mod geodist;
pub mod iea;
pub mod reference;
pub mod text;
pub mod trade;
pub mod trade_facts;
pub mod un_ideal_points;
pub mod usgs_mcs;
pub mod usgs_mcs_2025;
pub mod usgs_reliance;
pub mod wgi;

pub use super::Tables;
pub use reference::Reference;
pub use text::Input;

use crate::diagnostic::Diagnostics;

/// Fills tables from one publisher's file.
pub type Read = fn(&Input, &Reference, &mut Tables, &mut Diagnostics);

/// An importer by name.
#[derive(Debug, Clone, Copy)]
pub struct Importer {
    /// Name on the command line.
    pub name: &'static str,
    /// What it reads and where that is found.
    pub about: &'static str,
    /// The files of the whole package that it reads, as `sources:` or `facts:` and a path within that folder.
    pub files: &'static [&'static str],
    /// The function that reads one file.
    pub read: Read,
}

/// All importers, in the order in which the whole package is compiled: an importer may rely on the tables of those
/// before it.
pub const IMPORTERS: &[Importer] = &[
    Importer {
        name: "minerals",
        about: "master table of minerals (curated)",
        files: &["facts:minerals/minerals.csv"],
        read: curated::minerals::read,
    },
    Importer {
        name: "prices",
        about: "yearly prices (curated from USGS, World Bank and others)",
        files: &["facts:minerals/prices.csv"],
        read: curated::parameters::prices,
    },
    Importer {
        name: "usgs-mcs-2026",
        about: "USGS Mineral Commodity Summaries 2026, https://doi.org/10.5066/P1WKQ63T: output, capacity, reserves",
        files: &["sources:usgs/MCS2026_Commodities_Data.csv"],
        read: usgs_mcs::read,
    },
    Importer {
        name: "usgs-reliance",
        about: "the same file: net import reliance and origins of US imports",
        files: &["sources:usgs/MCS2026_Commodities_Data.csv"],
        read: usgs_reliance::read,
    },
    Importer {
        name: "usgs-mcs-2025",
        about: "USGS Mineral Commodity Summaries 2025, https://doi.org/10.5066/P13XCP3R: output of 2023",
        files: &["sources:usgs/MCS2025_World_Data.csv"],
        read: usgs_mcs_2025::read,
    },
    Importer {
        name: "iea",
        about: "IEA Critical Minerals Data Explorer, May 2025, as JSON: output of 2024",
        files: &["sources:iea/iea_cm_data_explorer_2025.json"],
        read: iea::read,
    },
    Importer {
        name: "refined",
        about: "refined output by country (curated)",
        files: &["facts:refined_by_country.csv"],
        read: curated::refined::read,
    },
    Importer {
        name: "stocks",
        about: "stocks (curated); needs minerals and output",
        files: &["facts:minerals/stocks.csv"],
        read: curated::stocks::read,
    },
    Importer {
        name: "elasticities",
        about: "response parameters (curated)",
        files: &["facts:minerals/elasticities.csv"],
        read: curated::parameters::elasticities,
    },
    Importer {
        name: "trade-elasticities",
        about: "substitution between origins (Hauk 2012, Broda and Weinstein 2006; own medians)",
        files: &["facts:minerals/import_demand_and_sigma_by_mineral.csv"],
        read: curated::parameters::trade_elasticities,
    },
    Importer {
        name: "byproducts",
        about: "by-products and their hosts (curated)",
        files: &["facts:minerals/byproducts.csv"],
        read: curated::parameters::byproducts,
    },
    Importer {
        name: "recycling",
        about: "scrap shares (curated)",
        files: &["facts:minerals/recycling.csv"],
        read: curated::parameters::recycling,
    },
    Importer {
        name: "demand",
        about: "indices of world use by scenario (curated from IEA)",
        files: &["facts:minerals/demand_growth.csv"],
        read: curated::parameters::demand,
    },
    Importer {
        name: "projects",
        about: "mines and plants (curated)",
        files: &["facts:projects.csv"],
        read: curated::projects::read,
    },
    Importer {
        name: "projects-c5",
        about: "mines and plants of Central Asia (curated)",
        files: &["facts:projects_c5.csv"],
        read: curated::projects::read_c5,
    },
    Importer {
        name: "agreements",
        about: "deals and their clauses (curated)",
        files: &["facts:agreements.csv"],
        read: curated::register::agreements,
    },
    Importer {
        name: "deal-projects",
        about: "projects that belong to deals (curated)",
        files: &["facts:projects.csv"],
        read: curated::register::deal_projects,
    },
    Importer {
        name: "measures",
        about: "restrictions and other acts of states (OECD inventory 2024 and curated)",
        files: &["facts:policy_measures.csv"],
        read: curated::measures::read,
    },
    Importer {
        name: "policy-events",
        about: "days of announcement and effects of measures (curated); needs measures",
        files: &["facts:policy_events.csv"],
        read: curated::measures::read_policy_events,
    },
    Importer {
        name: "finance",
        about: "published numbers on public finance (curated)",
        files: &["facts:finance.csv"],
        read: curated::measures::finance,
    },
    Importer {
        name: "lever-precedents",
        about: "published terms of levers (curated)",
        files: &["facts:lever_precedents.csv"],
        read: curated::measures::lever_precedents,
    },
    Importer {
        name: "wgi-stability",
        about: "World Bank governance indicators, political stability",
        files: &["sources:governance/wgi_political_stability_estimate.csv"],
        read: wgi::read_stability,
    },
    Importer {
        name: "wgi-six",
        about: "World Bank governance indicators, six dimensions",
        files: &["sources:governance/wgi_six_dimensions_2005_2022.csv.gz"],
        read: wgi::read_six,
    },
    Importer {
        name: "un-ideal-points",
        about: "ideal points from UN votes, https://doi.org/10.7910/DVN/LEJUQZ",
        files: &["sources:governance/unga_ideal_points_2005_2023.csv"],
        read: un_ideal_points::read,
    },
    Importer {
        name: "geodist",
        about: "CEPII GeoDist distances",
        files: &["sources:governance/cepii_geodist.csv.gz"],
        read: geodist::read,
    },
    Importer {
        name: "country-risk",
        about: "Damodaran country risk premiums and tax rates",
        files: &["sources:governance/damodaran_country_risk_2025-01.csv"],
        read: country_risk::read,
    },
    Importer {
        name: "baci",
        about: "CEPII BACI flows, yearly files or the tidy layout, plain or gzip",
        files: &[],
        read: compile::read_flows,
    },
];

/// The importer of a name.
pub fn importer(name: &str) -> Option<&'static Importer> {
    IMPORTERS.iter().find(|importer| importer.name == name)
}
