//! Prices, elasticities, by-products, recycling and demand indices.

use serde::{Deserialize, de::DeserializeOwned};

use super::{Reference, Tables, flag, grade};
use crate::text::{Input, rounded, rows};
use orecast::{
    base::{
        diagnostic::Diagnostics,
        id::{Iso3, MineralId, SourceId},
        unit::Stage,
    },
    world::table::{
        ByproductRow, DemandRow, ElasticityRow, Horizon, MineralRow, PriceRow, RecyclingRow, Side,
    },
};

/// Rows whose source may be passed on, with its identifier.
pub(super) fn open_rows<T: DeserializeOwned>(
    input: &Input,
    reference: &Reference,
    problems: &mut Diagnostics,
    source: fn(&T) -> &str,
) -> Vec<(usize, T, SourceId)> {
    let mut open = Vec::new();
    for (line, row) in rows::<T>(input, problems) {
        let rule = reference.source_or_note(source(&row), input.name(), line, problems);
        if let Some(rule) = rule.filter(|rule| rule.may_ship()) {
            open.push((line, row, rule.id.clone()));
        }
    }
    open
}

fn mineral<'a>(minerals: &'a [MineralRow], id: &str) -> Option<&'a MineralRow> {
    minerals.iter().find(|mineral| mineral.id.as_str() == id)
}

/// The stage that users buy.
pub(super) fn bought(mineral: &MineralRow) -> Stage {
    if mineral.refined_product.is_empty() { Stage::Mine } else { Stage::Refine }
}

#[derive(Debug, Deserialize)]
struct RawPrice {
    mineral: MineralId,
    stage: String,
    product: String,
    role: String,
    year: i32,
    conversion: String,
    usd_per_t: Option<f64>,
    usd_per_t_low: Option<f64>,
    usd_per_t_high: Option<f64>,
    flag: String,
    source: String,
    grade: String,
}

/// `prices.csv`: yearly prices in USD per tonne contained. Laboratory quantities, intermediate products and orders of
/// magnitude that rest on nothing (`assumption` without more) are left out; a
/// quotation of another product of the refine stage (pigment) is kept beside the primary series.
pub fn prices(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    for (_, raw, source) in open_rows::<RawPrice>(input, reference, problems, |raw| &raw.source) {
        let stage = match raw.stage.as_str() {
            "mine" => Stage::Mine,
            text if text.starts_with("refine") => Stage::Refine,
            _ => continue,
        };
        let quoted = raw.role != "retail" && raw.conversion != "assumption";
        let Some(usd_per_t) = raw.usd_per_t.filter(|_| quoted) else { continue };
        tables.prices.push(PriceRow {
            mineral: raw.mineral,
            stage,
            product: reference.remark(&raw.product),
            primary: raw.role == "primary",
            year: raw.year,
            usd_per_t,
            low: raw.usd_per_t_low,
            high: raw.usd_per_t_high,
            conversion: reference.open_remark(&raw.conversion),
            flag: flag(&raw.flag),
            source,
            grade: grade(&raw.grade),
        });
    }
}

#[derive(Debug, Deserialize)]
struct RawElasticity {
    mineral: MineralId,
    side: String,
    horizon: Horizon,
    stage: String,
    low: f64,
    mid: f64,
    high: f64,
    source: String,
    grade: String,
}

/// `elasticities.csv`: `market` becomes the stage that users buy.
pub fn elasticities(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    for (line, raw, source) in open_rows::<RawElasticity>(input, reference, problems, |raw| &raw.source) {
        let side = match raw.side.as_str() {
            "supply" => Side::Supply,
            "demand" => Side::Demand,
            "supply_to_host_output" => Side::SupplyToHost,
            other => {
                problems.push(input.name(), line, "side", format!("`{other}`"), "write supply or demand");
                continue;
            }
        };
        let stage = match raw.stage.as_str() {
            "mine" => Stage::Mine,
            "refine" => Stage::Refine,
            _ => mineral(&tables.minerals, raw.mineral.as_str()).map_or(Stage::Refine, bought),
        };
        tables.elasticities.push(ElasticityRow {
            mineral: raw.mineral,
            side,
            stage,
            horizon: raw.horizon,
            low: raw.low,
            mid: raw.mid,
            high: raw.high,
            source,
            grade: grade(&raw.grade),
        });
    }
}

#[derive(Debug, Deserialize)]
struct RawSigma {
    mineral: String,
    sigma_q25: Option<f64>,
    sigma_median: Option<f64>,
    sigma_q75: Option<f64>,
    source: String,
    grade: String,
}

/// `import_demand_and_sigma_by_mineral.csv`: substitution between origins over a year, quartiles over customs lines.
/// Minerals that are not ours are passed over.
pub fn trade_elasticities(
    input: &Input,
    reference: &Reference,
    tables: &mut Tables,
    problems: &mut Diagnostics,
) {
    for (_, raw, source) in open_rows::<RawSigma>(input, reference, problems, |raw| &raw.source) {
        let Some(of) = mineral(&tables.minerals, &raw.mineral) else { continue };
        let (Some(low), Some(mid), Some(high)) = (raw.sigma_q25, raw.sigma_median, raw.sigma_q75) else {
            continue;
        };
        tables.elasticities.push(ElasticityRow {
            mineral: of.id.clone(),
            side: Side::Trade,
            stage: bought(of),
            horizon: Horizon::Short,
            low,
            mid,
            high,
            source,
            grade: grade(if raw.grade.is_empty() { "B" } else { &raw.grade }),
        });
    }
}

#[derive(Debug, Deserialize)]
struct RawByproduct {
    mineral: MineralId,
    host: String,
    host_stage: String,
    share_low: f64,
    share_mid: f64,
    share_high: f64,
    max_over_realised: Option<f64>,
    source: String,
    grade: String,
}

/// `byproducts.csv`: rows whose host is a mineral of ours. Elements of an aggregate are split by the aggregate, not
/// hosted. Of two minerals that come out of each other, the one with the larger share is the by-product.
pub fn byproducts(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    for (_, raw, source) in open_rows::<RawByproduct>(input, reference, problems, |raw| &raw.source) {
        let Some(host) = mineral(&tables.minerals, &raw.host) else { continue };
        let joint = mineral(&tables.minerals, raw.mineral.as_str())
            .is_some_and(|of| of.market == host.id && of.id != host.id);
        if joint {
            continue;
        }
        tables.byproducts.push(ByproductRow {
            mineral: raw.mineral,
            host: host.id.clone(),
            host_stage: if raw.host_stage == "refine" { Stage::Refine } else { Stage::Mine },
            share_low: raw.share_low,
            share_mid: raw.share_mid,
            share_high: raw.share_high,
            max_over_realised: raw.max_over_realised,
            grade: reference.floored(grade(&raw.grade), &source),
            source,
        });
    }
    let pairs: Vec<(MineralId, MineralId, f64)> =
        tables.byproducts.iter().map(|r| (r.mineral.clone(), r.host.clone(), r.share_mid)).collect();
    tables.byproducts.retain(|row| {
        let mutual = pairs.iter().find(|(mineral, host, _)| *mineral == row.host && *host == row.mineral);
        mutual.is_none_or(|(mineral, _, share)| (row.share_mid, &row.mineral) > (*share, mineral))
    });
}

#[derive(Debug, Deserialize)]
struct RawRecycling {
    mineral: MineralId,
    metric: String,
    scope: String,
    low: Option<f64>,
    mid: Option<f64>,
    high: Option<f64>,
    source: String,
    source_year: i32,
    grade: String,
}

/// `recycling.csv`: shares of scrap in supply by measure.
pub fn recycling(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    for (line, raw, source) in open_rows::<RawRecycling>(input, reference, problems, |raw| &raw.source) {
        let metric = match raw.metric.as_str() {
            "EoL-RIR" => "eol-rir",
            "recycling input rate (old+new scrap)" => "input-rate",
            "secondary share of US consumption" => "us-share",
            text if text.starts_with("secondary") => "secondary-share",
            other => {
                problems.push(input.name(), line, "metric", format!("`{other}`"), "name a known measure");
                continue;
            }
        };
        let Some(mid) = raw.mid else { continue };
        let year = raw.scope.split_whitespace().find_map(|word| word.parse().ok());
        let national = raw.scope.starts_with("United States").then(|| reference.country("USA")).flatten();
        tables.recycling.push(RecyclingRow {
            mineral: raw.mineral,
            metric: metric.to_owned(),
            iso3: national.unwrap_or(Iso3::WORLD),
            year: year.unwrap_or(raw.source_year),
            low: raw.low,
            mid,
            high: raw.high,
            source,
            grade: grade(&raw.grade),
        });
    }
}

#[derive(Debug, Deserialize)]
struct RawDemand {
    mineral: MineralId,
    scenario: String,
    year: i32,
    #[serde(rename = "index_2024_low")]
    low: Option<f64>,
    #[serde(rename = "index_2024_mid")]
    mid: f64,
    #[serde(rename = "index_2024_high")]
    high: Option<f64>,
    source: String,
    grade: String,
}

/// `demand_growth.csv`: index of world use, 2024 = 1. A published index without a range is its own range.
pub fn demand(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    for (_, raw, source) in open_rows::<RawDemand>(input, reference, problems, |raw| &raw.source) {
        tables.demand.push(DemandRow {
            mineral: raw.mineral,
            scenario: raw.scenario,
            year: raw.year,
            low: rounded(raw.low.unwrap_or(raw.mid)),
            mid: rounded(raw.mid),
            high: rounded(raw.high.unwrap_or(raw.mid)),
            source,
            grade: grade(&raw.grade),
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use orecast::world::table::{Flag, MineralKind};

    fn tables() -> Tables {
        let row = |id: &str, market: &str, refined: &str| MineralRow {
            id: id.parse().unwrap(),
            name: String::new(),
            symbol: String::new(),
            kind: MineralKind::Critical,
            market: market.parse().unwrap(),
            basis: String::new(),
            mine_product: "ore".to_owned(),
            refined_product: refined.to_owned(),
            recovery_low: None,
            recovery_mid: None,
            recovery_high: None,
            recovery_grade: None,
            mine_utilisation: None,
            refine_utilisation: None,
            lists: String::new(),
            source: "orecast-minerals".parse().unwrap(),
            note: String::new(),
        };
        let minerals = vec![
            row("barite", "barite", ""),
            row("gallium", "gallium", "metal"),
            row("rare_earths", "rare_earths", "oxide"),
            row("cerium", "rare_earths", "oxide"),
            row("zinc", "zinc", "metal"),
        ];
        Tables { minerals, ..Tables::default() }
    }

    fn import(read: fn(&Input, &Reference, &mut Tables, &mut Diagnostics), text: &str) -> Tables {
        let mut tables = tables();
        let mut problems = Diagnostics::default();
        read(&Input::inline("facts.csv", text), &Reference::load().unwrap(), &mut tables, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        tables
    }

    #[test]
    fn laboratory_prices_intermediates_and_bare_assumptions_are_left_out() {
        let text = "mineral,stage,product,role,year,conversion,usd_per_t,usd_per_t_low,usd_per_t_high,flag,source,grade\n\
            gallium,refine,metal,primary,2024,x 1000,470000,,,estimated,orecast documented assumption,A\n\
            gallium,refine,bulk,primary,2024,assumption,1000,,,no_price,orecast documented assumption,C\n\
            gallium,refine,1 g ampoule,retail,2024,,9e9,,,,orecast documented assumption,A\n\
            gallium,intermediate,liquor,alt,2024,,1,,,,orecast documented assumption,A\n\
            gallium,refine_pigment,pigment,alt,2024,,3000,,,,orecast documented assumption,B\n";
        let found: Vec<_> =
            import(prices, text).prices.iter().map(|p| (p.product.clone(), p.primary, p.flag)).collect();
        assert_eq!(
            found,
            [("metal".to_owned(), true, Flag::Estimated), ("pigment".to_owned(), false, Flag::Reported)]
        );
    }

    #[test]
    fn the_market_is_the_stage_that_users_buy() {
        let text = "mineral,side,horizon,stage,low,mid,high,source,source_year,grade\n\
            barite,demand,short,market,-0.25,-0.1,-0.03,class analogue (bulk),2026,C\n\
            gallium,demand,long,market,-0.8,-0.4,-0.15,class analogue (by-product),2026,C\n\
            gallium,supply_to_host_output,short,refine,0.7,0.95,1,orecast documented assumption,2026,C\n";
        let found: Vec<_> =
            import(elasticities, text).elasticities.iter().map(|e| (e.side, e.stage, e.mid)).collect();
        assert_eq!(
            found,
            [
                (Side::Demand, Stage::Mine, -0.1),
                (Side::Demand, Stage::Refine, -0.4),
                (Side::SupplyToHost, Stage::Refine, 0.95)
            ]
        );
    }

    #[test]
    fn hosts_are_minerals_and_elements_are_not_hosted() {
        let text = "mineral,host,host_stage,share_low,share_mid,share_high,max_over_realised,source,grade\n\
            gallium,zinc,mine,0.01,0.05,0.1,10,orecast documented assumption,B\n\
            germanium,coal_fly_ash,,0.25,0.4,0.5,,orecast documented assumption,C\n\
            zinc,lead,mine,0.1,0.2,0.3,,orecast documented assumption,C\n\
            lead,zinc,mine,0.3,0.4,0.5,,orecast documented assumption,C\n\
            cerium,rare_earths,,1,1,1,,joint product of the aggregate,B\n";
        let found: Vec<_> = import(byproducts, text).byproducts.iter().map(|b| b.host.to_string()).collect();
        assert_eq!(found, ["zinc", "zinc"]);
    }

    #[test]
    fn scrap_measures_have_a_place_and_a_year_and_closed_sources_are_left_out() {
        let text = "mineral,metric,scope,low,mid,high,source,source_year,grade\n\
            zinc,recycling input rate (old+new scrap),world 2019,,0.39,,GLOMBO case-study data,2022,C\n\
            zinc,secondary share of US consumption,United States 2025,,0.2,,orecast documented assumption,2026,A\n\
            zinc,EoL-RIR,default,,0.13,,\"Varcolacus/critical-materials-atlas companionality, facts only recycling table\",2024,B\n";
        let found: Vec<_> = import(recycling, text)
            .recycling
            .iter()
            .map(|r| format!("{} {} {}", r.metric, r.iso3, r.year))
            .collect();
        assert_eq!(found, ["input-rate WLD 2019", "us-share USA 2025"]);
    }
}
