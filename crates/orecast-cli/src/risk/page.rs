//! A group's exposure in print.

use orecast::{
    answer::number::{Style, Unit, figure},
    base::{
        id::Iso3,
        unit::{Grade, Range, Stage},
    },
    baseline::comparison::Without,
    render::table::{Align, Table},
    studies::risk::{Assets, Dependence, MOST, Published, RiskReport, StageDependence},
    world::{World, table::Flag},
};

use crate::{
    shock::{ratio, short},
    text::{about_tonnes, level, reliance, score, share_of, whole_percent},
};

/// Share by which a supplier's part must move to count.
const MOVED: f64 = 0.05;
/// Rows of each list of what the group has.
const LISTED: usize = 8;
/// What a cell says when there is no figure.
const NONE: &str = "–";

pub(super) fn print(world: &World, page: &RiskReport, top: usize) -> String {
    let mut lines = vec![
        format!("{}: how exposed, to whom, at which stage? ({})", page.group.name, page.year),
        String::new(),
        answer(world, page),
        String::new(),
    ];
    lines.push(dependences(page, top).to_string());
    let hidden = page.dependences.len().saturating_sub(top);
    if hidden > 0 {
        lines.push(format!("{hidden} more with --top {}.", page.dependences.len()));
    }
    if !page.small.is_empty() {
        let names: Vec<&str> = page.small.iter().map(orecast::base::id::MineralId::as_str).collect();
        lines.push(format!("Buys under 0.1 % of the world's {}: not ranked.", names.join(", ")));
    }
    lines.extend(stops(world, page));
    lines.extend(assets(&page.assets));
    if !page.blocs.is_empty() {
        lines.push(
            format!("\nBlocs it belongs to, and the world's trade across their lines\n\n{}", blocs(page))
                .trim_end()
                .to_owned(),
        );
    }
    lines.push(notes(page));
    lines.join("\n") + "\n"
}

fn answer(world: &World, page: &RiskReport) -> String {
    let leaning = page.dependences.iter().filter(|d| d.largest_share() > MOST);
    let mut by_supplier = std::collections::BTreeMap::<Iso3, usize>::new();
    for dependence in leaning {
        if let Some((supplier, _)) = dependence.worst_stage().suppliers.first() {
            *by_supplier.entry(*supplier).or_default() += 1;
        }
    }
    let of = page.dependences.len();
    let count = score(Some(page.leaning), 0);
    let minerals = if page.leaning.mid == 1.0 { "mineral" } else { "minerals" };
    let first = format!(
        "{} buys more than half of {count} {minerals}, out of {of}, from one foreign country",
        page.group.name,
    );
    match by_supplier.into_iter().max_by_key(|(_, count)| *count) {
        Some((supplier, count)) => {
            format!("{first}; from {} for {count} of them.{}", name_of(world, supplier), change(page))
        }
        None => format!("{first}.{}", change(page)),
    }
}

/// How the largest suppliers' shares moved over the years of trade.
fn change(page: &RiskReport) -> String {
    let ends = |dependence: &Dependence| {
        let trend = &dependence.worst_stage().trend;
        let mut known = trend.iter().filter_map(|(year, share)| Some((*year, (*share)?)));
        let first = known.next()?;
        Some((first, known.next_back()?))
    };
    let moves: Vec<_> = page.dependences.iter().filter_map(ends).collect();
    let Some(first) = moves.iter().map(|((year, _), _)| *year).min() else { return String::new() };
    let moved = |sign: f64| moves.iter().filter(|((_, a), (_, b))| sign * (b - a) > MOVED).count();
    format!(
        "\nSince {first} the largest supplier's share of recorded imports rose by more than 5 points for {} minerals, fell as much for {}, out of {}.",
        moved(1.0),
        moved(-1.0),
        moves.len()
    )
}

/// Which stops would cost most, for users and, where there are accounts, for the economy.
fn stops(world: &World, page: &RiskReport) -> Vec<String> {
    let found = &page.stops;
    if found.rows.is_empty() {
        return Vec::new();
    }
    let exporter = |code: &str| code.parse().map_or_else(|_| code.to_owned(), |c| name_of(world, c));
    let stage = |stage: Option<Stage>| stage.map_or("all", |stage| stage.as_str()).to_owned();
    let money = |musd: Range| {
        let usd = Range::new(musd.low * 1e6, musd.mid * 1e6, musd.high * 1e6);
        short(usd, &Unit::Money, Style::TERMINAL)
    };
    let share = |range: Range| figure(range, &Unit::Share, Style::TERMINAL).to_string();
    let mut users = Table::new([
        ("Mineral", Align::Left),
        ("Stage", Align::Left),
        ("Exporter", Align::Left),
        ("Price paid", Align::Left),
        ("Users lose in a full year", Align::Left),
        ("Chance a year", Align::Left),
        ("Expected a year", Align::Left),
    ]);
    for row in &found.rows {
        users.row([
            row.mineral.to_string(),
            stage(row.stage),
            exporter(&row.exporter),
            ratio(row.price),
            money(row.loss_musd),
            share(row.probability),
            money(row.expected_loss_musd),
        ]);
    }
    let scenarios = found.scenarios;
    let mut lines = vec![format!(
        "\nWhich stop would cost most (of {scenarios}: one exporter, one stage, one year)\n\n{users}"
    )];
    if !found.economy.is_empty() {
        let mut economy = Table::new([
            ("Mineral", Align::Left),
            ("Class", Align::Left),
            ("Expected loss of GDP a year", Align::Left),
            ("Worst stop", Align::Left),
            ("Loss of GDP in a full year", Align::Left),
            ("Industry hit most", Align::Left),
        ]);
        for row in &found.economy {
            economy.row([
                row.mineral.to_string(),
                row.class.as_str().to_owned(),
                money(row.expected_loss_musd),
                format!("{} ({})", exporter(&row.exporter), stage(row.stage)),
                money(row.loss_musd),
                row.industries.first().map_or_else(|| NONE.to_owned(), |(name, _)| name.clone()),
            ]);
        }
        lines.push(format!(
            "GDP at risk, USGS-style (our reconstruction; `orecast screen {} --gdp` for all)\n\n{economy}",
            page.group.members.iter().next().map_or("", |c| c.as_str())
        ));
    }
    lines
}

fn dependences(page: &RiskReport, top: usize) -> Table {
    let shown = || page.dependences.iter().take(top);
    let years = shown().flat_map(|d| d.worst_stage().trend.iter().map(|(year, _)| *year));
    let (first, last) = years.fold((i32::MAX, i32::MIN), |(a, b), year| (a.min(year), b.max(year)));
    let trend_title = if first < last { format!("{first}, {last}") } else { "Trend".to_owned() };
    let is_published = shown().any(|dependence| !dependence.published_reliance.is_empty());
    let columns = [
        ("Mineral".to_owned(), Align::Left),
        ("Stage".to_owned(), Align::Left),
        ("Buys".to_owned(), Align::Left),
        ("Most from abroad".to_owned(), Align::Left),
        ("Most by owner".to_owned(), Align::Left),
        (trend_title, Align::Left),
        ("Net imports".to_owned(), Align::Left),
        ("Published".to_owned(), Align::Left),
        ("GeoPolRisk".to_owned(), Align::Left),
        ("Grade".to_owned(), Align::Left),
    ];
    // A group of several countries has no published figure of its own.
    let keep = |place: usize| is_published || place != 7;
    let columns = columns.into_iter().enumerate().filter(|(place, _)| keep(*place));
    let mut table = Table::new(columns.map(|(_, column)| column));
    for dependence in shown() {
        let stage = dependence.worst_stage();
        let (counted, balanced, own) = dependence.reliance();
        let counted = if counted.is_some() || dependence.stages.len() < 2 { "" } else { ", all forms" };
        let cells = [
            dependence.mineral.to_string(),
            stage.stage.to_string(),
            level(stage.bought, &Unit::parse(&dependence.basis), 3),
            supplier(&stage.suppliers),
            owner(stage),
            trend(&stage.trend, first, last),
            balanced.map_or_else(|| NONE.to_owned(), |range| reliance(range) + counted),
            own.map_or_else(String::new, published),
            score(dependence.geopolrisk, 2),
            grade(stage.grade),
        ];
        let cells = cells.into_iter().enumerate().filter(|(place, _)| keep(*place));
        table.row(cells.map(|(_, cell)| cell));
    }
    table
}

/// The largest foreign supplier.
fn supplier(list: &[(Iso3, Range)]) -> String {
    list.first()
        .map_or_else(|| "nothing".to_owned(), |(country, share)| format!("{country} {}", share_of(*share)))
}

/// The foreign country whose owners control most, where that differs from the largest supplier.
fn owner(stage: &StageDependence) -> String {
    match (stage.owners.first(), stage.suppliers.first()) {
        (Some(owner), Some(place)) if owner.0 == place.0 && (owner.1.mid - place.1.mid).abs() < 5e-3 => {
            "same".to_owned()
        }
        _ => supplier(&stage.owners),
    }
}

/// Shares of the first and the last year of trade, such as `41, 38 %`; a year without imports has a dash.
fn trend(points: &[(i32, Option<f64>)], first: i32, last: i32) -> String {
    let share = |at: i32| points.iter().find(|(year, _)| *year == at).and_then(|(_, share)| *share);
    match (share(first), share(last)) {
        (None, None) => NONE.to_owned(),
        (a, b) => {
            let words = |share: Option<f64>| share.map_or_else(|| NONE.to_owned(), whole_percent);
            format!("{}, {}", words(a), words(b))
        }
    }
}

fn blocs(page: &RiskReport) -> Table {
    let mut table = Table::new([
        ("Bloc", Align::Left),
        ("Trade on one side of its line, by value", Align::Left),
        ("By owner of the seller", Align::Left),
        ("Customs values outside over inside", Align::Left),
    ]);
    let gap = |gap: Range| {
        let percent = |share: f64| format!("{:+.0} %", 100.0 * share).replace('-', "\u{2212}");
        format!("{} (half of minerals {} to {})", percent(gap.mid), percent(gap.low), percent(gap.high))
    };
    let cell = |share: Option<Range>| share.map_or_else(|| NONE.to_owned(), share_of);
    for row in &page.blocs {
        table.row([
            row.bloc.to_string(),
            cell(row.trade_inside),
            cell(row.trade_inside_by_owner),
            row.customs_gap.map_or_else(|| NONE.to_owned(), gap),
        ]);
    }
    table
}

fn assets(assets: &Assets) -> Vec<String> {
    let mut lines = Vec::new();
    let mut add = |title: &str, table: &Table, of: usize| {
        if of > 0 {
            let more = if of > LISTED { format!(" (first {LISTED} of {of})") } else { String::new() };
            lines.push(format!("\n{title}{more}\n\n{table}").trim_end().to_owned());
        }
    };
    let mut reserves = Table::new([
        ("Mineral", Align::Left),
        ("Year", Align::Left),
        ("Reserves", Align::Right),
        ("World share", Align::Right),
        ("Grade", Align::Left),
    ]);
    for row in assets.reserves.iter().take(LISTED) {
        reserves.row([
            row.mineral.to_string(),
            row.year.to_string(),
            about_tonnes(row.tonnes),
            whole_percent(row.share),
            row.grade.to_string(),
        ]);
    }
    add("Reserves of note", &reserves, assets.reserves.len());
    let mut sales = Table::new([
        ("Mineral", Align::Left),
        ("Stage", Align::Left),
        ("Made there, of the world", Align::Left),
        ("Owned from there", Align::Left),
        ("Foreign buyers", Align::Left),
        ("Grade", Align::Left),
    ]);
    for row in assets.sales.iter().take(LISTED) {
        let buyers: Vec<String> = row
            .buyers
            .iter()
            .take(2)
            .map(|(country, share)| format!("{country} {}", share_of(*share)))
            .collect();
        let owned = row.world_share_by_owner.unwrap_or(row.world_share);
        let same = (owned.mid - row.world_share.mid).abs() < 5e-3;
        sales.row([
            row.mineral.to_string(),
            row.stage.to_string(),
            share_of(row.world_share),
            if same { "same".to_owned() } else { share_of(owned) },
            buyers.join(", "),
            grade(row.grade),
        ]);
    }
    add("Output of note and who buys it", &sales, assets.sales.len());
    let mut projects = Table::new([
        ("Mineral", Align::Left),
        ("Projects", Align::Right),
        ("Money in hand or further", Align::Right),
        ("Controlled from outside", Align::Right),
        ("Controlled elsewhere", Align::Right),
    ]);
    for row in assets.projects.iter().take(LISTED) {
        let count = |count: usize| count.to_string();
        projects.row([
            row.mineral.to_string(),
            count(row.at_home),
            count(row.decided),
            count(row.foreign_controlled),
            count(row.abroad),
        ]);
    }
    add("Projects that may add output", &projects, assets.projects.len());
    let mut stocks = Table::new([
        ("Mineral", Align::Left),
        ("Stage", Align::Left),
        ("Holder", Align::Left),
        ("Year", Align::Left),
        ("Stocks", Align::Right),
        ("In purchases of", Align::Left),
        ("Grade", Align::Left),
    ]);
    for row in assets.stocks.iter().take(LISTED) {
        let unit = |text: &str| Unit::Other(text.to_owned());
        let months = row.years_of_use.map_or_else(
            || NONE.to_owned(),
            |years| match years.mid {
                few if few < 2.0 => {
                    level(Range::new(12.0 * years.low, 12.0 * few, 12.0 * years.high), &unit("months"), 2)
                }
                _ => level(years, &unit("years"), 2),
            },
        );
        stocks.row([
            row.mineral.to_string(),
            row.stage.to_string(),
            row.holder.clone(),
            row.year.to_string(),
            about_tonnes(row.tonnes),
            months,
            row.grade.to_string(),
        ]);
    }
    add("Stocks at home", &stocks, assets.stocks.len());
    let mut partners = Table::new([
        ("Deals with", Align::Left),
        ("In the register", Align::Right),
        ("Binding", Align::Right),
        ("Newest", Align::Left),
    ]);
    for row in assets.partners.iter().take(LISTED) {
        let counts = [row.deals.to_string(), row.binding.to_string()];
        partners.row([row.party.clone(), counts[0].clone(), counts[1].clone(), row.newest.clone()]);
    }
    add("Partners", &partners, assets.partners.len());
    lines
}

fn notes(page: &RiskReport) -> String {
    let ranges = match page.sampling.draws {
        0 => "without ranges: --draws was 0.".to_owned(),
        draws => format!("ranges: 9 in 10 of {draws} readings of the published figures within their doubt."),
    };
    let mut text = format!(
        "
Ranked by the largest foreign supplier's share of what is bought, at the stage where it is largest (a stage at which next to nothing is bought leads no row).
Most from abroad: by place of the seller. Most by owner: by the country that controls the sellers, as far as that is known.
Buys, shares, net imports (of use, at that stage unless all forms are named) and GeoPolRisk (corrected, 0 to 1) are derived from one balanced year; {ranges}
Two years: the first supplier's share of the imports that customs record. Published: net imports as their publisher gives them, for the same form.
Stops: all of an exporter's sales abroad end for a year; users' loss is what they pay more and give up; middle and 9 in 10 draws.
Grade of the flows behind a line: A published, B derived from published figures, C assumed. Reserves and stocks are published figures."
    );
    text += &left_out(&page.without);
    text
}

fn published(row: &Published) -> String {
    match (row.flag, row.percent) {
        (Flag::NetExporter, _) => "net exporter".to_owned(),
        (Flag::AtLeast, Some(bound)) => format!("> {bound} %"),
        (Flag::AtMost, Some(bound)) => format!("< {bound} %"),
        (_, Some(percent)) => format!("{percent} %"),
        (_, None) => NONE.to_owned(),
    }
}

pub(crate) fn grade(grade: Option<Grade>) -> String {
    grade.map_or_else(|| NONE.to_owned(), |grade| grade.to_string())
}

/// A stage with its first letter large, for a table where it stands for itself.
pub(super) fn stage_of(stage: Option<Stage>) -> String {
    stage.map_or_else(|| NONE.to_owned(), |stage| stage.to_string())
}

/// Minerals that have no balanced year, for the end of a page.
pub(crate) fn left_out(without: &[Without]) -> String {
    let names: Vec<&str> = without.iter().map(|row| row.mineral.as_str()).collect();
    if names.is_empty() {
        return String::new();
    }
    format!("\nNo balanced year, --json says why: {}", names.join(", "))
}

fn name_of(world: &World, iso3: Iso3) -> String {
    world.country(iso3).map_or_else(|| iso3.to_string(), |row| row.name.clone())
}
