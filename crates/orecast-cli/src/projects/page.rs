//! One project on a page.

use std::fmt::Write;

use orecast::{
    answer::number::{Style, Unit, change_in_words, figure},
    base::unit::{Grade, Range},
    project::{
        milestone::{Money, status_words},
        report::{Economics, ProjectReport},
    },
    world::{World, table::ProjectStatus},
};

use super::{chance, output, shares, stage, years};
use crate::text::{Table, number};

fn say(range: Range, unit: &Unit) -> String {
    figure(range, unit, Style::TERMINAL).to_string()
}

/// Prints the page.
pub(super) fn print(world: &World, page: &ProjectReport) -> String {
    let (line, row) = (&page.line, &page.row);
    let place =
        world.country(line.country).map_or_else(|| line.country.to_string(), |country| country.name.clone());
    let mut text = format!("{}: {}\n\n", line.id, line.name);
    let mut facts: Vec<(&str, String)> = vec![
        ("place", place_words(&place, row.lat, row.lon)),
        ("product", format!("{} ({}), {}", line.mineral, line.basis, stage(line.stage))),
        ("kind", line.kind.words().to_owned()),
        ("status", format!("{} ({})", status_words(line.status), seen(&row.source_date))),
        ("adds", adds(page)),
        ("controlled by", shares(&line.control)),
    ];
    for (name, words) in [("owner", &row.owner), ("sold to", &row.offtake)] {
        if !words.is_empty() {
            facts.push((name, words.clone()));
        }
    }
    if !line.buyers.is_empty() {
        facts.push(("contracted to", shares(&line.buyers)));
    }
    if !page.deals.is_empty() {
        let deals: Vec<String> = page.deals.iter().map(ToString::to_string).collect();
        facts.push(("deals", deals.join(", ")));
    }
    for (name, words) in facts {
        let _ = writeln!(text, "  {name:<14}{words}");
    }
    text += &dates(page);
    text += &money(page);
    match (&page.economics, &page.without) {
        (Some(economics), _) => text += &economy(economics, &line.basis, row.status),
        (None, Some(why)) => {
            let _ = writeln!(text, "\nNo price it needs and no value can be given: {why}.");
        }
        (None, None) => {}
    }
    text += "\nSources\n";
    let _ = writeln!(
        text,
        "  existence and status grade {}, numbers grade {}",
        line.grade_existence, line.grade_numbers
    );
    let pages = match (row.reference.as_str(), row.grade_existence) {
        ("", Grade::C) => "recalled, not read at a page",
        ("", _) => "the page was not kept",
        (page, _) => page,
    };
    let _ = writeln!(text, "  {}: {pages}", row.source);
    if !row.note.is_empty() {
        let _ = writeln!(text, "  note: {}", row.note);
    }
    text
}

fn adds(page: &ProjectReport) -> String {
    match (&page.line, page.line.readings.is_empty()) {
        (line, _) if !line.counts => "not counted as an addition".to_owned(),
        (line, true) if line.increment.is_none() => output(line),
        (line, true) => format!("{} a year", output(line)),
        (line, false) => {
            format!("a year {}; the source does not say which, each draw takes one", output(line))
        }
    }
}

fn place_words(place: &str, lat: Option<f64>, lon: Option<f64>) -> String {
    match lat.zip(lon) {
        Some((lat, lon)) => format!("{place}, about {} N {} E", number(lat, 3), number(lon, 3)),
        None => place.to_owned(),
    }
}

fn seen(date: &str) -> String {
    if date.is_empty() { "not dated".to_owned() } else { format!("seen {date}") }
}

fn dates(page: &ProjectReport) -> String {
    let mut text = String::new();
    let row = &page.row;
    if let Some(outlook) = &page.line.outlook {
        let _ = writeln!(text, "\nWhen, if it comes about");
        if let Some(mid) = row.start_mid {
            let own = Range::new(
                f64::from(row.start_low.unwrap_or(mid)),
                f64::from(mid),
                f64::from(row.start_high.unwrap_or(mid)),
            );
            let _ = writeln!(text, "  {:<34}{}", "its own dates", years(own));
        }
        let _ = writeln!(text, "  {:<34}{}", "first output", years(outlook.start));
        for (year, share) in &outlook.standing {
            let _ =
                writeln!(text, "  {:<34}{}", format!("chance that it produces by {year}"), chance(*share));
        }
    }
    if let Some(times) = &page.times {
        let unit = Unit::Other("years".to_owned());
        if times.before.high > 0.0 {
            let _ = writeln!(text, "  {:<34}{}", "its like: to construction", say(times.before, &unit));
        }
        let _ = writeln!(text, "  {:<34}{}", "construction", say(times.build, &unit));
        let _ = writeln!(text, "  {:<34}{}", "first output to design rate", say(times.ramp, &unit));
        let (share, stall) = times.stall;
        let _ = writeln!(text, "  {:<34}{:.0} in 100, for {}", "stalls", share * 100.0, say(stall, &unit));
        let prior = times.prior;
        let _ = writeln!(
            text,
            "  {:<34}{:.0} % ({:.0} to {:.0}), elicited by status, grade C",
            "chance within ten years",
            prior.mid * 100.0,
            prior.low * 100.0,
            prior.high * 100.0
        );
        let _ = writeln!(text, "  Times are those of {}; a range holds 9 cases in 10.", times.whose);
    }
    if !page.stopped_hosts.is_empty() {
        let _ = writeln!(
            text,
            "  Hosts that stand still here: {}. What comes out of them adds nothing meanwhile.",
            page.stopped_hosts.join(", ")
        );
    }
    text
}

fn money(page: &ProjectReport) -> String {
    if page.money.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&["promise", "by", ">amount", "state", "on", "grade", "source"]);
    for promise in &page.money {
        table.row([
            promise.thread.clone(),
            promise.actor.clone(),
            promise.amount_musd.map_or_else(String::new, |musd| format!("{} M USD", number(musd, 3))),
            promise.state.map_or_else(String::new, |state| state.words().to_owned()),
            promise.date.clone(),
            promise.grade.to_string(),
            promise.source.clone(),
        ]);
    }
    let states = Money::ALL.map(Money::words).join(", ");
    format!(
        "\nMoney promised\n{}  States: {states}. None of them is the next; `orecast deals rates` says how often one follows.\n",
        table.print()
    )
}

fn economy(e: &Economics, basis: &str, status: ProjectStatus) -> String {
    let substance = basis.trim_start_matches("t ").to_owned();
    let price = Unit::Price(substance);
    let mut text = "\nCost and value, real US dollars, 9 draws in 10\n".to_owned();
    let published =
        if e.capex_published { "study published" } else { "none published: that of its like, grade C" };
    let rows = [
        ("capital cost as built", format!("{}; {published}", say(e.capex, &Unit::Money))),
        ("real rate a year", say(e.wacc, &Unit::Share)),
        ("cost before royalty and tax", say(e.levelised, &price)),
        ("price it needs", say(e.incentive, &price)),
        ("price today", format!("{} (grade {})", say(Range::exact(e.price), &price), e.price_grade)),
        ("net present value", say(e.value, &Unit::Money)),
        ("rate of return", say(e.returns, &Unit::Share)),
        ("pays at the expected price", format!("{} of draws", chance(e.pays))),
    ];
    for (name, words) in rows {
        let _ = writeln!(text, "  {name:<30}{words}");
    }
    let _ = writeln!(
        text,
        "  Operating cost is assumed to be {} of today's price, grade C: the value says what it would be worth if it were so.",
        say(e.opex_share, &Unit::Share)
    );
    if !e.help.is_empty() {
        text += "\nWhat help would change, run by run\n";
        let mut table = Table::new(&["help", "price it needs", "worth, if built when it pays", ">pays in"]);
        for effect in &e.help {
            table.row([
                effect.terms.clone(),
                change_in_words(effect.incentive, &Unit::Share, ["lower", "higher"])
                    .replace("\u{a0}points", " %")
                    .replace("\u{a0}point", " %"),
                change_in_words(effect.value, &Unit::Money, ["less", "more"]),
                chance(effect.pays),
            ]);
        }
        text += &table.print();
        text += "  A loan lowers the rate on its share of the cost, a buyer and a floor lower the whole rate, a floor holds the price up (grades B and C).\n";
    }
    text += "\nWhat the host takes\n";
    let mut table = Table::new(&["levy", ">rate", "grade", "note"]);
    for rate in &e.rates {
        let own = if rate.own { "" } else { "stands in; " };
        table.row([
            rate.levy.as_str().to_owned(),
            say(rate.range, &Unit::Share),
            rate.grade.to_string(),
            format!("{own}{}", rate.note),
        ]);
    }
    text += &table.print();
    let verb =
        if status == ProjectStatus::Producing { "in its best year" } else { "in its best year, if built" };
    let _ = writeln!(
        text,
        "  {verb}: {}; present value {}",
        say(e.take, &Unit::Money),
        say(e.take_value, &Unit::Money)
    );
    let by_year: Vec<String> = [4, 6, 8, 10, 15]
        .iter()
        .filter_map(|&t| {
            e.take_by_year.get(t).map(|range| format!("year {}: {}", t + 1, say(*range, &Unit::Money)))
        })
        .collect();
    let _ = writeln!(text, "  counted from the decision to build: {}", by_year.join("; "));
    text
}
