//! How exposed a country or group is: what it depends on, which stops would cost most, and what it has.

mod assets;

use std::collections::BTreeMap;

use super::{
    figure::{Bound, Figure},
    screen::{exporter, exporter_name, money},
    shock::price,
    view::{Cell, Column, Section, Sentence, Table, View, country_in_text, mineral_name},
};
use crate::{
    base::{
        id::Iso3,
        unit::{Grade, Range, Stage},
    },
    studies::risk::{Dependence, MOST, Published, RiskReport, StageDependence},
    world::{World, table::Flag},
};

/// Share by which a supplier's part must move to count.
const MOVED: f64 = 0.05;

/// What the page says; `top` minerals are listed.
pub fn view(world: &World, page: &RiskReport, top: usize) -> View {
    let mut view =
        View::new(format!("{}: how exposed, to whom, at which stage? ({})", page.group.name, page.year));
    if page.dependences.is_empty() && page.small.is_empty() {
        view.say(Sentence::new(
            "no-answer",
            "No mineral has a balanced year in which it buys anything, so there is no answer.",
        ));
        view.note(super::compare::left_out(&page.without));
        return view;
    }
    view.say(leaning(world, page));
    view.lead.extend(change(page));
    let shown: Vec<&Dependence> = page.dependences.iter().take(top).collect();
    view.push(dependences(world, &shown).with_note(hidden(world, page, top)));
    view.push(reliance(world, &shown));
    view.push(stops(world, page));
    view.push(economy(world, page));
    for section in assets::sections(world, &page.assets) {
        view.push(section);
    }
    view.push(blocs(page));
    for note in notes(page) {
        view.note(note);
    }
    view
}

/// How many minerals it buys mostly from one country.
fn leaning(world: &World, page: &RiskReport) -> Sentence {
    let mut by_supplier = BTreeMap::<Iso3, usize>::new();
    for dependence in page.dependences.iter().filter(|d| d.largest_share() > MOST) {
        if let Some((supplier, _)) = dependence.worst_stage().suppliers.first() {
            *by_supplier.entry(*supplier).or_default() += 1;
        }
    }
    let Range { low, mid, high } = page.leaning;
    let count = if low.round() == mid && mid == high.round() {
        format!("{mid:.0}")
    } else {
        format!("{mid:.0} ({low:.0} to {high:.0})")
    };
    let minerals = if mid == 1.0 { "mineral" } else { "minerals" };
    let first = format!(
        "{} buys more than half of {count} {minerals}, out of {}, from one foreign country",
        page.group.name,
        page.dependences.len(),
    );
    let text = match by_supplier.into_iter().max_by_key(|(_, count)| *count) {
        Some((supplier, count)) => {
            format!("{first}; from {} for {count} of them.", country_in_text(world, supplier))
        }
        None => format!("{first}."),
    };
    let figure = Figure::derived(page.leaning, "").said(|_| count);
    Sentence::new("leaning", text).with("minerals", figure)
}

/// How the largest suppliers' shares moved over the years of trade.
fn change(page: &RiskReport) -> Option<Sentence> {
    let ends = |dependence: &Dependence| {
        let trend = &dependence.worst_stage().trend;
        let mut known = trend.iter().filter_map(|(year, share)| Some((*year, (*share)?)));
        let first = known.next()?;
        Some((first, known.next_back()?))
    };
    let moves: Vec<_> = page.dependences.iter().filter_map(ends).collect();
    let first = moves.iter().map(|((year, _), _)| *year).min()?;
    let moved = |sign: f64| moves.iter().filter(|((_, a), (_, b))| sign * (b - a) > MOVED).count();
    let text = format!(
        "Since {first} the largest supplier's share of recorded imports rose by more than 5 points for {} minerals, fell as much for {}, out of {}.",
        moved(1.0),
        moved(-1.0),
        moves.len()
    );
    Some(Sentence::new("change", text))
}

/// What the first table leaves out.
fn hidden(world: &World, page: &RiskReport, top: usize) -> String {
    let mut parts = Vec::new();
    let more = page.dependences.len().saturating_sub(top);
    if more > 0 {
        parts.push(format!("{more} more minerals depend less on one country."));
    }
    if !page.small.is_empty() {
        let names: Vec<String> = page.small.iter().map(|id| mineral_name(world, id)).collect();
        parts.push(format!("Buys under 0.1 % of the world's {}: not ranked.", names.join(", ")));
    }
    parts.join(" ")
}

fn dependences(world: &World, shown: &[&Dependence]) -> Section {
    let years = shown.iter().flat_map(|d| d.worst_stage().trend.iter().map(|(year, _)| *year));
    let (first, last) = years.fold((i32::MAX, i32::MIN), |(a, b), year| (a.min(year), b.max(year)));
    let mut table = Table::new([
        Column::words("Mineral"),
        Column::words("Stage"),
        Column::numbers("Buys"),
        Column::words("Most from abroad"),
        Column::words("Most by owner"),
        Column::numbers(if first < last { first.to_string() } else { String::new() })
            .named("share-first-year"),
        Column::numbers(if first <= last { last.to_string() } else { String::new() })
            .named("share-last-year"),
        Column::words("Grade"),
    ]);
    for dependence in shown {
        let stage = dependence.worst_stage();
        let share = |at: i32| {
            let found = stage.trend.iter().find(|(year, _)| *year == at).and_then(|(_, share)| *share);
            Cell::known(found.map(|share| Figure::share(Range::exact(share))))
        };
        table.row([
            Cell::mineral(world, &dependence.mineral),
            stage.stage.into(),
            Figure::derived(stage.bought, &dependence.basis).into(),
            supplier(&stage.suppliers),
            owner(stage),
            if first < last { share(first) } else { Cell::Empty },
            share(last),
            Cell::grade(stage.grade),
        ]);
    }
    Section::of("dependences", "What it depends on, the largest foreign supplier's share first", table)
}

/// The largest foreign supplier.
fn supplier(list: &[(Iso3, Range)]) -> Cell {
    list.first().map_or_else(
        || Cell::text("nothing"),
        |(country, share)| Figure::share(*share).said(|text| format!("{country} {text}")).into(),
    )
}

/// The foreign country whose owners control most, where that differs from the largest supplier.
fn owner(stage: &StageDependence) -> Cell {
    match (stage.owners.first(), stage.suppliers.first()) {
        (Some(owner), Some(place)) if owner.0 == place.0 && (owner.1.mid - place.1.mid).abs() < 5e-3 => {
            Cell::text("same")
        }
        _ => supplier(&stage.owners),
    }
}

fn reliance(world: &World, shown: &[&Dependence]) -> Section {
    let mut table = Table::titled(["Mineral", "Form", ">Net imports", ">Published", ">GeoPolRisk"]);
    for dependence in shown {
        let (counted, balanced, own) = dependence.reliance();
        let form = counted.map_or_else(
            || {
                if dependence.stages.len() < 2 {
                    dependence.worst_stage().stage.into()
                } else {
                    Cell::text("all forms")
                }
            },
            Cell::from,
        );
        table.row([
            Cell::mineral(world, &dependence.mineral),
            form,
            Cell::known(balanced.map(Figure::reliance)),
            own.map_or(Cell::Empty, published),
            Cell::known(dependence.geopolrisk.map(|score| Figure::derived(score, ""))),
        ]);
    }
    Section::of("reliance", "Net imports over use, and risk", table)
}

fn published(row: &Published) -> Cell {
    let Some(percent) = row.percent.filter(|_| row.flag != Flag::NetExporter) else {
        return if row.flag == Flag::NetExporter { "net exporter".into() } else { Cell::known(None) };
    };
    let figure = Figure::published(percent, "%").graded(Grade::A);
    let sign = |sign: &'static str| move |text: &str| format!("{sign} {text}");
    match row.flag {
        Flag::AtLeast => Figure { bound: Bound::AtLeast, ..figure.said(sign(">")) }.into(),
        Flag::AtMost => Figure { bound: Bound::AtMost, ..figure.said(sign("<")) }.into(),
        _ => figure.into(),
    }
}

fn stage_of(stage: Option<Stage>) -> Cell {
    stage.map_or_else(|| Cell::text("all"), Cell::from)
}

/// Which stops would cost users most.
fn stops(world: &World, page: &RiskReport) -> Section {
    let mut table = Table::titled([
        "Mineral",
        "Stage",
        "Exporter",
        ">Price paid",
        ">Users lose in a full year",
        ">Probability a year",
        ">Expected a year",
    ]);
    for row in &page.stops.rows {
        table.row([
            Cell::mineral(world, &row.mineral),
            stage_of(row.stage),
            exporter(world, &row.exporter),
            price(row.price),
            money(row.loss_musd).into(),
            Figure::share(row.probability).graded(Grade::C).into(),
            money(row.expected_loss_musd).into(),
        ]);
    }
    let heading = format!(
        "Which stop would cost most (of {}: one exporter, one stage, one year)",
        page.stops.scenarios
    );
    Section::of("stops", heading, table)
}

/// Gross domestic product at risk, where there are accounts.
fn economy(world: &World, page: &RiskReport) -> Section {
    let mut table = Table::titled([
        "Mineral",
        "Class",
        ">Expected loss of GDP a year",
        "Worst stop",
        ">Loss of GDP in a full year",
        "Industry hit most",
    ]);
    for row in &page.stops.economy {
        let stage = row.stage.map_or("all", |stage| stage.as_str());
        table.row([
            Cell::mineral(world, &row.mineral),
            row.class.as_str().into(),
            money(row.expected_loss_musd).into(),
            format!("{} ({stage})", exporter_name(world, &row.exporter)).into(),
            money(row.loss_musd).into(),
            row.industries.first().map_or(Cell::Empty, |(name, _)| name.clone().into()),
        ]);
    }
    Section::of("economy", "GDP at risk, USGS-style (our reconstruction)", table)
}

fn blocs(page: &RiskReport) -> Section {
    let mut table = Table::titled([
        "Bloc",
        ">Trade on one side of its line, by value",
        ">By owner of the seller",
        ">Customs values outside over inside, less 1",
    ]);
    for row in &page.blocs {
        table.row([
            row.bloc.to_string().into(),
            Cell::known(row.trade_inside.map(Figure::share)),
            Cell::known(row.trade_inside_by_owner.map(Figure::share)),
            Cell::known(row.customs_gap.map(Figure::share)),
        ]);
    }
    Section::of("blocs", "Blocs it belongs to, and the world's trade across their lines", table).with_note(
        if page.blocs.is_empty() {
            ""
        } else {
            "Customs values: the median of minerals, and the range that half of them lie in."
        },
    )
}

fn notes(page: &RiskReport) -> Vec<String> {
    let ranges = match page.sampling.draws {
        0 => "without ranges: nothing was drawn.".to_owned(),
        draws => {
            format!("ranges: 9 in 10 of {draws} readings of the published figures within their uncertainty.")
        }
    };
    vec![
        "Ranked by the largest foreign supplier's share of what is bought, at the stage where it is largest (a stage at which next to nothing is bought leads no row). \
         Most from abroad: by place of the seller. Most by owner: by the country that controls the sellers, as far as that is known."
            .to_owned(),
        format!(
            "Buys, shares, net imports (of use) and GeoPolRisk (corrected, 0 to 1) are derived from one balanced year; {ranges}"
        ),
        "Two years: the first supplier's share of the imports that customs record. Published: net imports as their publisher gives them, for the same form.".to_owned(),
        "Stops: all of an exporter's sales abroad end for a year; users' loss is what they pay more and give up; middle and 9 in 10 draws.".to_owned(),
        "Grade of the flows behind a line: A published, B derived from published figures, C assumed. Reserves and stocks are published figures; stops are grade C.".to_owned(),
        super::compare::left_out(&page.without),
    ]
}
