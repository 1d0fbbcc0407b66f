//! Mines and plants that may add output.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    figure::Figure,
    parts::{probability, shares, years},
    view::{Cell, Column, Section, Sentence, Table, View, country_name},
};
use crate::{
    base::{
        id::{Iso3, MineralId},
        unit::{Range, Stage},
    },
    project::{
        list::{Line, YEARS},
        milestone::status_words,
    },
    world::{World, table::ProjectStage},
};

/// What a list of projects of one mineral is expected to add at a stage by the end of a year.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Expected {
    /// Stage.
    pub stage: ProjectStage,
    /// Year.
    pub year: i32,
    /// Tonnes contained a year.
    pub tonnes: f64,
}

/// Output in an outside base case.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Outside {
    /// Stage.
    pub stage: Stage,
    /// Place.
    pub iso3: Iso3,
    /// Year.
    pub year: i32,
    /// Tonnes contained.
    pub tonnes: f64,
}

/// A list of projects with its sums.
#[derive(Debug, Clone, Serialize)]
pub struct List {
    /// Projects.
    pub projects: Vec<Line>,
    /// Additions by who controls them, tonnes contained a year.
    pub by_control: Vec<(Iso3, f64)>,
    /// Expected additions, where all are of one mineral.
    pub expected: Vec<Expected>,
    /// What an outside base case has at the places, where one mineral is asked for by place alone.
    pub outside: Vec<Outside>,
}

/// Stages that a project adds to.
pub(super) const fn stage(stage: ProjectStage) -> &'static str {
    match stage {
        ProjectStage::Mine => "mine",
        ProjectStage::Refine => "refine",
        ProjectStage::Both => "mine and refine",
    }
}

/// What a project adds: `4.48 kt W (3.97 to 5)`; the readings where the unit is open.
pub(super) fn output(line: &Line) -> Cell {
    let Some(range) = line.increment else { return "not published".into() };
    let figure =
        if range.low < range.high { Figure::derived(range, "t") } else { Figure::published(range.mid, "t") };
    let figure = figure.graded(line.grade_numbers);
    if line.readings.is_empty() {
        return figure.into();
    }
    let about = |t: f64| Figure::derived(Range::exact(t), "t").text;
    let parts: Vec<String> =
        line.readings.iter().map(|(name, t)| format!("{} if {name}", about(*t))).collect();
    figure.said(|_| parts.join(", ")).into()
}

/// Projects, one a row, and what they may come to together.
pub fn view(world: &World, list: &List) -> View {
    let mut view = View::new("Projects");
    let lines = &list.projects;
    let all = world.tables().projects.len();
    if lines.is_empty() {
        view.say(Sentence::new("none", format!("There is no project of {all} that fits.")));
    } else {
        view.say(Sentence::new("fits", format!("{} of {all} projects.", lines.len())));
        view.push(table(world, lines));
        view.push(expected(list));
        view.push(control(world, list));
        view.note(
            "First output: middle and 9 in 10, if the project materialises. By year: probability that it produces by its end, elicited by \
             status (grade C). Grades: existence and status / numbers. A published, B derived, C recalled or assumed. A project with \
             both stages adds once at each.",
        );
    }
    view.push(outside(world, list));
    view
}

fn table(world: &World, lines: &[Line]) -> Section {
    let by = |year: i32| Column::numbers(format!("By {year}"));
    let mut table = Table::new([
        Column::words("Project"),
        Column::words("Place"),
        Column::words("Mineral"),
        Column::words("Stage"),
        Column::words("Status"),
        Column::numbers("Adds a year"),
        Column::numbers("First output"),
        by(YEARS[0]),
        by(YEARS[1]),
        Column::words("Controlled by"),
        Column::words("Grades"),
    ]);
    for line in lines {
        let standing = |place: usize| match &line.outlook {
            Some(outlook) => probability(outlook.standing[place].1).into(),
            None if line.counts => "runs".into(),
            None => Cell::Empty,
        };
        table.row([
            format!("{} {}", line.id, line.name).into(),
            Cell::Country { iso3: line.country, text: line.country.to_string() },
            Cell::mineral(world, &line.mineral),
            stage(line.stage).into(),
            status_words(line.status).into(),
            if line.counts { output(line) } else { "not counted".into() },
            line.outlook.as_ref().map_or(Cell::Empty, |outlook| years(outlook.start).into()),
            standing(0),
            standing(1),
            shares(&line.control).into(),
            format!("{}/{}", line.grade_existence, line.grade_numbers).into(),
        ]);
    }
    Section::of("projects", "", table)
}

fn expected(list: &List) -> Section {
    let mut table = Table::new(
        [Column::words("Stage")].into_iter().chain(YEARS.map(|year| Column::numbers(format!("By {year}")))),
    );
    for stage in [ProjectStage::Mine, ProjectStage::Refine] {
        let of: Vec<&Expected> = list.expected.iter().filter(|sum| sum.stage == stage).collect();
        if of.iter().any(|sum| sum.tonnes > 0.0) {
            let sums = of.iter().map(|sum| Figure::derived(Range::exact(sum.tonnes), "t").into());
            table.row(std::iter::once(self::stage(stage).into()).chain(sums));
        }
    }
    Section::of(
        "expected",
        "Expected additions a year at design rate, each project by its probability",
        table,
    )
}

fn control(world: &World, list: &List) -> Section {
    let minerals: std::collections::BTreeSet<&MineralId> =
        list.projects.iter().map(|line| &line.mineral).collect();
    let mut table = Table::titled(["Country", ">Adds a year", "Of all"]);
    if minerals.len() == 1 {
        let whole: f64 = list.by_control.iter().map(|(_, tonnes)| tonnes).sum();
        for &(country, tonnes) in list.by_control.iter().take(6) {
            table.row([
                Cell::country(world, country),
                Figure::derived(Range::exact(tonnes), "t").into(),
                Figure::share(Range::exact(tonnes / whole)).text.into(),
            ]);
        }
    }
    Section::of("control", "Additions by who controls them", table)
}

fn outside(world: &World, list: &List) -> Section {
    let mut places: BTreeMap<(Stage, Iso3), BTreeMap<i32, f64>> = BTreeMap::new();
    for row in &list.outside {
        places.entry((row.stage, row.iso3)).or_default().insert(row.year, row.tonnes);
    }
    let years: std::collections::BTreeSet<i32> = list.outside.iter().map(|row| row.year).collect();
    let columns = [Column::words("Place"), Column::words("Stage")];
    let of_years = years.iter().map(|year| Column::numbers(year.to_string()));
    let mut table = Table::new(columns.into_iter().chain(of_years));
    for ((stage, iso3), by_year) in places {
        let text = if iso3 == Iso3::REST { "Other countries".to_owned() } else { country_name(world, iso3) };
        let figure = |year: &i32| {
            Cell::known(by_year.get(year).map(|&tonnes| Figure::derived(Range::exact(tonnes), "t")))
        };
        let place = Cell::Country { iso3, text };
        table.row([place, stage.into()].into_iter().chain(years.iter().map(figure)));
    }
    let section = Section::of("outside", "Output in the base case of the International Energy Agency", table);
    if section.table.is_none() {
        return Section::default();
    }
    section.with_note(
        "The base case of 2025, published without a range (grade C after 2024). What it has beyond the list, the path of the mineral adds.",
    )
}
