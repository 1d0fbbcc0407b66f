//! What is not known: cells that nobody fills, withheld figures, bounds, stale figures, missing customs codes and
//! figures that are only inferred.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{
    World,
    choice::{Product, counts},
    coverage,
    show::Quantity,
    table::{Flag, MineralRow, ObservationRow, TradeCodeRow},
};
use crate::base::{
    date::{DAYS_PER_MONTH, PartialDate},
    id::{Iso3, MineralId, SourceId},
    unit::{Grade, Stage},
};

/// Years before the base year from which a figure counts as stale, unless asked otherwise.
pub const STALE_AFTER: i32 = 3;

/// Why something is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// No table has a row.
    Absent,
    /// The publisher keeps the figure, or has none.
    Withheld,
    /// Only one end is known.
    OneSided,
    /// The newest figure is old.
    Stale,
    /// A customs code of the mineral has no row of trade.
    NoTrade,
    /// The figure that stands is an assumption.
    Inferred,
    /// It was looked for and not found.
    NotFound,
    /// No gap of its own: how old the newest price and the newest fact of a mineral are.
    Newest,
}

impl GapKind {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Absent,
        Self::Withheld,
        Self::OneSided,
        Self::Stale,
        Self::NoTrade,
        Self::Inferred,
        Self::NotFound,
        Self::Newest,
    ];

    /// A title.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Absent => "No row in any table",
            Self::Withheld => "Withheld or not available",
            Self::OneSided => "Known from one side only",
            Self::Stale => "Stale: the newest figure is old",
            Self::NoTrade => "Customs codes without trade",
            Self::Inferred => "Inferred or assumed (grade C)",
            Self::NotFound => "Looked for and not found",
            Self::Newest => "How old the newest price is",
        }
    }
}

/// Something that is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Gap {
    /// Why.
    pub kind: GapKind,
    /// Mineral; absent for what concerns several.
    pub mineral: Option<MineralId>,
    /// What is missing, such as `mine production` or `price`.
    pub what: String,
    /// Country, where it is one country's.
    pub country: Option<Iso3>,
    /// Year that is meant; for a stale figure its year, for a customs code the base year.
    pub year: Option<i32>,
    /// Date that is meant: the one wanted, or that of the newest price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<PartialDate>,
    /// Months from that price to the newest fact of the package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub months: Option<i32>,
    /// Customs code.
    pub hs6: Option<u32>,
    /// Source that shows the gap.
    pub source: Option<SourceId>,
}

/// What is not known about a mineral, or about all minerals of the package when none is given. Figures older than
/// `stale_after` years before the base year are stale.
pub fn gaps(world: &World, mineral: Option<&MineralRow>, stale_after: i32) -> Vec<Gap> {
    let base_year = world.base_year().unwrap_or_default();
    let minerals: Vec<&MineralRow> =
        world.tables().minerals.iter().filter(|row| mineral.is_none_or(|only| only.id == row.id)).collect();
    let mut found = Vec::new();
    for mineral in &minerals {
        absent(world, mineral, &mut found);
        for quantity in Quantity::ALL {
            let table = World::of_mineral(quantity.table(world), &mineral.id);
            for rows in table.chunk_by(|a, b| a.stage == b.stage) {
                let usual: Vec<&ObservationRow> =
                    rows.iter().filter(|row| counts(row, Product::Usual, mineral)).collect();
                figures(quantity, &usual, base_year, stale_after, &mut found);
            }
        }
        reliance(world, mineral, base_year, &mut found);
        old_prices(world, mineral, base_year - stale_after, &mut found);
    }
    no_trade(world, &minerals, base_year, &mut found);
    not_found(world, mineral, &mut found);
    newest(world, &minerals, &mut found);
    found.sort();
    found.dedup();
    found
}

/// Kinds of facts that a mineral has no row of, neither itself nor through its market.
fn absent(world: &World, mineral: &MineralRow, found: &mut Vec<Gap>) {
    for cell in coverage::of_mineral(world, mineral).cells {
        // A stage that the chain does not have is no gap.
        let has_stage = match cell.column {
            "mine" | "reserves" => !mineral.mine_product.is_empty(),
            "refined" => !mineral.refined_product.is_empty(),
            _ => true,
        };
        if cell.rows == 0 && has_stage {
            found.push(Gap::new(GapKind::Absent, mineral, cell.column));
        }
    }
}

/// Gaps in the figures of one quantity and stage: those of the base year, or of the newest year before or after it.
fn figures(
    quantity: Quantity,
    rows: &[&ObservationRow],
    base_year: i32,
    stale_after: i32,
    found: &mut Vec<Gap>,
) {
    let years: BTreeSet<i32> = rows.iter().map(|row| row.year).collect();
    let Some(&year) = years.get(&base_year).or_else(|| years.last()) else { return };
    let mut chosen: BTreeMap<Iso3, &ObservationRow> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.year == year) {
        chosen.entry(row.iso3).or_insert(row);
    }
    let gap = |kind, row: &ObservationRow| Gap {
        country: Some(row.iso3),
        year: Some(row.year),
        source: Some(row.source.clone()),
        ..Gap::of(kind, &row.mineral, &format!("{} {}", row.stage, quantity.as_str()))
    };
    for row in chosen.values() {
        if row.is_absent() {
            found.push(gap(GapKind::Withheld, row));
        } else if matches!(row.flag, Flag::AtLeast | Flag::AtMost)
            || (row.value.is_none() && (row.low.is_none() || row.high.is_none()))
        {
            found.push(gap(GapKind::OneSided, row));
        } else if row.grade == Grade::C {
            found.push(gap(GapKind::Inferred, row));
        }
    }
    let newest = rows.iter().filter(|row| !row.is_absent()).max_by_key(|row| row.year);
    if let Some(newest) = newest.filter(|row| row.year < base_year - stale_after) {
        found.push(Gap { country: None, ..gap(GapKind::Stale, newest) });
    }
}

fn reliance(world: &World, mineral: &MineralRow, base_year: i32, found: &mut Vec<Gap>) {
    for row in world.import_reliance(&mineral.id).iter().filter(|row| row.year == base_year) {
        let kind = match (row.flag, row.percent) {
            (Flag::NetExporter, _) => continue,
            (_, None) => GapKind::Withheld,
            (Flag::AtLeast | Flag::AtMost, _) => GapKind::OneSided,
            _ => continue,
        };
        let what = if row.product.is_empty() {
            "import reliance".to_owned()
        } else {
            format!("import reliance, {}", row.product)
        };
        found.push(Gap {
            country: Some(row.iso3),
            year: Some(row.year),
            source: Some(row.source.clone()),
            ..Gap::of(kind, &mineral.id, &what)
        });
    }
}

fn old_prices(world: &World, mineral: &MineralRow, oldest: i32, found: &mut Vec<Gap>) {
    for stage in [Stage::Mine, Stage::Refine] {
        let rows = world.prices(&mineral.id).iter().filter(|row| row.stage == stage && row.primary);
        if let Some(newest) = rows.max_by_key(|row| row.year).filter(|row| row.year < oldest) {
            found.push(Gap {
                year: Some(newest.year),
                source: Some(newest.source.clone()),
                ..Gap::of(GapKind::Stale, &mineral.id, &format!("{stage} price"))
            });
        }
    }
}

/// Customs codes that hold a mineral but have no row of it in the base year.
fn no_trade(world: &World, minerals: &[&MineralRow], year: i32, found: &mut Vec<Gap>) {
    for &TradeCodeRow { hs6, mineral: ref id, stage, .. } in &world.tables().trade_codes {
        let Some(mineral) = minerals.iter().find(|mineral| mineral.id == *id) else { continue };
        if world.trade(id, stage, year).iter().all(|row| row.hs6 != hs6) {
            found.push(Gap {
                year: Some(year),
                hs6: Some(hs6),
                ..Gap::new(GapKind::NoTrade, mineral, &format!("{stage} trade"))
            });
        }
    }
}

/// What was looked for and not found: of one mineral, or all.
fn not_found(world: &World, mineral: Option<&MineralRow>, found: &mut Vec<Gap>) {
    let rows = world.tables().unknowns.iter();
    let rows = rows.filter(|row| mineral.is_none_or(|only| row.mineral.as_ref() == Some(&only.id)));
    found.extend(rows.map(|row| Gap {
        kind: GapKind::NotFound,
        mineral: row.mineral.clone(),
        what: if row.note.is_empty() { row.what.clone() } else { format!("{} ({})", row.what, row.note) },
        country: None,
        year: None,
        date: row.wanted,
        months: None,
        hs6: None,
        source: None,
    }));
}

/// How old the newest price of each mineral with a market is, against the newest fact of the package.
fn newest(world: &World, minerals: &[&MineralRow], found: &mut Vec<Gap>) {
    let Some(today) = world.newest_date() else { return };
    for mineral in minerals {
        let Some(price) = world.newest_price(&mineral.id) else { continue };
        let days = price.date.last().days_to(today.last()).max(0);
        let months = (f64::from(days) / DAYS_PER_MONTH).round();
        let any = world.newest_fact(&mineral.id).map(|fact| format!(", newest fact {}", fact.date));
        found.push(Gap {
            date: Some(price.date),
            // Whole months of a few centuries at most.
            months: Some(months as i32),
            source: Some(price.source),
            ..Gap::new(GapKind::Newest, mineral, &format!("newest price{}", any.unwrap_or_default()))
        });
    }
}

impl Gap {
    fn new(kind: GapKind, mineral: &MineralRow, what: &str) -> Self {
        Self::of(kind, &mineral.id, what)
    }

    fn of(kind: GapKind, mineral: &MineralId, what: &str) -> Self {
        let (mineral, what) = (Some(mineral.clone()), what.to_owned());
        Self {
            kind,
            mineral,
            what,
            country: None,
            year: None,
            date: None,
            months: None,
            hs6: None,
            source: None,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::MiniPackage;

    fn of(world: &World, mineral: &str, kind: GapKind) -> Vec<String> {
        let row = world.mineral(mineral).unwrap();
        let all = gaps(world, Some(row), STALE_AFTER);
        let one = |gap: &Gap| {
            let country = gap.country.map_or_else(String::new, |iso3| format!(" {iso3}"));
            let year = gap.year.map_or_else(String::new, |year| format!(" {year}"));
            format!("{}{country}{year}", gap.what)
        };
        all.iter().filter(|gap| gap.kind == kind).map(one).collect()
    }

    #[test]
    fn every_kind_of_gap_is_found_and_only_once() {
        let old = "tungsten,refine,WLD,2019,900,,,900,t,,,orecast,2020,A,";
        let world = MiniPackage::new().with_line("stocks.csv", old).load().unwrap();
        let tungsten = |kind| of(&world, "tungsten", kind);
        assert!(tungsten(GapKind::Absent).is_empty());
        assert_eq!(tungsten(GapKind::Withheld), ["mine production USA 2024"]);
        assert_eq!(
            tungsten(GapKind::OneSided),
            ["import reliance, tungsten USA 2024", "mine reserves WLD 2025"]
        );
        assert_eq!(tungsten(GapKind::Stale), ["refine stocks 2019"]);
        assert_eq!(tungsten(GapKind::Inferred), ["refine production CHN 2024"]);
        assert_eq!(of(&world, "gallium", GapKind::NotFound), ["price outside China"]);
        assert_eq!(tungsten(GapKind::Newest), ["newest price, newest fact 2026-05-01"]);
        let row = world.mineral("tungsten").unwrap();
        let all = gaps(&world, Some(row), STALE_AFTER);
        let newest = all.iter().find(|gap| gap.kind == GapKind::Newest).unwrap();
        // A mean of January 2026, three months before the newest fact.
        assert_eq!(
            (newest.date.map(|date| date.to_string()), newest.months),
            (Some("2026-01".to_owned()), Some(3))
        );
        assert!(tungsten(GapKind::NoTrade).iter().all(|what| what.ends_with("trade 2024")));
    }

    #[test]
    fn a_stage_that_a_chain_does_not_have_is_no_gap() {
        let world = MiniPackage::new().load().unwrap();
        let absent = of(&world, "gallium", GapKind::Absent);
        assert!(!absent.contains(&"mine".to_owned()) && absent.contains(&"price".to_owned()), "{absent:?}");
    }

    #[test]
    fn customs_codes_without_rows_are_named() {
        let world = MiniPackage::new().load().unwrap();
        let row = world.mineral("tungsten").unwrap();
        let missing: Vec<u32> = gaps(&world, Some(row), 3).iter().filter_map(|gap| gap.hs6).collect();
        assert!(!missing.is_empty() && !missing.contains(&261_100), "{missing:?}");
    }
}
