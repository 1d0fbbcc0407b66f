//! What price a project needs, what it is worth, and what the host takes, over draws of everything uncertain.
//!
//! Money is real. Years count from the decision to build: capital cost is spread over construction, output ramps up, royalties and taxes
//! fall due year by year. Operating cost is published for few projects and stands in as a share of the
//! mean price of the years up to the base year, never of the price of the day: net present value and rate of return then say what the
//! project is worth *if* its costs are those of its like.

use serde::Serialize;

use super::{overrun, trajectory::ramp};
use crate::{
    base::{
        draw::Draw,
        id::{Iso3, ProjectId},
        unit::{Grade, Range},
    },
    project::fiscal::{Drawn, Take, Terms as FiscalTerms},
    world::{
        World,
        table::{FindingRow, ProjectRow, ProjectStatus},
    },
};

/// Shortest life that cost is spread over, and the one assumed where none is published.
const SHORTEST_LIFE: f64 = 5.0;
const USUAL_LIFE: f64 = 20.0;
/// Rates of return outside of this are reported as their end.
const RETURNS: (f64, f64) = (-0.5, 1.0);
/// Lowest real rate that owners ask for.
const LOWEST_RATE: f64 = 0.01;

/// Figures of `finance.csv` that all projects share.
#[derive(Debug, Clone, Copy)]
pub struct Costs {
    base_rate: Range,
    premium_share: Range,
    offtake_premium: Range,
    floor_discount: Range,
    bias: Range,
    /// Operating cost over the price of the years up to the base year.
    pub opex_share: Range,
    capex_share: Range,
    price_spread: f64,
    written_off: Range,
    /// Share of capital cost that a public loan covers in the table of levers.
    pub debt_share: Range,
    /// Real rate of a public loan.
    pub loan_rate: Range,
    /// Months that a faster permit saves.
    pub permit_months: Range,
    /// Price floor over the price.
    pub floor_level: Range,
    stage: [Range; 4],
}

impl Costs {
    /// Reads the figures; each has a stand-in should the table lack it.
    pub fn of(world: &World) -> Self {
        let rows = &world.tables().finance;
        let get = |topic: &str, from: &str, low: f64, mid: f64, high: f64| {
            let row = rows.iter().find(|row| row.topic == topic && row.from == from);
            row.and_then(FindingRow::range).unwrap_or(Range::new(low, mid, high))
        };
        let stage = |from: &str, low: f64, mid: f64, high: f64| {
            let points = get("stage_premium", from, low, mid, high);
            Range::new(points.low / 100.0, points.mid / 100.0, points.high / 100.0)
        };
        Self {
            base_rate: get("base_rate", "", 0.065, 0.0836, 0.10),
            premium_share: get("premium_share", "", 0.3, 0.5, 0.8),
            offtake_premium: get("offtake_premium", "", 0.02, 0.025, 0.03),
            floor_discount: get("floor_discount", "", 0.01, 0.02, 0.03),
            bias: get("overrun_bias", "", 1.0, 1.14, 1.6),
            opex_share: get("opex_share", "", 0.4, 0.6, 0.85),
            capex_share: get("capex_share", "", 1.0, 2.75, 8.0),
            price_spread: get("price_spread", "", 0.3, 0.3, 0.3).mid,
            written_off: get("depreciation", "", 7.0, 10.0, 15.0),
            debt_share: get("debt_share", "", 0.4, 0.5, 0.8),
            loan_rate: get("loan_rate", "", 0.0, 0.02, 0.04),
            permit_months: get("permitting_saved", "", 3.0, 12.0, 24.0),
            floor_level: get("floor_level", "", 0.8, 1.0, 1.2),
            stage: [
                stage("resource", 2.0, 4.0, 6.0),
                stage("prefeasibility", 1.0, 2.0, 4.0),
                stage("feasibility", 0.0, 0.0, 1.0),
                stage("construction", -2.0, -1.0, 0.0),
            ],
        }
    }

    /// Part of a host's equity risk premium that enters a project's real rate in a draw; hosts share it.
    pub fn premium_share(&self, draw: Draw) -> f64 {
        draw.range("finance/premium-share", self.premium_share)
    }

    /// Operating cost of a project over the level of costs in a draw.
    pub fn opex(&self, id: &ProjectId, draw: Draw) -> f64 {
        draw.range(&format!("project/{id}/opex"), self.opex_share)
    }

    /// Years over which capital cost is written off in a draw.
    pub fn written_off(&self, draw: Draw) -> f64 {
        draw.range("finance/written-off", self.written_off)
    }

    /// What the stage of study adds to the rate in a draw.
    pub fn stage_premium(&self, status: ProjectStatus, draw: Draw) -> f64 {
        use ProjectStatus as S;
        let place = match status {
            S::Announced | S::Resource | S::Lapsed => 0,
            S::Pfs => 1,
            S::Dfs | S::Permitted | S::Suspended | S::Financed => 2,
            S::Construction | S::Commissioning | S::Producing => 3,
        };
        draw.range("finance/stage-premium", self.stage[place])
    }
}

/// A project's figures before any draw.
#[derive(Debug, Clone)]
pub struct Case {
    id: ProjectId,
    host: Iso3,
    status: ProjectStatus,
    /// Output at design rate, tonnes contained a year.
    pub output: Range,
    /// Output by each reading of a unit that the source leaves open.
    pub readings: Vec<(String, f64)>,
    /// Price of what it sells, USD/t, of the latest year known.
    pub price: f64,
    /// Grade of the price.
    pub price_grade: Grade,
    /// Level of prices that costs which nobody publishes are shares of, USD/t: the geometric mean of yearly prices up to the
    /// base year. What ran at those prices could run; a dearer year does not make a mine dearer to run.
    pub cost_level: f64,
    /// Capital cost, million US dollars, by the study; absent when none is published.
    pub capex_musd: Option<f64>,
    /// Years of output.
    pub life: f64,
    /// Equity risk premium of the host.
    pub premium: f64,
    /// Whether it has a contracted buyer.
    pub has_buyer: bool,
    /// What the host takes.
    pub fiscal: FiscalTerms,
}

/// What public hands add to a project, for the table of levers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Help {
    /// A public loan for a part of the capital cost.
    Loan,
    /// A contracted buyer.
    Offtake,
    /// A price floor.
    Floor,
    /// A permit that comes earlier.
    Permit,
}

impl Help {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Loan, Self::Offtake, Self::Floor, Self::Permit];

    /// The words used on screens, with the terms that are tried.
    pub fn words(self, costs: &Costs) -> String {
        match self {
            Self::Loan => format!(
                "public loan for {:.0} % of the cost at {:.0} %",
                100.0 * costs.debt_share.mid,
                100.0 * costs.loan_rate.mid
            ),
            Self::Offtake => "contracted buyer".to_owned(),
            Self::Floor => format!("price floor at {:.0} % of today's price", 100.0 * costs.floor_level.mid),
            Self::Permit => format!("permit {:.0} months earlier", costs.permit_months.mid),
        }
    }
}

/// One draw of a project's figures.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Price, USD/t.
    pub price: f64,
    /// Capital cost as built, USD.
    pub capex: f64,
    /// Operating cost, USD/t.
    pub opex: f64,
    /// Output at design rate, t/yr.
    pub output: f64,
    /// Real rate a year.
    pub wacc: f64,
    /// Years of construction.
    pub build_years: f64,
    /// Years of delay between spending and output.
    pub delay: f64,
    /// Years to design rate.
    pub ramp_years: f64,
    /// Years of output.
    pub life: f64,
    /// Years over which capital cost is written off.
    pub written_off: f64,
    /// Rates of the host.
    pub fiscal: Drawn,
    /// Price below which a floor pays, USD/t.
    pub floor: Option<f64>,
}

/// One year of a project, US dollars.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Year {
    /// Cash to its owners.
    pub cash: f64,
    /// What the host takes.
    pub take: Take,
}

impl Sample {
    /// Cash of the owners and take of the host, year by year from the decision, at a price.
    pub fn years(&self, price: f64) -> Vec<Year> {
        let built = (self.build_years + self.delay).max(0.1);
        let last = built + self.life;
        let mut losses = 0.0;
        (0..last.ceil() as usize)
            .map(|year| {
                let (from, to) = (year as f64, (year + 1) as f64);
                let overlap = |a: f64, b: f64| (to.min(b) - from.max(a)).max(0.0);
                let spent = self.capex * overlap(0.0, self.build_years) / self.build_years.max(1e-9);
                let running = overlap(built, last);
                let middle = f64::midpoint(from.max(built), to.min(last)) - built;
                let tonnes = self.output * running * ramp(middle, self.ramp_years);
                let written_off = self.capex * overlap(built, built + self.written_off) / self.written_off;
                let received = self.floor.map_or(price, |floor| price.max(floor));
                let (revenue, cost) = (received * tonnes, self.opex * tonnes);
                let take = if running > 0.0 {
                    self.fiscal.take(revenue, cost, written_off, &mut losses)
                } else {
                    Take::default()
                };
                Year { cash: revenue - cost - take.total() - spent, take }
            })
            .collect()
    }

    /// Present value at the decision of yearly amounts that fall in the middle of each year.
    pub fn present_value(&self, years: &[Year], amount: impl Fn(&Year) -> f64) -> f64 {
        discounted(years, self.wacc, amount)
    }

    /// Net present value for the owners at the drawn price.
    pub fn net_present_value(&self) -> f64 {
        self.present_value(&self.years(self.price), |year| year.cash)
    }

    /// Real rate of return of the owners at the drawn price; absent when they lose money at any rate.
    pub fn rate_of_return(&self) -> f64 {
        let years = self.years(self.price);
        root(RETURNS.0, RETURNS.1, |rate| -discounted(&years, rate, |year| year.cash))
    }

    /// Price at which the net present value is zero.
    pub fn incentive_price(&self) -> f64 {
        let without = Self { floor: None, ..*self };
        let value = |price: f64| discounted(&without.years(price), self.wacc, |year| year.cash);
        let mut high = self.levelised_cost() * 2.0;
        while value(high) < 0.0 && high < 1e12 {
            high *= 2.0;
        }
        root(0.0, high, value)
    }

    /// `capex · CRF(rate, life) · (1 + rate)^(build/2) / q + opex`, USD/t, before royalties and taxes.
    pub fn levelised_cost(&self) -> f64 {
        let charge = capital_recovery(self.wacc, self.life)
            * (1.0 + self.wacc).powf(self.build_years / 2.0 + self.delay);
        self.capex * charge / self.output + self.opex
    }
}

fn discounted(years: &[Year], rate: f64, amount: impl Fn(&Year) -> f64) -> f64 {
    years.iter().enumerate().map(|(t, year)| amount(year) * (1.0 + rate).powf(-(t as f64 + 0.5))).sum()
}

/// Where a rising function crosses zero, or the end that it stays beyond.
fn root(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..60 {
        let mid = f64::midpoint(low, high);
        if f(mid) < 0.0 { low = mid } else { high = mid }
    }
    f64::midpoint(low, high)
}

/// Capital recovery factor: the yearly payment over `life` years that repays one unit at `rate`.
pub fn capital_recovery(rate: f64, life: f64) -> f64 {
    if rate.abs() < 1e-9 { 1.0 / life } else { rate / (1.0 - (1.0 + rate).powf(-life)) }
}

impl Case {
    /// The case of a project with output and a price; absent for others.
    pub fn of(world: &World, row: &ProjectRow, year: i32) -> Option<Self> {
        use crate::{base::unit::Stage, world::table::ProjectStage};
        let mid = row.increment_mid.filter(|&t| t > 0.0)?;
        let sold = if row.stage == ProjectStage::Mine { Stage::Mine } else { Stage::Refine };
        let prices =
            || world.prices(&row.mineral).iter().filter(|price| price.primary && price.usd_per_t > 0.0);
        let latest =
            |stage: Stage| prices().filter(|price| price.stage == stage).max_by_key(|price| price.year);
        let price = latest(sold).or_else(|| prices().max_by_key(|price| price.year))?;
        Some(Self {
            id: row.id.clone(),
            host: row.iso3,
            status: row.status,
            output: Range::new(
                row.increment_low.unwrap_or(mid).min(mid),
                mid,
                row.increment_high.unwrap_or(mid).max(mid),
            ),
            readings: super::trajectory::readings(&row.readings),
            price: price.usd_per_t,
            price_grade: if price.stage == sold { price.grade } else { Grade::C },
            cost_level: {
                let before = world.base_year().unwrap_or(price.year);
                let history = prices().filter(|row| row.stage == price.stage && row.year <= before);
                let logs: Vec<f64> = history.map(|row| row.usd_per_t.ln()).collect();
                let mean = logs.iter().sum::<f64>() / logs.len() as f64;
                if logs.is_empty() { price.usd_per_t } else { mean.exp() }
            },
            capex_musd: row.capex_musd.filter(|&capex| capex > 0.0),
            life: row.life_years.unwrap_or(USUAL_LIFE).max(SHORTEST_LIFE),
            premium: world.governance(row.iso3, "country-risk-premium", year).map_or(0.05, |row| row.value),
            has_buyer: !row.buyers.is_empty(),
            fiscal: FiscalTerms::of(world, row.iso3, &row.mineral, row.stage != ProjectStage::Refine, year),
        })
    }

    /// Output at design rate in a draw: one of the readings where the unit is open, else within the range.
    pub fn output(&self, draw: Draw) -> f64 {
        output(&self.id, self.output, &self.readings, draw)
    }

    /// One draw; `build_years`, `stalled` and `ramp_years` come from the project's trajectory.
    pub fn sample(
        &self,
        costs: &Costs,
        draw: Draw,
        build_years: f64,
        stalled: f64,
        ramp_years: f64,
    ) -> Sample {
        let own = |part: &str| format!("project/{}/{part}", self.id);
        let shared = |name: &str, range: Range| draw.range(&format!("finance/{name}"), range);
        let output = self.output(draw).max(1e-6);
        let bias = shared("overrun", costs.bias) * overrun::quantile(draw.uniform(&own("overrun")));
        let study = self.capex_musd.map_or_else(
            || draw.range(&own("capex"), costs.capex_share) * self.cost_level * output,
            |musd| musd * 1e6,
        );
        let buyer = if self.has_buyer { 0.0 } else { shared("no-offtake", costs.offtake_premium) };
        let wacc = shared("wacc", costs.base_rate)
            + costs.premium_share(draw) * self.premium
            + costs.stage_premium(self.status, draw)
            + buyer;
        Sample {
            price: self.price * (costs.price_spread * draw.normal(&own("price"))).exp(),
            capex: study * bias,
            opex: self.cost_level * costs.opex(&self.id, draw),
            output,
            wacc,
            build_years: build_years.max(0.25),
            // A stall after money is spent costs interest; half of it falls before.
            delay: stalled / 2.0,
            ramp_years,
            life: self.life,
            written_off: costs.written_off(draw),
            fiscal: self.fiscal.draw(self.host, draw),
            floor: None,
        }
    }

    /// The same draw with help.
    pub fn helped(&self, sample: &Sample, costs: &Costs, draw: Draw, help: Help) -> Sample {
        let shared = |name: &str, range: Range| draw.range(&format!("finance/{name}"), range);
        let mut with = *sample;
        match help {
            Help::Loan => {
                let share = costs.debt_share.mid;
                let rate = shared("loan-rate", costs.loan_rate).min(sample.wacc);
                with.wacc = share * rate + (1.0 - share) * sample.wacc;
            }
            Help::Offtake if !self.has_buyer => with.wacc -= shared("no-offtake", costs.offtake_premium),
            Help::Offtake => {}
            Help::Floor => {
                with.floor = Some(costs.floor_level.mid * self.price);
                with.wacc -= shared("floor", costs.floor_discount);
            }
            Help::Permit => with.delay -= costs.permit_months.mid / 12.0 / 2.0,
        }
        with.delay = with.delay.max(0.0);
        with.wacc = with.wacc.max(LOWEST_RATE);
        with
    }
}

/// Output at design rate of a project in a draw.
pub fn output(id: &ProjectId, range: Range, readings: &[(String, f64)], draw: Draw) -> f64 {
    if readings.is_empty() {
        return draw.triangular(&format!("project/{id}/increment"), range);
    }
    // Every reading is as likely as another.
    let place = (draw.uniform(&format!("project/{id}/reading")) * readings.len() as f64) as usize;
    readings[place.min(readings.len() - 1)].1
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sample() -> Sample {
        Sample {
            price: 40_000.0,
            capex: 400e6,
            opex: 20_000.0,
            output: 4_500.0,
            wacc: 0.10,
            build_years: 3.0,
            delay: 0.0,
            ramp_years: 2.0,
            life: 20.0,
            written_off: 10.0,
            fiscal: Drawn { royalty: 0.07, profit_royalty: 0.0, income_tax: 0.2, free_share: 0.0 },
            floor: None,
        }
    }

    #[test]
    fn at_the_incentive_price_the_project_is_worth_nothing_and_returns_its_rate() {
        let at = Sample { price: sample().incentive_price(), ..sample() };
        assert!(at.net_present_value().abs() < 1e-6 * at.capex);
        assert!((at.rate_of_return() - at.wacc).abs() < 1e-6);
        assert!(at.price > at.levelised_cost(), "royalty, tax and ramp come on top");
    }

    #[test]
    fn value_falls_with_cost_rate_delay_and_rates_of_the_host() {
        let base = sample().net_present_value();
        let worse = [
            Sample { capex: 500e6, ..sample() },
            Sample { wacc: 0.12, ..sample() },
            Sample { delay: 2.0, ..sample() },
            Sample { ramp_years: 5.0, ..sample() },
            Sample { fiscal: Drawn { royalty: 0.10, ..sample().fiscal }, ..sample() },
        ];
        assert!(worse.iter().all(|with| with.net_present_value() < base));
    }

    #[test]
    fn owners_and_host_share_what_is_earned() {
        let years = sample().years(40_000.0);
        let cash: f64 = years.iter().map(|year| year.cash + year.take.total()).sum();
        let one = sample();
        let tonnes: f64 =
            one.years(1.0 + one.opex).iter().map(|year| year.cash + year.take.total()).sum::<f64>()
                + one.capex;
        assert!((cash - (tonnes * (40_000.0 - one.opex) - one.capex)).abs() < 1e-3 * one.capex);
    }

    #[test]
    fn an_open_unit_is_read_one_way_or_the_other_and_never_between() {
        let readings = vec![("W".to_owned(), 7000.0), ("WO3".to_owned(), 5551.0)];
        let drawn: Vec<f64> = (0..200)
            .map(|i| {
                output(&"X".parse().unwrap(), Range::new(5551.0, 6275.0, 7000.0), &readings, Draw::new(1, i))
            })
            .collect();
        assert!(drawn.iter().all(|t| [7000.0, 5551.0].contains(t)));
        assert!(drawn.iter().filter(|&&t| t > 6000.0).count().abs_diff(100) < 10);
    }
}
