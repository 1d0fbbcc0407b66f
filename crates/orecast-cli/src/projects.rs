//! `orecast projects` and `orecast project`: what is planned, when it may stand, who controls it; one project on a page.

mod calibration;
mod page;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use clap::Args;
use orecast::{
    answer::number::{Style, Unit, figure},
    base::{
        diagnostic::did_you_mean,
        id::Iso3,
        unit::{Range, Stage},
    },
    indicator::Group,
    project::{
        calibration::calibration,
        list::{Filter, Line, YEARS, by_control, expected, lines},
        milestone::{status_key, status_words},
        report::{find, report},
    },
    world::{
        World,
        names::Subject,
        table::{ProjectStage, ProjectStatus},
    },
};
use serde_json::{json, to_string_pretty};

use crate::{
    Outcome,
    text::{Table, about_tonnes, percent},
};

/// Statuses by the words of the tables.
const STATUSES: [ProjectStatus; 11] = [
    ProjectStatus::Announced,
    ProjectStatus::Resource,
    ProjectStatus::Pfs,
    ProjectStatus::Dfs,
    ProjectStatus::Permitted,
    ProjectStatus::Financed,
    ProjectStatus::Construction,
    ProjectStatus::Commissioning,
    ProjectStatus::Producing,
    ProjectStatus::Suspended,
    ProjectStatus::Lapsed,
];

/// Mines and plants that may add output: place, stage, capacity, dates, chance of standing, control
#[derive(Args)]
pub(crate) struct Projects {
    /// Projects of this mineral
    #[arg(long)]
    mineral: Option<String>,
    /// Projects in this country or group, such as `KAZ` or `C5`
    #[arg(long, value_name = "COUNTRY|GROUP")]
    country: Option<String>,
    /// Projects of this status, such as `construction`
    #[arg(long)]
    status: Option<String>,
    /// Projects of which this country or group controls a part, wherever they are
    #[arg(long, value_name = "COUNTRY|GROUP")]
    control: Option<String>,
    /// Instead: published times, costs and chances beside what the samplers give
    #[arg(long, conflicts_with_all = ["mineral", "country", "status", "control"])]
    lead_times: bool,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

/// One project: times, cost, price it needs, what the host takes, money promised, control, sources
#[derive(Args)]
pub(crate) struct Project {
    /// Identifier, such as `KZ-W-NKATPAR`
    id: String,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

impl Projects {
    pub(crate) fn run(&self, world: &World) -> Outcome {
        if self.lead_times {
            let rows = calibration(world);
            return Ok(if self.json { to_string_pretty(&rows)? + "\n" } else { calibration::print(&rows) });
        }
        let filter = self.filter(world)?;
        let found = lines(world, &filter.of(world));
        if self.json {
            return Ok(
                to_string_pretty(&json!({ "projects": found, "by_control": by_control(&found) }))? + "\n"
            );
        }
        Ok(print(world, &found) + &outside_view(world, &filter))
    }

    fn filter(&self, world: &World) -> Result<Filter, Box<dyn std::error::Error>> {
        let year = world.base_year().unwrap_or_default();
        let members = |who: &Option<String>| -> Result<Option<Vec<Iso3>>, Box<dyn std::error::Error>> {
            who.as_ref()
                .map(|who| Ok(Group::parse(world, who, year)?.members.into_iter().collect()))
                .transpose()
        };
        let mineral = match &self.mineral {
            None => None,
            Some(name) => match world.find(name)? {
                Subject::Mineral(row) => Some(row.id.clone()),
                Subject::Country(row) => {
                    return Err(format!("`{}` is a country: use --country", row.name).into());
                }
            },
        };
        let status = self.status.as_ref().map(|text| status(text)).transpose()?;
        Ok(Filter { mineral, countries: members(&self.country)?, status, control: members(&self.control)? })
    }
}

fn status(text: &str) -> Result<ProjectStatus, String> {
    let wanted = text.to_lowercase();
    let fits = |status: &&ProjectStatus| status_key(**status) == wanted || status_words(**status) == wanted;
    STATUSES.iter().find(fits).copied().ok_or_else(|| {
        let words = STATUSES.map(status_key);
        let all = format!("choose from: {}", words.join(", "));
        format!("no status `{text}`; {}", did_you_mean(&wanted, words, &all))
    })
}

impl Project {
    pub(crate) fn run(&self, world: &World) -> Outcome {
        match find(world, &self.id) {
            Ok(row) => {
                let found = report(world, row);
                Ok(if self.json { to_string_pretty(&found)? + "\n" } else { page::print(world, &found) })
            }
            Err(near) if near.is_empty() => {
                Err(format!("no project `{}`; `orecast projects` lists them", self.id).into())
            }
            Err(near) => Err(format!("no project `{}`; nearest: {}", self.id, near.join(", ")).into()),
        }
    }
}

/// `4.48 kt W (3.97 to 5)`; the readings where the unit is open.
fn output(line: &Line) -> String {
    let Some(range) = line.increment else { return "not published".to_owned() };
    if !line.readings.is_empty() {
        let parts: Vec<String> =
            line.readings.iter().map(|(name, t)| format!("{} if {name}", about_tonnes(*t))).collect();
        return parts.join(", ");
    }
    figure(range, &Unit::Mass(String::new()), Style::TERMINAL).to_string()
}

fn stage(stage: ProjectStage) -> &'static str {
    match stage {
        ProjectStage::Mine => "mine",
        ProjectStage::Refine => "refine",
        ProjectStage::Both => "mine+refine",
    }
}

/// `2031 (2029 to 2036)`.
fn years(range: Range) -> String {
    if range.low >= range.high {
        range.mid.to_string()
    } else {
        format!("{} ({} to {})", range.mid, range.low, range.high)
    }
}

/// `USA 70 %, KAZ 30 %`; unknown where nobody is known.
fn shares(parts: &[(Iso3, f64)]) -> String {
    match parts {
        [] => "not known".to_owned(),
        [(country, share)] if *share > 0.999 => country.to_string(),
        _ => {
            let each = parts.iter().map(|(country, share)| format!("{country} {:.0} %", share * 100.0));
            each.collect::<Vec<_>>().join(", ")
        }
    }
}

/// A chance in whole percent of five: elicited chances are not known better.
fn chance(share: f64) -> String {
    match (share * 20.0).round() * 5.0 {
        percent if percent <= 0.0 => "under 5 %".to_owned(),
        percent if percent >= 100.0 => "over 95 %".to_owned(),
        percent => format!("{percent} %"),
    }
}

/// What an outside view expects of the places, where one mineral is asked for by place alone.
fn outside_view(world: &World, filter: &Filter) -> String {
    let Some(mineral) =
        filter.mineral.as_ref().filter(|_| filter.status.is_none() && filter.control.is_none())
    else {
        return String::new();
    };
    let here = |iso3: Iso3| filter.countries.as_ref().is_none_or(|countries| countries.contains(&iso3));
    let mut output: BTreeMap<(Stage, Iso3), BTreeMap<i32, f64>> = BTreeMap::new();
    for row in world.outlook(mineral).iter().filter(|row| here(row.iso3)) {
        output.entry((row.stage, row.iso3)).or_default().insert(row.year, row.value);
    }
    let years: BTreeSet<i32> = output.values().flat_map(|by_year| by_year.keys().copied()).collect();
    let heads: Vec<String> = years.iter().map(|year| format!(">{year}")).collect();
    let mut header = vec!["IEA base case", "stage"];
    header.extend(heads.iter().map(String::as_str));
    let mut table = Table::new(&header);
    for ((stage, iso3), by_year) in output {
        let place = if iso3 == Iso3::REST { "other countries".to_owned() } else { iso3.to_string() };
        let figure = |year| by_year.get(year).map_or_else(|| "–".to_owned(), |&tonnes| about_tonnes(tonnes));
        table.row([place, stage.to_string()].into_iter().chain(years.iter().map(figure)));
    }
    match table.print() {
        text if text.is_empty() => text,
        text => format!(
            "\n{text}  Output in the base case of 2025, published without a range (grade C after 2024). What it has beyond the list,\n  a pathway adds: orecast path {mineral}\n"
        ),
    }
}

fn print(world: &World, lines: &[Line]) -> String {
    if lines.is_empty() {
        let all = world.tables().projects.len();
        return format!("no project of {all} fits\n");
    }
    let by = |year: i32| format!(">by {year}");
    let (first, second) = (by(YEARS[0]), by(YEARS[1]));
    let mut table = Table::new(&[
        "project",
        "name",
        "place",
        "mineral",
        "stage",
        "status",
        ">adds t a year",
        ">first output",
        &first,
        &second,
        "controlled by",
        "grades",
    ]);
    for line in lines {
        let standing = |place: usize| match &line.outlook {
            Some(outlook) => chance(outlook.standing[place].1),
            None if line.counts => "runs".to_owned(),
            None => String::new(),
        };
        table.row([
            line.id.to_string(),
            line.name.chars().take(32).collect(),
            line.country.to_string(),
            line.mineral.to_string(),
            stage(line.stage).to_owned(),
            status_words(line.status).to_owned(),
            if line.counts { output(line) } else { "not counted".to_owned() },
            line.outlook.as_ref().map_or_else(String::new, |outlook| years(outlook.start)),
            standing(0),
            standing(1),
            shares(&line.control),
            format!("{}/{}", line.grade_existence, line.grade_numbers),
        ]);
    }
    let mut text = table.print();
    let minerals: std::collections::BTreeSet<_> = lines.iter().map(|line| &line.mineral).collect();
    text.push('\n');
    if minerals.len() == 1 {
        for stage in [ProjectStage::Mine, ProjectStage::Refine] {
            let sums = YEARS.map(|year| (year, expected(lines, stage, year)));
            if sums.iter().any(|(_, tonnes)| *tonnes > 0.0) {
                let parts = sums.map(|(year, tonnes)| format!("{} by {year}", about_tonnes(tonnes)));
                let sums = parts.join(", ");
                let _ = writeln!(
                    text,
                    "Expected at design rate, chance by chance, {}: {sums}.",
                    self::stage(stage)
                );
            }
        }
        let control = by_control(lines);
        let whole: f64 = control.iter().map(|(_, tonnes)| tonnes).sum();
        if whole > 0.0 {
            let parts = control
                .iter()
                .take(6)
                .map(|(country, tonnes)| format!("{country} {}", percent(tonnes / whole)));
            let all = parts.collect::<Vec<_>>().join(", ");
            let _ = writeln!(text, "Additions by who controls them: {all}.");
        }
    }
    text += "First output: middle and 9 in 10, if the project comes about. By year: chance that it produces by its end, elicited by status (grade C).\n\
        Grades: existence and status / numbers. A published, B derived, C recalled or assumed. A project with both stages adds once at each.\n";
    text
}
