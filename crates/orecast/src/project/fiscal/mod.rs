//! What a host takes of a mine or plant: royalty or extraction tax, royalty on profit, income tax, and shares it holds without paying.
//!
//! Rates stand in `fiscal.csv`, by host and mineral; income tax of hosts without a row in `governance.csv`. Most are recalled and graded C.

use serde::Serialize;

use crate::{
    base::{
        draw::Draw,
        id::{Iso3, MineralId, SourceId},
        unit::{Grade, Range},
    },
    world::{
        World,
        table::{FiscalRow, Levy},
    },
};

/// One levy with where it was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rate {
    /// What is taken.
    pub levy: Levy,
    /// Share of its base.
    pub range: Range,
    /// Whether the rate is the host's own; else it stands in for one.
    pub own: bool,
    /// Source.
    pub source: SourceId,
    /// Page read; empty when recalled.
    pub reference: String,
    /// Grade.
    pub grade: Grade,
    /// Remark.
    pub note: String,
}

/// The levies of a host on a mineral.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Terms {
    /// Levies that are above zero.
    pub rates: Vec<Rate>,
}

/// The rates of one draw, as shares of their bases.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Drawn {
    /// Of the value of output.
    pub royalty: f64,
    /// Of operating profit.
    pub profit_royalty: f64,
    /// Of taxable profit.
    pub income_tax: f64,
    /// Of what is distributed.
    pub free_share: f64,
}

/// What a host takes in a year, US dollars.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Take {
    /// Royalties on value and on profit.
    pub royalty: f64,
    /// Income tax.
    pub income_tax: f64,
    /// Dividends on free shares.
    pub dividends: f64,
}

impl Take {
    /// Everything together.
    pub fn total(&self) -> f64 {
        self.royalty + self.income_tax + self.dividends
    }
}

impl Terms {
    /// The terms of a host for a mineral: its row for the mineral, else its row for all, else what stands in. `mined` says whether ore is
    /// taken out of the ground; a plant pays no royalty.
    pub fn of(world: &World, host: Iso3, mineral: &MineralId, mined: bool, year: i32) -> Self {
        let rows = &world.tables().fiscal;
        let find = |levy: Levy, iso3: Option<Iso3>, of: Option<&MineralId>| {
            rows.iter().find(|row| row.levy == levy && row.iso3 == iso3 && row.mineral.as_ref() == of)
        };
        let own = |levy| find(levy, Some(host), Some(mineral)).or_else(|| find(levy, Some(host), None));
        let rate = |row: &FiscalRow, own: bool| Rate {
            levy: row.levy,
            range: Range::new(row.low, row.mid, row.high),
            own,
            source: row.source.clone(),
            reference: row.reference.clone(),
            grade: row.grade,
            note: row.note.clone(),
        };
        let mut rates = Vec::new();
        if mined {
            let on_profit = own(Levy::ProfitRoyalty);
            let on_value = own(Levy::Royalty).map(|row| rate(row, true));
            // A host that taxes the profit of mines has said how it does so: nothing stands in beside it.
            let stands_in = || find(Levy::Royalty, None, None).filter(|_| on_profit.is_none());
            rates.extend(on_value.or_else(|| stands_in().map(|row| rate(row, false))));
            rates.extend(on_profit.map(|row| rate(row, true)));
            rates.extend(own(Levy::FreeShare).map(|row| rate(row, true)));
        }
        let tax = own(Levy::IncomeTax).map(|row| rate(row, true)).or_else(|| {
            world.governance(host, "corporate-tax", year).map(|row| Rate {
                levy: Levy::IncomeTax,
                range: Range::exact(row.value),
                own: true,
                source: row.source.clone(),
                reference: String::new(),
                grade: row.grade,
                note: format!("rate of {}", row.year),
            })
        });
        rates.extend(tax);
        rates.retain(|rate| rate.range.high > 0.0);
        Self { rates }
    }

    /// The rates of one draw; hosts share their random numbers between projects.
    pub fn draw(&self, host: Iso3, draw: Draw) -> Drawn {
        let of = |levy: Levy| {
            let rate = self.rates.iter().find(|rate| rate.levy == levy);
            rate.map_or(0.0, |rate| draw.triangular(&format!("fiscal/{host}/{}", levy.as_str()), rate.range))
        };
        Drawn {
            royalty: of(Levy::Royalty),
            profit_royalty: of(Levy::ProfitRoyalty),
            income_tax: of(Levy::IncomeTax),
            free_share: of(Levy::FreeShare),
        }
    }
}

impl Drawn {
    /// What the host takes of a year with this revenue, operating cost and write-off. `losses` are those of earlier years: they are set
    /// against profit and brought up to date. `profit` is what the owners could distribute before dividends on free shares.
    pub fn take(&self, revenue: f64, cost: f64, written_off: f64, losses: &mut f64) -> Take {
        let on_value = self.royalty * revenue;
        let on_profit = self.profit_royalty * (revenue - cost - on_value).max(0.0);
        let taxable = revenue - cost - written_off - on_value - on_profit;
        let after_losses = taxable - *losses;
        *losses = (-after_losses).max(0.0);
        let income_tax = self.income_tax * after_losses.max(0.0);
        let left = revenue - cost - on_value - on_profit - income_tax - written_off;
        Take { royalty: on_value + on_profit, income_tax, dividends: self.free_share * left.max(0.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{id, shipped_world};

    fn rates(host: &str, mineral: &str, mined: bool) -> Vec<(Levy, f64, bool)> {
        let terms = Terms::of(&shipped_world(), id(host), &id(mineral), mined, 2025);
        terms.rates.iter().map(|rate| (rate.levy, rate.range.mid, rate.own)).collect()
    }

    #[test]
    fn the_row_of_the_mineral_comes_before_that_of_the_host_and_before_what_stands_in() {
        assert_eq!(rates("COD", "cobalt", true)[0], (Levy::Royalty, 0.10, true));
        assert_eq!(rates("COD", "copper", true)[0], (Levy::Royalty, 0.035, true));
        assert_eq!(rates("SWE", "copper", true)[0], (Levy::Royalty, 0.04, false));
        assert!(rates("PER", "copper", true).iter().all(|&(levy, ..)| levy != Levy::Royalty));
        assert_eq!(rates("KAZ", "tungsten", false), [(Levy::IncomeTax, 0.20, true)], "a plant mines nothing");
    }

    #[test]
    fn losses_are_carried_forward_and_a_host_never_takes_more_than_there_is() {
        let drawn = Drawn { royalty: 0.05, profit_royalty: 0.1, income_tax: 0.2, free_share: 0.1 };
        let mut losses = 0.0;
        let first = drawn.take(100.0, 90.0, 40.0, &mut losses);
        assert!(first.income_tax.abs() < 1e-12 && losses > 0.0);
        let carried = losses;
        let second = drawn.take(100.0, 20.0, 0.0, &mut losses);
        let without = Drawn { ..drawn }.take(100.0, 20.0, 0.0, &mut 0.0);
        assert!((without.income_tax - second.income_tax - 0.2 * carried).abs() < 1e-9);
        assert!(second.total() < 80.0 && losses.abs() < 1e-12);
    }
}
