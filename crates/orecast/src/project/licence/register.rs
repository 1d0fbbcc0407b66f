//! A register of licences, as CSV or `GeoJSON`, with every error in it reported at once.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::project::licence::Regime;
use crate::{
    base::{
        date::PartialDate,
        diagnostic::Diagnostics,
        draw::Draw,
        id::{Iso3, MineralId},
        unit::Range,
    },
    project::{lead_time::LeadTimes, milestone::Kind, report::nine_in_ten},
    world::{World, table::ProjectStatus},
};

/// Columns or properties that a licence has.
const FIELDS: &str =
    "id, holder, country, mineral, kind (exploration or mining), granted, expires, area_km2, blocks";
/// Draws that a range of dates rests on.
const DRAWS: u64 = 512;
/// Radius of the Earth in km.
const EARTH_KM: f64 = 6371.0;

/// A licence.
#[derive(Debug, Clone, Serialize)]
pub struct Licence {
    /// Identifier in the register.
    pub id: String,
    /// Holder.
    pub holder: String,
    /// Country.
    pub country: Iso3,
    /// Mineral, where the register names one that is known.
    pub mineral: Option<MineralId>,
    /// Whether it is for exploration; else for mining.
    pub explores: bool,
    /// Day of grant.
    pub granted: Option<PartialDate>,
    /// Last day.
    pub expires: Option<PartialDate>,
    /// Square kilometres, as the register says, else by the outline.
    pub area_km2: Option<f64>,
    /// Blocks, where it counts them.
    pub blocks: Option<u32>,
}

/// What follows for a licence.
#[derive(Debug, Clone, Serialize)]
pub struct Reading {
    /// The licence.
    pub licence: Licence,
    /// Year of the licence that runs in the year asked for; absent without a day of grant.
    pub year: Option<u32>,
    /// What falls due next, and when.
    pub next: Option<String>,
    /// First year in which a mine on it could produce, 9 cases in 10, if it materialises.
    pub first_output: Option<Range>,
}

#[derive(Debug, Deserialize)]
struct Raw {
    id: String,
    #[serde(default)]
    holder: String,
    #[serde(default)]
    country: String,
    #[serde(default)]
    mineral: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    granted: String,
    #[serde(default)]
    expires: String,
    #[serde(default)]
    area_km2: String,
    #[serde(default)]
    blocks: String,
}

/// Reads a register. `GeoJSON` is known by its first character.
///
/// # Errors
/// Everything that is wrong with it, at once.
pub fn read(world: &World, path: &Path) -> Result<Vec<Licence>, Diagnostics> {
    let file = path.display().to_string();
    let mut problems = Diagnostics::default();
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            problems.push(&file, 0, "", format!("cannot be read: {error}"), "name a CSV or GeoJSON file");
            return Err(problems);
        }
    };
    let text = crate::base::text::decoded(&bytes);
    let licences = if text.trim_start().starts_with('{') {
        geojson(world, &file, &text, &mut problems)
    } else {
        table(world, &file, &text, &mut problems)
    };
    if licences.is_empty() && problems.is_empty() {
        problems.push(&file, 0, "", "holds no licence", format!("give one row for each, with {FIELDS}"));
    }
    problems.into_result(licences)
}

fn table(world: &World, file: &str, text: &str, problems: &mut Diagnostics) -> Vec<Licence> {
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
    let headers = reader.headers().cloned().unwrap_or_default();
    for needed in ["id", "granted"] {
        if !headers.iter().any(|name| name == needed) {
            problems.push(file, 1, needed, "missing column", format!("give the columns {FIELDS}"));
        }
    }
    if !problems.is_empty() {
        return Vec::new();
    }
    let mut licences = Vec::new();
    for record in reader.records() {
        let row = record.and_then(|record| {
            let line = record.position().map_or(0, |position| position.line() as usize);
            record.deserialize::<Raw>(Some(&headers)).map(|raw| (line, raw))
        });
        match row {
            Ok((line, raw)) => licences.extend(checked(world, file, line, &raw, None, problems)),
            Err(error) => {
                let line = error.position().map_or(0, |position| position.line() as usize);
                problems.push(file, line, "", error.to_string(), "give a cell for every column");
            }
        }
    }
    doubles(file, &licences, problems);
    licences
}

fn geojson(world: &World, file: &str, text: &str, problems: &mut Diagnostics) -> Vec<Licence> {
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            problems.push(
                file,
                error.line(),
                "",
                format!("is not JSON: {error}"),
                "write a GeoJSON FeatureCollection",
            );
            return Vec::new();
        }
    };
    let Some(features) = value["features"].as_array() else {
        problems.push(file, 0, "features", "there are none", "write a GeoJSON FeatureCollection");
        return Vec::new();
    };
    let mut licences = Vec::new();
    for (place, feature) in features.iter().enumerate() {
        let field = |name: &str| match &feature["properties"][name] {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let raw = Raw {
            id: field("id"),
            holder: field("holder"),
            country: field("country"),
            mineral: field("mineral"),
            kind: field("kind"),
            granted: field("granted"),
            expires: field("expires"),
            area_km2: field("area_km2"),
            blocks: field("blocks"),
        };
        // Features have no lines: they are counted from 1.
        licences.extend(checked(world, file, place + 1, &raw, area_of(&feature["geometry"]), problems));
    }
    doubles(file, &licences, problems);
    licences
}

fn checked(
    world: &World,
    file: &str,
    line: usize,
    raw: &Raw,
    outline_km2: Option<f64>,
    problems: &mut Diagnostics,
) -> Option<Licence> {
    let before = problems.iter().count();
    let mut note = |field: &str, found: String, remedy: &str| problems.push(file, line, field, found, remedy);
    if raw.id.is_empty() {
        note("id", "empty".to_owned(), "give every licence an identifier");
    }
    let country = world.find(&raw.country).ok().and_then(|subject| match subject {
        crate::world::names::Subject::Country(row) => Some(row.iso3),
        crate::world::names::Subject::Mineral(_) => None,
    });
    if country.is_none() {
        note(
            "country",
            format!("`{}` is no country", raw.country),
            "write a name or an ISO 3166-1 alpha-3 code",
        );
    }
    let date = |text: &str| text.parse::<PartialDate>();
    let mut day = |field: &str, text: &str| {
        if text.is_empty() {
            return None;
        }
        let read = date(text).ok();
        if read.is_none() {
            note(field, format!("`{text}` is no date"), "write a date such as 2024-06-30");
        }
        read
    };
    let (granted, expires) = (day("granted", &raw.granted), day("expires", &raw.expires));
    if let (Some(from), Some(to)) = (&granted, &expires)
        && to < from
    {
        note("expires", format!("`{}` is before the grant", raw.expires), "check both dates");
    }
    let explores = match raw.kind.to_lowercase().as_str() {
        "" => true,
        kind if kind.starts_with("explor") => true,
        kind if kind.starts_with("min") || kind.contains("extraction") => false,
        other => {
            note("kind", format!("`{other}`"), "write exploration or mining");
            true
        }
    };
    let area_km2 = match raw.area_km2.replace(',', "").parse::<f64>() {
        Ok(area) if area > 0.0 && area.is_finite() => Some(area),
        _ if raw.area_km2.is_empty() => outline_km2,
        _ => {
            note("area_km2", format!("`{}` is no area", raw.area_km2), "write square kilometres above 0");
            None
        }
    };
    let blocks = match raw.blocks.parse::<u32>() {
        Ok(blocks) if blocks > 0 => Some(blocks),
        _ if raw.blocks.is_empty() => None,
        _ => {
            note(
                "blocks",
                format!("`{}` is no number of blocks", raw.blocks),
                "write a whole number above 0",
            );
            None
        }
    };
    let named = Some(&raw.mineral).filter(|name| !name.is_empty());
    let mineral = named.and_then(|name| world.find(name).ok()).and_then(|subject| match subject {
        crate::world::names::Subject::Mineral(row) => Some(row.id.clone()),
        crate::world::names::Subject::Country(_) => None,
    });
    (problems.iter().count() == before).then_some(Licence {
        id: raw.id.clone(),
        holder: raw.holder.clone(),
        country: country?,
        mineral,
        explores,
        granted,
        expires,
        area_km2,
        blocks,
    })
}

fn doubles(file: &str, licences: &[Licence], problems: &mut Diagnostics) {
    for (place, licence) in licences.iter().enumerate() {
        if licences[..place].iter().any(|other| other.id == licence.id) {
            let found = format!("`{}` stands twice", licence.id);
            problems.push(file, 0, "id", found, "keep one row for each licence");
        }
    }
}

/// Area of a polygon or several in km2 on a sphere, holes taken off.
fn area_of(geometry: &Value) -> Option<f64> {
    let polygons: Vec<&Value> = match geometry["type"].as_str()? {
        "Polygon" => vec![&geometry["coordinates"]],
        "MultiPolygon" => geometry["coordinates"].as_array()?.iter().collect(),
        _ => return None,
    };
    let mut area = 0.0;
    for polygon in polygons {
        for (place, ring) in polygon.as_array()?.iter().enumerate() {
            let points: Option<Vec<(f64, f64)>> =
                ring.as_array()?.iter().map(|point| Some((point[0].as_f64()?, point[1].as_f64()?))).collect();
            let points = points?;
            let twice: f64 = points
                .windows(2)
                .map(|pair| {
                    let [(lon, lat), (next_lon, next_lat)] = [pair[0], pair[1]];
                    (next_lon - lon).to_radians()
                        * (2.0 + lat.to_radians().sin() + next_lat.to_radians().sin())
                })
                .sum();
            let ring = (twice * EARTH_KM * EARTH_KM / 2.0).abs();
            area += if place == 0 { ring } else { -ring };
        }
    }
    (area > 0.0).then_some(area)
}

/// What follows for licences in a year: where each stands under its regime, and when a mine on it could produce.
pub fn readings(world: &World, regimes: &[Regime<'_>], licences: &[Licence], now: i32) -> Vec<Reading> {
    let lead_times = LeadTimes::of(world);
    licences.iter().map(|licence| reading(&lead_times, regimes, licence, now)).collect()
}

fn reading(lead_times: &LeadTimes<'_>, regimes: &[Regime<'_>], licence: &Licence, now: i32) -> Reading {
    let regime = regimes.iter().find(|regime| regime.country == licence.country && licence.explores);
    let granted = licence.granted.map(PartialDate::year);
    let year = granted.filter(|&granted| granted <= now).map(|granted| (now - granted + 1).unsigned_abs());
    let ends = licence.expires.map(|date| format!("ends {date}"));
    let next = regime.zip(year).and_then(|(regime, year)| {
        let plan = regime.plan(licence.blocks.unwrap_or(1), regime.longest());
        let due = plan.years.into_iter().find(|at| at.year >= year && !at.duties.is_empty())?;
        Some(format!("{} (year {} of the licence)", due.duties.join("; "), due.year))
    });
    let Ok(any) = "any".parse::<MineralId>() else {
        return Reading { licence: licence.clone(), year, next: next.or(ends), first_output: None };
    };
    let lead_time =
        lead_times.lead_time(licence.country, licence.mineral.as_ref().unwrap_or(&any), Kind::Mine);
    let from = f64::from(granted.map_or(now, |granted| granted.max(now.min(granted + 1))));
    let starts = (0..DRAWS).map(|index| {
        let draw = Draw::new(0, index);
        let random = |part: &str| draw.uniform(&format!("licence/{}/{part}", licence.id));
        // A mining licence is given on a feasibility study; ground under exploration has its discovery ahead or just behind.
        from + if licence.explores {
            lead_time.from_ground(&random)
        } else {
            lead_time.ahead(ProjectStatus::Dfs, &random)
        }
    });
    let range = nine_in_ten(starts.collect());
    let not_past = |year: f64| year.floor().max(f64::from(now));
    Reading {
        licence: licence.clone(),
        year,
        next: next.or(ends),
        first_output: Some(Range::new(not_past(range.low), not_past(range.mid), not_past(range.high))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::shipped_world;

    fn of(name: &str, text: &str) -> Result<Vec<Licence>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        read(&shipped_world(), &path)
            .map_err(|problems| problems.to_string().replace(folder.path().to_str().unwrap(), ""))
    }

    #[test]
    fn a_register_is_read_and_the_clock_runs() {
        let text = "id,holder,country,mineral,kind,granted,expires,area_km2,blocks\nEL-1,North,Kazakhstan,tungsten,exploration,2022-03-01,2028-03-01,400,200\nML-2,South,KAZ,copper,mining,2020,2045,12,\n";
        let licences = of("list.csv", text).unwrap();
        let world = shipped_world();
        let list = readings(&world, &super::super::regimes(&world), &licences, 2026);
        assert_eq!(list[0].year, Some(5));
        assert!(list[0].next.as_ref().unwrap().contains("give up 80 of 200"), "{:?}", list[0].next);
        let first = |place: usize| list[place].first_output.unwrap();
        assert!(first(0).is_ordered() && first(0).mid > first(1).mid);
    }

    #[test]
    fn geojson_gives_areas() {
        let text = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"A","country":"KAZ","granted":"2024"},
            "geometry":{"type":"Polygon","coordinates":[[[70,48],[70.0166667,48],[70.0166667,48.0166667],[70,48.0166667],[70,48]]]}}]}"#;
        let licences = of("list.json", text).unwrap();
        let area = licences[0].area_km2.unwrap();
        assert!((area - 2.3).abs() < 0.05, "one minute by one minute at 48 degrees: {area}");
    }

    #[test]
    fn every_error_is_told_at_once() {
        let text = "id,country,kind,granted,expires,area_km2,blocks\n,Nowhere,x,20x4,2020,-3,none\nA,KAZ,,2024,2020,,\n";
        let report = of("list.csv", text).unwrap_err();
        for word in [
            "id: empty",
            "`Nowhere`",
            "kind: `x`",
            "`20x4`",
            "`-3`",
            "`none`",
            "before the grant",
            "7 problems",
        ] {
            assert!(report.contains(word), "{word} in {report}");
        }
    }
}
