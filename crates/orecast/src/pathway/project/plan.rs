//! One draw of a project: its dates, its cost, and whether it is built.

use super::{Finance, Project, Terms};
use crate::{
    base::draw::Draw,
    params::Params,
    project::{
        economics::{self, capital_recovery},
        milestone::Kind,
        overrun,
    },
    world::table::{ProjectStage, ProjectStatus},
};

/// Lowest share of the base price that goes to operating cost.
const LOWEST_OPEX: f64 = 0.3;
/// Share of the capital cost that debt covers at most.
const MOST_DEBT: f64 = 0.8;
/// Finance of this share of the capital cost counts as full finance.
const FULL_FINANCE: f64 = 0.5;

/// One draw of a project: everything about it that the deal does not change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Output added at design rate, tonnes contained a year.
    pub increment: f64,
    /// First output if decided as planned, as a year with a fraction.
    pub start: f64,
    /// Years from decision to first output.
    pub build_years: f64,
    /// Probability of success that the status implies.
    chance: f64,
    /// Probability of success once financed.
    chance_financed: f64,
    /// The project's standard normal random number that ranks it among its like, the same in every arm.
    random: f64,
    spread: f64,
    wacc: f64,
    no_offtake: f64,
    with_floor: f64,
    capital_share: f64,
    overrun: f64,
    finance_to_build: f64,
    /// Years from first output to design rate.
    pub ramp_years: f64,
    /// Operating cost over the base price.
    pub opex_share: f64,
    /// Years over which capital cost is written off.
    pub written_off: f64,
}

impl Plan {
    /// Draws a project; `country_premium` is the host's risk premium as a rate.
    pub fn new(project: &Project, draw: Draw, params: &Params<f64>, country_premium: f64) -> Self {
        let name = |field: &str| format!("project/{}/{field}", project.id);
        let timetable = project.timetable.as_ref();
        // What all mines or plants share in a draw is an assumption of the case; restarts, circuits and expansions have times of their own.
        let build_years = match (timetable, project.stage) {
            (Some(like), _) if !matches!(like.kind, Kind::Mine | Kind::Plant) => like.build_years(draw),
            (_, ProjectStage::Refine) => params.build_refinery_years,
            _ => params.build_mine_years,
        };
        let chance = |probability: f64| probability.clamp(0.001, 0.999);
        let own = if project.is_running { 0.999 } else { chance(params.success(project.status)) };
        let is_studied = !matches!(
            project.status,
            ProjectStatus::Lapsed | ProjectStatus::Announced | ProjectStatus::Resource | ProjectStatus::Pfs
        );
        let reach = if is_studied { 1.0 } else { params.finance_before_study.clamp(0.0, 1.0) };
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
            chance_financed: own + reach * (chance(params.success_financed) - own).max(0.0),
            random: draw.normal(&name("luck")),
            spread: params.cost_spread,
            wacc: params.wacc + premium_share * country_premium + stage_premium,
            no_offtake: params.wacc_without_offtake,
            with_floor: params.wacc_with_floor,
            capital_share: params.capital_share,
            overrun: params.capex_overrun * overrun::quantile(draw.uniform(&name("overrun"))),
            finance_to_build: params.finance_to_build_years,
            ramp_years: timetable.map_or_else(|| params.ramp_years, |like| like.ramp_years(draw)),
            opex_share: project.costs.as_ref().map_or(0.6, |costs| costs.opex(&project.id, draw)),
            written_off: project.costs.as_ref().map_or(10.0, |costs| costs.written_off(draw)).max(1.0),
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
    /// probability places its hidden cost in a log-normal distribution. It is built when the expected price, over the
    /// base price, beats its levelised cost under the deal, over that without a deal, by enough for its random number.
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
        // No price makes sites, permits and builders surer than money does.
        let most = self.chance.max(self.chance_financed);
        self.random <= quantile(most) && advantage >= self.spread * (self.random - quantile(chance))
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
