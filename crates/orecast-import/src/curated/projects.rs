//! `projects.csv` and `projects_c5.csv`: mines and plants that may add output.
//!
//! Gross capacities become contained ones (`mapping/project_bases.csv`); the range of the increment follows that of the capacity. Control
//! is split by shares where owners publish them (`mapping/project_control.csv`), equally where only the countries are known, and left empty
//! where it is not. The second list covers Central Asia; only rows that the first lacks are taken
//! (`mapping/c5_projects.csv`), the third plants that neither has (`mapping/plants.csv`).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Reference, Tables, grade};
use crate::{
    figure,
    reference::mapping,
    text::{Input, rounded, rows},
};
use orecast::{
    base::{
        diagnostic::Diagnostics,
        id::{Iso3, MineralId, ProjectId, SourceId},
        unit::Grade,
    },
    world::table::{ProjectRow, ProjectStage, ProjectStatus},
};

/// Source of the world list.
pub const SOURCE: &str = "orecast-projects";
/// `mapping/project_buyers.csv`: where contracted buyers sell or use a project's output.
#[derive(Debug, Deserialize)]
struct Buyers {
    project: ProjectId,
    buyers: String,
}

/// Source of the list of plants.
pub const SOURCE_PLANTS: &str = "orecast-plants";
/// Source of the list of Central Asia.
pub const SOURCE_C5: &str = "orecast-projects-c5";

#[derive(Debug, Deserialize)]
struct Name {
    text: String,
    mineral: MineralId,
    counts: bool,
}

#[derive(Debug, Deserialize)]
struct Conversion {
    basis: String,
    iso3: Option<Iso3>,
    factor: f64,
    note: String,
    /// What the upper capacity counts by each reading of the unit, as `W:1;WO3:0.793`; empty when the unit is clear.
    readings: String,
}

#[derive(Debug, Deserialize)]
struct Shares {
    project: ProjectId,
    control: String,
}

#[derive(Debug, Deserialize)]
struct Raw {
    id: ProjectId,
    name: String,
    iso3: Iso3,
    lat: Option<f64>,
    lon: Option<f64>,
    mineral: String,
    stage: ProjectStage,
    status: ProjectStatus,
    capacity_t_per_y: Option<f64>,
    increment_t_per_y: Option<f64>,
    capacity_basis: String,
    capacity_low: Option<f64>,
    capacity_high: Option<f64>,
    start_year_low: Option<i32>,
    start_year_mid: Option<i32>,
    start_year_high: Option<i32>,
    capex_usd_m: Option<f64>,
    mine_life_y: String,
    owner: String,
    controlling_country: String,
    offtake_holders: String,
    counts_as_addition: String,
    source: String,
    source_date: String,
    grade_existence: Grade,
    grade_numbers: Grade,
    notes: String,
}

/// Reads the world list.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let names: Vec<Name> =
        mapping("project_minerals.csv", include_str!("../mapping/project_minerals.csv"), problems);
    let bases: Vec<Conversion> =
        mapping("project_bases.csv", include_str!("../mapping/project_bases.csv"), problems);
    let shares: Vec<Shares> =
        mapping("project_control.csv", include_str!("../mapping/project_control.csv"), problems);
    let shares: BTreeMap<_, _> = shares.into_iter().map(|row| (row.project, row.control)).collect();
    let buyers: Vec<Buyers> =
        mapping("project_buyers.csv", include_str!("../mapping/project_buyers.csv"), problems);
    let buyers: BTreeMap<_, _> = buyers.into_iter().map(|row| (row.project, row.buyers)).collect();
    let Ok(source) = SOURCE.parse::<SourceId>() else { return };
    for (line, raw) in rows::<Raw>(input, problems) {
        let Some(name) = names.iter().find(|name| name.text == raw.mineral) else {
            let remedy = "add it to mapping/project_minerals.csv";
            problems.push(input.name(), line, "mineral", format!("`{}`", raw.mineral), remedy);
            continue;
        };
        let of_basis = |basis: &&Conversion| basis.basis == raw.capacity_basis;
        let special = bases.iter().filter(of_basis).find(|basis| basis.iso3 == Some(raw.iso3));
        let Some(basis) =
            special.or_else(|| bases.iter().filter(of_basis).find(|basis| basis.iso3.is_none()))
        else {
            let remedy = "add it to mapping/project_bases.csv";
            problems.push(input.name(), line, "capacity_basis", format!("`{}`", raw.capacity_basis), remedy);
            continue;
        };
        let mid = raw.increment_t_per_y.map(|increment| rounded(increment * basis.factor));
        let end = |capacity: Option<f64>| {
            let of = raw.capacity_t_per_y.filter(|&of| of > 0.0);
            mid.zip(capacity).zip(of).map(|((mid, capacity), of)| rounded(mid * capacity / of)).or(mid)
        };
        let readings =
            basis.readings.split(';').filter_map(|part| part.split_once(':')).filter_map(|(name, factor)| {
                let factor: f64 = factor.parse().ok()?;
                Some(format!("{name}:{}", end(raw.capacity_high.map(|high| high * factor))?))
            });
        let readings: Vec<String> = readings.collect();
        let control = shares.get(&raw.id).cloned();
        let (lat, lon) = placed(raw.lat, raw.lon);
        let remarks = [reference.open_remark(&raw.notes), basis.note.clone()];
        let remarks: Vec<&str> = remarks.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        tables.projects.push(ProjectRow {
            mineral: name.mineral.clone(),
            increment_low: end(raw.capacity_low).map(|low| mid.map_or(low, |mid| low.min(mid))),
            increment_mid: mid,
            increment_high: end(raw.capacity_high).map(|high| mid.map_or(high, |mid| high.max(mid))),
            readings: readings.join(";"),
            control: control.unwrap_or_else(|| equal_shares(&raw.controlling_country, reference)),
            buyers: buyers.get(&raw.id).cloned().unwrap_or_default(),
            counts: name.counts && raw.counts_as_addition != "n",
            id: raw.id,
            name: raw.name,
            iso3: raw.iso3,
            stage: raw.stage,
            status: raw.status,
            lat,
            lon,
            start_low: raw.start_year_low,
            start_mid: raw.start_year_mid,
            start_high: raw.start_year_high,
            capex_musd: raw.capex_usd_m,
            life_years: figure::number(raw.mine_life_y.trim_end_matches('+')),
            owner: reference.remark(&raw.owner),
            offtake: reference.remark(&raw.offtake_holders),
            source: source.clone(),
            source_date: raw.source_date,
            reference: reference.remark(&raw.source),
            grade_existence: raw.grade_existence,
            grade_numbers: raw.grade_numbers,
            note: remarks.join("; "),
        });
    }
}

/// Latitude and longitude, put right where they were written the other way round.
fn placed(lat: Option<f64>, lon: Option<f64>) -> (Option<f64>, Option<f64>) {
    if lat.is_some_and(|lat| lat.abs() > 90.0) { (lon, lat) } else { (lat, lon) }
}

/// `KAZ/CHN` as `KAZ:0.5;CHN:0.5`, a single country as itself; texts that are no countries are left out.
fn equal_shares(text: &str, reference: &Reference) -> String {
    let known = |code: &&str| code.parse().is_ok_and(|code| reference.is_country(code));
    let countries: Vec<&str> = text.split('/').map(str::trim).filter(known).collect();
    match countries[..] {
        [] => String::new(),
        [one] => one.to_owned(),
        _ => {
            let share = (1000.0 / countries.len() as f64).round() / 1000.0;
            countries.iter().map(|code| format!("{code}:{share}")).collect::<Vec<_>>().join(";")
        }
    }
}

/// `mapping/c5_projects.csv`: how a row of the second list is read.
#[derive(Debug, Deserialize)]
struct Extra {
    id: ProjectId,
    mineral: MineralId,
    stage: ProjectStage,
    status: ProjectStatus,
    tonnes_per_unit: f64,
    new_share: f64,
    start_low: Option<i32>,
    start_mid: Option<i32>,
    start_high: Option<i32>,
    control: String,
}

#[derive(Debug, Deserialize)]
struct RawC5 {
    id: ProjectId,
    country: Iso3,
    name: String,
    owner: String,
    capacity: String,
    capex_usd_m: String,
    route_or_offtake: String,
    source: String,
    source_date: String,
    evidence: String,
}

/// Reads the list of Central Asia, for projects that the world list lacks. One without a capacity is kept and adds nothing.
pub fn read_c5(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let extras: Vec<Extra> = mapping("c5_projects.csv", include_str!("../mapping/c5_projects.csv"), problems);
    let Ok(source) = SOURCE_C5.parse::<SourceId>() else { return };
    for (_, raw) in rows::<RawC5>(input, problems) {
        if let Some(known) = tables.projects.iter_mut().find(|project| project.id == raw.id) {
            // Both lists were read from the same page where the first names only the second.
            if known.reference.is_empty() && known.grade_existence < Grade::C {
                known.reference = reference.open_remark(&raw.source);
            }
            continue;
        }
        let Some(extra) = extras.iter().find(|extra| extra.id == raw.id) else { continue };
        let capacity = figure::number(&raw.capacity).map(|capacity| capacity * extra.tonnes_per_unit);
        let seen = if raw.evidence == "seen" { grade("B") } else { grade("C") };
        let increment = capacity.map(|capacity| rounded(capacity * extra.new_share));
        let absent = |text: &str| if text == "-" { String::new() } else { reference.remark(text) };
        tables.projects.push(ProjectRow {
            id: raw.id,
            name: raw.name,
            iso3: raw.country,
            mineral: extra.mineral.clone(),
            stage: extra.stage,
            status: extra.status,
            lat: None,
            lon: None,
            increment_low: increment,
            increment_mid: increment,
            increment_high: increment,
            readings: String::new(),
            start_low: extra.start_low,
            start_mid: extra.start_mid,
            start_high: extra.start_high,
            capex_musd: figure::number(&raw.capex_usd_m),
            life_years: None,
            owner: absent(&raw.owner),
            control: extra.control.clone(),
            offtake: absent(&raw.route_or_offtake),
            buyers: String::new(),
            counts: extra.new_share > 0.0,
            source: source.clone(),
            source_date: raw.source_date,
            reference: reference.open_remark(&raw.source),
            grade_existence: seen,
            grade_numbers: seen,
            note: capacity.map_or_else(
                || "no capacity published".to_owned(),
                |capacity| format!("capacity {} t a year", rounded(capacity)),
            ),
        });
    }
}

/// `mapping/plants.csv`: a row of the list of plants that the other lists lack, and how it is read.
#[derive(Debug, Deserialize)]
struct Plant {
    project: String,
    mineral: MineralId,
    product: String,
    id: ProjectId,
    stage: ProjectStage,
    status: ProjectStatus,
    tonnes_per_unit: f64,
    new_share: f64,
    start_low: Option<i32>,
    start_mid: Option<i32>,
    start_high: Option<i32>,
    control: String,
}

#[derive(Debug, Deserialize)]
struct RawPlant {
    project: String,
    country: String,
    owner: String,
    mineral: String,
    capacity_t_y: Option<f64>,
    status: String,
    source: String,
    evidence: String,
}

/// Reads the list of plants, for those that the other lists lack and whose source may be passed on.
pub fn read_plants(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let plants: Vec<Plant> = mapping("plants.csv", include_str!("../mapping/plants.csv"), problems);
    let Ok(source) = SOURCE_PLANTS.parse::<SourceId>() else { return };
    for (_, raw) in rows::<RawPlant>(input, problems) {
        let known = |plant: &&Plant| tables.projects.iter().any(|project| project.id == plant.id);
        let is_it = |plant: &&Plant| plant.project == raw.project && plant.mineral.as_str() == raw.mineral;
        let page = reference.open_remark(&raw.source);
        let plant = plants.iter().find(is_it).filter(|plant| !known(plant) && !page.is_empty());
        let (Some(plant), Ok(iso3)) = (plant, raw.country.parse()) else { continue };
        let capacity = raw.capacity_t_y.map(|t| rounded(t * plant.tonnes_per_unit));
        let increment = capacity.map(|t| rounded(t * plant.new_share));
        let (seen, weak) = (raw.evidence.starts_with("seen"), raw.evidence != "seen");
        tables.projects.push(ProjectRow {
            id: plant.id.clone(),
            name: raw.project,
            iso3,
            mineral: plant.mineral.clone(),
            stage: plant.stage,
            status: plant.status,
            lat: None,
            lon: None,
            increment_low: increment,
            increment_mid: increment,
            increment_high: increment,
            readings: String::new(),
            start_low: plant.start_low,
            start_mid: plant.start_mid,
            start_high: plant.start_high,
            capex_musd: None,
            life_years: None,
            owner: if raw.owner == "same" { String::new() } else { reference.remark(&raw.owner) },
            control: plant.control.clone(),
            offtake: String::new(),
            buyers: String::new(),
            counts: plant.status != ProjectStatus::Lapsed,
            source: source.clone(),
            source_date: String::new(),
            reference: page,
            grade_existence: if seen && !weak { grade("B") } else { grade("C") },
            grade_numbers: grade("C"),
            note: format!("{}; {}", plant.product, reference.remark(&raw.status)),
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const HEADER: &str = "id,name,iso3,lat,lon,mineral,stage,status,capacity_t_per_y,increment_t_per_y,capacity_basis,capacity_low,\
        capacity_high,start_year_low,start_year_mid,start_year_high,capex_usd_m,mine_life_y,owner,controlling_country,\
        offtake_holders,counts_as_addition,source,source_date,grade_existence,grade_numbers,notes\n";

    fn import(rows: &str) -> Vec<ProjectRow> {
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        let input = Input::inline("projects.csv", format!("{HEADER}{rows}"));
        read(&input, &Reference::load().unwrap(), &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        tables.projects
    }

    #[test]
    fn increments_are_contained_and_ranges_follow_the_capacity() {
        let rows = import(
            "KZ-CR-X,X,KAZ,129.4,35.4,chromium,refine,announced,300000,300000,t ferrochrome gross,0,450000,2028,2030,2034,600,20+,ERG,KAZ/LUX,,y,\"from memory, unverified\",,C,C,\n\
             US-TI-Y,Y,USA,,,titanium,mine,dfs,100,50,t TiO2,80,120,,,,,,Owner,AUS/EU,,y,https://example.org,2026,B,B,(memory)\n\
             US-REE-M,M,USA,,,rare earths (magnets),refine,construction,10000,10000,t magnets,,,,,,,,MP,USA,,y,x,2026,B,B,\n",
        );
        let [smelter, sands, magnets] = &rows[..] else { panic!("three rows") };
        let range = |p: &ProjectRow| (p.increment_low, p.increment_mid, p.increment_high);
        assert_eq!(range(smelter), (Some(0.0), Some(204_000.0), Some(306_000.0)));
        assert_eq!((smelter.control.as_str(), smelter.life_years), ("KAZ:0.5;LUX:0.5", Some(20.0)));
        assert_eq!((smelter.lat, smelter.lon), (Some(35.4), Some(129.4)), "longitude stood first");
        assert_eq!(smelter.reference, "", "recalled rows have no page");
        assert_eq!(range(sands), (Some(23.972), Some(29.965), Some(35.958)));
        assert_eq!(
            (sands.control.as_str(), sands.note.as_str()),
            ("AUS", "(recalled); t TiO2 x 0.5993 = t Ti")
        );
        assert_eq!((magnets.mineral.as_str(), magnets.counts), ("rare_earths", false));
    }

    #[test]
    fn published_shares_of_control_win() {
        let rows = import(
            "KZ-W-NKATPAR,Northern Katpar,KAZ,,,tungsten,both,dfs,4482.5,4482.5,t W,3965,5000,2029,2030,2033,440,20,Cove Kaz 70 / Tau-Ken Samruk 30,USA,,y,x,2026,B,B,\n",
        );
        assert_eq!(rows[0].control, "USA:0.7;KAZ:0.3");
    }

    #[test]
    fn a_unit_that_the_source_leaves_open_is_read_both_ways() {
        let rows = import(
            "KZ-W-UKAIR,Upper Kairakty,KAZ,,,tungsten,both,pfs,6275.5,6275.5,t W (source does not say W or WO3: range 0.793-1.0),5551,7000,2031,2033,2037,660,30,Cove,USA,,y,x,2026,B,B,\n",
        );
        assert_eq!(rows[0].readings, "W:7000;WO3:5551");
    }

    #[test]
    fn plants_are_added_once_and_not_from_closed_pages() {
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        let text = "project,country,owner,mineral,product,capacity_t_y,unit,start,status,source,evidence\n\
            AMG Bitterfeld,DEU,AMG,lithium,hydroxide,20000,t,2024,module 1 operating,pv-magazine.de,seen\n\
            AMG Bitterfeld,DEU,AMG,lithium,hydroxide,20000,t,2024,module 1 operating,pv-magazine.de,seen\n\
            Solidion,USA,Solidion,graphite,anode,10000,t,2026,announced,grondstoffen-atlas,seen\n";
        read_plants(
            &Input::inline("plants.csv", text),
            &Reference::load().unwrap(),
            &mut tables,
            &mut problems,
        );
        assert!(problems.is_empty(), "{problems}");
        assert_eq!(tables.projects.len(), 1);
        assert_eq!(tables.projects[0].increment_mid, Some(3308.0));
    }

    #[test]
    fn mapped_shares_add_to_one_and_name_countries() {
        let mut problems = Diagnostics::default();
        let reference = Reference::load().unwrap();
        let shares: Vec<Shares> =
            mapping("project_control.csv", include_str!("../mapping/project_control.csv"), &mut problems);
        assert!(problems.is_empty(), "{problems}");
        for row in shares {
            // A country alone controls the whole.
            let parts = row.control.split(';').map(|part| part.split_once(':').unwrap_or((part, "1")));
            let sum: f64 = parts
                .map(|(code, share)| {
                    assert!(reference.is_country(code.parse().unwrap()), "{code}");
                    share.parse::<f64>().unwrap()
                })
                .sum();
            assert!((sum - 1.0).abs() < 1e-9, "{} {sum}", row.project);
        }
    }

    #[test]
    fn the_second_list_adds_only_what_is_missing() {
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        let text = "id,country,name,mineral,stage,owner,nationality_control,capacity,capacity_unit,resource,start_year,capex_usd_m,finance_status,route_or_offtake,source,source_date,evidence\n\
            KZ-AL-EASTHOPE,KAZ,East Hope,bauxite-alumina-Al,announced,East Hope,China,3,Mt/y Al,11,-,12000,announced,-,https://example.org,2025,seen\n\
            KZ-W-YZHAUR,KAZ,Yuzhny Zhaur,tungsten,concept,-,-,-,-,-,-,71,x,-,https://example.org,2023,seen\n";
        read_c5(&Input::inline("c5.csv", text), &Reference::load().unwrap(), &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let increments: Vec<_> = tables.projects.iter().map(|project| project.increment_mid).collect();
        assert_eq!(increments, [Some(3_000_000.0), None], "a deposit without a capacity adds nothing");
    }
}
