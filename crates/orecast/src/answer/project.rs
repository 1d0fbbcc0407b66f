//! One project: times, cost, price it needs, what the host takes, sources.

mod economy;

use super::{
    figure::Figure,
    parts::{Facts, probability, shares, years},
    projects::{output, stage},
    view::{Cell, Section, Sentence, Table, View, cited, country_name},
};
use crate::{
    base::unit::{Grade, Range},
    project::{
        milestone::{Money, status_words},
        report::{ProjectReport, Times},
    },
    world::World,
};

/// The page of a project.
pub fn view(world: &World, page: &ProjectReport) -> View {
    let (line, row) = (&page.line, &page.row);
    let mut view = View::new(format!("{}: {}", line.id, line.name));
    let mut facts = Facts::new();
    facts.say("place", place(&country_name(world, line.country), row.lat, row.lon));
    facts.say("product", format!("{} ({}), {}", line.mineral, line.basis, stage(line.stage)));
    facts.say("kind", line.kind.words());
    let seen = match row.source_date.as_str() {
        "" => "not dated".to_owned(),
        date => format!("seen {date}"),
    };
    facts.say("status", format!("{} ({seen})", status_words(line.status)));
    facts.say("adds", adds(page));
    facts.say("controlled by", shares(&line.control));
    facts.say("owner", row.owner.clone());
    facts.say("sold to", row.offtake.clone());
    if !line.buyers.is_empty() {
        facts.say("contracted to", shares(&line.buyers));
    }
    facts.say("deals", page.deals.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    view.push(facts.section("project", ""));
    view.push(dates(page));
    view.push(money(page));
    match (&page.economics, &page.without) {
        (Some(found), _) => economy::sections(found, &line.basis, row.status, &mut view),
        (None, Some(why)) => {
            let none = format!("No price it needs and no value can be given: {why}.");
            view.push(Section::new("value", "").with_sentence(Sentence::new("without", none)));
        }
        (None, None) => {}
    }
    let pages = match (row.reference.as_str(), row.grade_existence) {
        ("", Grade::C) => "recalled, not read at a page",
        ("", _) => "the page was not kept",
        (page, _) => page,
    };
    view.note(format!(
        "Existence and status grade {}, numbers grade {}. {}: {pages}.",
        line.grade_existence, line.grade_numbers, row.source
    ));
    view.note(row.note.clone());
    view.sources = cited(world, [&row.source]);
    view
}

fn adds(page: &ProjectReport) -> Cell {
    if !page.line.counts {
        return "not counted as an addition".into();
    }
    match output(&page.line) {
        Cell::Figure(figure) if page.line.readings.is_empty() => {
            figure.said(|text| format!("{text} a year")).into()
        }
        Cell::Figure(figure) => figure
            .said(|text| format!("a year {text}; the source does not say which, each draw takes one"))
            .into(),
        other => other,
    }
}

fn place(place: &str, lat: Option<f64>, lon: Option<f64>) -> String {
    let degrees = |value: f64| super::number::significant(value, 3).to_string();
    match lat.zip(lon) {
        Some((lat, lon)) => format!("{place}, about {} N {} E", degrees(lat), degrees(lon)),
        None => place.to_owned(),
    }
}

fn dates(page: &ProjectReport) -> Section {
    let mut facts = Facts::new();
    let row = &page.row;
    if let Some(outlook) = &page.line.outlook {
        if let Some(mid) = row.start_mid {
            let own = [row.start_low.unwrap_or(mid), mid, row.start_high.unwrap_or(mid)].map(f64::from);
            facts.say("its own dates", years(Range::new(own[0], own[1], own[2])));
        }
        facts.say("first output", years(outlook.start));
        for (year, share) in &outlook.standing {
            facts.say(&format!("probability that it produces by {year}"), probability(*share));
        }
    }
    if let Some(times) = &page.times {
        self::times(times, &mut facts);
    }
    let mut section = facts.section("dates", "When, if it materialises");
    if let Some(times) = &page.times {
        section =
            section.with_note(format!("Times are those of {}; a range holds 9 cases in 10.", times.whose));
    }
    if !page.stopped_hosts.is_empty() {
        section = section.with_note(format!(
            "Hosts that are suspended here: {}. What comes out of them adds nothing meanwhile.",
            page.stopped_hosts.join(", ")
        ));
    }
    section
}

fn times(times: &Times, facts: &mut Facts) {
    if times.before.high > 0.0 {
        facts.say("its like: to construction", Figure::derived(times.before, "years"));
    }
    facts.say("construction", Figure::derived(times.build, "years"));
    facts.say("first output to design rate", Figure::derived(times.ramp, "years"));
    let (share, stall) = times.stall;
    let share = format!("{:.0} in 100", share * 100.0);
    facts.say("stalls", Figure::derived(stall, "years").said(|text| format!("{share}, for {text}")));
    facts.say(
        "probability within ten years",
        Figure::share(times.prior)
            .graded(Grade::C)
            .said(|text| format!("{text}, elicited by status, grade C")),
    );
}

fn money(page: &ProjectReport) -> Section {
    let mut table = Table::titled(["Promise", "By", ">Amount", "State", "On", "Grade", "Source"]);
    for promise in &page.money {
        table.row([
            promise.thread.clone().into(),
            promise.actor.clone().into(),
            promise
                .amount_musd
                .map_or(Cell::Empty, |musd| Figure::published(musd, "M USD").graded(promise.grade).into()),
            promise.state.map_or(Cell::Empty, |state| state.words().into()),
            promise.date.clone().into(),
            promise.grade.into(),
            promise.source.clone().into(),
        ]);
    }
    let section = Section::of("money", "Money promised", table);
    if section.table.is_none() {
        return section;
    }
    let states = Money::ALL.map(Money::words).join(", ");
    section.with_note(format!(
        "States: {states}. None of them is the next; the observed rates of the deals say how often one follows."
    ))
}
