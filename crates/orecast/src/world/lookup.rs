//! What is asked of the facts. Tables are sorted once; a lookup is a binary search.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, BTreeSet},
};

use rayon::prelude::*;

use super::{
    choice::{self, Product, Ranks, counts},
    derived,
    layer::Layer,
    table::{
        ByproductRow, CountryRow, ElasticityRow, EndUseRow, EventRow, GovernanceRow, GuidanceRow, Horizon,
        ImportRelianceRow, ImportSourceRow, ListRow, MineralRow, ObservationRow, OutlookRow, PriceHistoryRow,
        PriceRow, ProjectRow, QuoteRow, Side, SourceRow, TradeRow, TradeTotalRow, UseIndustryRow,
    },
    tables::Tables,
};
use crate::base::unit::Stage;
use crate::base::{
    id::{BlocId, Iso3, MineralId, PartyId, SourceId},
    unit::Range,
};

/// Year in which every demand index is 1.
pub const DEMAND_BASE_YEAR: i32 = 2024;

/// The facts, immutable and sorted for lookups.
#[derive(Debug, Clone)]
pub struct World {
    tables: Tables,
    layers: Vec<Layer>,
    ranks: Ranks,
    /// Years with trade.
    trade_years: BTreeSet<i32>,
}

impl World {
    /// A world of these tables, taken as they are: only [`World::load`] checks them. Output that follows from
    /// baskets is derived anew.
    pub fn from_tables(tables: Tables) -> Self {
        Self::layered(tables, Vec::new())
    }

    /// This world with other tables, beside the same own data.
    #[must_use]
    pub fn with_tables(&self, tables: Tables) -> Self {
        Self::layered(tables, self.layers.clone())
    }

    /// A world of tables that hold the rows of these layers of own data.
    pub(super) fn layered(mut tables: Tables, layers: Vec<Layer>) -> Self {
        let ranks = Ranks::of(&layers);
        derived::renew(&mut tables, &ranks);
        let rank = |source: &SourceId| Reverse(ranks.rank(source));
        tables.minerals.sort_by(|a, b| a.id.cmp(&b.id));
        tables.countries.sort_by_key(|row| row.iso3);
        tables.sources.sort_by(|a, b| a.id.cmp(&b.id));
        tables.blocs.sort_by(|a, b| (&a.bloc, a.iso3, a.from).cmp(&(&b.bloc, b.iso3, b.from)));
        let observations = [
            &mut tables.production,
            &mut tables.capacity,
            &mut tables.reserves,
            &mut tables.requirements,
            &mut tables.stocks,
        ];
        for table in observations {
            table.sort_by(|a, b| {
                let key = |row: &ObservationRow| (row.stage, row.year, row.iso3);
                let by_cell = a.mineral.cmp(&b.mineral).then_with(|| key(a).cmp(&key(b)));
                by_cell.then_with(|| choice::compare(a, b, &ranks).0)
            });
        }
        sort_trade(&mut tables.trade, &ranks);
        tables.trade_totals.sort_by(|a, b| {
            let key = |row: &TradeTotalRow| (row.iso3, row.stage, row.year, row.direction);
            a.mineral.cmp(&b.mineral).then_with(|| key(a).cmp(&key(b)))
        });
        tables.trade_codes.sort_by(|a, b| (&a.mineral, a.stage, a.hs6).cmp(&(&b.mineral, b.stage, b.hs6)));
        tables.prices.sort_by(|a, b| {
            let key = |row: &PriceRow| (row.stage, row.year, !row.primary, rank(&row.source), row.grade);
            a.mineral.cmp(&b.mineral).then_with(|| key(a).cmp(&key(b))).then_with(|| a.source.cmp(&b.source))
        });
        tables.price_history.sort_by(|a, b| {
            (&a.mineral, a.stage, &a.product, a.date).cmp(&(&b.mineral, b.stage, &b.product, b.date))
        });
        tables.quotes.sort_by(|a, b| {
            let key = |row: &QuoteRow| (row.stage, row.date, row.place, row.iso3, row.kind, row.grade);
            a.mineral
                .cmp(&b.mineral)
                .then_with(|| key(a).cmp(&key(b)))
                .then_with(|| (&a.product, &a.source).cmp(&(&b.product, &b.source)))
        });
        tables.guidance.sort_by(|a, b| {
            let key = |row: &GuidanceRow| (row.stage, row.iso3, row.from, row.kind);
            a.mineral.cmp(&b.mineral).then_with(|| key(a).cmp(&key(b))).then_with(|| a.who.cmp(&b.who))
        });
        tables.unknowns.sort_by(|a, b| (&a.mineral, &a.what).cmp(&(&b.mineral, &b.what)));
        tables.elasticities.sort_by(|a, b| {
            let key = |row: &ElasticityRow| (row.stage, rank(&row.source), row.grade);
            a.mineral.cmp(&b.mineral).then_with(|| key(a).cmp(&key(b))).then_with(|| a.source.cmp(&b.source))
        });
        tables.lists.sort_by(|a, b| (&a.mineral, &a.from, &a.list).cmp(&(&b.mineral, &b.from, &b.list)));
        tables.end_uses.sort_by(|a, b| {
            let key = |row: &EndUseRow| (row.iso3, row.part.clone(), row.year);
            a.mineral
                .cmp(&b.mineral)
                .then_with(|| key(a).cmp(&key(b)))
                .then_with(|| b.share.total_cmp(&a.share))
                .then_with(|| a.end_use.cmp(&b.end_use))
        });
        tables.use_industries.sort_by(|a, b| (&a.end_use, &a.industry).cmp(&(&b.end_use, &b.industry)));
        tables.byproducts.sort_by(|a, b| (&a.mineral, &a.host).cmp(&(&b.mineral, &b.host)));
        tables.recycling.sort_by(|a, b| {
            (&a.mineral, &a.metric, a.year, rank(&a.source)).cmp(&(
                &b.mineral,
                &b.metric,
                b.year,
                rank(&b.source),
            ))
        });
        tables.import_reliance.sort_by(|a, b| {
            let key = |row: &ImportRelianceRow| (row.iso3, row.year, ranks.rank(&row.source));
            a.mineral.cmp(&b.mineral).then_with(|| key(a).cmp(&key(b)))
        });
        tables
            .import_sources
            .sort_by(|a, b| (&a.mineral, a.importer, a.to).cmp(&(&b.mineral, b.importer, b.to)));
        tables.demand.sort_by(|a, b| {
            (&a.mineral, &a.scenario, a.year, rank(&a.source), a.grade, &a.source).cmp(&(
                &b.mineral,
                &b.scenario,
                b.year,
                rank(&b.source),
                b.grade,
                &b.source,
            ))
        });
        tables.outlook.sort_by(|a, b| {
            let key = |row: &OutlookRow| (row.stage, row.iso3, row.year, rank(&row.source));
            a.mineral.cmp(&b.mineral).then_with(|| key(a).cmp(&key(b)))
        });
        tables.governance.sort_by(|a, b| {
            (a.iso3, &a.indicator, a.year, rank(&a.source), a.grade, &a.source).cmp(&(
                b.iso3,
                &b.indicator,
                b.year,
                rank(&b.source),
                b.grade,
                &b.source,
            ))
        });
        tables.distance.sort_by_key(|row| (row.a, row.b));
        tables.projects.sort_by(|a, b| (&a.mineral, &a.id).cmp(&(&b.mineral, &b.id)));
        tables.ownership.sort_by(|a, b| (&a.mineral, a.stage, a.iso3).cmp(&(&b.mineral, b.stage, b.iso3)));
        tables.agreements.sort_by(|a, b| (a.date, &a.id).cmp(&(b.date, &b.id)));
        tables.clauses.sort_by(|a, b| (&a.deal, a.clause).cmp(&(&b.deal, b.clause)));
        tables
            .deal_projects
            .sort_by(|a, b| (&a.deal, a.link, &a.project).cmp(&(&b.deal, b.link, &b.project)));
        tables.events.sort_by(|a, b| {
            let key = |row: &EventRow| (row.date.or(row.due), row.step);
            a.thread.cmp(&b.thread).then_with(|| key(a).cmp(&key(b)))
        });
        tables
            .measures
            .sort_by(|a, b| (a.actor.as_str(), a.from, &a.id).cmp(&(b.actor.as_str(), b.from, &b.id)));
        let trade_years = tables.trade.iter().map(|row| row.year).collect();
        Self { tables, layers, ranks, trade_years }
    }

    /// Folders of own data over the package, later ones on top, and what each changes.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// How sources stand to each other.
    pub fn ranks(&self) -> &Ranks {
        &self.ranks
    }

    /// Whether figures of a source must not be passed on: no copy of them may go into an output.
    pub fn is_confidential(&self, source: &SourceId) -> bool {
        self.layers.iter().any(|layer| layer.sources.get(source).is_some_and(|s| s.confidential))
    }

    /// Whether confidential figures are among the facts, so that what is computed from them must be marked.
    pub fn has_confidential(&self) -> bool {
        self.layers.iter().any(|layer| layer.confidential)
    }

    /// All tables. Rows are sorted by their key columns; the observation tables, trade and prices by mineral, stage
    /// and year first. Figures for the same cell stand in the order of preference.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// A mineral by its identifier.
    pub fn mineral(&self, id: &str) -> Option<&MineralRow> {
        one(&self.tables.minerals, |row| row.id.as_str().cmp(id))
    }

    /// Minerals that have a market of their own.
    pub fn market_minerals(&self) -> impl Iterator<Item = &MineralRow> {
        self.tables.minerals.iter().filter(|row| row.market == row.id)
    }

    /// A country (or aggregate) by its code.
    pub fn country(&self, iso3: Iso3) -> Option<&CountryRow> {
        one(&self.tables.countries, |row| row.iso3.cmp(&iso3))
    }

    /// A source by its identifier.
    pub fn source(&self, id: &SourceId) -> Option<&SourceRow> {
        one(&self.tables.sources, |row| row.id.cmp(id))
    }

    /// Members of a bloc in a year, in the order of their codes.
    pub fn bloc_members(&self, bloc: &BlocId, year: i32) -> Vec<Iso3> {
        let rows = span(&self.tables.blocs, |row| row.bloc.cmp(bloc)).iter();
        let current = rows.filter(|row| row.holds(year));
        let mut members: Vec<Iso3> = current.map(|row| row.iso3).collect();
        members.dedup();
        members
    }

    /// Countries that a party of a deal stands for in a year: itself, or the members of the bloc.
    pub fn party_members(&self, party: &PartyId, year: i32) -> Vec<Iso3> {
        if let Some(country) = party.as_str().parse().ok().filter(|&code| self.country(code).is_some()) {
            return vec![country];
        }
        party.as_str().parse().map_or_else(|_| Vec::new(), |bloc| self.bloc_members(&bloc, year))
    }

    /// The last year with trade, which is the year that balanced markets start from.
    pub fn base_year(&self) -> Option<i32> {
        self.trade_years.last().copied()
    }

    /// Years with trade, as far back as they follow each other without a gap. Years before a gap hold some minerals alone, for
    /// hindcasts.
    pub fn trade_years(&self) -> Vec<i32> {
        let mut run: Vec<i32> = Vec::new();
        for &year in self.trade_years.iter().rev() {
            if run.last().is_some_and(|after| after - year > 1) {
                break;
            }
            run.push(year);
        }
        run.reverse();
        run
    }

    /// Every published figure of output, from all sources and for all products.
    pub fn observations(&self, mineral: &MineralId, stage: Stage, year: i32) -> &[ObservationRow] {
        Self::cells(&self.tables.production, mineral, stage, year)
    }

    /// The output figure that stands for each country and aggregate, by the rule of [`super::choice`].
    pub fn chosen_production(
        &self,
        mineral: &MineralId,
        stage: Stage,
        year: i32,
    ) -> BTreeMap<Iso3, &ObservationRow> {
        self.chosen(&self.tables.production, mineral, stage, year, Product::Usual)
    }

    /// The figure that stands for each country and aggregate in one of this world's observation tables.
    pub fn chosen<'w>(
        &'w self,
        table: &'w [ObservationRow],
        mineral: &MineralId,
        stage: Stage,
        year: i32,
        product: Product<'_>,
    ) -> BTreeMap<Iso3, &'w ObservationRow> {
        let mut chosen = BTreeMap::new();
        let Some(of) = self.mineral(mineral.as_str()) else { return chosen };
        for row in Self::cells(table, mineral, stage, year).iter().filter(|row| counts(row, product, of)) {
            // The first one is the one that stands.
            chosen.entry(row.iso3).or_insert(row);
        }
        chosen
    }

    /// Relative standard deviation that other sources give an output figure, see [`choice::spread`].
    pub fn spread(&self, row: &ObservationRow) -> Option<f64> {
        let of = self.mineral(row.mineral.as_str())?;
        let usual = counts(row, Product::Usual, of);
        let product = if usual { Product::Usual } else { Product::Named(&row.product) };
        let cell = self.observations(&row.mineral, row.stage, row.year).iter();
        choice::spread(row, cell.filter(|other| other.iso3 == row.iso3 && counts(other, product, of)))
    }

    /// Rows of an observation table of a world for a mineral, stage and year.
    pub fn cells<'w>(
        table: &'w [ObservationRow],
        mineral: &MineralId,
        stage: Stage,
        year: i32,
    ) -> &'w [ObservationRow] {
        span(table, |row| row.mineral.cmp(mineral).then_with(|| (row.stage, row.year).cmp(&(stage, year))))
    }

    /// Rows of an observation table of a world for a mineral, by stage and year.
    pub fn of_mineral<'w>(table: &'w [ObservationRow], mineral: &MineralId) -> &'w [ObservationRow] {
        span(table, |row| row.mineral.cmp(mineral))
    }

    /// Flows of a mineral by customs code in all stages and years.
    pub fn trade_of(&self, mineral: &MineralId) -> &[TradeRow] {
        span(&self.tables.trade, |row| row.mineral.cmp(mineral))
    }

    /// Flows by customs code, by exporter and importer; [`World::flows`] adds them up.
    pub fn trade(&self, mineral: &MineralId, stage: Stage, year: i32) -> &[TradeRow] {
        span(&self.tables.trade, |row| {
            row.mineral.cmp(mineral).then_with(|| (row.stage, row.year).cmp(&(stage, year)))
        })
    }

    /// The yearly price that the market uses: the primary series, the better grade first.
    pub fn price(&self, mineral: &MineralId, stage: Stage, year: i32) -> Option<&PriceRow> {
        let rows = span(&self.tables.prices, |row| {
            row.mineral.cmp(mineral).then_with(|| (row.stage, row.year).cmp(&(stage, year)))
        });
        rows.first().filter(|row| row.primary)
    }

    /// Every quoted price of a mineral, by stage and year.
    pub fn prices(&self, mineral: &MineralId) -> &[PriceRow] {
        span(&self.tables.prices, |row| row.mineral.cmp(mineral))
    }

    /// Prices of a mineral as quoted, by stage and date.
    pub fn quotes(&self, mineral: &MineralId) -> &[QuoteRow] {
        span(&self.tables.quotes, |row| row.mineral.cmp(mineral))
    }

    /// Published monthly and yearly prices of a mineral, by stage, product and date.
    pub fn price_history(&self, mineral: &MineralId) -> &[PriceHistoryRow] {
        span(&self.tables.price_history, |row| row.mineral.cmp(mineral))
    }

    /// What is said of a mineral's output: guidance, quotas, parts of a year.
    pub fn guidance(&self, mineral: &MineralId) -> &[GuidanceRow] {
        span(&self.tables.guidance, |row| row.mineral.cmp(mineral))
    }

    /// The response parameter of a curve: the better grade first, then the first source id.
    pub fn elasticity(
        &self,
        mineral: &MineralId,
        side: Side,
        stage: Stage,
        horizon: Horizon,
    ) -> Option<&ElasticityRow> {
        let rows = self.elasticities(mineral).iter();
        rows.filter(|row| row.stage == stage).find(|row| row.side == side && row.horizon == horizon)
    }

    /// Every response parameter of a mineral.
    pub fn elasticities(&self, mineral: &MineralId) -> &[ElasticityRow] {
        span(&self.tables.elasticities, |row| row.mineral.cmp(mineral))
    }

    /// Share of the contained mineral that refining recovers.
    pub fn recovery(&self, mineral: &MineralId) -> Option<Range> {
        self.mineral(mineral.as_str())?.recovery()
    }

    /// World use in a year as a multiple of the year [`DEMAND_BASE_YEAR`]: linear between the years given, flat
    /// before the first and after the last. Absent when the scenario has nothing for the mineral.
    pub fn demand_index(&self, mineral: &MineralId, scenario: &str, year: i32) -> Option<Range> {
        let rows = span(&self.tables.demand, |row| {
            row.mineral.cmp(mineral).then_with(|| row.scenario.as_str().cmp(scenario))
        });
        if rows.is_empty() {
            return None;
        }
        let mut points = BTreeMap::from([(DEMAND_BASE_YEAR, Range::exact(1.0))]);
        // The best row of a year comes first; reversed, it is the one that stays.
        points.extend(rows.iter().rev().map(|row| (row.year, Range::new(row.low, row.mid, row.high))));
        let before = points.range(..=year).next_back();
        let after = points.range(year..).next();
        match (before, after) {
            (Some((&from, &a)), Some((&to, &b))) if from < to => {
                let weight = f64::from(year - from) / f64::from(to - from);
                // At one rate between two points, so that growth has no kink of its own making.
                let blend = |a: f64, b: f64| {
                    if a > 0.0 && b > 0.0 { a * (b / a).powf(weight) } else { a + (b - a) * weight }
                };
                Some(Range::new(blend(a.low, b.low), blend(a.mid, b.mid), blend(a.high, b.high)))
            }
            (Some((_, &known)), _) | (None, Some((_, &known))) => Some(known),
            (None, None) => None,
        }
    }

    /// Output that an agency expects of a mineral, by stage, country and year.
    pub fn outlook(&self, mineral: &MineralId) -> &[OutlookRow] {
        span(&self.tables.outlook, |row| row.mineral.cmp(mineral))
    }

    /// A country's indicator in the latest year at or before `year`; the better grade first.
    pub fn governance(&self, iso3: Iso3, indicator: &str, year: i32) -> Option<&GovernanceRow> {
        let rows = span(&self.tables.governance, |row| {
            row.iso3.cmp(&iso3).then_with(|| row.indicator.as_str().cmp(indicator))
        });
        let latest = rows[..rows.partition_point(|row| row.year <= year)].last()?.year;
        rows.get(rows.partition_point(|row| row.year < latest))
    }

    /// Population-weighted kilometres between two countries, or within one.
    pub fn distance_km(&self, a: Iso3, b: Iso3) -> Option<f64> {
        let pair = (a.min(b), a.max(b));
        one(&self.tables.distance, |row| (row.a, row.b).cmp(&pair)).map(|row| row.km)
    }

    /// Projects of a mineral, by identifier.
    pub fn projects(&self, mineral: &MineralId) -> &[ProjectRow] {
        span(&self.tables.projects, |row| row.mineral.cmp(mineral))
    }

    /// Minerals that a mineral comes out of.
    pub fn hosts(&self, mineral: &MineralId) -> &[ByproductRow] {
        span(&self.tables.byproducts, |row| row.mineral.cmp(mineral))
    }

    /// Lists that name a mineral, oldest first.
    pub fn lists(&self, mineral: &MineralId) -> &[ListRow] {
        span(&self.tables.lists, |row| row.mineral.cmp(mineral))
    }

    /// What a mineral is used for, by country, part and year, largest share first.
    pub fn end_uses(&self, mineral: &MineralId) -> &[EndUseRow] {
        span(&self.tables.end_uses, |row| row.mineral.cmp(mineral))
    }

    /// Industries that make what a use names.
    pub fn use_industries(&self, end_use: &str) -> &[UseIndustryRow] {
        span(&self.tables.use_industries, |row| row.end_use.as_str().cmp(end_use))
    }

    /// Published net import reliance of all countries and years for a mineral.
    pub fn import_reliance(&self, mineral: &MineralId) -> &[ImportRelianceRow] {
        span(&self.tables.import_reliance, |row| row.mineral.cmp(mineral))
    }

    /// A mineral's imports and exports from countries' own statistics, of all countries and years.
    pub fn trade_totals(&self, mineral: &MineralId) -> &[TradeTotalRow] {
        span(&self.tables.trade_totals, |row| row.mineral.cmp(mineral))
    }

    /// Published shares of imports by origin, of all importers and periods, for a mineral.
    pub fn import_sources(&self, mineral: &MineralId) -> &[ImportSourceRow] {
        span(&self.tables.import_sources, |row| row.mineral.cmp(mineral))
    }
}

/// Sorts flows by mineral, stage, year, exporter, importer and code; of several sources for one code the one that
/// stands comes first. Files are in the order of minerals and stages, so that each is sorted by itself.
fn sort_trade(rows: &mut [TradeRow], ranks: &Ranks) {
    let cell = |a: &TradeRow, b: &TradeRow| a.mineral.cmp(&b.mineral).then_with(|| a.stage.cmp(&b.stage));
    rows.sort_by(cell);
    let groups: Vec<&mut [TradeRow]> = rows.chunk_by_mut(|a, b| cell(a, b).is_eq()).collect();
    groups.into_par_iter().for_each(|group| {
        group.sort_by(|a, b| {
            let key = |row: &TradeRow| (row.year, row.exporter, row.importer, row.hs6);
            let quality =
                |row: &TradeRow| (Reverse(ranks.rank(&row.source)), row.tonnes.is_none(), row.grade);
            key(a)
                .cmp(&key(b))
                .then_with(|| quality(a).cmp(&quality(b)))
                .then_with(|| a.source.cmp(&b.source))
        });
    });
}

/// The rows of a sorted table that `place` calls equal to what is sought.
fn span<T>(rows: &[T], place: impl Fn(&T) -> Ordering) -> &[T] {
    let start = rows.partition_point(|row| place(row) == Ordering::Less);
    let rest = &rows[start..];
    &rest[..rest.partition_point(|row| place(row) == Ordering::Equal)]
}

/// The first row of a sorted table that `place` calls equal to what is sought.
fn one<T>(rows: &[T], place: impl Fn(&T) -> Ordering) -> Option<&T> {
    span(rows, place).first()
}

#[cfg(test)]
mod tests;
