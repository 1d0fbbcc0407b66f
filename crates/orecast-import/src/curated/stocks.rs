//! `stocks.csv`: what industry, exchanges and governments hold.
//!
//! Plans to buy are no stocks and are left out, and so are figures of a publisher's table that is already imported. Default commercial inventories are given in weeks of world use; they become tonnes
//! through the world output of 2024 that is already imported. Holdings of ore belong to the mine stage.

use serde::Deserialize;

use super::{Reference, Tables, grade, parameters::bought, refined::Conversion};
use crate::text::{Input, rounded, rows};
use orecast::{
    base::{
        diagnostic::Diagnostics,
        id::{Iso3, MineralId},
        unit::Stage,
    },
    world::{
        choice::{Ranks, choose_by_country},
        table::{Flag, ObservationRow},
    },
};

/// Year whose output turns weeks into tonnes.
const BASE_YEAR: i32 = 2024;
const WEEKS_PER_YEAR: f64 = 52.0;

#[derive(Debug, Deserialize)]
struct Raw {
    mineral: MineralId,
    holder: String,
    country: String,
    year: String,
    quantity_t: Option<f64>,
    weeks_world_default_low: Option<f64>,
    weeks_world_default_mid: Option<f64>,
    weeks_world_default_high: Option<f64>,
    source: String,
    source_year: String,
    grade: String,
    note: String,
}

/// Reads stocks. Needs minerals and production.
pub fn read(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let products = Conversion::load(problems);
    let published = tables.stocks.len();
    for (line, raw) in rows::<Raw>(input, problems) {
        let rule = reference.source_or_note(&raw.source, input.name(), line, problems);
        let Some(rule) = rule.filter(|rule| rule.may_ship()) else { continue };
        let Some(iso3) = reference.country_or_note(&raw.country, input.name(), line, problems) else {
            continue;
        };
        if raw.holder.contains("potential acquisitions") {
            continue;
        }
        let imported = |row: &ObservationRow| row.mineral == raw.mineral && row.source == rule.id;
        if tables.stocks.iter().take(published).any(imported) {
            continue;
        }
        let usual = tables.minerals.iter().find(|m| m.id == raw.mineral).map_or(Stage::Refine, bought);
        let of_ore = ["ore,", "mine,", "concentrate"].iter().any(|word| raw.holder.contains(word));
        let own = products.iter().find(|p| p.mineral == raw.mineral && p.product.is_empty());
        let factor = if raw.note.contains("gross weight") { own.map_or(1.0, |p| p.factor) } else { 1.0 };
        let weekly =
            world_output(&tables.production, &raw.mineral, usual).map(|output| output / WEEKS_PER_YEAR);
        let tonnes = |weeks: Option<f64>| weeks.zip(weekly).map(|(weeks, output)| rounded(weeks * output));
        let held = raw.quantity_t.map(|held| rounded(held * factor));
        let (value, flag) = match (held, tonnes(raw.weeks_world_default_mid)) {
            (Some(held), _) if raw.note.starts_with("estimated") => (held, Flag::Estimated),
            (Some(held), _) => (held, Flag::Reported),
            (None, Some(weeks)) => (weeks, Flag::Derived),
            (None, None) => continue,
        };
        let weeks = raw.weeks_world_default_mid.map(|weeks| format!("{weeks} weeks of world output"));
        tables.stocks.push(ObservationRow {
            mineral: raw.mineral,
            stage: if of_ore { Stage::Mine } else { usual },
            iso3,
            year: raw.year.get(..4).and_then(|year| year.parse().ok()).unwrap_or(BASE_YEAR),
            value: Some(value),
            low: tonnes(raw.weeks_world_default_low),
            high: tonnes(raw.weeks_world_default_high),
            raw: raw
                .quantity_t
                .or(raw.weeks_world_default_mid)
                .map(|raw| raw.to_string())
                .unwrap_or_default(),
            raw_unit: if held.is_some() { "t" } else { "weeks" }.to_owned(),
            flag,
            product: if held.is_some() { raw.holder } else { "commercial inventory".to_owned() },
            source: rule.id.clone(),
            vintage: raw.source_year,
            grade: grade(&raw.grade),
            note: weeks.unwrap_or_else(|| reference.open_remark(raw.note.trim_start_matches("estimated"))),
        });
    }
}

/// World output of a mineral's own product: the published total, else the sum of countries.
fn world_output(production: &[ObservationRow], mineral: &MineralId, stage: Stage) -> Option<f64> {
    let own = |row: &&ObservationRow| {
        &row.mineral == mineral && row.stage == stage && row.year == BASE_YEAR && row.product.is_empty()
    };
    let total = production.iter().filter(own).filter(|row| row.iso3 == Iso3::WORLD).find_map(|row| row.value);
    let countries = choose_by_country(production.iter().filter(own), &Ranks::default()).into_values();
    total
        .or_else(|| countries.filter_map(|row| row.value).reduce(|a, b| a + b))
        .filter(|&output| output > 0.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn weeks_become_tonnes_and_plans_are_no_stocks() {
        let text = "mineral,holder,country,year,quantity_t,weeks_of_us_consumption,weeks_world_default_low,weeks_world_default_mid,weeks_world_default_high,source,source_year,grade,note\n\
            tungsten,\"default commercial inventory, world (weeks)\",WLD,,,,4,8,16,orecast documented assumption,2026,C,\n\
            tungsten,US NDS FY2025 potential acquisitions (Annual Materials Plan),USA,2025,2041,,,,,orecast documented assumption,2026,A,\n\
            tungsten,\"US Government, concentrate\",USA,2019,8330,,,,,USGS Minerals Yearbook tables,2019,A,\n\
            chromium,US consumers FeCr,USA,2025-10,9450,,,,,USGS Minerals Yearbook tables,2019,A,gross weight\n";
        let mut tables = Tables::default();
        let mut problems = Diagnostics::default();
        let reference = Reference::load().unwrap();
        let world = "mineral,product,iso3,year,quantity,unit,share_of_world,kind,low,high,grade,source,source_date,capacity,note\n\
            tungsten,\"APT and other primary intermediates (W content, ore+scrap feed)\",CHN,2024,104000,t W,1,reported,,,A,orecast documented assumption,2024,,\n";
        super::super::refined::read(&Input::inline("w", world), &reference, &mut tables, &mut problems);
        read(&Input::inline("stocks.csv", text), &reference, &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let found: Vec<_> = tables
            .stocks
            .iter()
            .map(|r| format!("{} {} {} {:?}..{:?}", r.mineral, r.stage, r.value.unwrap(), r.low, r.year))
            .collect();
        assert_eq!(
            found,
            [
                "tungsten refine 16000 Some(8000.0)..2024",
                "tungsten mine 8330 None..2019",
                "chromium refine 5150.25 None..2025"
            ]
        );
    }
}
