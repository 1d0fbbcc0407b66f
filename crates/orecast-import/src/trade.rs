//! Gross flows by customs code become contained tonnes by mineral and stage.
//!
//! Contents and shares of baskets are in `mapping/hs_codes.csv`, exporters that differ in `mapping/hs_exporters.csv`. Codes of
//! different editions for the same goods are mapped once only, so nothing is counted twice; where two codes hold the same
//! flow because exporter and importer class it differently, both name a group in `either` and the larger is kept.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{baci::Flow, reference::mapping, text::rounded};
use orecast::{
    base::{
        diagnostic::Diagnostics,
        id::{Iso3, MineralId, SourceId},
        unit::{Grade, Stage},
    },
    world::table::{Flag, PriceRow, TradeRow},
};

/// A unit value this many times off the typical one is a mistake of quantity.
const ABSURD: f64 = 30.0;
/// Flows below this value in thousand USD are too small for their unit value to mean anything.
const SMALL_KUSD: f64 = 10.0;
/// Flows below this share of a mineral's trade in a stage and year are usually left out.
pub(super) const NEGLIGIBLE: f64 = 1e-6;

/// What a tonne under a customs code contains.
#[derive(Debug, Clone, Deserialize)]
pub struct Contained {
    pub(super) hs6: u32,
    #[serde(default)]
    exporter: Option<Iso3>,
    pub(super) mineral: MineralId,
    pub(super) stage: Stage,
    #[serde(default)]
    pub(super) content_low: Option<f64>,
    pub(super) content: f64,
    #[serde(default)]
    pub(super) content_high: Option<f64>,
    pub(super) share: f64,
    either: String,
    pub(super) grade: Grade,
    /// Source of the content.
    #[serde(default)]
    pub(super) source: Option<SourceId>,
    pub(super) note: String,
}

/// The contents of every mapped code, by exporter where that matters.
#[derive(Debug)]
pub struct Contents {
    codes: BTreeMap<u32, Vec<Contained>>,
    exporters: BTreeMap<(u32, Iso3), Vec<Contained>>,
}

impl Contents {
    /// The mappings that the program carries.
    pub fn load(problems: &mut Diagnostics) -> Self {
        Self::new(
            mapping("hs_codes.csv", include_str!("mapping/hs_codes.csv"), problems),
            mapping("hs_exporters.csv", include_str!("mapping/hs_exporters.csv"), problems),
        )
    }

    fn new(default: Vec<Contained>, special: Vec<Contained>) -> Self {
        let mut contents = Self { codes: BTreeMap::new(), exporters: BTreeMap::new() };
        for content in default {
            contents.codes.entry(content.hs6).or_default().push(content);
        }
        for content in special {
            if let Some(exporter) = content.exporter {
                contents.exporters.entry((content.hs6, exporter)).or_default().push(content);
            }
        }
        contents
    }

    /// Whether a code belongs to a mineral.
    pub fn has(&self, hs6: u32) -> bool {
        self.codes.contains_key(&hs6)
    }

    /// Every mapped code with the minerals and stages that it holds, whoever exports.
    pub fn codes(&self) -> impl Iterator<Item = (u32, &MineralId, Stage)> {
        self.codes.values().flatten().map(|content| (content.hs6, &content.mineral, content.stage))
    }

    /// Contents where no exporter is special.
    pub(super) fn usual(&self) -> impl Iterator<Item = &Contained> {
        self.codes.values().flatten()
    }

    /// Exporters with contents of their own.
    pub(super) fn special(&self, hs6: u32) -> impl Iterator<Item = Iso3> {
        self.exporters.keys().filter(move |(code, _)| *code == hs6).map(|&(_, exporter)| exporter)
    }

    fn of(&self, hs6: u32, exporter: Iso3) -> &[Contained] {
        let special = self.exporters.get(&(hs6, exporter));
        special.or_else(|| self.codes.get(&hs6)).map_or(&[], Vec::as_slice)
    }
}

/// A row of the table with the group of codes that may hold the same goods.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The row.
    pub row: TradeRow,
    /// Group of codes of which only the larger flow is kept; empty for none.
    pub either: String,
}

/// Typical unit values in thousand USD per tonne by code and year.
#[derive(Debug)]
struct UnitValues(BTreeMap<(u32, i32), f64>);

impl UnitValues {
    /// The value-weighted median over flows with value and quantity.
    fn of(flows: &[Flow]) -> Self {
        let mut seen: BTreeMap<(u32, i32), Vec<(f64, f64)>> = BTreeMap::new();
        for flow in flows {
            if let (Some(kusd), Some(gross)) = (flow.kusd.filter(|&v| v > SMALL_KUSD), flow.gross) {
                seen.entry((flow.hs6, flow.year)).or_default().push((kusd / gross, kusd));
            }
        }
        Self(seen.into_iter().map(|(key, values)| (key, weighted_median(values))).collect())
    }

    /// The typical value of a code in a year; a year without quantities borrows from the nearest year that has them,
    /// moved by the price of the mineral.
    fn typical(&self, hs6: u32, year: i32, price: impl Fn(i32) -> Option<f64>) -> Option<f64> {
        if let Some(&value) = self.0.get(&(hs6, year)) {
            return Some(value);
        }
        let of_code = self.0.range((hs6, i32::MIN)..=(hs6, i32::MAX));
        let (&(_, other), &value) = of_code.min_by_key(|((_, other), _)| ((other - year).abs(), *other))?;
        let moved = price(year).zip(price(other)).map_or(1.0, |(now, then)| now / then);
        Some(value * moved)
    }
}

/// The value at which half of the weight is reached.
fn weighted_median(mut values: Vec<(f64, f64)>) -> f64 {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = values.iter().map(|value| value.1).sum::<f64>() / 2.0;
    let mut reached = 0.0;
    for &(value, weight) in &values {
        reached += weight;
        if reached >= half {
            return value;
        }
    }
    0.0
}

/// Contained tonnes of all flows. Missing and absurd quantities are repaired from value; `prices` carry typical unit values
/// to years without quantities.
pub fn contained(flows: &[Flow], contents: &Contents, prices: &[PriceRow]) -> Vec<Candidate> {
    let primary: BTreeMap<(&MineralId, Stage, i32), f64> = prices
        .iter()
        .filter(|price| price.primary)
        .map(|price| ((&price.mineral, price.stage, price.year), price.usd_per_t))
        .collect();
    let unit_values = UnitValues::of(flows);
    let mut candidates = Vec::new();
    for flow in flows.iter().filter(|flow| flow.exporter != flow.importer) {
        let parts = contents.of(flow.hs6, flow.exporter);
        let Some(first) = parts.first() else { continue };
        let price = |year| primary.get(&(&first.mineral, first.stage, year)).copied();
        let typical = unit_values.typical(flow.hs6, flow.year, price);
        let (gross, repaired) = repaired_quantity(flow, typical);
        for part in parts {
            let as_published = part.grade.max(flow.grade);
            candidates.push(Candidate {
                row: TradeRow {
                    mineral: part.mineral.clone(),
                    stage: part.stage,
                    exporter: flow.exporter,
                    importer: flow.importer,
                    year: flow.year,
                    hs6: flow.hs6,
                    tonnes: gross.map(|gross| rounded(gross * part.content * part.share)),
                    gross_tonnes: flow.gross,
                    kusd: flow.kusd,
                    flag: if repaired { Flag::Derived } else { Flag::Reported },
                    source: flow.source.clone(),
                    grade: if repaired { Grade::C } else { as_published },
                },
                either: part.either.clone(),
            });
        }
    }
    candidates
}

/// The quantity as published, or value over the typical unit value when it is missing or absurd.
fn repaired_quantity(flow: &Flow, typical: Option<f64>) -> (Option<f64>, bool) {
    let from_value = flow.kusd.zip(typical).map(|(kusd, typical)| kusd / typical);
    match (flow.gross, flow.kusd, typical) {
        (Some(gross), Some(kusd), Some(typical)) if kusd > SMALL_KUSD => {
            let off = kusd / gross / typical;
            if (1.0 / ABSURD..=ABSURD).contains(&off) { (Some(gross), false) } else { (from_value, true) }
        }
        (Some(gross), ..) => (Some(gross), false),
        (None, ..) => (from_value, from_value.is_some()),
    }
}

/// Group of codes, mineral, exporter, importer and year.
type DoubleEntry = (String, MineralId, Iso3, Iso3, i32);

/// Keeps the larger side of double entries and leaves out flows below a share of a mineral's trade in a stage and year.
pub fn settled(candidates: Vec<Candidate>, smallest: f64) -> Vec<TradeRow> {
    let weight = |row: &TradeRow| row.tonnes.unwrap_or(0.0);
    let mut best: BTreeMap<DoubleEntry, (u32, f64)> = BTreeMap::new();
    let pair =
        |c: &Candidate| (c.either.clone(), c.row.mineral.clone(), c.row.exporter, c.row.importer, c.row.year);
    for candidate in candidates.iter().filter(|candidate| !candidate.either.is_empty()) {
        let held = best.entry(pair(candidate)).or_insert((candidate.row.hs6, weight(&candidate.row)));
        if weight(&candidate.row) > held.1 {
            *held = (candidate.row.hs6, weight(&candidate.row));
        }
    }
    let kept: Vec<TradeRow> = candidates
        .into_iter()
        .filter(|c| c.either.is_empty() || best.get(&pair(c)).is_some_and(|held| held.0 == c.row.hs6))
        .map(|candidate| candidate.row)
        .collect();
    let mut totals: BTreeMap<(MineralId, &str, i32), f64> = BTreeMap::new();
    for row in &kept {
        *totals.entry((row.mineral.clone(), row.stage.as_str(), row.year)).or_default() += weight(row);
    }
    let large = |row: &TradeRow| {
        let total = totals.get(&(row.mineral.clone(), row.stage.as_str(), row.year)).copied().unwrap_or(0.0);
        weight(row) > 0.0 && weight(row) >= smallest * total
    };
    let keep: Vec<bool> = kept.iter().map(large).collect();
    kept.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(row, _)| row).collect()
}

/// What was paid in trade for a tonne contained, by mineral, stage and year: the sum of values over the sum of
/// quantities of flows that have both as published.
pub fn unit_values(trade: &[TradeRow], source: &SourceId) -> Vec<PriceRow> {
    let mut sums: BTreeMap<(&MineralId, Stage, i32), (f64, f64)> = BTreeMap::new();
    for row in trade.iter().filter(|row| row.flag == Flag::Reported) {
        if let (Some(kusd), Some(tonnes)) = (row.kusd, row.tonnes) {
            let sum = sums.entry((&row.mineral, row.stage, row.year)).or_default();
            *sum = (sum.0 + kusd, sum.1 + tonnes);
        }
    }
    let row = |((mineral, stage, year), (kusd, tonnes)): ((&MineralId, Stage, i32), (f64, f64))| PriceRow {
        mineral: mineral.clone(),
        stage,
        product: "all that is traded".to_owned(),
        primary: true,
        year,
        usd_per_t: rounded(1000.0 * kusd / tonnes),
        low: None,
        high: None,
        conversion: "value over tonnes contained, sum of all flows".to_owned(),
        flag: Flag::Derived,
        source: source.clone(),
        grade: Grade::B,
    };
    sums.into_iter().map(row).collect()
}

/// Imports known only as totals by origin become rows after what other codes already show is taken off.
#[derive(Debug, Deserialize)]
pub struct ImportTotal {
    /// Code in the file of totals.
    pub code: String,
    hs6: u32,
    mineral: MineralId,
    stage: Stage,
    content: f64,
    less: String,
    grade: Grade,
}

impl ImportTotal {
    /// The mapping that the program carries.
    pub fn load(problems: &mut Diagnostics) -> Vec<Self> {
        mapping("import_totals.csv", include_str!("mapping/import_totals.csv"), problems)
    }

    /// The row of one origin and year, when something is left.
    pub fn row(
        &self,
        (exporter, importer, year): (Iso3, Iso3, i32),
        gross: f64,
        source: &SourceId,
        seen: &[Candidate],
    ) -> Option<Candidate> {
        let less: BTreeSet<u32> = self.less.split(';').filter_map(|code| code.parse().ok()).collect();
        let same = |row: &TradeRow| {
            row.mineral == self.mineral
                && (row.exporter, row.importer, row.year) == (exporter, importer, year)
                && less.contains(&row.hs6)
        };
        let shown: f64 = seen.iter().filter(|c| same(&c.row)).filter_map(|c| c.row.tonnes).sum();
        let tonnes = gross * self.content - shown;
        (tonnes > 0.0).then(|| Candidate {
            row: TradeRow {
                mineral: self.mineral.clone(),
                stage: self.stage,
                exporter,
                importer,
                year,
                hs6: self.hs6,
                tonnes: Some(rounded(tonnes)),
                gross_tonnes: less.is_empty().then(|| rounded(gross)),
                kusd: None,
                flag: Flag::Derived,
                source: source.clone(),
                grade: self.grade,
            },
            either: String::new(),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn contents() -> Contents {
        let mut problems = Diagnostics::default();
        let default = "hs6,mineral,stage,content,share,either,grade,note\n\
            810510,cobalt,refine,1,1,,B,\n282200,cobalt,refine,0.72,1,,B,\n261100,tungsten,mine,0.5,1,,A,\n\
            811292,gallium,refine,1,0.1,,C,\n811292,indium,refine,1,0.2,,C,\n";
        let special = "hs6,exporter,mineral,stage,content,share,either,grade,note\n\
            810510,COD,cobalt,mine,0.3,1,hydroxide,B,\n282200,COD,cobalt,mine,0.3,1,hydroxide,B,\n";
        let contents =
            Contents::new(mapping("a", default, &mut problems), mapping("b", special, &mut problems));
        problems.into_result(contents).unwrap()
    }

    fn flow(exporter: &str, hs6: &str, year: i32, kusd: f64, gross: Option<f64>) -> Flow {
        Flow {
            year,
            exporter: exporter.parse().unwrap(),
            importer: "CHN".parse().unwrap(),
            hs6: hs6.parse().unwrap(),
            kusd: Some(kusd),
            gross,
            source: "cepii-baci".parse().unwrap(),
            grade: Grade::A,
        }
    }

    #[test]
    fn missing_and_absurd_quantities_are_repaired_from_value() {
        let flows = [
            flow("RUS", "261100", 2024, 1000.0, Some(100.0)),
            flow("BOL", "261100", 2024, 500.0, Some(50.0)),
            flow("LUX", "261100", 2024, 50.0, Some(5000.0)),
            flow("NGA", "261100", 2024, 20.0, None),
            flow("PER", "261100", 2023, 30.0, None),
            flow("CHN", "261100", 2024, 30.0, Some(3.0)),
        ];
        let price = |year, usd_per_t| PriceRow {
            mineral: "tungsten".parse().unwrap(),
            stage: Stage::Mine,
            product: String::new(),
            primary: true,
            year,
            usd_per_t,
            low: None,
            high: None,
            conversion: String::new(),
            flag: Flag::Reported,
            source: "usgs-mcs-2026".parse().unwrap(),
            grade: Grade::A,
        };
        let rows =
            settled(contained(&flows, &contents(), &[price(2023, 500.0), price(2024, 1000.0)]), NEGLIGIBLE);
        let found: Vec<_> =
            rows.iter().map(|r| format!("{} {:?} {:?} {}", r.exporter, r.tonnes, r.flag, r.grade)).collect();
        assert_eq!(
            found,
            [
                "RUS Some(50.0) Reported A",
                "BOL Some(25.0) Reported A",
                "LUX Some(2.5) Derived C",
                "NGA Some(1.0) Derived C",
                "PER Some(3.0) Derived C"
            ]
        );
        assert_eq!(rows[2].gross_tonnes, Some(5000.0), "the published quantity stays visible");
    }

    #[test]
    fn double_entries_keep_the_larger_side_and_other_exporters_both_codes() {
        let flows = [
            flow("COD", "810510", 2024, 3000.0, Some(600.0)),
            flow("COD", "282200", 2024, 1000.0, Some(200.0)),
            flow("FIN", "810510", 2024, 3000.0, Some(100.0)),
            flow("FIN", "282200", 2024, 1000.0, Some(100.0)),
        ];
        let rows = settled(contained(&flows, &contents(), &[]), NEGLIGIBLE);
        let found: Vec<_> =
            rows.iter().map(|r| format!("{} {} {} {:?}", r.exporter, r.hs6, r.stage, r.tonnes)).collect();
        assert_eq!(
            found,
            ["COD 810510 mine Some(180.0)", "FIN 810510 refine Some(100.0)", "FIN 282200 refine Some(72.0)"]
        );
    }

    #[test]
    fn a_basket_feeds_several_minerals_and_specks_are_left_out() {
        let flows =
            [flow("JPN", "811292", 2024, 1e6, Some(1e6)), flow("KOR", "811292", 2024, 1.0, Some(0.5))];
        let rows = settled(contained(&flows, &contents(), &[]), NEGLIGIBLE);
        let found: Vec<_> = rows.iter().map(|r| (r.mineral.to_string(), r.tonnes.unwrap())).collect();
        assert_eq!(found, [("gallium".to_owned(), 1e5), ("indium".to_owned(), 2e5)]);
    }

    #[test]
    fn unit_values_are_means_over_flows_with_value_and_quantity() {
        let flows = [
            flow("RUS", "261100", 2018, 1000.0, Some(100.0)),
            flow("BOL", "261100", 2018, 200.0, Some(60.0)),
            flow("NGA", "261100", 2018, 20.0, None),
        ];
        let trade = settled(contained(&flows, &contents(), &[]), NEGLIGIBLE);
        let found = unit_values(&trade, &"cepii-baci".parse().unwrap());
        let found: Vec<_> = found.iter().map(|row| (row.mineral.as_str(), row.year, row.usd_per_t)).collect();
        assert_eq!(found, [("tungsten", 2018, 15_000.0)]);
    }

    #[test]
    fn totals_count_only_what_other_codes_do_not_show() {
        let mut problems = Diagnostics::default();
        let text =
            "code,hs6,mineral,stage,content,less,grade,note\nW_all,284180,tungsten,refine,1,261100,C,\n";
        let totals: Vec<ImportTotal> = mapping("t", text, &mut problems);
        let seen = contained(&[flow("RUS", "261100", 2024, 1000.0, Some(100.0))], &contents(), &[]);
        let of = |exporter: &str, gross| {
            let pair = (exporter.parse().unwrap(), "CHN".parse().unwrap(), 2024);
            let row = totals[0].row(pair, gross, &"usgs-mcs-2026".parse().unwrap(), &seen);
            row.and_then(|c| c.row.tonnes)
        };
        assert_eq!(of("RUS", 80.0), Some(30.0));
        assert_eq!(of("RUS", 40.0), None);
        assert_eq!(of("VNM", 40.0), Some(40.0));
    }

    #[test]
    fn the_mapping_names_each_edition_of_a_code_once() {
        let mut problems = Diagnostics::default();
        let contents = Contents::load(&mut problems);
        assert!(problems.is_empty(), "{problems}");
        for twins in ["810320 810310", "811212 811211", "810820 810810", "252890 252800"] {
            let (kept, left) = twins.split_once(' ').unwrap();
            assert!(contents.has(kept.parse().unwrap()) && !contents.has(left.parse().unwrap()), "{twins}");
        }
        for (code, parts) in &contents.codes {
            // Bauxite is counted a second time, in its own basis, as the host of gallium.
            let others = parts.iter().filter(|part| part.mineral.as_str() != "bauxite");
            let sum: f64 = others.map(|part| part.share).sum();
            assert!(sum <= 1.0 + 1e-9, "shares of {code} add to {sum}");
        }
    }
}
