//! The risk scores people quote, in print.

use std::path::Path;

use orecast::{
    baseline::comparison::Without,
    brief::table::{Align, Table},
    indicator::{
        Group, Situation, eu,
        geopolrisk::{self, folder::Inputs},
        nassar,
        support::Step,
    },
    world::World,
};
use serde::Serialize;
use serde_json::to_string_pretty;

use super::{
    Assessed, GeoPolRisk, asked,
    page::{left_out, percent, stage_of},
};
use crate::Outcome;

/// A score with the steps of its method.
#[derive(Serialize)]
struct Document<'a, T> {
    group: &'a Group,
    year: i32,
    steps: &'a [Step],
    rows: &'a [T],
    without: &'a [Without],
}

/// Every case that a folder of inputs allows.
pub(super) fn folder(folder: &Path, json: bool, csv: bool) -> Outcome {
    let cases = Inputs::read(folder)?.table();
    if json {
        return Ok(to_string_pretty(&cases)? + "\n");
    }
    if csv {
        let mut writer = csv::Writer::from_writer(Vec::new());
        cases.iter().try_for_each(|case| writer.serialize(case))?;
        return Ok(String::from_utf8(writer.into_inner()?)?);
    }
    let mut table = Table::new([
        ("Year", Align::Left),
        ("Country", Align::Left),
        ("Mineral", Align::Left),
        ("HHI", Align::Right),
        ("Import risk", Align::Right),
        ("Score", Align::Right),
        ("USD/kg", Align::Right),
        ("kg Cu-eq/kg", Align::Right),
    ]);
    for case in &cases {
        table.row([
            case.year.to_string(),
            case.country.clone(),
            case.mineral.clone(),
            format!("{:.3}", case.hhi),
            format!("{:.3}", case.import_risk),
            format!("{:.4}", case.score),
            format!("{:.3}", case.price_kusd_per_t),
            format!("{:.4}", case.characterisation),
        ]);
    }
    Ok(format!("GeoPolRisk by the published conventions, {} cases\n\n{table}", cases.len()))
}

/// `GeoPolRisk` of the package: by the published conventions and corrected.
pub(super) fn geopolrisk(world: &World, args: &GeoPolRisk) -> Outcome {
    let (group, year) = asked(world, args.country.as_deref().unwrap_or_default(), args.year)?;
    let (situations, without) = Situation::all(world, year, std::slice::from_ref(&group));
    let mut rows: Vec<geopolrisk::world::Comparison> =
        situations.iter().map(|situation| geopolrisk::world::compare(situation, &group)).collect();
    let score = |row: &geopolrisk::world::Comparison| row.corrected.unwrap_or(-1.0);
    rows.sort_by(|a, b| score(b).total_cmp(&score(a)).then(a.mineral.cmp(&b.mineral)));
    if args.json {
        let document = Document { group: &group, year, steps: &[], rows: &rows, without: &without };
        return Ok(to_string_pretty(&document)? + "\n");
    }
    if args.csv {
        return comparison_csv(&rows);
    }
    let mut table = Table::new([
        ("Mineral", Align::Left),
        ("As published", Align::Right),
        ("Corrected", Align::Right),
        ("Stage", Align::Left),
        ("Why they differ", Align::Left),
    ]);
    for row in &rows {
        table.row([
            row.mineral.to_string(),
            format!("{:.3}", row.published),
            row.corrected.map_or_else(|| "unknown".to_owned(), |score| format!("{score:.3}")),
            stage_of(row.stage),
            row.words.clone(),
        ]);
    }
    let title = format!("GeoPolRisk of {}, {year}: concentration x import risk, 0 to 1", group.name);
    let notes = "As published: gross tonnes of all customs codes together, concentration of the first stage, all output at home safe.
Corrected: the stage with the higher score of the balanced year. Both are derived from published figures and give Taiwan and
every other customs partner its own governance where it is published, 0.5 where not.";
    Ok(format!("{title}\n\n{table}\n{notes}{}\n", left_out(&without)))
}

fn comparison_csv(rows: &[geopolrisk::world::Comparison]) -> Outcome {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["mineral", "published", "corrected", "stage", "difference"])?;
    for row in rows {
        let corrected = row.corrected.map(|score| score.to_string()).unwrap_or_default();
        let stage = row.stage.map(|stage| stage.to_string()).unwrap_or_default();
        writer.write_record([
            row.mineral.as_str(),
            &row.published.to_string(),
            &corrected,
            &stage,
            &row.words,
        ])?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// Supply risk by the European method.
pub(super) fn eu(world: &World, args: &Assessed) -> Outcome {
    let (group, year) = asked(world, &args.country, args.year)?;
    let (situations, without) = Situation::all(world, year, std::slice::from_ref(&group));
    let mut rows: Vec<eu::world::Assessment> =
        situations.iter().map(|situation| eu::world::assess(situation, &group)).collect();
    let risk = |row: &eu::world::Assessment| row.supply_risk.unwrap_or(-1.0);
    rows.sort_by(|a, b| risk(b).total_cmp(&risk(a)).then(a.mineral.cmp(&b.mineral)));
    if args.json {
        let document = Document { group: &group, year, steps: &eu::STEPS, rows: &rows, without: &without };
        return Ok(to_string_pretty(&document)? + "\n");
    }
    let mut table = Table::new([
        ("Mineral", Align::Left),
        ("Supply risk", Align::Right),
        ("Stage", Align::Left),
        ("World supply", Align::Right),
        ("Own sourcing", Align::Right),
        ("Import reliance", Align::Right),
        ("Recycling", Align::Right),
        ("Largest maker", Align::Left),
    ]);
    let decimals = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"));
    for row in &rows {
        let stage = row.stages.iter().find(|stage| stage.supply_risk == row.supply_risk);
        table.row([
            row.mineral.to_string(),
            decimals(row.supply_risk),
            stage_of(stage.map(|stage| stage.stage)),
            decimals(stage.and_then(|stage| stage.global)),
            decimals(stage.and_then(|stage| stage.sourcing)),
            stage.map_or_else(|| "–".to_owned(), |stage| percent(stage.import_reliance)),
            row.recycling.map_or_else(|| "–".to_owned(), percent),
            stage
                .and_then(|stage| Some(format!("{} {}", stage.largest?, percent(stage.largest_share?))))
                .unwrap_or_default(),
        ]);
    }
    let title = format!(
        "Supply risk of {}, {year}, after the European method (not the European Commission's scores)",
        group.name
    );
    Ok(format!(
        "{title}\n\n{table}\n{} of {} reach the threshold of {:.1}. Derived: one balanced year, no range.\n\n{}{}\n",
        rows.iter().filter(|row| row.at_risk).count(),
        rows.len(),
        eu::CRITICAL_SUPPLY_RISK,
        method(&eu::STEPS),
        left_out(&without)
    ))
}

/// Disruption potential and trade exposure.
pub(super) fn nassar(world: &World, args: &Assessed) -> Outcome {
    let (group, year) = asked(world, &args.country, args.year)?;
    let (situations, without) = Situation::all(world, year, std::slice::from_ref(&group));
    let mut rows: Vec<nassar::world::Assessment> =
        situations.iter().map(|situation| nassar::world::assess(situation, &group)).collect();
    let score = |row: &nassar::world::Assessment| row.two_of_three.unwrap_or(-1.0);
    rows.sort_by(|a, b| score(b).total_cmp(&score(a)).then(a.mineral.cmp(&b.mineral)));
    if args.json {
        let document =
            Document { group: &group, year, steps: &nassar::STEPS, rows: &rows, without: &without };
        return Ok(to_string_pretty(&document)? + "\n");
    }
    let mut table = Table::new([
        ("Mineral", Align::Left),
        ("Disruption potential", Align::Right),
        ("Trade exposure", Align::Right),
        ("Mean of the two", Align::Right),
    ]);
    let decimals = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
    for row in &rows {
        let (potential, exposure) = (row.disruption_potential, row.trade_exposure);
        table.row([
            row.mineral.to_string(),
            decimals(potential),
            decimals(exposure),
            decimals(row.two_of_three),
        ]);
    }
    let title =
        format!("Two of the three parts of supply risk after Nassar and others: {}, {year}", group.name);
    Ok(format!("{title}\n\n{table}\n{}{}\n", method(&nassar::STEPS), left_out(&without)))
}

/// How well each step of a method is known.
fn method(steps: &[Step]) -> String {
    let lines =
        steps.iter().map(|step| format!("  {}: {}\n    {}\n", step.what, step.support.as_str(), step.here));
    std::iter::once("How well each step of the method is known\n".to_owned()).chain(lines).collect()
}
