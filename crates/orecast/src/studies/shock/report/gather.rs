//! Ranges over the draws, as rows.

use crate::studies::shock::report::{
    Buyer, BuyerRow, Finding, FlowRow, Focus, MILLION, PriceRow, ProducerRow, RentRow, Request,
};
use crate::{
    base::{id::Iso3, unit::Range},
    ensemble::range_of,
    indicator::Group,
    studies::shock::{
        effects::{Key, OUTSIDE, Zone},
        interventions::Intervention,
        market::ShockMarket,
    },
};

/// Ranges over the draws.
pub(super) struct Gather<'a> {
    pub shock: &'a ShockMarket,
    pub findings: &'a [Finding],
}

impl Gather<'_> {
    fn range(&self, key: Key) -> Range {
        range_of(self.findings.iter().filter_map(|f| f.effects.get(&key).copied()))
    }

    fn millions(&self, key: Key) -> Range {
        let range = self.range(key);
        Range::new(range.low / MILLION, range.mid / MILLION, range.high / MILLION)
    }

    /// Keys that any draw has, in their order.
    fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        self.findings
            .iter()
            .find(|f| !f.effects.is_empty())
            .into_iter()
            .flat_map(|f| f.effects.keys().copied())
    }

    pub(super) fn prices(&self) -> Vec<PriceRow> {
        self.keys()
            .filter_map(|key| match key {
                Key::Price(stage, zone) => Some(PriceRow {
                    stage,
                    zone,
                    before_usd_per_t: self.shock.base.base_price(stage),
                    ratio: self.range(key),
                }),
                _ => None,
            })
            .collect()
    }

    fn buyer(&self, country: Iso3, inside: &dyn Fn(Iso3) -> bool) -> BuyerRow {
        let counts = |c: Iso3| match country {
            Iso3::WORLD => true,
            OUTSIDE => !inside(c),
            one => c == one,
        };
        let users = self.shock.base.market.users.iter();
        BuyerRow {
            country: Buyer::Country(country),
            use_t: users.filter(|u| counts(u.country)).map(|u| u.demand.quantity).sum(),
            price_ratio: self.range(Key::Delivered(country)),
            shortage_t: self.range(Key::Shortage(country)),
            from_stocks_t: self.range(Key::FromStocks(country)),
            loss_musd: self.millions(Key::Loss(country)),
            bill_musd: self.millions(Key::Bill(country)),
        }
    }

    /// The users of a group together.
    fn group(&self, focus: &Focus<'_>) -> BuyerRow {
        let solved = || self.findings.iter().filter(|f| !f.effects.is_empty());
        let sum = |of: fn(Iso3) -> Key| range_of(solved().map(|f| focus.sum(&f.effects, of)));
        let millions = |of| {
            let Range { low, mid, high } = sum(of);
            Range::new(low / MILLION, mid / MILLION, high / MILLION)
        };
        BuyerRow {
            country: Buyer::Group(focus.group.name.clone()),
            use_t: focus.group.members.iter().map(|&c| self.shock.base_use(c)).sum(),
            price_ratio: range_of(solved().map(|f| focus.price(&f.effects))),
            shortage_t: sum(Key::Shortage),
            from_stocks_t: sum(Key::FromStocks),
            loss_musd: millions(Key::Loss),
            bill_musd: millions(Key::Bill),
        }
    }

    pub(super) fn buyers(&self, request: &Request<'_>) -> Vec<BuyerRow> {
        let inside = |c: Iso3| request.interventions.iter().any(|m| m.restricted.contains(&c));
        let mut rows: Vec<BuyerRow> = self
            .keys()
            .filter_map(|key| match key {
                Key::Loss(country) => Some(self.buyer(country, &inside)),
                _ => None,
            })
            .collect();
        let several = request.leader.filter(|group| group.members.len() > 1);
        rows.extend(several.map(|group| self.group(&Focus { shock: self.shock, group })));
        let leader = request.leader.map(Group::code);
        let rank = |row: &BuyerRow| match &row.country {
            Buyer::Country(Iso3::WORLD) => 0,
            Buyer::Country(OUTSIDE) => 1,
            Buyer::Group(_) => 2,
            Buyer::Country(country) if leader.as_deref() == Some(country.as_str()) => 2,
            Buyer::Country(_) => 3,
        };
        rows.sort_by(|a, b| rank(a).cmp(&rank(b)).then(b.loss_musd.mid.total_cmp(&a.loss_musd.mid)));
        rows
    }

    pub(super) fn producers(&self, interventions: &[Intervention]) -> Vec<ProducerRow> {
        let inside = |c: Iso3| interventions.iter().any(|m| m.restricted.contains(&c));
        let mut rows: Vec<ProducerRow> = self
            .keys()
            .filter_map(|key| match key {
                Key::Gain(country) => Some(ProducerRow {
                    country,
                    zone: if inside(country) { Zone::Inside } else { Zone::Outside },
                    gain_musd: self.millions(key),
                }),
                _ => None,
            })
            .collect();
        let rank = |row: &ProducerRow| match row.country {
            Iso3::WORLD => 0,
            OUTSIDE => 1,
            _ => 2,
        };
        rows.sort_by(|a, b| {
            rank(a).cmp(&rank(b)).then(b.gain_musd.mid.abs().total_cmp(&a.gain_musd.mid.abs()))
        });
        rows
    }

    pub(super) fn rents(&self) -> Vec<RentRow> {
        let mut rows: Vec<RentRow> = self
            .keys()
            .filter_map(|key| match key {
                Key::Rent(kind, country) => Some(RentRow { kind, country, musd: self.millions(key) }),
                _ => None,
            })
            .collect();
        rows.sort_by(|a, b| b.musd.mid.total_cmp(&a.musd.mid));
        rows
    }

    pub(super) fn flows(&self) -> Vec<FlowRow> {
        let mut rows: Vec<FlowRow> = self
            .keys()
            .filter_map(|key| match key {
                Key::Flow(stage, exporter, importer) if exporter != importer => Some(FlowRow {
                    stage,
                    exporter,
                    importer,
                    before_t: self.shock.base_trade(stage, exporter, importer),
                    change_t: self.range(key),
                }),
                _ => None,
            })
            .collect();
        rows.sort_by(|a, b| b.change_t.mid.abs().total_cmp(&a.change_t.mid.abs()));
        rows
    }
}
