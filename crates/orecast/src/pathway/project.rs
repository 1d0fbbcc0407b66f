//! Projects: what might add output, when, and what a deal changes about it.

pub use crate::project::{economics::capital_recovery, trajectory::ramp};
use crate::{
    base::{
        id::{Iso3, ProjectId},
        unit::{Grade, Range},
    },
    project::{
        economics::Costs,
        lead_time::LeadTimes,
        trajectory::{self, Timetable},
    },
    world::{
        World,
        control::parse_control,
        table::{ProjectRow, ProjectStage, ProjectStatus},
    },
};

mod plan;

pub use plan::Plan;

/// Draws that what is expected of a project rests on.
const PLANNING_DRAWS: u64 = 64;
/// Shortest life that a capital charge is spread over, and the one assumed where none is published.
const SHORTEST_LIFE: f64 = 5.0;
const USUAL_LIFE: f64 = 20.0;

/// A project with what a pathway needs to know of it.
#[derive(Debug, Clone)]
pub struct Project {
    /// Identifier.
    pub id: ProjectId,
    /// Host country.
    pub country: Iso3,
    /// Stages it adds to.
    pub stage: ProjectStage,
    /// How far it has come.
    pub status: ProjectStatus,
    /// Whether it had begun to produce by the year after the base year.
    pub is_running: bool,
    /// Output added at design rate, tonnes contained a year.
    pub increment: Range,
    /// Output added by each reading of a unit that the source leaves open.
    pub readings: Vec<(String, f64)>,
    /// First year of output if nothing changes: its own dates, and not before its like can.
    pub start: Range,
    /// Its dates and those of its like; absent where only its own count.
    pub timetable: Option<Timetable>,
    /// Figures on the cost of capital; absent where only the general assumptions count.
    pub costs: Option<Costs>,
    /// Capital cost, million US dollars.
    pub capex_musd: Option<f64>,
    /// Years of output.
    pub life: f64,
    /// Who controls the output, shares that sum to 1.
    pub control: Vec<(Iso3, f64)>,
    /// Where output is bound to go by contract or ownership, shares that sum to 1.
    pub destination: Vec<(Iso3, f64)>,
    /// The worse of the grades of existence and numbers.
    pub grade: Grade,
}

impl Project {
    /// Reads a row; absent when the row adds no output or has neither tonnage nor dates.
    pub fn of(row: &ProjectRow, base_year: i32) -> Option<Self> {
        let mid = row.increment_mid.filter(|&t| t > 0.0 && row.counts)?;
        let year = |value: Option<i32>| value.map(f64::from);
        let start = year(row.start_mid).or(year(row.start_low))?;
        let control = shares(&row.control).unwrap_or_else(|| vec![(row.iso3, 1.0)]);
        Some(Self {
            id: row.id.clone(),
            country: row.iso3,
            stage: row.stage,
            status: row.status,
            is_running: row.status == ProjectStatus::Producing
                && row.start_low.is_some_and(|y| y <= base_year + 1),
            increment: Range::new(
                row.increment_low.unwrap_or(mid).min(mid),
                mid,
                row.increment_high.unwrap_or(mid).max(mid),
            ),
            readings: trajectory::readings(&row.readings),
            timetable: None,
            costs: None,
            start: Range::new(
                year(row.start_low).unwrap_or(start).min(start),
                start,
                year(row.start_high).unwrap_or(start + 2.0).max(start),
            ),
            capex_musd: row.capex_musd.filter(|&c| c > 0.0),
            life: row.life_years.unwrap_or(USUAL_LIFE).max(SHORTEST_LIFE),
            destination: destination(&row.buyers, &control),
            control,
            grade: row.grade_existence.max(row.grade_numbers),
        })
    }

    /// The same project with the times and costs of its like: dates that its own stage cannot keep move, and its rate takes
    /// the stage of its study into account.
    #[must_use]
    pub fn among_its_like(
        mut self,
        world: &World,
        lead_times: &LeadTimes<'_>,
        row: &ProjectRow,
        base_year: i32,
    ) -> Self {
        self.costs = Some(Costs::of(world));
        if !self.is_running {
            let timetable = Timetable::of(world, lead_times, row, base_year);
            let like = timetable.first_year(PLANNING_DRAWS);
            let own = self.start;
            self.start = Range::new(own.low, own.mid.max(like.mid), own.high.max(like.high));
            self.timetable = Some(timetable);
        }
        self
    }
}

/// Reads `USA:0.7;KAZ:0.3` into shares that sum to 1; absent when the text names nobody.
fn shares(text: &str) -> Option<Vec<(Iso3, f64)>> {
    let parts = parse_control(text).ok()?;
    let total: f64 = parts.iter().map(|(_, share)| share.0).sum();
    (total > 0.0).then(|| parts.into_iter().map(|(code, share)| (code, share.0 / total)).collect())
}

/// Contracted buyers first; what they do not take follows control.
fn destination(buyers: &str, control: &[(Iso3, f64)]) -> Vec<(Iso3, f64)> {
    let parts = parse_control(buyers).unwrap_or_default();
    let mut list: Vec<(Iso3, f64)> = parts.into_iter().map(|(code, share)| (code, share.0)).collect();
    let sold: f64 = list.iter().map(|(_, share)| share).sum();
    if sold < 1.0 {
        list.extend(control.iter().map(|&(code, share)| (code, share * (1.0 - sold))));
    }
    list
}

/// What a deal's materialised commitments do to one project.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Terms {
    /// Public loans, guarantees and letters turned into loans.
    pub loans: Vec<Finance>,
    /// Grants and equity.
    pub grants: Vec<Finance>,
    /// Years in which a buyer is contracted: from and until.
    pub offtakes: Vec<(f64, f64)>,
    /// Floors of the product's price: USD/t, from and until.
    pub floors: Vec<(f64, f64, f64)>,
    /// Months by which permits come earlier, and from when.
    pub permits: Vec<(f64, f64)>,
}

/// Public money for a project.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finance {
    /// Amount in US dollars.
    pub usd: f64,
    /// Year from which it is there.
    pub from: f64,
    /// Real rate a year; 0 for grants and equity.
    pub rate: f64,
    /// Who pays.
    pub payer: Option<Iso3>,
    /// Share of the amount that is not expected back; absent where the general assumption holds.
    pub lost: Option<f64>,
}

impl Terms {
    /// All public money.
    pub fn finance(&self) -> impl Iterator<Item = &Finance> {
        self.loans.iter().chain(&self.grants)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::{base::draw::Draw, params::Params};

    fn project() -> Project {
        Project {
            id: "KZ-W-TEST".parse().unwrap(),
            country: "KAZ".parse().unwrap(),
            stage: ProjectStage::Both,
            status: ProjectStatus::Dfs,
            is_running: false,
            increment: Range::new(4000.0, 4500.0, 5000.0),
            readings: Vec::new(),
            timetable: None,
            costs: None,
            start: Range::new(2029.0, 2030.0, 2033.0),
            capex_musd: Some(440.0),
            life: 20.0,
            control: vec![("KAZ".parse().unwrap(), 1.0)],
            destination: vec![("KAZ".parse().unwrap(), 1.0)],
            grade: Grade::B,
        }
    }

    fn share_built(terms: &Terms, price: f64) -> f64 {
        let project = project();
        let params = Params::default();
        let built = (0..400).filter(|&i| {
            let draw = Draw::new(11, i);
            let plan = Plan::new(&project, draw, &params.draw(draw), 0.02);
            plan.is_built(&project, terms, 2028.0, price, 39_000.0)
        });
        built.count() as f64 / 400.0
    }

    fn loan(from: f64) -> Finance {
        Finance { usd: 300e6, from, rate: 0.02, payer: None, lost: None }
    }

    #[test]
    fn what_has_run_out_no_longer_counts() {
        let over = Terms {
            offtakes: vec![(2020.0, 2026.0)],
            floors: vec![(90_000.0, 2020.0, 2026.0)],
            ..Terms::default()
        };
        assert_eq!(share_built(&over, 39_000.0), share_built(&Terms::default(), 39_000.0));
    }

    #[test]
    fn without_a_deal_the_status_gives_the_odds() {
        let share = share_built(&Terms::default(), 39_000.0);
        assert!((share - 0.48).abs() < 0.05, "{share}");
    }

    #[test]
    fn each_term_raises_the_odds_and_none_makes_them_certain() {
        let nothing = share_built(&Terms::default(), 39_000.0);
        let lent = Terms { loans: vec![loan(2027.0)], ..Terms::default() };
        let offtake = Terms { offtakes: vec![(2027.0, 2037.0)], ..Terms::default() };
        let floor = Terms { floors: vec![(45_000.0, 2027.0, 2037.0)], ..Terms::default() };
        for terms in [&lent, &offtake, &floor] {
            let share = share_built(terms, 39_000.0);
            assert!(share > nothing && share < 1.0, "{terms:?}: {share}");
        }
        assert!(share_built(&Terms::default(), 60_000.0) > nothing);
        assert!(share_built(&Terms::default(), 25_000.0) < nothing);
    }

    #[test]
    fn a_loan_that_comes_too_late_changes_nothing() {
        let late = Terms { loans: vec![loan(2035.0)], ..Terms::default() };
        assert_eq!(share_built(&late, 39_000.0), share_built(&Terms::default(), 39_000.0));
    }

    #[test]
    fn contracted_buyers_come_before_owners() {
        let code = |text: &str| text.parse::<Iso3>().unwrap();
        let control = shares("USA:0.7;KAZ:0.3").unwrap();
        assert_eq!(shares(""), None);
        assert_eq!(destination("", &control), control);
        assert_eq!(destination("JPN", &control), vec![(code("JPN"), 1.0)]);
        let mixed = destination("CHN:0.6", &control);
        assert!((mixed.iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(mixed[0], (code("CHN"), 0.6));
    }

    #[test]
    fn a_level_annuity_repays() {
        assert!((capital_recovery(0.08, 20.0) - 0.101_852).abs() < 1e-6);
        assert_eq!(capital_recovery(0.0, 20.0), 0.05);
    }
}
