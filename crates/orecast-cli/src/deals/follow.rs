//! One deal: what it says, and what became of it.

use std::fmt::Write;

use orecast::{
    base::id::SourceId,
    register::{
        TradeLine, YearFlow,
        follow::{Follow, Promise},
        history::{Clock, Kept},
    },
    world::{World, table::EventRow},
};

use super::list::{minerals, money, parties, share, short};
use crate::{
    text::{Table, about_tonnes, number},
    text::{section, sources},
};

/// Lines of trade that are printed.
const MOST_TRADE: usize = 12;

/// What the deal says.
pub(super) fn sheet(world: &World, found: &Follow<'_>) -> String {
    let text = head(found) + &clauses(found) + &projects(found);
    text + &sources(world, found.clauses.iter().map(|row| &row.source).chain([&found.deal.source]).collect())
}

/// What became of it.
pub(super) fn print(world: &World, found: &Follow<'_>) -> String {
    let mut text = head(found);
    text += &promises(found);
    text += &projects(found);
    text += &measures(found);
    text += &trade(found);
    let cited: Vec<&SourceId> = found.sources();
    text + &sources(world, cited)
}

fn head(found: &Follow<'_>) -> String {
    let row = found.deal;
    let mut lines = vec![format!("{}: {}", row.id, row.name)];
    let mut line = |title: &str, text: String| {
        if !text.is_empty() {
            lines.push(format!("  {title:<10}{text}"));
        }
    };
    let between = format!("{} – {}", parties(&row.side_a), parties(&row.side_b));
    line("between", between.trim_end_matches(" – ").to_owned());
    line("signed by", row.signatories.clone());
    line("date", row.date.to_string());
    let note = if row.force_note.is_empty() { String::new() } else { format!(" ({})", row.force_note) };
    line("form", format!("{}, {}{note}", row.form, row.force));
    line("minerals", minerals(row));
    let amount = row.money_musd.map(money).unwrap_or_default();
    line(
        "money",
        [amount, row.money_note.clone()]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join("; "),
    );
    line("projects", row.named_projects.clone());
    line("terms", row.deadlines.clone());
    let seen = row.status_date.map(|date| format!(", seen {date}")).unwrap_or_default();
    line("status", format!("{}{seen}: {}", row.status, row.status_note).trim_end_matches(": ").to_owned());
    line("outcome", row.outcome.clone());
    line("grade", format!("{} {}", row.grade, row.note).trim_end().to_owned());
    lines.join("\n") + "\n"
}

fn clauses(found: &Follow<'_>) -> String {
    let mut table = Table::new(&["clause", "strength", "terms", "grade", "source"]);
    for row in &found.clauses {
        let strength = row.strength.to_string();
        table.row([
            row.clause.to_string(),
            strength,
            row.text.clone(),
            row.grade.to_string(),
            row.source.to_string(),
        ]);
    }
    section("Clauses", &table)
}

fn promises(found: &Follow<'_>) -> String {
    let mut table = Table::new(&[
        "promise", "step", "date", ">took", "promised", ">within", "slip", "state", ">amount", "grade",
    ]);
    for promise in &found.promises {
        for (place, (row, clock)) in promise.steps.iter().enumerate() {
            let name = if place == 0 { promise.thread.to_string() } else { String::new() };
            table.row(step(name, row, clock, place + 1 == promise.steps.len()));
        }
    }
    let mut text = section("Promises and clocks", &table);
    for promise in &found.promises {
        text += &promise.growth.map(|growth| grown(promise, growth)).unwrap_or_default();
    }
    text
}

fn step(name: String, row: &EventRow, clock: &Clock, is_last: bool) -> [String; 10] {
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
    [
        name,
        format!("{}: {}", row.step, short(&row.text)),
        row.date.map(|date| date.to_string()).unwrap_or_default(),
        took.unwrap_or_default(),
        row.due.map(|due| due.to_string()).unwrap_or_default(),
        clock.promised.map(|days| days.to_string()).unwrap_or_default(),
        slip.unwrap_or_default(),
        format!("{state}{seen}"),
        row.amount_musd.map(money).unwrap_or_default(),
        row.grade.to_string(),
    ]
}

fn grown(promise: &Promise<'_>, growth: f64) -> String {
    format!("  {}: the last amount is {} times the first\n", promise.thread, number(growth, 2))
}

fn projects(found: &Follow<'_>) -> String {
    let mut table = Table::new(&[
        "project",
        "name",
        "mineral",
        "link",
        "status",
        ">adds a year",
        "first output",
        "control",
        "grade",
    ]);
    for linked in &found.projects {
        let row = linked.project;
        table.row([
            row.id.to_string(),
            short(&row.name),
            row.mineral.to_string(),
            linked.link.to_string(),
            crate::text::word(&row.status),
            row.increment_mid.map(about_tonnes).unwrap_or_default(),
            row.start_mid.map(|year| year.to_string()).unwrap_or_default(),
            row.control.clone(),
            format!("{}/{}", row.grade_existence, row.grade_numbers),
        ]);
    }
    let text = section(
        "Projects (named: by the deal; in-scope: in its country and minerals, nothing says that it moves them)",
        &table,
    );
    if text.is_empty() { "\nNo project of the list belongs to it.\n".to_owned() } else { text }
}

fn measures(found: &Follow<'_>) -> String {
    let mut table = Table::new(&["measure", "actor", "kind", "from", "state", "what", "grade"]);
    for row in &found.measures {
        table.row([
            row.id.to_string(),
            row.actor.to_string(),
            row.kind.clone(),
            row.from.map(|date| date.to_string()).unwrap_or_default(),
            row.state.to_string(),
            short(&row.strength),
            row.grade.to_string(),
        ]);
    }
    section("Measures that carry it out or answer it", &table)
}

fn trade(found: &Follow<'_>) -> String {
    let deal = found.deal;
    let Some(last) = found.last_trade_year else { return String::new() };
    if found.trade.is_empty() {
        return format!("\nNo trade between its two sides in its minerals is published to {last}.\n");
    }
    let years: Vec<i32> = found.trade[0].years.iter().map(|flow| flow.year).collect();
    let mut header = vec!["mineral".to_owned(), "stage".to_owned()];
    header.extend(years.iter().map(|year| format!(">{year}")));
    header.extend([
        ">M USD".to_owned(),
        ">share".to_owned(),
        ">before".to_owned(),
        ">after".to_owned(),
        ">change".to_owned(),
        ">all origins".to_owned(),
    ]);
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut table = Table::new(&header);
    for line in found.trade.iter().take(MOST_TRADE) {
        table.row(trade_line(line));
    }
    let title =
        format!("Trade from {} to {}, contained tonnes", parties(&deal.side_b), parties(&deal.side_a));
    let mut text = section(&title, &table);
    if found.trade.len() > MOST_TRADE {
        let _ =
            writeln!(text, "  {} smaller lines are left out; --json has all", found.trade.len() - MOST_TRADE);
    }
    let _ = write!(
        text,
        "  M USD and share of the buyers' imports: {last}. Before: mean to {}, after: mean of later years. All origins: change of the\n  \
         buyers' imports from everywhere, for comparison. A change is no effect of the deal.\n",
        deal.date.year()
    );
    if deal.date.year() >= last {
        let _ = writeln!(
            text,
            "  The deal is of {}; trade is published to {last}, so there is no after yet.",
            deal.date
        );
    }
    text
}

fn trade_line(line: &TradeLine) -> Vec<String> {
    let mut cells = vec![line.mineral.to_string(), line.stage.to_string()];
    cells.extend(line.years.iter().map(|flow| about_tonnes(flow.tonnes)));
    let last = line.years.last();
    let mean = |flow: Option<YearFlow>| flow.map(|flow| about_tonnes(flow.tonnes)).unwrap_or_default();
    let change = |value: fn(&YearFlow) -> f64| {
        let (before, after) = (value(line.before.as_ref()?), value(line.after.as_ref()?));
        (before > 0.0).then(|| format!("{:+.0} %", (after / before - 1.0) * 100.0).replace('-', "\u{2212}"))
    };
    cells.extend([
        last.map(|flow| number(flow.kusd / 1e3, 3)).unwrap_or_default(),
        last.and_then(YearFlow::share).map(share).unwrap_or_default(),
        mean(line.before),
        mean(line.after),
        change(|flow| flow.tonnes).unwrap_or_default(),
        change(|flow| flow.all_tonnes).unwrap_or_default(),
    ]);
    cells
}
