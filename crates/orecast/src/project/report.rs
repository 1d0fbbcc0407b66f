//! Everything about one project on one page.

use serde::Serialize;

use super::{
    economics::{Case, Costs, Help},
    lead_time::LeadTimes,
    list::{Line, line},
    milestone::Money,
    trajectory::{DRAWS, Timetable},
};
use crate::{
    base::{
        diagnostic::nearest,
        draw::Draw,
        id::DealId,
        unit::{Grade, Range},
    },
    project::fiscal::Rate,
    world::{
        World,
        table::{ProjectRow, ProjectStatus},
    },
};

/// The report of a project.
#[derive(Debug, Serialize)]
pub struct ProjectReport {
    /// What the list says of it.
    pub line: Line,
    /// The row of the facts.
    pub row: ProjectRow,
    /// What comes before output, from where it stands.
    pub times: Option<Times>,
    /// What it costs and needs.
    pub economics: Option<Economics>,
    /// Why there are no economics, where there are none.
    pub without: Option<String>,
    /// Projects of its hosts in the country that are suspended, for a by-product.
    pub stopped_hosts: Vec<String>,
    /// Public money and steps of promises.
    pub money: Vec<Promise>,
    /// Deals that name it.
    pub deals: Vec<DealId>,
}

/// How long its like take, years, 9 cases in 10.
#[derive(Debug, Clone, Serialize)]
pub struct Times {
    /// When it was last seen, as a year with a fraction.
    pub seen: f64,
    /// Whose times they are: a country, a mineral, or the world.
    pub whose: String,
    /// To the start of construction, without stalls.
    pub before: Range,
    /// Construction.
    pub build: Range,
    /// First output to design rate.
    pub ramp: Range,
    /// Probability that a project stalls, and for how long it does.
    pub stall: (f64, Range),
    /// Probability by status that it produces within ten years.
    pub prior: Range,
}

/// What a project costs, needs and pays, 9 draws in 10.
#[derive(Debug, Clone, Serialize)]
pub struct Economics {
    /// Price it is valued at, USD/t.
    pub price: f64,
    /// Grade of the price.
    pub price_grade: Grade,
    /// Whether capital cost is published; else it stands in.
    pub capex_published: bool,
    /// Capital cost as built, USD.
    pub capex: Range,
    /// Real rate a year.
    pub wacc: Range,
    /// Operating cost over today's price, assumed.
    pub opex_share: Range,
    /// Cost per tonne before royalties and taxes, USD/t.
    pub levelised: Range,
    /// Price at which it is worth building, USD/t.
    pub incentive: Range,
    /// Net present value at the decision, USD.
    pub value: Range,
    /// Real rate of return a year.
    pub returns: Range,
    /// Share of draws in which it is worth building.
    pub pays: f64,
    /// What help does.
    pub help: Vec<Effect>,
    /// What the host takes.
    pub rates: Vec<Rate>,
    /// Take of the host in a year at design rate: royalties, income tax, dividends, all; USD.
    pub take: Range,
    /// Present value of the take, USD.
    pub take_value: Range,
    /// Take of the host by year from the decision, USD.
    pub take_by_year: Vec<Range>,
}

/// What a help changes, run by run.
#[derive(Debug, Clone, Serialize)]
pub struct Effect {
    /// The help.
    pub help: Help,
    /// Its terms.
    pub terms: String,
    /// Change of the price it needs, as a share.
    pub incentive: Range,
    /// Change of what it is worth, USD; one that does not pay is not built and worth nothing.
    pub value: Range,
    /// Share of draws in which it pays with the help.
    pub pays: f64,
}

/// Public money or another promise, and how far it has come.
#[derive(Debug, Clone, Serialize)]
pub struct Promise {
    /// The promise.
    pub thread: String,
    /// Who gives.
    pub actor: String,
    /// Farthest state of money; absent for other promises.
    pub state: Option<Money>,
    /// What was said last.
    pub text: String,
    /// When.
    pub date: String,
    /// Million US dollars.
    pub amount_musd: Option<f64>,
    /// Grade.
    pub grade: Grade,
    /// Source.
    pub source: String,
}

/// A project by its identifier; else the nearest ones.
///
/// # Errors
/// The identifiers that are nearest, at most five; the first is what was most likely meant.
pub fn find<'w>(world: &'w World, id: &str) -> Result<&'w ProjectRow, Vec<String>> {
    let rows = &world.tables().projects;
    if let Some(row) = rows.iter().find(|row| row.id.as_str().eq_ignore_ascii_case(id)) {
        return Ok(row);
    }
    let word = id.to_lowercase();
    let mut near: Vec<String> = rows
        .iter()
        .filter(|row| {
            !word.is_empty()
                && (row.name.to_lowercase().contains(&word) || row.id.as_str().to_lowercase().contains(&word))
        })
        .map(|row| row.id.to_string())
        .collect();
    if near.is_empty() {
        let mut left: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        while let Some(best) = nearest(id, left.iter().copied()).filter(|_| near.len() < 5) {
            near.push(best.to_owned());
            left.retain(|&other| other != best);
        }
    }
    near.truncate(5);
    Err(near)
}

/// Gathers the report of a project.
pub fn report(world: &World, row: &ProjectRow) -> ProjectReport {
    let lead_times = LeadTimes::of(world);
    let base_year = world.base_year().unwrap_or_default();
    let timetable = Timetable::of(world, &lead_times, row, base_year);
    let case = Case::of(world, row, base_year + 1);
    let without = case.is_none().then(|| {
        let lacks = if row.increment_mid.is_none_or(|t| t <= 0.0) {
            "no added output is published"
        } else {
            "the mineral has no price"
        };
        lacks.to_owned()
    });
    let deals = world.tables().deal_projects.iter().filter(|link| link.project == row.id);
    ProjectReport {
        line: line(world, &lead_times, row),
        times: (row.status != ProjectStatus::Producing).then(|| times(&lead_times, &timetable, row)),
        economics: case.map(|case| economics(world, &case, &timetable)),
        without,
        stopped_hosts: stopped_hosts(world, row),
        money: promises(world, row),
        deals: deals.map(|link| link.deal.clone()).collect(),
        row: row.clone(),
    }
}

/// The 5 %, 50 % and 95 % points of some numbers.
pub fn nine_in_ten(mut values: Vec<f64>) -> Range {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        values.get(((share * values.len() as f64) as usize).min(values.len().max(1) - 1)).copied()
    };
    Range::new(at(0.05).unwrap_or(f64::NAN), at(0.5).unwrap_or(f64::NAN), at(0.95).unwrap_or(f64::NAN))
}

fn times(lead_times: &LeadTimes<'_>, timetable: &Timetable, row: &ProjectRow) -> Times {
    let lead_time = timetable.lead_time;
    let spread =
        |part: super::lead_time::Part| Range::new(part.quantile(0.05), part.median(), part.quantile(0.95));
    let before = (0..DRAWS).map(|index| {
        let draw = Draw::new(0, index);
        lead_time.before_build(row.status, &|part| draw.uniform(&format!("project/{}/{part}", row.id)))
    });
    let published = lead_times.published(row.iso3, &row.mineral);
    let whose = published.map_or_else(
        || "the world".to_owned(),
        |found| found.iso3.map_or_else(|| format!("{} mines", row.mineral), |country| country.to_string()),
    );
    Times {
        seen: timetable.seen,
        whose,
        before: nine_in_ten(before.collect()),
        build: spread(lead_time.build),
        ramp: spread(lead_time.ramp),
        stall: (lead_time.stall_share, spread(lead_time.stall)),
        prior: timetable.prior,
    }
}

fn economics(world: &World, case: &Case, timetable: &Timetable) -> Economics {
    let costs = Costs::of(world);
    let samples: Vec<_> = (0..DRAWS)
        .map(|index| {
            let draw = Draw::new(0, index);
            let trajectory = timetable.trajectory(draw, 1.0);
            (
                draw,
                case.sample(
                    &costs,
                    draw,
                    timetable.build_years(draw),
                    trajectory.stalled,
                    trajectory.ramp_years,
                ),
            )
        })
        .collect();
    let of = |f: &dyn Fn(&super::economics::Sample) -> f64| {
        nine_in_ten(samples.iter().map(|(_, s)| f(s)).collect())
    };
    let values: Vec<f64> = samples.iter().map(|(_, s)| s.net_present_value()).collect();
    let needs: Vec<f64> = samples.iter().map(|(_, s)| s.incentive_price()).collect();
    let pays = values.iter().filter(|&&value| value > 0.0).count() as f64 / values.len() as f64;
    let helps: &[Help] = if timetable.status == ProjectStatus::Producing { &[] } else { &Help::ALL };
    let help = helps.iter().map(|&help| {
        let with: Vec<_> = samples.iter().map(|(draw, s)| case.helped(s, &costs, *draw, help)).collect();
        let incentive = with.iter().zip(&needs).map(|(s, before)| s.incentive_price() / before - 1.0);
        let after: Vec<f64> = with.iter().map(super::economics::Sample::net_present_value).collect();
        let value = after.iter().zip(&values).map(|(after, before)| after.max(0.0) - before.max(0.0));
        Effect {
            help,
            terms: help.words(&costs),
            incentive: nine_in_ten(incentive.collect()),
            value: nine_in_ten(value.collect()),
            pays: after.iter().filter(|&&value| value > 0.0).count() as f64 / after.len() as f64,
        }
    });
    let flows: Vec<_> = samples.iter().map(|(_, s)| s.years(s.price)).collect();
    let longest = flows.iter().map(Vec::len).max().unwrap_or_default().min(30);
    let in_year = |t: usize| {
        nine_in_ten(flows.iter().map(|years| years.get(t).map_or(0.0, |y| y.take.total())).collect())
    };
    let full = flows.iter().map(|years| years.iter().map(|y| y.take.total()).fold(0.0, f64::max));
    Economics {
        price: case.price,
        price_grade: case.price_grade,
        capex_published: case.capex_musd.is_some(),
        capex: of(&|s| s.capex),
        wacc: of(&|s| s.wacc),
        opex_share: costs.opex_share,
        levelised: of(&super::economics::Sample::levelised_cost),
        incentive: nine_in_ten(needs.clone()),
        value: nine_in_ten(values.clone()),
        returns: of(&super::economics::Sample::rate_of_return),
        pays,
        help: help.collect(),
        rates: case.fiscal.rates.clone(),
        take: nine_in_ten(full.collect()),
        take_value: nine_in_ten(
            samples
                .iter()
                .zip(&flows)
                .map(|((_, s), years)| s.present_value(years, |y| y.take.total()))
                .collect(),
        ),
        take_by_year: (0..longest).map(in_year).collect(),
    }
}

/// Promises of money to a project, each at the farthest state that was seen. States are never skipped: a letter stays a letter.
fn promises(world: &World, row: &ProjectRow) -> Vec<Promise> {
    let mut list: Vec<Promise> = Vec::new();
    for event in world.tables().events.iter().filter(|event| event.project.as_ref() == Some(&row.id)) {
        let Some(state) =
            Money::of(event.step).filter(|_| event.date.is_some() && event.amount_musd.is_some())
        else {
            continue;
        };
        let promise = Promise {
            thread: event.thread.to_string(),
            actor: event.actor.as_ref().map(ToString::to_string).unwrap_or_default(),
            state: Some(state),
            text: event.text.clone(),
            date: event.date.map(|date| date.to_string()).unwrap_or_default(),
            amount_musd: event.amount_musd,
            grade: event.grade,
            source: event.source.to_string(),
        };
        match list.iter_mut().find(|known| known.thread == promise.thread) {
            Some(known) if known.state < promise.state => *known = promise,
            Some(_) => {}
            None => list.push(promise),
        }
    }
    list
}

/// Projects that are suspended in the country and whose mineral this one comes out of: meanwhile nothing comes out of them.
fn stopped_hosts(world: &World, row: &ProjectRow) -> Vec<String> {
    let hosts = world.hosts(&row.mineral);
    let is_stopped = |other: &&ProjectRow| {
        other.iso3 == row.iso3
            && other.status == ProjectStatus::Suspended
            && hosts.iter().any(|host| host.host == other.mineral)
    };
    world.tables().projects.iter().filter(is_stopped).map(|other| other.id.to_string()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::shipped_world;

    #[test]
    fn a_letter_stays_a_letter() {
        let world = shipped_world();
        let page = report(&world, find(&world, "kz-w-nkatpar").unwrap());
        let letters: Vec<_> =
            page.money.iter().filter(|promise| promise.state == Some(Money::Letter)).collect();
        assert_eq!(letters.len(), 2, "{:?}", page.money);
        assert!(page.money.iter().all(|promise| promise.state < Some(Money::Closed)));
        assert!(page.times.is_some());
    }

    #[test]
    fn ranges_are_in_order_and_help_lowers_the_price_that_is_needed() {
        let world = shipped_world();
        let page = report(&world, find(&world, "KZ-W-NKATPAR").unwrap());
        let economics = page.economics.unwrap();
        for range in
            [economics.capex, economics.incentive, economics.value, economics.returns, economics.take_value]
        {
            assert!(range.is_ordered(), "{range:?}");
        }
        assert!((0.02..0.98).contains(&economics.pays), "{}", economics.pays);
        let lower =
            |help: Help| economics.help.iter().find(|effect| effect.help == help).unwrap().incentive.mid;
        assert!(lower(Help::Loan) < -0.01 && lower(Help::Offtake) < 0.0 && lower(Help::Floor) < 0.0);
        assert!(
            economics.help.iter().all(|effect| effect.value.low >= -1.0 && effect.pays >= economics.pays)
        );
    }

    #[test]
    fn an_unknown_project_has_neighbours() {
        let world = shipped_world();
        assert_eq!(find(&world, "KZ-W-NKATPR").unwrap_err()[0], "KZ-W-NKATPAR");
        assert!(find(&world, "Katpar").unwrap_err().contains(&"KZ-W-NKATPAR".to_owned()));
    }
}
