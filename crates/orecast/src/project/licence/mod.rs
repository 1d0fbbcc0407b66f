//! What holding a licence obliges to and costs, year by year, and what a register of licences means for the lead time from ground to output.
//!
//! The rules of a regime are rows of `licence_rules.csv`: the code knows kinds of rules and no regime. A rule that nobody read at its
//! source is used with a range and marked.

pub mod register;

use serde::Serialize;

use crate::{
    base::{id::Iso3, unit::Range},
    world::{
        World,
        table::{LicenceRuleRow, RuleKind},
    },
};

/// The licence that a search for minerals is done under.
pub const EXPLORATION: &str = "exploration";

/// A licensing regime.
#[derive(Debug, Clone)]
pub struct Regime<'w> {
    /// Name, such as `kazakhstan`.
    pub name: &'w str,
    /// Country.
    pub country: Iso3,
    rows: Vec<&'w LicenceRuleRow>,
}

/// What is asked of an exploration licence.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// Regime.
    pub regime: String,
    /// Country.
    pub country: Iso3,
    /// Local currency.
    pub currency: String,
    /// Local currency for one US dollar.
    pub dollar: Option<Range>,
    /// Days from application to grant.
    pub grant_days: Option<Range>,
    /// Year by year.
    pub years: Vec<Year>,
    /// Rules in words, and whether they were read at a source.
    pub words: Vec<Rule>,
    /// What stands against the wish.
    pub problems: Vec<String>,
}

/// One year of holding a licence.
#[derive(Debug, Clone, Serialize)]
pub struct Year {
    /// Year of the licence, from 1.
    pub year: u32,
    /// Blocks held.
    pub blocks: u32,
    /// Square kilometres held.
    pub area_km2: Option<f64>,
    /// What falls due besides money.
    pub duties: Vec<String>,
    /// Least spending on work, in local currency.
    pub spend: Range,
    /// Payments for the ground, in local currency.
    pub rent: Range,
    /// Both together in US dollars.
    pub usd: Option<Range>,
    /// Whether the rules of the spending were read at a source.
    pub spend_seen: bool,
    /// Whether those of the payments were.
    pub rent_seen: bool,
}

/// A rule in words.
#[derive(Debug, Clone, Serialize)]
pub struct Rule {
    /// The rule.
    pub text: String,
    /// Whether it was read at a source.
    pub seen: bool,
    /// Page read; empty when recalled.
    pub reference: String,
}

/// The regimes that the facts know, by name.
pub fn regimes(world: &World) -> Vec<Regime<'_>> {
    let mut list: Vec<Regime<'_>> = Vec::new();
    for row in &world.tables().licence_rules {
        match list.iter_mut().find(|regime| regime.name == row.regime) {
            Some(regime) => regime.rows.push(row),
            None => list.push(Regime { name: &row.regime, country: row.iso3, rows: vec![row] }),
        }
    }
    list.sort_by_key(|regime| regime.name);
    list
}

/// A sum with its ends, and whether all that went into it was seen.
#[derive(Debug, Clone, Copy)]
struct Sum {
    range: Range,
    seen: bool,
}

impl Sum {
    const NOTHING: Self = Self { range: Range::exact(0.0), seen: true };

    fn plus(self, row: &LicenceRuleRow, times: f64) -> Self {
        let value = points(row);
        Self {
            range: Range::new(
                self.range.low + times * value.low,
                self.range.mid + times * value.mid,
                self.range.high + times * value.high,
            ),
            seen: self.seen && row.seen,
        }
    }

    fn at_least(self, row: &LicenceRuleRow) -> Self {
        let least = points(row);
        if least.mid <= self.range.mid {
            return self;
        }
        let range = Range::new(self.range.low.max(least.low), least.mid, self.range.high.max(least.high));
        Self { range, seen: self.seen && row.seen }
    }

    fn scaled(self, unit: Range) -> Self {
        let range =
            Range::new(self.range.low * unit.low, self.range.mid * unit.mid, self.range.high * unit.high);
        Self { range, ..self }
    }
}

fn points(row: &LicenceRuleRow) -> Range {
    let mid = row.value.unwrap_or(0.0);
    Range::new(row.low.unwrap_or(mid).min(mid), mid, row.high.unwrap_or(mid).max(mid))
}

impl<'w> Regime<'w> {
    /// Rules of a kind for a licence, its own before those that hold for all.
    fn rules(&self, licence: &str, kind: RuleKind) -> Vec<&'w LicenceRuleRow> {
        let of = |name: &str| {
            self.rows.iter().copied().filter(|row| row.rule == kind && row.licence == name).collect()
        };
        let own: Vec<&LicenceRuleRow> = of(licence);
        if own.is_empty() { of("") } else { own }
    }

    /// The number of a rule, where there is one.
    pub fn number(&self, licence: &str, kind: RuleKind) -> Option<Range> {
        self.rules(licence, kind).first().filter(|row| row.value.is_some()).map(|row| points(row))
    }

    /// Years that an exploration licence can be held: the first term and its extensions.
    pub fn longest(&self) -> u32 {
        let whole = |kind| self.number(EXPLORATION, kind).map_or(0.0, |range| range.mid);
        (whole(RuleKind::Term) + whole(RuleKind::Extension) * whole(RuleKind::Extensions)) as u32
    }

    /// Years of the first term of an exploration licence.
    pub fn first_term(&self) -> u32 {
        self.number(EXPLORATION, RuleKind::Term).map_or(0, |range| range.mid as u32)
    }

    /// The year after which ground is given up: the one that the rule names, else the end of the first term.
    fn relinquished_after(&self) -> u32 {
        let rule = self.rules(EXPLORATION, RuleKind::Relinquishment);
        rule.first().and_then(|row| row.to_year).unwrap_or_else(|| self.first_term())
    }

    /// Blocks that are left after ground is given up, rounded up.
    fn blocks_left(&self, blocks: u32) -> u32 {
        let percent = self.number(EXPLORATION, RuleKind::Relinquishment).map_or(0.0, |range| range.mid);
        (f64::from(blocks) * (1.0 - percent / 100.0) - 1e-9).ceil().max(0.0) as u32
    }

    /// What an exploration licence of some blocks obliges to over some years.
    pub fn plan(&self, blocks: u32, years: u32) -> Plan {
        let mut problems = Vec::new();
        let longest = self.longest();
        if years > longest {
            problems
                .push(format!("an exploration licence runs {longest} years at most: {years} were asked for"));
        }
        if let Some(most) =
            self.number(EXPLORATION, RuleKind::MostBlocks).filter(|most| f64::from(blocks) > most.mid)
        {
            problems.push(format!("a licence has {} blocks at most: {blocks} were asked for", most.mid));
        }
        let fewest = self.number(EXPLORATION, RuleKind::ExtensionFromBlocks).map_or(0.0, |range| range.mid);
        let first = self.first_term();
        let can_extend = f64::from(blocks) >= fewest;
        if years > first && !can_extend {
            problems.push(format!(
                "only licences of {fewest} blocks and more are extended: this one ends after {first} years"
            ));
        }
        let last = if can_extend { years.min(longest) } else { years.min(first) };
        let dollar = self.number("", RuleKind::Dollar);
        let currency =
            self.rules("", RuleKind::Dollar).first().map_or_else(String::new, |row| row.unit.clone());
        Plan {
            regime: self.name.to_owned(),
            country: self.country,
            currency,
            dollar,
            grant_days: self.number(EXPLORATION, RuleKind::DaysToGrant),
            years: (1..=last).map(|year| self.year(year, blocks, dollar)).collect(),
            words: self.words(),
            problems,
        }
    }

    fn year(&self, year: u32, wanted: u32, dollar: Option<Range>) -> Year {
        let gives_up = self.relinquished_after();
        let blocks = if year > gives_up { self.blocks_left(wanted) } else { wanted };
        let holds = |row: &&&LicenceRuleRow| {
            row.from_year.is_none_or(|from| from <= year)
                && row.to_year.is_none_or(|to| year <= to)
                && row.from_blocks.is_none_or(|from| from <= blocks)
                && row.to_blocks.is_none_or(|to| blocks <= to)
        };
        let all = |kind| self.rules(EXPLORATION, kind);
        let mut spend =
            all(RuleKind::Spend).iter().filter(holds).fold(Sum::NOTHING, |sum, row| sum.plus(row, 1.0));
        for row in all(RuleKind::SpendPerBlock).iter().filter(holds) {
            spend = spend.plus(row, f64::from(blocks + 1 - row.from_blocks.unwrap_or(1).min(blocks)));
        }
        spend = all(RuleKind::SpendAtLeast).iter().filter(holds).fold(spend, |sum, row| sum.at_least(row));
        let payments = all(RuleKind::RentPerBlock);
        let rent =
            payments.iter().filter(holds).fold(Sum::NOTHING, |sum, row| sum.plus(row, f64::from(blocks)));
        let unit = self.rules("", RuleKind::UnitValue).first().copied();
        let factor = unit.map_or(Range::exact(1.0), points);
        let (spend, rent) = (spend.scaled(factor), rent.scaled(factor));
        let usd = dollar.map(|rate| {
            let whole = |point: fn(&Range) -> f64| point(&spend.range) + point(&rent.range);
            Range::new(
                whole(|r| r.low) / rate.high,
                whole(|r| r.mid) / rate.mid,
                whole(|r| r.high) / rate.low,
            )
        });
        let mut duties = Vec::new();
        if year == gives_up {
            let left = self.blocks_left(wanted);
            duties.push(format!("at its end give up {} of {wanted} blocks", wanted - left));
        }
        if year == self.first_term() {
            duties.push("apply for the extension".to_owned());
        }
        if year == self.longest() {
            duties.push("apply for a mining licence, or let go".to_owned());
        }
        Year {
            year,
            blocks,
            area_km2: self.number(EXPLORATION, RuleKind::BlockArea).map(|area| area.mid * f64::from(blocks)),
            duties,
            spend: spend.range,
            rent: rent.range,
            usd,
            spend_seen: spend.seen,
            rent_seen: rent.seen,
        }
    }

    /// Rules in words, then the numbers that nobody read at their source.
    fn words(&self) -> Vec<Rule> {
        let worded =
            |row: &LicenceRuleRow| matches!(row.rule, RuleKind::Law | RuleKind::Allocation | RuleKind::Duty);
        let here = self.rows.iter().filter(|row| row.licence.is_empty() || row.licence == EXPLORATION);
        let rule = |text: String, row: &LicenceRuleRow| Rule {
            text,
            seen: row.seen,
            reference: row.reference.clone(),
        };
        let mut list: Vec<Rule> =
            here.clone().filter(|row| worded(row)).map(|row| rule(row.text.clone(), row)).collect();
        for row in here.filter(|row| !worded(row) && !row.seen && !row.text.is_empty()) {
            let text = format!("{}: {}", row.rule.as_str(), row.text);
            if list.iter().all(|known| known.text != text) {
                list.push(rule(text, row));
            }
        }
        list
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::shipped_world;

    fn plan(name: &str, blocks: u32, years: u32) -> Plan {
        let world = shipped_world();
        regimes(&world).iter().find(|regime| regime.name == name).unwrap().plan(blocks, years)
    }

    #[test]
    fn the_published_example_of_two_hundred_blocks_comes_out() {
        let plan = plan("kazakhstan", 200, 11);
        // 25,100 and 37,700 monthly calculation indices of 4,325 tenge.
        assert!((plan.years[0].spend.mid - 25_100.0 * 4325.0).abs() < 1.0);
        assert!((plan.years[5].spend.mid - 37_700.0 * 4325.0).abs() < 1.0);
        assert_eq!((plan.years.len(), plan.years[5].blocks, plan.years[6].blocks), (11, 200, 120));
        assert!(
            plan.years[5].duties.iter().any(|duty| duty.contains("80 of 200")),
            "{:?}",
            plan.years[5].duties
        );
        assert!(
            plan.years[0].spend_seen && !plan.years[6].spend_seen,
            "the schedule from the seventh year on was not seen"
        );
        assert!(plan.years[6].spend.high > plan.years[6].spend.mid);
        assert!(plan.problems.is_empty());
    }

    #[test]
    fn regimes_differ_in_their_rows_alone() {
        let plan = plan("western-australia", 70, 10);
        assert!(
            (plan.years[0].spend.mid - 70_000.0).abs() < 1e-6,
            "1,000 for each block, above the least of 20,000"
        );
        assert_eq!((plan.currency.as_str(), plan.years[5].blocks, plan.years[6].blocks), ("AUD", 70, 42));
        assert!(plan.years.iter().all(|year| year.usd.is_some_and(|usd| usd.is_ordered())));
    }

    #[test]
    fn wishes_beyond_the_rules_are_named_and_cut() {
        let long = plan("kazakhstan", 250, 15);
        assert_eq!((long.problems.len(), long.years.len()), (2, 11));
        let small = plan("kazakhstan", 5, 8);
        assert_eq!((small.problems.len(), small.years.len()), (1, 6));
        assert!((small.years[0].spend.mid - 1800.0 * 4325.0).abs() < 1.0);
    }
}
