//! What holding a licence obliges to and costs; what a register of licences means.

use serde::Serialize;

use super::{
    figure::Figure,
    parts::{Facts, plural, years},
    view::{Cell, Column, Section, Sentence, Table, View, country_name},
};
use crate::{
    base::unit::{Grade, Range},
    project::licence::{Plan, register::Reading},
    world::World,
};

/// A plan with its sum.
#[derive(Debug, Clone, Serialize)]
pub struct Costs {
    /// The plan.
    #[serde(flatten)]
    pub plan: Plan,
    /// All years together, US dollars.
    pub together_usd: Range,
}

impl Costs {
    /// A plan with its sum.
    pub fn of(plan: Plan) -> Self {
        let all = plan.years.iter().filter_map(|year| year.usd);
        let together_usd = all.fold(Range::exact(0.0), |sum, usd| {
            Range::new(sum.low + usd.low, sum.mid + usd.mid, sum.high + usd.high)
        });
        Self { plan, together_usd }
    }
}

/// What is asked of an exploration licence, year by year.
pub fn plan(costs: &Costs, blocks: u32) -> View {
    let plan = &costs.plan;
    let blocks = plural(blocks as usize, "block");
    let mut view = View::new(format!("Exploration licence, {}, {blocks}", plan.regime));
    for problem in &plan.problems {
        view.say(Sentence::new("problem", format!("{problem}.")));
    }
    view.push(by_year(plan));
    let mut facts = Facts::new();
    if plan.years.iter().any(|year| year.usd.is_some()) {
        let years = plural(plan.years.len(), "year");
        facts.say(&format!("{years} together"), Figure::derived(costs.together_usd, "USD"));
    }
    if let Some(days) = plan.grant_days {
        facts.say("application to grant", Figure::derived(days, "days"));
    }
    if let Some(dollar) = plan.dollar {
        let unit = format!("{} for one US dollar", plan.currency);
        facts.say(
            "rate of exchange",
            Figure::derived(dollar, &unit).graded(Grade::C).said(|text| format!("{text}, grade C")),
        );
    }
    view.push(facts.section("together", ""));
    let mut rules = Table::titled(["Rule", "Read at"]);
    for rule in &plan.words {
        let source = if rule.seen { rule.reference.as_str() } else { "recalled, not seen at a source" };
        rules.row([rule.text.clone().into(), source.into()]);
    }
    view.push(Section::of("rules", "Rules", rules));
    view
}

fn by_year(plan: &Plan) -> Section {
    let both: Vec<Range> = plan.years.iter().filter_map(|year| year.usd).collect();
    let spend: Vec<Range> = plan.years.iter().map(|year| year.spend).collect();
    let rent: Vec<Range> = plan.years.iter().map(|year| year.rent).collect();
    let (spend, _) = Figure::row(&spend, &plan.currency);
    let (rent, _) = Figure::row(&rent, &plan.currency);
    let (both, unit) = Figure::row(&both, "USD");
    let mut both = both.into_iter();
    let mut table = Table::new([
        Column::numbers("Year"),
        Column::numbers("Blocks"),
        Column::numbers("km²"),
        Column::numbers(format!("Work, {}", plan.currency)).named("work"),
        Column::numbers(format!("Ground, {}", plan.currency)).named("ground"),
        Column::numbers(format!("Both, {unit}")).named("both"),
        Column::words("Falls due"),
    ]);
    let mark = |figure: Figure, seen: bool| {
        figure.said(|text| if seen { text.to_owned() } else { format!("{text} *") }).into()
    };
    for ((year, spend), rent) in plan.years.iter().zip(spend).zip(rent) {
        table.row([
            year.year.to_string().into(),
            Cell::count(year.blocks as usize),
            year.area_km2.map_or(Cell::Empty, |km2| Figure::derived(Range::exact(km2), "").into()),
            mark(spend, year.spend_seen),
            mark(rent, year.rent_seen),
            year.usd.and_then(|_| both.next()).map_or(Cell::Empty, Cell::from),
            year.duties.join("; ").into(),
        ]);
    }
    Section::of("years", "", table).with_note(
        "Work: least spending on exploration. Ground: payments for the land. * rests on a rule that was not read at its source; values of \
         units and rates of exchange are listed below.",
    )
}

/// When the licences of a register could come to a mine.
pub fn register(world: &World, list: &[Reading], now: i32) -> View {
    let mut view = View::new("Register of licences");
    let licences = plural(list.len(), "licence");
    view.say(Sentence::new("licences", format!("{licences}, looked at in {now}.")));
    let mut table = Table::titled([
        "Licence",
        "Holder",
        "Place",
        "For",
        "Kind",
        ">km²",
        "Expires",
        ">Year",
        "Falls due next",
        ">First output, if found and built",
    ]);
    for reading in list {
        let licence = &reading.licence;
        table.row([
            licence.id.clone().into(),
            licence.holder.clone().into(),
            country_name(world, licence.country).into(),
            licence.mineral.as_ref().map_or(Cell::Empty, |mineral| Cell::mineral(world, mineral)),
            if licence.explores { "exploration" } else { "mining" }.into(),
            Cell::known(licence.area_km2.map(|km2| Figure::published(km2, ""))),
            licence.expires.map_or_else(|| "not known".into(), |date| date.to_string().into()),
            reading.year.map_or(Cell::Empty, |year| year.to_string().into()),
            reading.next.clone().unwrap_or_else(|| "not known".to_owned()).into(),
            reading.first_output.map_or(Cell::Empty, |range| years(range).into()),
        ]);
    }
    view.push(Section::of("licences", "", table));
    view.note(
        "First output: middle and 9 in 10 of mines that materialise, by the times of the country or the world. Most ground under exploration \
         never becomes a mine.",
    );
    view
}
