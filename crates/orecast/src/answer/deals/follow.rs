//! One deal: what it says, and what became of it.

use super::{
    super::{
        figure::Figure,
        parts::{Facts, minerals, parties, sides},
        view::{Cell, Column, Section, Sentence, Table, View, cited},
    },
    money,
};
use crate::{
    base::unit::Range,
    register::{
        TradeLine,
        follow::{Follow, Promise},
        history::{Clock, Kept},
    },
    world::{World, table::EventRow},
};

/// Lines of trade that are shown.
const MOST_TRADE: usize = 12;

/// What the deal says.
pub fn sheet(world: &World, found: &Follow<'_>) -> View {
    let mut view = head(found);
    view.push(clauses(found));
    projects(world, found, &mut view);
    let sources = found.clauses.iter().map(|row| &row.source).chain([&found.deal.source]);
    view.sources = cited(world, sources.chain(found.projects.iter().map(|linked| &linked.project.source)));
    view
}

/// What became of it.
pub fn view(world: &World, found: &Follow<'_>) -> View {
    let mut view = head(found);
    view.push(promises(found));
    projects(world, found, &mut view);
    view.push(measures(found));
    trade(world, found, &mut view);
    view.sources = cited(world, found.sources());
    view
}

/// Words joined where there are any.
fn joined<const N: usize>(words: [String; N], by: &str) -> String {
    words.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(by)
}

fn head(found: &Follow<'_>) -> View {
    let row = found.deal;
    let mut facts = Facts::new();
    facts.say("between", sides(row));
    facts.say("signed by", row.signatories.clone());
    facts.say("date", row.date.to_string());
    let note = if row.force_note.is_empty() { String::new() } else { format!(" ({})", row.force_note) };
    facts.say("form", format!("{}, {}{note}", row.form, row.force));
    facts.say("minerals", minerals(row));
    match money(row) {
        Cell::Figure(figure) => {
            facts.say("money", figure.said(|text| joined([text.to_owned(), row.money_note.clone()], "; ")));
        }
        _ => facts.say("money", row.money_note.clone()),
    }
    facts.say("projects", row.named_projects.clone());
    facts.say("terms", row.deadlines.clone());
    let seen = row.status_date.map(|date| format!(", seen {date}")).unwrap_or_default();
    facts.say("status", joined([format!("{}{seen}", row.status), row.status_note.clone()], ": "));
    facts.say("outcome", row.outcome.clone());
    facts.say("grade", joined([row.grade.to_string(), row.note.clone()], " "));
    let mut view = View::new(format!("{}: {}", row.id, row.name));
    view.push(facts.section("deal", ""));
    view
}

fn clauses(found: &Follow<'_>) -> Section {
    let mut table = Table::titled(["Clause", "Strength", "Terms", "Grade", "Source"]);
    for row in &found.clauses {
        table.row([
            row.clause.to_string().into(),
            row.strength.to_string().into(),
            row.text.clone().into(),
            row.grade.into(),
            row.source.to_string().into(),
        ]);
    }
    Section::of("clauses", "Clauses", table)
}

fn promises(found: &Follow<'_>) -> Section {
    let mut table =
        Table::titled(["Promise", "Step", "Date", ">Took", "Promised", "Slip", "State", ">Amount", "Grade"]);
    for promise in &found.promises {
        for (place, (row, clock)) in promise.steps.iter().enumerate() {
            let cells = step(row, clock, place + 1 == promise.steps.len());
            if place == 0 {
                table.group(std::iter::once(promise.thread.to_string().into()).chain(cells));
            } else {
                table.row(std::iter::once(Cell::Empty).chain(cells));
            }
        }
    }
    let mut section = Section::of("promises", "Promises and clocks", table);
    for promise in &found.promises {
        section = section.with_note(promise.growth.map(|growth| grown(promise, growth)).unwrap_or_default());
    }
    section
}

fn step(row: &EventRow, clock: &Clock, is_last: bool) -> [Cell; 8] {
    let took = clock.took.filter(|days| days.exact() != Some(0)).map(|days| days.to_string());
    let slip = clock.slippage.map(|days| match days.exact() {
        Some(days) if days > 0 => format!("{days} days late"),
        Some(days) if days < 0 => format!("{} days early", -days),
        Some(_) => "on the day".to_owned(),
        None if clock.kept == Kept::OnTime => "by the date".to_owned(),
        None if clock.kept == Kept::Unclear => days.to_string(),
        None => format!("{days} late"),
    });
    let state = match clock.kept {
        Kept::Taken if is_last && row.step.is_offer() => "no more seen",
        Kept::Taken => "done",
        Kept::Unclear => "about the date",
        Kept::OnTime => "done in time",
        Kept::Late => "done late",
        Kept::Open => "not due yet",
        Kept::Overdue => "overdue",
        Kept::Unseen if row.due.is_none() => "",
        Kept::Unseen => "no evidence since",
    };
    let seen =
        row.seen.filter(|_| state == "no more seen").map(|seen| format!(" by {seen}")).unwrap_or_default();
    let within = clock.promised.map(|days| format!("within {days}")).unwrap_or_default();
    let promised = joined([row.due.map(|due| due.to_string()).unwrap_or_default(), within], ", ");
    [
        joined([row.step.to_string(), row.text.clone()], ": ").into(),
        row.date.map(|date| date.to_string()).unwrap_or_default().into(),
        took.unwrap_or_default().into(),
        promised.into(),
        slip.unwrap_or_default().into(),
        format!("{state}{seen}").into(),
        row.amount_musd.map_or(Cell::Empty, |musd| Figure::published(musd, "M USD").graded(row.grade).into()),
        row.grade.into(),
    ]
}

fn grown(promise: &Promise<'_>, growth: f64) -> String {
    let times = Figure::derived(Range::exact(growth), "").text;
    format!("{}: the last amount is {times} times the first.", promise.thread)
}

fn projects(world: &World, found: &Follow<'_>, view: &mut View) {
    let mut table = Table::titled([
        "Project",
        "Name",
        "Mineral",
        "Link",
        "Status",
        ">Adds a year",
        ">First output",
        "Control",
        "Grade",
    ]);
    for linked in &found.projects {
        let row = linked.project;
        table.row([
            row.id.to_string().into(),
            row.name.clone().into(),
            Cell::mineral(world, &row.mineral),
            linked.link.to_string().into(),
            crate::project::milestone::status_words(row.status).into(),
            row.increment_mid
                .map_or(Cell::Empty, |t| Figure::published(t, "t").graded(row.grade_numbers).into()),
            row.start_mid.map_or(Cell::Empty, |text| Cell::Year { text }),
            row.control.clone().into(),
            format!("{}/{}", row.grade_existence, row.grade_numbers).into(),
        ]);
    }
    let section = Section::of("projects", "Projects", table);
    view.push(if section.is_empty() {
        section.with_note("No project of the list belongs to it.")
    } else {
        section.with_note(
            "Named: by the deal. In scope: in its country and minerals, and nothing says that the deal moves it. \
             Grades: existence and status / numbers.",
        )
    });
}

fn measures(found: &Follow<'_>) -> Section {
    let mut table = Table::titled(["Measure", "Actor", "Kind", "From", "State", "What", "Grade"]);
    for row in &found.measures {
        table.row([
            row.id.to_string().into(),
            row.actor.to_string().into(),
            row.kind.clone().into(),
            row.from.map(|date| date.to_string()).unwrap_or_default().into(),
            row.state.to_string().into(),
            row.strength.clone().into(),
            row.grade.into(),
        ]);
    }
    Section::of("measures", "Measures that carry it out or answer it", table)
}

fn trade(world: &World, found: &Follow<'_>, view: &mut View) {
    let deal = found.deal;
    let Some(last) = found.last_trade_year else { return };
    let [first, ..] = found.trade.as_slice() else {
        let none = format!("No trade between its two sides in its minerals is published to {last}.");
        view.push(Section::new("trade", "").with_sentence(Sentence::new("none", none)));
        return;
    };
    let mut columns = vec![Column::words("Mineral"), Column::words("Stage"), Column::words("Unit")];
    columns.extend(first.years.iter().map(|flow| Column::numbers(flow.year.to_string())));
    let more = ["Before", "After", "Change", "All origins", "Value", "Share"];
    columns.extend(more.map(Column::numbers));
    let mut table = Table::new(columns);
    for line in found.trade.iter().take(MOST_TRADE) {
        table.row(trade_line(world, line));
    }
    let title = format!("Trade from {} to {}, contained", parties(&deal.side_b), parties(&deal.side_a));
    let mut section = Section::of("trade", title, table);
    if found.trade.len() > MOST_TRADE {
        let more = found.trade.len() - MOST_TRADE;
        section = section.with_note(format!("{more} smaller lines are left out; the data hold all."));
    }
    section = section.with_note(format!(
        "Value and share of the buyers' imports are of {last}. Before: mean to {}; after: mean of later years. All origins: change of the \
         buyers' imports from everywhere, for comparison. A change is no effect of the deal.",
        deal.date.year()
    ));
    if deal.date.year() >= last {
        section = section.with_note(format!(
            "The deal is of {}; trade is published to {last}, so there is no after yet.",
            deal.date
        ));
    }
    view.push(section);
}

fn trade_line(world: &World, line: &TradeLine) -> Vec<Cell> {
    let means = [line.before, line.after];
    let tonnes: Vec<Range> =
        line.years.iter().chain(means.iter().flatten()).map(|flow| Range::exact(flow.tonnes)).collect();
    let rounded: Vec<Range> =
        tonnes.iter().map(|t| Range::exact(super::super::number::significant(t.mid, 3))).collect();
    let (figures, unit) = Figure::row(&rounded, "t");
    let mut figures = figures.into_iter().zip(&tonnes).map(|(figure, t)| Figure {
        low: t.low,
        mid: t.mid,
        high: t.high,
        ..figure
    });
    let mut cells = vec![Cell::mineral(world, &line.mineral), line.stage.into(), unit.into()];
    cells.extend(figures.by_ref().take(line.years.len()).map(Cell::from));
    for mean in means {
        cells.push(mean.and_then(|_| figures.next()).map_or(Cell::Empty, Cell::from));
    }
    let change = |change: Option<f64>| {
        change.map_or(Cell::Empty, |change| {
            let figure = Figure::share(Range::exact(change));
            figure.said(|text| if change > 0.0 { format!("+{text}") } else { text.to_owned() }).into()
        })
    };
    cells.extend([
        change(line.change),
        change(line.all_change),
        line.years
            .last()
            .map_or(Cell::Empty, |flow| Figure::derived(Range::exact(flow.kusd * 1e3), "USD").into()),
        line.share.map_or(Cell::Empty, |share| Figure::share(Range::exact(share)).into()),
    ]);
    cells
}
