//! Projects: what might add output, when, and what a deal changes about it.

pub use crate::project::{course::ramp, economics::capital_recovery};
use crate::{
    draw::Draw,
    id::{Iso3, ProjectId},
    pathway::assumption::{Sampled, success_name},
    project::{
        clock::Clocks,
        course::{self, Timetable},
        economics::{self, Costs},
        ladder::Kind,
        overrun,
    },
    unit::{Grade, Range},
    world::{
        World,
        control::parse_control,
        table::{ProjectRow, ProjectStage, ProjectStatus},
    },
};

/// Draws that what is expected of a project rests on.
const PLANNING_DRAWS: u64 = 64;
/// Shortest life that a capital charge is spread over, and the one assumed where none is published.
const SHORTEST_LIFE: f64 = 5.0;
const USUAL_LIFE: f64 = 20.0;
/// Lowest share of the base price that goes to operating cost.
const LOWEST_OPEX: f64 = 0.3;
/// Share of the capital cost that debt covers at most.
const MOST_DEBT: f64 = 0.8;
/// Finance of this share of the capital cost counts as full finance.
const FULL_FINANCE: f64 = 0.5;

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
            readings: course::readings(&row.readings),
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
        clocks: &Clocks<'_>,
        row: &ProjectRow,
        base_year: i32,
    ) -> Self {
        self.costs = Some(Costs::of(world));
        if !self.is_running {
            let timetable = Timetable::of(world, clocks, row, base_year);
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

/// One draw of a project: everything about it that the deal does not change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Output added at design rate, tonnes contained a year.
    pub increment: f64,
    /// First output if decided as planned, as a year with a fraction.
    pub start: f64,
    /// Years from decision to first output.
    pub build_years: f64,
    /// Chance of success that the status implies.
    chance: f64,
    /// Chance of success once financed.
    chance_financed: f64,
    /// The project's luck: a standard normal number that ranks it among its like, the same in every arm.
    luck: f64,
    spread: f64,
    wacc: f64,
    no_offtake: f64,
    with_floor: f64,
    capital_share: f64,
    overrun: f64,
    finance_to_build: f64,
}

impl Plan {
    /// Draws a project; `country_premium` is the host's risk premium as a rate.
    pub fn new(project: &Project, draw: Draw, sampled: &Sampled, country_premium: f64) -> Self {
        let name = |field: &str| format!("project/{}/{field}", project.id);
        let timetable = project.timetable.as_ref();
        // What all mines or plants share in a draw is an assumption of the case; restarts, circuits and expansions have times of their own.
        let build_years = match (timetable, project.stage) {
            (Some(like), _) if !matches!(like.kind, Kind::Mine | Kind::Plant) => like.build_years(draw),
            (_, ProjectStage::Refine) => sampled.get("build-refinery-years"),
            _ => sampled.get("build-mine-years"),
        };
        let chance = |name: &str| sampled.get(name).clamp(0.001, 0.999);
        let own = if project.is_running { 0.999 } else { chance(success_name(project.status)) };
        let is_studied = !matches!(
            project.status,
            ProjectStatus::Lapsed | ProjectStatus::Announced | ProjectStatus::Resource | ProjectStatus::Pfs
        );
        let reach = if is_studied { 1.0 } else { sampled.get("finance-before-study").clamp(0.0, 1.0) };
        // A plant that runs already started on its first date; what is open is how far it gets.
        let start = match timetable {
            _ if project.is_running => project.start.low,
            Some(like) => like.start_after(draw, build_years),
            None => draw.triangular(&name("start"), project.start),
        };
        let premium_share = project.costs.as_ref().map_or(1.0, |costs| costs.premium_share(draw));
        let stage_premium =
            project.costs.as_ref().map_or(0.0, |costs| costs.stage_premium(project.status, draw));
        Self {
            increment: economics::output(&project.id, project.increment, &project.readings, draw),
            start,
            build_years,
            chance: own,
            chance_financed: own + reach * (chance("success-financed") - own).max(0.0),
            luck: draw.normal(&name("luck")),
            spread: sampled.get("cost-spread"),
            wacc: sampled.get("wacc") + premium_share * country_premium + stage_premium,
            no_offtake: sampled.get("wacc-without-offtake"),
            with_floor: sampled.get("wacc-with-floor"),
            capital_share: sampled.get("capital-share"),
            overrun: sampled.get("capex-overrun") * overrun::quantile(draw.uniform(&name("overrun"))),
            finance_to_build: sampled.get("finance-to-build-years"),
        }
    }

    /// First output if the decision comes as early as the terms allow; later than planned never. Permits help while the
    /// decision is still ahead.
    pub fn earliest_start(&self, project: &Project, terms: &Terms) -> f64 {
        let planned_decision = self.start - self.build_years;
        let months: f64 =
            terms.permits.iter().filter(|(_, from)| *from < planned_decision).map(|(m, _)| m).sum();
        let permits = self.start - months / 12.0;
        let soonest =
            project.timetable.as_ref().and_then(|like| like.own).map_or(project.start.low, |own| own.low);
        let floor = soonest - months / 12.0;
        match terms.loans.iter().map(|loan| loan.from).reduce(f64::min) {
            Some(year) => permits.min((year + self.finance_to_build + self.build_years).max(floor)),
            None => permits,
        }
    }

    /// Whether the decision to build is taken in `year` at an expected price `price` (USD/t of the product, base year
    /// `base_price`) under the terms in force.
    ///
    /// The project's cost is not known, only how likely projects of its status are to succeed as things stand: that
    /// chance places its hidden cost in a log-normal distribution. It is built when the expected price, over the
    /// base price, beats its levelised cost under the deal, over that without a deal, by enough for its luck.
    pub fn is_built(&self, project: &Project, terms: &Terms, year: f64, price: f64, base_price: f64) -> bool {
        let holds = |from: f64, until: f64| from <= year && year < until;
        let capex = self.capex(project, base_price);
        let there = |list: &[Finance]| -> f64 { list.iter().filter(|f| f.from <= year).map(|f| f.usd).sum() };
        let (financed, granted) = (there(&terms.loans), there(&terms.grants));
        let loan_share = (financed / capex).min(MOST_DEBT);
        let grant_share = (granted / capex).min(1.0 - loan_share);
        let interest: f64 = terms.loans.iter().filter(|f| f.from <= year).map(|f| f.usd * f.rate).sum();
        let loan_rate = interest / financed.max(f64::MIN_POSITIVE);

        let alone = self.wacc + self.no_offtake;
        let offtake = terms.offtakes.iter().any(|&(from, until)| holds(from, until));
        let floors = terms.floors.iter().filter(|&&(_, from, until)| holds(from, until));
        let floor = floors.map(|&(floor, ..)| floor).reduce(f64::max);
        let mut own_rate = self.wacc + if offtake { 0.0 } else { self.no_offtake };
        if floor.is_some() {
            own_rate = (own_rate - self.with_floor).max(0.02);
        }
        let rate = loan_share * loan_rate.min(own_rate) + (1.0 - loan_share) * own_rate;
        let before = self.levelised_cost(project, capex, alone, base_price, capex, alone);
        let after = self.levelised_cost(project, capex * (1.0 - grant_share), rate, base_price, capex, alone);
        let revenue = floor.map_or(price, |floor| price.max(floor)) / base_price;
        let advantage = (revenue * before / after).max(1e-6).ln();

        let weight = (loan_share + grant_share) / FULL_FINANCE;
        let chance = self.chance + (self.chance_financed - self.chance) * weight.min(1.0);
        advantage >= self.spread * (self.luck - quantile(chance))
    }

    /// Capital cost in US dollars, as built: the published cost with its overrun, or what the usual capital charge of the
    /// base price pays for.
    pub fn capex(&self, project: &Project, base_price: f64) -> f64 {
        let charge = capital_recovery(self.wacc + self.no_offtake, project.life);
        project.capex_musd.map_or_else(
            || self.capital_share * base_price * self.increment / charge,
            |musd| musd * 1e6 * self.overrun,
        )
    }

    /// `capex · CRF(rate, life) · (1 + rate)^(build/2) / q + opex`, USD/t. Operating cost is what the base price leaves
    /// at the reference rate, but at least a share of it.
    fn levelised_cost(
        &self,
        project: &Project,
        capex: f64,
        rate: f64,
        base_price: f64,
        full_capex: f64,
        reference_rate: f64,
    ) -> f64 {
        let charge = |capex: f64, rate: f64| {
            capex * capital_recovery(rate, project.life) * (1.0 + rate).powf(self.build_years / 2.0)
                / self.increment
        };
        let opex = (base_price - charge(full_capex, reference_rate)).max(LOWEST_OPEX * base_price);
        charge(capex, rate) + opex
    }
}

fn quantile(chance: f64) -> f64 {
    use statrs::distribution::{ContinuousCDF, Normal};
    Normal::standard().inverse_cdf(chance)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::pathway::assumption::Assumptions;

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
        let assumptions = Assumptions::with([]);
        let built = (0..400).filter(|&i| {
            let draw = Draw::new(11, i);
            let plan = Plan::new(&project, draw, &assumptions.sample(draw), 0.02);
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
