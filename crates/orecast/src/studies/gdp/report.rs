//! The screen with the economy's losses: by mineral, by exporter, with what drives them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::studies::gdp::{
    Assumptions, Basis, Economy, Loss, RiskClass,
    economy::{Driver, Shock},
};
use crate::{
    base::{
        diagnostic::Diagnostics,
        draw::Draw,
        id::MineralId,
        unit::{Range, Stage},
    },
    indicator::Group,
    studies::screen::{Screen, ScreenOptions, ScreenRow, screen},
    world::{World, table::ProjectStatus},
};

/// Why there is no gross domestic product at risk.
#[derive(Debug, thiserror::Error)]
pub enum NoGdp {
    /// The package has no accounts.
    #[error("the package has no input-output accounts\n    import them, see docs/src/importers.md")]
    NoAccounts,
    /// The hazard file has problems.
    #[error(transparent)]
    Hazard(#[from] Diagnostics),
}

/// Gross domestic product at risk for one leader.
#[derive(Debug, Serialize)]
pub struct GdpScreen {
    /// What the loss of output rests on.
    pub basis: Basis,
    /// Assumptions.
    pub assumptions: Assumptions,
    /// Value added of all industries in the accounts, million USD.
    pub product_musd: f64,
    /// Year of the accounts' size.
    pub accounts_year: i32,
    /// Minerals, the largest expected loss first.
    pub minerals: Vec<MineralRisk>,
    /// Exporters, the largest expected loss first.
    pub exporters: Vec<ExporterRisk>,
    /// Every scenario, the largest expected loss first.
    pub screen: Screen,
}

/// What one mineral puts at risk.
#[derive(Debug, Clone, Serialize)]
pub struct MineralRisk {
    /// Mineral.
    pub mineral: MineralId,
    /// Class of the expected loss.
    pub class: RiskClass,
    /// Expected loss a year, million USD: sum over exporters of the larger of their stages. The ends add up those of the
    /// scenarios that were drawn, as if all moved together.
    pub expected_loss_musd: Range,
    /// The scenario with the largest expected loss: exporter.
    pub exporter: String,
    /// Stage that stops in it.
    pub stage: Option<Stage>,
    /// Its probability within a year.
    pub probability: f64,
    /// Its loss in a full year, million USD.
    pub loss_musd: Range,
    /// The parts of that loss, at middle parameters.
    pub parts: Loss,
    /// What it mostly comes from.
    pub driver: Driver,
    /// The industries that lose most in it, with million USD.
    pub industries: Vec<(String, f64)>,
    /// Who makes the mineral in the leader's country.
    pub producers: Producers,
}

/// Plants of a mineral in the leader's country, as far as `data/projects.csv` knows them: it is no census.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Producers {
    /// No output is published.
    None,
    /// Output is published and one running plant is on file: perhaps a single point of failure.
    OneKnown,
    /// Several running plants are on file.
    Several,
    /// Output is published and no running plant is on file.
    NotOnFile,
}

impl Producers {
    /// The words on screens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::OneKnown => "one on file",
            Self::Several => "several",
            Self::NotOnFile => "not on file",
        }
    }
}

/// What one exporter puts at risk.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExporterRisk {
    /// Country.
    pub exporter: String,
    /// Sum over minerals of the expected loss of the larger of its stages, million USD a year.
    pub expected_loss_musd: f64,
    /// Sum over minerals of the loss in a full year, million USD.
    pub each_alone_musd: f64,
    /// Loss in a full year when it stops all of them at once, million USD.
    pub all_at_once_musd: f64,
    /// Minerals that count.
    pub minerals: usize,
}

/// Runs the screen and values every scenario.
///
/// # Errors
/// When the package has no accounts, or the hazard file has problems.
pub fn gdp_screen(
    world: &World,
    group: &Group,
    options: &ScreenOptions<'_>,
    assumptions: Assumptions,
) -> Result<GdpScreen, NoGdp> {
    gdp_screen_by(world, group, options, assumptions, |options| screen(world, group, options))
}

/// The same with a screen that is run by the caller, with the options it is given.
///
/// # Errors
/// When the package has no accounts, or the hazard file has problems.
pub fn gdp_screen_by(
    world: &World,
    group: &Group,
    options: &ScreenOptions<'_>,
    assumptions: Assumptions,
    screen: impl FnOnce(&ScreenOptions<'_>) -> Result<Screen, Diagnostics>,
) -> Result<GdpScreen, NoGdp> {
    let economy =
        Economy::of(world, group, options.year, options.scale, assumptions).ok_or(NoGdp::NoAccounts)?;
    let screen = screen(&ScreenOptions { valuer: Some(&economy), ..options.clone() })?;
    let counted = counted(&screen);
    let mut by_mineral: BTreeMap<&MineralId, Vec<&ScreenRow>> = BTreeMap::new();
    let mut by_exporter: BTreeMap<&str, Vec<&ScreenRow>> = BTreeMap::new();
    for row in counted {
        by_mineral.entry(&row.mineral).or_default().push(row);
        // An element is lost with its market.
        if row.part_of.is_none() {
            by_exporter.entry(&row.exporter).or_default().push(row);
        }
    }
    let mut minerals: Vec<MineralRisk> = by_mineral
        .into_iter()
        .filter_map(|(mineral, rows)| mineral_risk(world, group, options.year, &economy, mineral, &rows))
        .collect();
    minerals.sort_by(|a, b| b.expected_loss_musd.mid.total_cmp(&a.expected_loss_musd.mid));
    let mut exporters: Vec<ExporterRisk> =
        by_exporter.into_iter().map(|(exporter, rows)| exporter_risk(&economy, exporter, &rows)).collect();
    exporters.sort_by(|a, b| b.expected_loss_musd.total_cmp(&a.expected_loss_musd));
    Ok(GdpScreen {
        basis: economy.basis,
        assumptions,
        product_musd: economy.accounts.product(),
        accounts_year: economy.accounts.year,
        minerals,
        exporters,
        screen,
    })
}

fn expected(row: &ScreenRow) -> f64 {
    row.expected_gdp_loss_musd.unwrap_or(0.0)
}

/// Of the stages that a country can stop for a mineral the one with the larger expected loss: who stops ore as well as metal
/// does not take the same twice. Groups are left out, their members are here.
fn counted(screen: &Screen) -> Vec<&ScreenRow> {
    let mut worst: BTreeMap<(&MineralId, &str), &ScreenRow> = BTreeMap::new();
    for row in screen.rows.iter().filter(|row| row.stage.is_some() && row.gdp_loss_musd.is_some()) {
        let entry = worst.entry((&row.mineral, &row.exporter)).or_insert(row);
        if expected(row) > expected(entry) {
            *entry = row;
        }
    }
    worst.into_values().collect()
}

fn shock(row: &ScreenRow) -> Shock<'_> {
    Shock { mineral: &row.mineral, users: &row.users, gain_musd: row.producer_gain_musd.unwrap_or(0.0) }
}

fn mineral_risk(
    world: &World,
    group: &Group,
    year: i32,
    economy: &Economy,
    mineral: &MineralId,
    rows: &[&ScreenRow],
) -> Option<MineralRisk> {
    let worst = *rows.iter().max_by(|a, b| expected(a).total_cmp(&expected(b)))?;
    let ranges = rows.iter().map(|row| {
        let exact = Range::exact(expected(row));
        row.ranges.map_or(exact, |r| r.expected_gdp_loss_musd)
    });
    let sum =
        ranges.fold(Range::exact(0.0), |a, b| Range::new(a.low + b.low, a.mid + b.mid, a.high + b.high));
    let parts = economy.loss(&[shock(worst)], Draw::MIDDLE);
    let industries = economy.by_industry(&[shock(worst)]).into_iter().filter(|(_, musd)| *musd > 0.0).take(3);
    Some(MineralRisk {
        mineral: mineral.clone(),
        class: RiskClass::of(sum.mid),
        expected_loss_musd: sum,
        exporter: worst.exporter.clone(),
        stage: worst.stage,
        probability: worst.probability,
        loss_musd: worst.ranges.map_or(Range::exact(parts.total_musd()), |r| r.gdp_loss_musd),
        driver: parts.driver(),
        industries: industries.map(|(j, musd)| (economy.accounts.name(j).to_owned(), musd)).collect(),
        parts,
        producers: producers(world, group, year, mineral),
    })
}

fn producers(world: &World, group: &Group, year: i32, mineral: &MineralId) -> Producers {
    let makes = [Stage::Mine, Stage::Refine].into_iter().any(|stage| {
        let chosen = world.chosen_production(mineral, stage, year);
        // A withheld figure is output all the same.
        let made = chosen.iter().filter(|(country, _)| group.has(**country));
        made.into_iter().any(|(_, row)| row.value.is_none_or(|tonnes| tonnes > 0.0))
    });
    let running = world
        .projects(mineral)
        .iter()
        .filter(|row| group.has(row.iso3) && row.status == ProjectStatus::Producing)
        .count();
    match running {
        0 if makes => Producers::NotOnFile,
        0 => Producers::None,
        1 => Producers::OneKnown,
        _ => Producers::Several,
    }
}

fn exporter_risk(economy: &Economy, exporter: &str, rows: &[&ScreenRow]) -> ExporterRisk {
    let shocks: Vec<Shock<'_>> = rows.iter().map(|row| shock(row)).collect();
    ExporterRisk {
        exporter: exporter.to_owned(),
        expected_loss_musd: rows.iter().map(|row| expected(row)).sum(),
        each_alone_musd: rows.iter().filter_map(|row| row.gdp_loss_musd).sum(),
        all_at_once_musd: economy.loss(&shocks, Draw::MIDDLE).total_musd(),
        minerals: rows.len(),
    }
}
