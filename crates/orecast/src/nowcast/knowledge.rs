//! What is known of a mineral since the base year, in the terms of its market.

use serde::Serialize;

use super::{
    START_TODAY,
    measure::{CapGroup, Standing},
    observation::{Observation, Quantity},
    prior::Class,
    series::{Point, yearly},
    zone::{Split, Zone},
};
use crate::{
    base::{
        date::PartialDate,
        id::{Iso3, MineralId},
        unit::{Grade, Stage},
    },
    market::Market,
    world::{
        NewestFact, World,
        table::{Flag, GuidanceKind, Place, PriceRow, QuoteKind, QuoteRow},
    },
};

mod measures;
mod outputs;

use measures::{lapse_rate, standing};
use outputs::{outputs, producers};

/// Years before the base year from which measures are looked at.
const YEARS_BEFORE: i32 = 2;

/// The balanced base year that the knowledge is laid over.
#[derive(Debug, Clone, Copy)]
pub struct Base<'a> {
    /// Market of the base year.
    pub market: &'a Market,
    /// Base year.
    pub year: i32,
    /// Last stage of the chain.
    pub last_stage: Stage,
    /// Whether ore and product are apart.
    pub two_stages: bool,
    /// Output of each node in the base year, tonnes.
    pub output: &'a [f64],
    /// Price of a stage's product in the base year, USD/t.
    pub prices: [f64; 2],
}

impl Base<'_> {
    /// Base price of a stage's product, USD/t.
    fn price(&self, stage: Stage) -> f64 {
        self.prices[usize::from(!(self.two_stages && stage == Stage::Mine))]
    }

    /// The stage of the market that a published stage stands for; absent where the market has none such.
    fn stage(&self, stage: Stage) -> Stage {
        if self.two_stages { stage } else { self.last_stage }
    }
}

/// What is known of one year.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct YearKnown {
    /// Calendar year.
    pub year: i32,
    /// Published figures.
    pub observations: Vec<Observation>,
    /// Producers with a state, with their share of the stage's output.
    pub producers: Vec<(usize, f64)>,
    /// Logarithm of the last known price over the year's mean, by zone.
    pub carry: [f64; 2],
}

/// What is known of a mineral.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Knowledge {
    /// Class of its spreads.
    pub class: Class,
    /// The day that it is known on.
    pub as_of: PartialDate,
    /// The newest fact.
    pub newest: Option<NewestFact>,
    /// The two sides of its market.
    pub split: Split,
    /// Side of each node.
    pub node_zones: Vec<Zone>,
    /// Side of each user.
    pub users: Vec<Zone>,
    /// Country and stage of each node, as draws name them.
    pub node_names: Vec<String>,
    /// Last stage of the chain.
    pub last_stage: Stage,
    /// Measures that hold exports back.
    pub measures: Vec<Standing>,
    /// Their limits.
    pub groups: Vec<CapGroup>,
    /// Measures that lapse in a year, by the record.
    pub lapse_rate: f64,
    /// The years since the base year.
    pub years: Vec<YearKnown>,
}

impl Knowledge {
    /// Gathers what `world` knows of a mineral since its base year, to the year of `as_of`.
    pub fn of(world: &World, mineral: &MineralId, base: &Base<'_>, as_of: PartialDate) -> Self {
        let measures = standing(world, mineral, base, as_of);
        let wide = measures.iter().filter(|m| m.importers.is_empty());
        let mut inside: Vec<Iso3> = wide.flat_map(|m| m.exporters.iter().copied()).collect();
        inside.sort_unstable();
        inside.dedup();
        let split = Split { inside };
        let (node_zones, users) = split.of_market(base.market);
        let groups = CapGroup::of(base.market, &measures);
        let names = base.market.nodes.iter().map(|node| format!("{}/{}", node.stage, node.country));
        let mut known = Self {
            class: Class::of(mineral),
            as_of,
            newest: world.newest_fact(mineral),
            split,
            node_zones,
            users,
            node_names: names.collect(),
            last_stage: base.last_stage,
            measures,
            groups,
            lapse_rate: lapse_rate(world, as_of),
            years: Vec::new(),
        };
        let series = known.series(world, mineral, base);
        for year in base.year + 1..=as_of.year() {
            known.years.push(known.year(world, mineral, base, year, &series));
        }
        known
    }

    /// One year's knowledge.
    pub fn at(&self, year: i32) -> Option<&YearKnown> {
        self.years.iter().find(|known| known.year == year)
    }

    /// Whether any price since the base year is known.
    pub fn has_prices(&self) -> bool {
        let all = self.years.iter().flat_map(|year| &year.observations);
        all.into_iter().any(|one| matches!(one.quantity, Quantity::Price(..)))
    }

    /// Whether a year is estimated.
    pub fn covers(&self, year: i32) -> bool {
        self.at(year).is_some()
    }

    fn year(
        &self,
        world: &World,
        mineral: &MineralId,
        base: &Base<'_>,
        year: i32,
        series: &[(Stage, Zone, Vec<Point>)],
    ) -> YearKnown {
        let mut known = YearKnown { year, ..YearKnown::default() };
        for (stage, zone, points) in series {
            let Some(mean) = yearly(points, year, self.class) else { continue };
            let used: Vec<&Point> = points.iter().filter(|p| p.date.year() == year).collect();
            if *stage == self.last_stage {
                known.carry[zone.index()] = mean.carry;
            }
            let mut sources: Vec<_> = used.iter().map(|p| p.source.clone()).collect();
            sources.sort();
            sources.dedup();
            let mut labels: Vec<&str> = used.iter().map(|p| p.product.as_str()).collect();
            labels.sort_unstable();
            labels.dedup();
            known.observations.push(Observation {
                quantity: Quantity::Price(*stage, *zone),
                country: None,
                label: labels.join("; "),
                value: mean.value,
                spread: mean.spread,
                figure: base.price(*stage) * mean.value.exp(),
                date: used.iter().map(|p| p.date).max().unwrap_or(PartialDate::of_year(year)),
                sources,
                grade: used.iter().map(|p| p.grade).max().unwrap_or(Grade::C),
            });
        }
        known.observations.extend(annual(world, mineral, base, &self.split, year, &known.observations));
        known.observations.extend(outputs(world, mineral, base, year));
        known.observations.extend(self.exports(world, mineral, year));
        known.producers = producers(base, &known.observations);
        known
    }

    /// Quotes by stage and zone, as logarithms over the base year's price of their series.
    fn series(&self, world: &World, mineral: &MineralId, base: &Base<'_>) -> Vec<(Stage, Zone, Vec<Point>)> {
        let mut found: Vec<(Stage, Zone, Vec<Point>)> = Vec::new();
        let mut add = |stage: Stage, zone: Zone, point: Point| match found
            .iter_mut()
            .find(|(s, z, _)| (*s, *z) == (stage, zone))
        {
            Some((.., list)) => list.push(point),
            None => found.push((stage, zone, vec![point])),
        };
        let annual = |stage: Stage, product: &str| {
            let rows = world.prices(mineral).iter();
            let mut rows = rows.filter(|row| row.stage == stage && row.product == product);
            rows.find(|row| row.year == base.year && row.usd_per_t > 0.0).map(|row| row.usd_per_t)
        };
        let history = |stage: Stage, product: &str| {
            let rows = world.price_history(mineral).iter();
            let of = rows
                .filter(|row| row.stage == stage && row.product == product && row.date.year() == base.year);
            let prices: Vec<f64> = of.map(|row| row.usd_per_t).collect();
            (!prices.is_empty()).then(|| prices.iter().sum::<f64>() / prices.len() as f64)
        };
        let preferred = preferred_history(world, mineral);
        for row in world.price_history(mineral).iter().filter(|row| row.date.year() >= base.year) {
            if Some(row.product.as_str()) != preferred.as_deref() {
                continue;
            }
            let Some(before) = history(row.stage, &row.product) else { continue };
            add(
                base.stage(row.stage),
                Zone::Outside,
                Point {
                    date: row.date,
                    value: (row.usd_per_t / before).ln(),
                    spread: 0.02,
                    basis: 0.0,
                    source: row.source.clone(),
                    grade: row.grade,
                    product: row.product.clone(),
                },
            );
        }
        let quotes: Vec<&QuoteRow> = world.quotes(mineral).iter().filter(|row| row.usd_per_t > 0.0).collect();
        for row in &quotes {
            let zone = self.zone_of(row);
            let stage = base.stage(row.stage);
            let others = quotes.iter().filter(|other| {
                other.stage == row.stage && self.zone_of(other) == zone && is_level(other.kind)
            });
            let stands_in = row.kind == QuoteKind::Retail && others.count() == 0;
            if !(is_level(row.kind) || stands_in) || row.date.year() < base.year {
                continue;
            }
            let same = history(row.stage, &row.series).or_else(|| annual(row.stage, &row.series));
            let (before, basis) = match same {
                Some(before) => (before, self.basis(row, zone)),
                None if row.series.is_empty() => continue,
                None => (base.price(stage), 0.2),
            };
            let range = match (row.low, row.high) {
                (Some(low), Some(high)) if low > 0.0 && high > low => (high / low).ln() / 3.3,
                _ => 0.0,
            };
            let own = quote_spread(row.grade) + if stands_in { 0.4 } else { 0.0 };
            add(
                stage,
                zone,
                Point {
                    date: row.date,
                    value: (row.usd_per_t / before).ln(),
                    spread: own.hypot(range),
                    basis,
                    source: row.source.clone(),
                    grade: row.grade,
                    product: row.product.clone(),
                },
            );
        }
        found
    }

    /// The side that a quote is of: that of the country which it is inside of; all else is outside.
    fn zone_of(&self, row: &QuoteRow) -> Zone {
        match (row.place, row.iso3) {
            (Place::Inside, Some(country)) => self.split.zone(country),
            _ => Zone::Outside,
        }
    }

    /// How well a quote's base year is known: the series may be another product, or of another place.
    fn basis(&self, row: &QuoteRow, zone: Zone) -> f64 {
        let elsewhere = row.place == Place::Inside && (zone == Zone::Inside || self.split.splits());
        match (row.kind, elsewhere) {
            (QuoteKind::Mean, _) => 0.0,
            (_, true) => 0.15,
            _ if row.place == Place::World => 0.02,
            _ => 0.06,
        }
    }

    /// Published exports under a measure, over the base year's.
    fn exports(&self, world: &World, mineral: &MineralId, year: i32) -> Vec<Observation> {
        let rows = world.guidance(mineral).iter();
        let rows = rows.filter(|row| row.kind == GuidanceKind::Exports && row.from.year() == year);
        let found = rows.filter_map(|row| {
            let change = change_on(&row.detail, year - 1)?;
            let whole = row.to.is_none_or(|to| to.year() == year) && row.from == PartialDate::of_year(year);
            let group = self.groups.iter().position(|group| {
                let measure = &self.measures[group.measures[0]];
                group.stage == row.stage
                    && measure.exporters.contains(&row.iso3)
                    && measure.importers.is_empty()
            })?;
            (whole && change > 0.0).then(|| Observation {
                quantity: Quantity::Exports(group),
                country: Some(row.iso3),
                label: format!("exports, {}", row.detail),
                value: change.ln(),
                spread: 0.1,
                figure: change,
                date: row.seen.unwrap_or(row.from),
                sources: vec![row.source.clone()],
                grade: row.grade,
            })
        });
        found.collect()
    }
}

/// The day of the newest fact about any mineral's market; absent where nothing is newer than the base year.
pub fn newest_day(world: &World) -> Option<PartialDate> {
    let facts = world.market_minerals().filter_map(|row| world.newest_fact(&row.id));
    let newest = facts.map(|fact| fact.date).max_by_key(|date| date.last())?;
    (newest.year() > world.base_year()?).then_some(newest)
}

/// The day that a run starts from where it names none: that of the newest fact, or nothing while [`START_TODAY`] is off.
pub fn usual_day(world: &World) -> Option<PartialDate> {
    START_TODAY.then(|| newest_day(world)).flatten()
}

/// Quotes that tell the level of a price.
const fn is_level(kind: QuoteKind) -> bool {
    matches!(kind, QuoteKind::Mean | QuoteKind::Spot)
}

/// Spread of one quote of a grade.
const fn quote_spread(grade: Grade) -> f64 {
    match grade {
        Grade::A => 0.03,
        Grade::B => 0.08,
        Grade::C => 0.2,
    }
}

/// The product of the monthly history: the one that is published to the newest month.
fn preferred_history(world: &World, mineral: &MineralId) -> Option<String> {
    let rows = world.price_history(mineral).iter();
    let monthly = rows.filter(|row| {
        row.date.first() != PartialDate::of_year(row.date.year()).first()
            || row.date.last() != PartialDate::of_year(row.date.year()).last()
    });
    monthly.max_by(|a, b| a.date.cmp(&b.date).then(b.product.cmp(&a.product))).map(|row| row.product.clone())
}

/// `-19.7 % on 2024` as a ratio.
fn change_on(text: &str, year: i32) -> Option<f64> {
    let before = text.split(&format!("% on {year}")).next().filter(|part| part.len() < text.len())?;
    let number = before.trim().rsplit([' ', '(']).next()?;
    let percent: f64 = number.trim().replace('\u{2212}', "-").parse().ok()?;
    Some(1.0 + percent / 100.0)
}

/// Yearly prices as published, where no quotes tell the year better.
fn annual(
    world: &World,
    mineral: &MineralId,
    base: &Base<'_>,
    split: &Split,
    year: i32,
    known: &[Observation],
) -> Vec<Observation> {
    let published = |row: &&PriceRow| {
        row.year == year && row.usd_per_t > 0.0 && matches!(row.flag, Flag::Reported | Flag::Estimated)
    };
    let mut found: Vec<Observation> = Vec::new();
    for row in world.prices(mineral).iter().filter(|row| row.primary).filter(published) {
        let same = |other: &&PriceRow| {
            other.stage == row.stage && other.product == row.product && other.year == base.year
        };
        let Some(before) = world.prices(mineral).iter().find(same) else { continue };
        let china: Option<Iso3> = "CHN".parse().ok();
        let home = row.product.contains("China") && !row.product.contains("cif China");
        let zone = match china {
            Some(china) if home && split.zone(china) == Zone::Inside => Zone::Inside,
            _ => Zone::Outside,
        };
        let quantity = Quantity::Price(base.stage(row.stage), zone);
        if found.iter().any(|one| one.quantity == quantity)
            || known.iter().any(|one| one.quantity == quantity && one.spread < 0.04)
        {
            continue;
        }
        let value = (row.usd_per_t / before.usd_per_t).ln();
        let range = match (row.low, row.high) {
            (Some(low), Some(high)) if low > 0.0 => (high / low).ln() / 3.3,
            _ => 0.0,
        };
        let own: f64 = match (row.flag, row.grade) {
            (Flag::Reported, Grade::A) => 0.03,
            (_, Grade::A) => 0.06,
            (_, Grade::B) => 0.1,
            (_, Grade::C) => 0.2,
        };
        found.push(Observation {
            quantity,
            country: None,
            label: format!("{}, mean of the year", row.product),
            value,
            spread: own.hypot(if own < 0.1 { 0.0 } else { 0.5 * range }),
            figure: base.price(base.stage(row.stage)) * value.exp(),
            date: PartialDate::of_year(year),
            sources: vec![row.source.clone()],
            grade: row.grade,
        });
    }
    found
}
