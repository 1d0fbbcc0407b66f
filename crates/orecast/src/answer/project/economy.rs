//! What a project costs, needs and pays.

use super::super::{
    figure::Figure,
    number::{Unit, change_in_words},
    parts::{Facts, probability},
    view::{Section, Table, View},
};
use crate::{base::unit::Range, project::report::Economics, world::table::ProjectStatus};

/// Years from the decision whose take is shown.
const TAKE_YEARS: [usize; 5] = [5, 7, 9, 11, 16];

/// Cost and value, what help would change, what the host takes.
pub(super) fn sections(found: &Economics, basis: &str, status: ProjectStatus, view: &mut View) {
    view.push(cost(found, basis));
    view.push(help(found));
    view.push(levies(found));
    view.push(take(found, status));
}

fn cost(e: &Economics, basis: &str) -> Section {
    let price = format!("USD/t {}", basis.trim_start_matches('t').trim());
    let published =
        if e.capex_published { "study published" } else { "none published: that of its like, grade C" };
    let mut facts = Facts::new();
    facts.say(
        "capital cost as built",
        Figure::derived(e.capex, "USD").said(|text| format!("{text}; {published}")),
    );
    facts.say("real rate a year", Figure::share(e.wacc));
    facts.say("cost before royalty and tax", Figure::derived(e.levelised, &price));
    facts.say("price it needs", Figure::derived(e.incentive, &price));
    facts.say(
        "price today",
        Figure::published(e.price, &price)
            .graded(e.price_grade)
            .said(|text| format!("{text} (grade {})", e.price_grade)),
    );
    facts.say("net present value", Figure::derived(e.value, "USD"));
    facts.say("rate of return", Figure::share(e.returns));
    facts.say("pays at the expected price", probability(e.pays).said(|text| format!("in {text} of draws")));
    let opex = Figure::share(e.opex_share).text;
    facts.section("value", "Cost and value, real US dollars, 9 draws in 10").with_note(format!(
        "Operating cost is assumed to be {opex} of today's price, grade C: the value says what it would be worth if it were so."
    ))
}

fn help(e: &Economics) -> Section {
    let mut table = Table::titled(["Help", "Price it needs", "Worth, if built when it pays", ">Pays in"]);
    for effect in &e.help {
        let price = change_in_words(effect.incentive, &Unit::Share, ["lower", "higher"])
            .replace("\u{a0}points", "\u{a0}%")
            .replace("\u{a0}point", "\u{a0}%");
        let worth = change_in_words(effect.value, &Unit::Money, ["less", "more"]);
        table.row([
            effect.terms.clone().into(),
            Figure::change(effect.incentive, "share").said(|_| price).into(),
            Figure::change(effect.value, "USD").said(|_| worth).into(),
            probability(effect.pays).into(),
        ]);
    }
    let section = Section::of("help", "What help would change, draw by draw", table);
    if section.table.is_none() {
        return section;
    }
    section.with_note(
        "A loan lowers the rate on its share of the cost, a buyer and a floor lower the whole rate, a floor holds the price up (grades B and C).",
    )
}

fn levies(e: &Economics) -> Section {
    let mut table = Table::titled(["Levy", ">Rate", "Grade", "Note"]);
    for rate in &e.rates {
        let own = if rate.own { "" } else { "stands in; " };
        table.row([
            rate.levy.as_str().into(),
            Figure::share(rate.range).graded(rate.grade).into(),
            rate.grade.into(),
            format!("{own}{}", rate.note).into(),
        ]);
    }
    Section::of("levies", "What the host takes", table)
}

fn take(e: &Economics, status: ProjectStatus) -> Section {
    let mut facts = Facts::new();
    let best =
        if status == ProjectStatus::Producing { "in its best year" } else { "in its best year, if built" };
    let money = |range: Range| Figure::derived(range, "USD");
    facts.say(best, money(e.take));
    facts.say("present value", money(e.take_value));
    for year in TAKE_YEARS {
        if let Some(&range) = e.take_by_year.get(year - 1) {
            facts.say(&format!("year {year} from the decision to build"), money(range));
        }
    }
    facts.section("take", "")
}
