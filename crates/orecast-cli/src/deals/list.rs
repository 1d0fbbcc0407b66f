//! Deals, clauses and rates as tables.

use std::fmt::Write;

use orecast::{
    answer::number::{Style, Unit, figure},
    base::id::PartyId,
    register::rate::{PRIORS, Rate},
    world::{
        World,
        table::{AgreementRow, ClauseKind, Strength},
    },
};

use crate::text::{Table, number};

/// Longest text of a cell.
const WIDEST: usize = 46;

/// A text cut to the width of a cell.
pub(super) fn short(text: &str) -> String {
    if text.chars().count() <= WIDEST {
        return text.to_owned();
    }
    text.chars().take(WIDEST - 1).chain(['…']).collect()
}

/// `USA, KAZ`, or the first and how many more.
pub(super) fn parties(parties: &[PartyId]) -> String {
    let names: Vec<&str> = parties.iter().map(PartyId::as_str).collect();
    if names.len() > 4 { format!("{} and {} more", names[0], names.len() - 1) } else { names.join(", ") }
}

/// Million US dollars: `900 M USD`, `12 bn USD`.
pub(super) fn money(musd: f64) -> String {
    if musd >= 1e3 {
        format!("{} bn USD", number(musd / 1e3, 3))
    } else {
        format!("{} M USD", number(musd, 3))
    }
}

/// The minerals that a deal names, and what else it covers.
pub(super) fn minerals(row: &AgreementRow) -> String {
    let mut words: Vec<String> = row.minerals.iter().map(ToString::to_string).collect();
    words.extend(Some(row.others.clone()).filter(|others| !others.is_empty()));
    words.join(", ")
}

pub(super) fn deals(world: &World, rows: &[&AgreementRow], by_mineral: bool) -> String {
    let all = world.tables().agreements.len();
    if rows.is_empty() {
        let more = if by_mineral {
            "; a broad deal covers minerals without naming them: leave out --mineral"
        } else {
            ""
        };
        return format!("no deal of {all} fits{more}\n");
    }
    let mut table = Table::new(&[
        "deal", "date", "between", "form", "force", "minerals", ">money", "status", "seen", "grade",
    ]);
    for row in rows {
        table.row([
            row.id.to_string(),
            row.date.to_string(),
            format!("{} – {}", parties(&row.side_a), parties(&row.side_b)).trim_end_matches(" – ").to_owned(),
            row.form.to_string(),
            row.force.to_string(),
            short(&minerals(row)),
            row.money_musd.map(money).unwrap_or_default(),
            row.status.to_string(),
            row.status_date.map(|date| date.to_string()).unwrap_or_default(),
            row.grade.to_string(),
        ]);
    }
    let recalled = rows.iter().filter(|row| row.note.contains("recalled")).count();
    let note =
        if recalled > 0 { format!("; {recalled} recalled and not read, grade C") } else { String::new() };
    let money = "money as announced, public and private together";
    format!("{}{} of {all} deals; {money}{note}\n", table.print(), rows.len())
}

pub(super) fn clauses(world: &World, rows: &[&AgreementRow]) -> String {
    let of = |row: &AgreementRow, kind: ClauseKind| {
        let mut all = world.tables().clauses.iter();
        all.find(|clause| clause.deal == row.id && clause.clause == kind).map(|clause| clause.strength)
    };
    let kinds: Vec<ClauseKind> = ClauseKind::ALL
        .iter()
        .copied()
        .filter(|&kind| rows.iter().any(|row| of(row, kind).is_some()))
        .collect();
    let silent = rows.iter().filter(|row| kinds.iter().all(|&kind| of(row, kind).is_none())).count();
    let letters: Vec<String> = (0..kinds.len()).map(|place| format!("{:>2}", place + 1)).collect();
    let mut header = vec!["deal"];
    header.extend(letters.iter().map(String::as_str));
    let mut table = Table::new(&header);
    for row in rows.iter().filter(|row| kinds.iter().any(|&kind| of(row, kind).is_some())) {
        let cells = kinds.iter().map(|&kind| match of(row, kind) {
            Some(Strength::Promised) => " ●".to_owned(),
            Some(Strength::Named) => " ○".to_owned(),
            Some(Strength::Unknown) => " ?".to_owned(),
            None => String::new(),
        });
        table.row(std::iter::once(row.id.to_string()).chain(cells));
    }
    let mut legend = Table::new(&["", ">", ">promised", ">named", ">not public", ""]);
    for (letter, &kind) in letters.iter().zip(&kinds) {
        let count = |strength| rows.iter().filter(|row| of(row, kind) == Some(strength)).count().to_string();
        let lever = if kind.is_lever() { "" } else { "no lever of the model" };
        legend.row([
            kind.to_string(),
            letter.trim().to_owned(),
            count(Strength::Promised),
            count(Strength::Named),
            count(Strength::Unknown),
            lever.to_owned(),
        ]);
    }
    format!(
        "{}\n{}\n● promised   ○ named   ? text not public; {} deals, {silent} of them without a typed clause\n",
        table.print(),
        legend.print(),
        rows.len()
    )
}

pub(super) fn rates(found: &[Rate]) -> String {
    let mut table = Table::new(&[
        "rate",
        ">cases",
        ">went on",
        ">lapsed or late",
        ">open",
        ">open count as",
        ">set aside",
        ">mean",
        "9 in 10",
        "prior",
        "months taken",
    ]);
    for rate in found {
        let percent = |value: f64| format!("{:.0} %", value * 100.0);
        table.row([
            rate.prior.name.to_owned(),
            rate.n.to_string(),
            rate.converted.to_string(),
            rate.lapsed.to_string(),
            rate.open.to_string(),
            format!("{:.2}", rate.open_weight),
            format!("{} ({} went on)", rate.set_aside, rate.set_aside_converted),
            percent(rate.mean),
            format!(
                "({} to {})",
                percent(rate.range.low).trim_end_matches(" %"),
                percent(rate.range.high).trim_end_matches(" %")
            ),
            format!("Beta({}, {})", rate.prior.a, rate.prior.b),
            rate.months
                .iter()
                .map(|months| if *months < 3.0 { format!("{months:.1}") } else { format!("{months:.0}") })
                .collect::<Vec<_>>()
                .join(", "),
        ]);
    }
    let mut text = table.print();
    for prior in PRIORS {
        let delay =
            prior.median_months.map(|months| format!("; median delay {months} months")).unwrap_or_default();
        let _ = write!(
            text,
            "\n{}: {}\n    prior Beta({}, {}){delay}: {}\n",
            prior.name, prior.meaning, prior.a, prior.b, prior.basis
        );
    }
    text + "\nSet aside: recorded because of how they ended, so not counted. An open case counts as the share of next steps that would have\n\
            come by its age.\n"
}

pub(super) fn rates_csv(found: &[Rate]) -> String {
    let mut text =
        "rate,prior_a,prior_b,cases,went_on,lapsed,open,open_weight,set_aside,mean,low,mid,high\n".to_owned();
    for rate in found {
        let cells = [
            rate.open_weight,
            rate.set_aside as f64,
            rate.mean,
            rate.range.low,
            rate.range.mid,
            rate.range.high,
        ];
        let counts = [rate.n, rate.converted, rate.lapsed, rate.open].map(|count| count.to_string());
        let _ = writeln!(
            text,
            "{},{},{},{},{}",
            rate.prior.name,
            rate.prior.a,
            rate.prior.b,
            counts.join(","),
            cells.map(|cell| format!("{}", (cell * 1e6).round() / 1e6)).join(",")
        );
    }
    text
}

/// A share in percent, to the whole point.
pub(super) fn share(value: f64) -> String {
    figure(orecast::base::unit::Range::exact((value * 1e3).round() / 1e3), &Unit::Share, Style::TERMINAL)
        .to_string()
}
