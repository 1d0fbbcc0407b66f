//! The risk scores people quote, in print.

use std::path::Path;

use orecast::{
    base::unit::Range,
    baseline::comparison::Without,
    indicator::{self, Group, View, geopolrisk::folder::Inputs, support::Step},
    render::table::{Align, Table},
    studies::{scores, situation::Situation},
    world::World,
};
use rayon::prelude::*;
use serde::Serialize;
use serde_json::to_string_pretty;

use super::{
    Assessed, GeoPolRisk, asked,
    page::{left_out, stage_of},
};
use crate::{
    Outcome,
    text::{Readings, score, share_of, whole_percent},
};

/// A score with the steps of its method.
#[derive(Serialize)]
struct Document<'a, T> {
    group: &'a Group,
    year: i32,
    steps: &'a [Step],
    rows: &'a [T],
    without: &'a [Without],
}

/// A score of every balanced mineral, each with readings of its observations for the ranges.
fn scores<T: Send>(
    situations: &[Situation<'_>],
    readings: &Readings,
    score: impl Fn(&Situation<'_>, &[View<'static>]) -> T + Sync,
) -> Result<Vec<T>, Box<dyn std::error::Error>> {
    let sampling = readings.start()?;
    Ok(situations.par_iter().map(|situation| score(situation, &situation.drawn(sampling))).collect())
}

/// What a range of these pages is.
const RANGES: &str = "Ranges: 9 in 10 readings of the published figures within their doubt (--draws); terms from other tables have none.";

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
    let mut rows = scores(&situations, &args.readings, |situation, drawn| {
        scores::geopolrisk::compare(situation, drawn, &group)
    })?;
    let key = |row: &scores::geopolrisk::Comparison| row.corrected.unwrap_or(-1.0);
    rows.sort_by(|a, b| key(b).total_cmp(&key(a)).then(a.mineral.cmp(&b.mineral)));
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
        ("Corrected", Align::Left),
        ("Stage", Align::Left),
        ("Why they differ", Align::Left),
    ]);
    for row in &rows {
        table.row([
            row.mineral.to_string(),
            format!("{:.2}", row.published),
            row.corrected_range.map_or_else(|| "unknown".to_owned(), |range| score(Some(range), 2)),
            stage_of(row.stage),
            row.words.clone(),
        ]);
    }
    let title = format!("GeoPolRisk of {}, {year}: concentration x import risk, 0 to 1", group.name);
    let notes = "As published: gross tonnes of all customs codes together, concentration of the first stage, all output at home safe.
Corrected: the stage with the higher score of the balanced year. Both are derived from published figures and give Taiwan and
every other customs partner its own governance where it is published, 0.5 where not.";
    Ok(format!("{title}\n\n{table}\n{notes}\n{RANGES}{}\n", left_out(&without)))
}

fn comparison_csv(rows: &[scores::geopolrisk::Comparison]) -> Outcome {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["mineral", "published", "corrected", "low", "high", "stage", "difference"])?;
    for row in rows {
        let point = |of: fn(Range) -> f64| row.corrected_range.map(|r| of(r).to_string()).unwrap_or_default();
        let stage = row.stage.map(|stage| stage.to_string()).unwrap_or_default();
        writer.write_record([
            row.mineral.as_str(),
            &row.published.to_string(),
            &point(|range| range.mid),
            &point(|range| range.low),
            &point(|range| range.high),
            &stage,
            &row.words,
        ])?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// Supply risk by the European method.
pub(super) fn eu(world: &World, args: &Assessed) -> Outcome {
    let (group, year) = asked(world, &args.country, args.year)?;
    let sizes = scores::eu::Sizes::of(world, &group);
    let (situations, without) = Situation::all(world, year, std::slice::from_ref(&group));
    let mut rows = scores(&situations, &args.readings, |situation, drawn| {
        scores::eu::assess(situation, drawn, &group, sizes.as_ref())
    })?;
    let risk = |row: &scores::eu::Assessment| row.supply_risk.map_or(-1.0, |risk| risk.mid);
    rows.sort_by(|a, b| risk(b).total_cmp(&risk(a)).then(a.mineral.cmp(&b.mineral)));
    if args.json {
        let document =
            Document { group: &group, year, steps: &indicator::eu::STEPS, rows: &rows, without: &without };
        return Ok(to_string_pretty(&document)? + "\n");
    }
    let mut table = Table::new([
        ("Mineral", Align::Left),
        ("Supply risk", Align::Left),
        ("Importance", Align::Right),
        ("Stage", Align::Left),
        ("World supply", Align::Right),
        ("Own sourcing", Align::Right),
        ("Import reliance", Align::Right),
        ("Recycling", Align::Right),
        ("Largest maker", Align::Left),
    ]);
    let term = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"));
    for row in &rows {
        let stage = row.stage();
        table.row([
            row.mineral.to_string(),
            score(row.supply_risk, 1),
            term(row.importance),
            stage_of(stage.map(|stage| stage.stage)),
            term(stage.and_then(|stage| stage.global)),
            term(stage.and_then(|stage| stage.sourcing)),
            stage.map_or_else(|| "–".to_owned(), |stage| whole_percent(stage.import_reliance)),
            row.recycling.map_or_else(|| "–".to_owned(), whole_percent),
            stage
                .and_then(|stage| Some(format!("{} {}", stage.largest?, whole_percent(stage.largest_share?))))
                .unwrap_or_default(),
        ]);
    }
    let open = rows.iter().filter(|row| row.at_risk_share.is_some_and(|share| 0.05 < share && share < 0.95));
    let open = open.count();
    let title = format!(
        "Supply risk of {}, {year}, after the European method (not the European Commission's scores)",
        group.name
    );
    Ok(format!(
        "{title}\n\n{table}\n{} of {} reach the threshold of {:.1}; for {open} of all it depends on the reading of the figures. Derived from one balanced year.\n{RANGES}\n\n{}{}\n",
        rows.iter().filter(|row| row.at_risk).count(),
        rows.len(),
        indicator::eu::CRITICAL_SUPPLY_RISK,
        method(&indicator::eu::STEPS),
        left_out(&without)
    ))
}

/// Disruption potential and trade exposure.
pub(super) fn nassar(world: &World, args: &Assessed) -> Outcome {
    let (group, year) = asked(world, &args.country, args.year)?;
    let (situations, without) = Situation::all(world, year, std::slice::from_ref(&group));
    let economics = scores::nassar::Economics::of(world, &situations, &group);
    let mut rows = scores(&situations, &args.readings, |situation, drawn| {
        scores::nassar::assess(situation, drawn, &group, economics.as_ref())
    })?;
    let key =
        |row: &scores::nassar::Assessment| row.supply_risk.or(row.two_of_three).map_or(-1.0, |risk| risk.mid);
    rows.sort_by(|a, b| key(b).total_cmp(&key(a)).then(a.mineral.cmp(&b.mineral)));
    if args.json {
        let document = Document {
            group: &group,
            year,
            steps: &indicator::nassar::STEPS,
            rows: &rows,
            without: &without,
        };
        return Ok(to_string_pretty(&document)? + "\n");
    }
    let mut table = Table::new([
        ("Mineral", Align::Left),
        ("Stage", Align::Left),
        ("Disruption potential", Align::Left),
        ("Trade exposure", Align::Left),
        ("Economic vulnerability", Align::Left),
        ("Supply risk", Align::Left),
        ("Mean of the first two", Align::Left),
    ]);
    for row in &rows {
        table.row([
            row.mineral.to_string(),
            stage_of(row.stage),
            score(row.disruption_potential, 2),
            row.trade_exposure.map_or_else(|| "–".to_owned(), share_of),
            score(row.economic_vulnerability, 2),
            score(row.supply_risk, 2),
            score(row.two_of_three, 2),
        ]);
    }
    let title = format!(
        "Supply risk of {}, {year}, after Nassar and others (not the figures of the United States Geological Survey)",
        group.name
    );
    let note = match economics {
        Some(_) => "",
        None => {
            "Economic vulnerability needs the accounts of the country, which the package has for one country only: no supply risk.\n"
        }
    };
    Ok(format!(
        "{title}\n\n{table}\n{note}{RANGES}\n\n{}{}\n",
        method(&indicator::nassar::STEPS),
        left_out(&without)
    ))
}

/// How well each step of a method is known.
fn method(steps: &[Step]) -> String {
    let lines =
        steps.iter().map(|step| format!("  {}: {}\n    {}\n", step.what, step.support.as_str(), step.here));
    std::iter::once("How well each step of the method is known\n".to_owned()).chain(lines).collect()
}
