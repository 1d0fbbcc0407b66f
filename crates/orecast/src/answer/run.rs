//! The answer that can be quoted: sentences with ranges, the headline table, and what cannot be said.

use crate::{
    answer::number::{Figure, Style, Unit, change_in_words, figure, row, runs},
    render::table::{Align, Table},
};
use crate::{
    base::{
        id::Iso3,
        unit::{Grade, Range, Stage},
    },
    ensemble::{Ensemble, range_of},
    indicator::{Indicator, Measure, Roles},
    policy::Case,
    studies::changes::{Change, changes, last_stage, totals},
    world::World,
};

/// Changes shown in the headline table at most.
const LONGEST_TABLE: usize = 24;

/// What a run says to a reader.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Three sentences at most, each with its range.
    pub sentences: Vec<String>,
    /// Rows are minerals and what changes about them, columns are arms.
    pub table: Table,
    /// Minerals that no arm changes measurably, in one line; empty when there are none.
    pub unchanged: String,
    /// What the answer does not cover, in one line.
    pub limits: String,
}

/// Names that sentences use.
pub(super) struct Words {
    leader: String,
    host: String,
    rival: String,
    arms: Vec<String>,
}

impl Words {
    /// The names of a run's parts.
    pub(super) fn of(world: &World, ensemble: &Ensemble, roles: &Roles) -> Self {
        let name =
            |iso3: Iso3| world.country(iso3).map_or_else(|| iso3.to_string(), |row| with_article(&row.name));
        let or_bloc = |bloc: &Option<(String, Vec<Iso3>)>, iso3: Iso3| {
            bloc.as_ref().map_or_else(|| name(iso3), |(bloc, _)| format!("the {bloc} members"))
        };
        Self {
            leader: or_bloc(&roles.leaders, roles.leader),
            host: or_bloc(&roles.hosts, roles.host),
            rival: roles.rival_members.first().map_or_else(|| roles.rival.clone(), |&c| name(c)),
            arms: ensemble.arms.iter().map(|arm| arm.id.to_string()).collect(),
        }
    }

    /// What an indicator is called.
    pub(super) fn label(&self, indicator: &Indicator, two_stages: bool) -> String {
        label(indicator, self, two_stages)
    }
}

/// Writes the answer of a run for a year (by position).
pub fn answer(
    world: &World,
    case: &Case,
    ensemble: &Ensemble,
    roles: &Roles,
    year: usize,
    left_out: &[String],
) -> Answer {
    let words = Words::of(world, ensemble, roles);
    let found = changes(ensemble, roles, year);
    Answer {
        sentences: sentences(ensemble, &found, &words, year),
        table: table(ensemble, &found, &words, year),
        unchanged: unchanged(world, ensemble, &found),
        limits: limits(case, ensemble, left_out),
    }
}

/// A country's name as it stands in a sentence.
fn with_article(name: &str) -> String {
    let takes_one = name.starts_with("United ") || name.contains("Republic") || name.ends_with("Islands");
    if takes_one { format!("the {name}") } else { name.to_owned() }
}

/// Unit that an indicator is shown in.
fn unit(indicator: &Indicator, basis: &str) -> Unit {
    Unit::parse(&indicator.measure.unit(basis))
}

fn sentences(ensemble: &Ensemble, found: &[Change], words: &Words, year: usize) -> Vec<String> {
    let when = ensemble.years[year];
    let strongest = ensemble.arms.len() - 1;
    let Some(first) = found.first() else {
        return vec![format!(
            "By {when} no arm would change output, price or dependence of any mineral measurably against {}.",
            words.arms[0]
        )];
    };
    let mineral = &ensemble.minerals[first.mineral];
    let of = |measure: Measure| {
        found
            .iter()
            .find(|c| c.mineral == first.mineral && mineral.indicators[c.indicator].measure == measure)
    };
    let mut list = Vec::new();
    let name = mineral.mineral.as_str().replace('_', " ");

    if let Some(change) = of(Measure::Production) {
        let indicator = &mineral.indicators[change.indicator];
        let unit = unit(indicator, &mineral.basis);
        let ranges: Vec<Range> = (0..ensemble.arms.len())
            .map(|a| ensemble.range(change.mineral, change.indicator, a, year))
            .collect();
        let figures = row(&ranges, &unit, Style::TERMINAL);
        let verb = if indicator.stage == Some(Stage::Mine) { "mine" } else { "refine" };
        let sure = change.differences.last().map_or_else(String::new, |d| {
            let (word, count) = if d.lower > d.higher { ("lower", d.lower) } else { ("higher", d.higher) };
            format!("{word} in {}", runs(count, d.runs))
        });
        let forms: Vec<String> = std::iter::once(strongest)
            .chain(1..strongest)
            .map(|a| {
                let of = if a == strongest { format!(" of {name}") } else { String::new() };
                format!("{}{of} under {}", figures[a], words.arms[a])
            })
            .collect();
        list.push(format!(
            "By {when} {} would {verb} {}, against {} under {}: {sure}.",
            words.host,
            forms.join(" and "),
            figures[0],
            words.arms[0],
        ));
    }
    let dependence = of(Measure::RivalContent).or_else(|| of(Measure::SupplyFromHost));
    if let Some(change) = dependence {
        let indicator = &mineral.indicators[change.indicator];
        let unit = unit(indicator, &mineral.basis);
        let range = |arm: usize| ensemble.range(change.mineral, change.indicator, arm, year);
        let figures = row(&[range(0), range(strongest)], &unit, Style::TERMINAL);
        let (what, word) = if indicator.measure == Measure::RivalContent {
            (format!("refined in {} or made from its ore", words.rival), "lower")
        } else {
            (format!("bought from {}", words.host), "higher")
        };
        if let Some(difference) = change.differences.last() {
            let count = if word == "lower" { difference.lower } else { difference.higher };
            list.push(format!(
                "The share of {name} used in {} that is {what} would be {} instead of {} ({}; {word} in {}).",
                words.leader,
                figures[1],
                figures[0],
                change_in_words(difference.range, &unit, ["lower", "higher"]),
                runs(count, difference.runs),
            ));
        }
    }
    list.extend(money_sentence(ensemble, words, year));
    list
}

/// What the strongest arm costs the leader and brings the host; absent where neither moves.
fn money_sentence(ensemble: &Ensemble, words: &Words, year: usize) -> Option<String> {
    let strongest = ensemble.arms.len() - 1;
    let money = totals(ensemble, strongest, year);
    let dollars = Unit::parse("USD");
    let range = |values: &[f64]| range_of(values.iter().copied());
    let is_nothing = |range: Range| range.low.abs().max(range.high.abs()) < 1.0;
    let (finance, cost) = (range(&money.public_finance), range(&money.public_cost));
    let gained = range(&money.host_revenue);
    let show = |range: Range| figure(range, &dollars, Style::TERMINAL).to_string();
    let spent = format!(
        "{} would by {} have lent or invested {} of public money under {}, at an expected cost of {}",
        words.leader,
        ensemble.years[year],
        show(finance),
        words.arms[strongest],
        show(cost),
    );
    let change = format!(
        "what {} earns in royalty and tax would change by {} a year",
        words.host,
        figure(gained, &dollars, Style::TERMINAL.difference()),
    );
    match (is_nothing(finance) && is_nothing(cost), is_nothing(gained)) {
        (true, true) => None,
        (true, false) => Some(format!("Over all minerals {change}.")),
        (false, true) => Some(format!("Over all minerals {spent}.")),
        (false, false) => Some(format!("Over all minerals {spent}; {change}.")),
    }
}

fn table(ensemble: &Ensemble, found: &[Change], words: &Words, year: usize) -> Table {
    let mut columns =
        vec![("Mineral".to_owned(), Align::Left), (format!("In {}", ensemble.years[year]), Align::Left)];
    columns.extend(words.arms.iter().map(|arm| (arm.clone(), Align::Right)));
    let last = words.arms.last().cloned().unwrap_or_default();
    columns.push((format!("{last}, run by run"), Align::Right));
    columns.push(("Grade".to_owned(), Align::Left));
    let mut table = Table::new(columns);
    let mut previous = usize::MAX;
    for change in found.iter().take(LONGEST_TABLE) {
        let panel = &ensemble.minerals[change.mineral];
        let indicator = &panel.indicators[change.indicator];
        let unit = unit(indicator, &panel.basis);
        let ranges: Vec<Range> = (0..ensemble.arms.len())
            .map(|a| ensemble.range(change.mineral, change.indicator, a, year))
            .collect();
        let mut cells = Vec::new();
        let starts = change.mineral != previous;
        if starts && previous != usize::MAX {
            table.rule();
        }
        previous = change.mineral;
        cells.push(if starts { panel.mineral.as_str().replace('_', " ") } else { String::new() });
        let figures = row(&ranges, &unit, Style::TERMINAL);
        let shown = figures.first().map_or("", |f| f.unit.as_str()).trim();
        let label = label(indicator, words, last_stage(&panel.indicators) == Stage::Refine);
        cells.push(if shown.is_empty() { label } else { format!("{label}, {shown}") });
        cells.extend(figures.iter().map(bare));
        // A difference may need a smaller unit than its row, so it carries its own.
        let difference = change.differences.last();
        cells.push(
            difference.map_or_else(String::new, |d| {
                figure(d.range, &unit, Style::TERMINAL.difference()).to_string()
            }),
        );
        // Every row compares arms, and what an arm adds rests on assumptions.
        cells.push(Grade::C.to_string());
        table.row(cells);
    }
    table
}

/// A figure without its unit, which stands at the head of the row.
fn bare(figure: &Figure) -> String {
    match &figure.range {
        Some(range) => format!("{} {range}", figure.number),
        None => figure.number.clone(),
    }
}

/// What an indicator is called in the table.
fn label(indicator: &Indicator, words: &Words, two_stages: bool) -> String {
    let stage = match indicator.stage {
        Some(Stage::Mine) => "mined",
        _ => "refined",
    };
    match indicator.measure {
        Measure::Production => format!("{stage} in {}", words.host),
        Measure::Price => if two_stages { "price of the product" } else { "price" }.to_owned(),
        Measure::SupplyFromHost => format!("from {}, of use in {}", words.host, words.leader),
        Measure::RivalContent => format!("from {} or its ore, same", words.rival),
        Measure::NetImportReliance => format!("net import reliance of {}", words.leader),
        Measure::HostRevenue => format!("royalty and tax in {}, a year", words.host),
        Measure::PublicFinance => "public money lent or invested, so far".to_owned(),
        Measure::PublicCost => "expected public cost, so far".to_owned(),
        other => other.as_str().to_owned(),
    }
}

fn unchanged(world: &World, ensemble: &Ensemble, found: &[Change]) -> String {
    let names: Vec<String> = ensemble
        .minerals
        .iter()
        .enumerate()
        .filter(|(m, _)| !found.iter().any(|c| c.mineral == *m))
        .map(|(_, panel)| {
            world
                .mineral(panel.mineral.as_str())
                .map_or_else(|| panel.mineral.to_string(), |row| row.name.to_lowercase())
        })
        .collect();
    if names.is_empty() { String::new() } else { format!("No measurable change: {}.", names.join(", ")) }
}

fn limits(case: &Case, ensemble: &Ensemble, left_out: &[String]) -> String {
    let mut parts = vec![
        format!(
            "Base year {}; ranges hold 9 of 10 of {} runs; grade C: the difference between arms rests on assumed chances and costs",
            case.base_year, ensemble.draws
        ),
        "export controls that began after the base year are not part of any arm unless the case lists them as shocks".to_owned(),
    ];
    let failed = ensemble.failed.len();
    if failed > 0 {
        parts.push(format!("{failed} of {} markets did not converge and are left out", ensemble.solved));
    } else {
        parts.push(format!("all {} markets converged", ensemble.solved));
    }
    parts.extend(left_out.iter().cloned());
    format!("Limits: {}.", parts.join("; "))
}
