//! What each clause of a case will do in the model, in words and numbers.

use serde::Serialize;

use crate::answer::number::{Style, Unit, figure};
use crate::{
    base::{
        id::{ArmId, Iso3, ProjectId},
        unit::{Grade, Range},
    },
    params::Params,
    policy::{
        Arm, Case, Commitment, Lever, Origin, Presets, Quantity,
        lever::{Instrument, ProjectFinance, Restriction},
    },
    world::{World, table::ProjectRow},
};

/// One clause of one arm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Clause {
    /// Arm.
    pub arm: ArmId,
    /// Name of the commitment.
    pub id: String,
    /// Lever.
    pub lever: &'static str,
    /// Whether nobody agreed to it.
    pub is_shock: bool,
    /// What it acts on.
    pub object: String,
    /// Probability that it materialises.
    pub probability: Range,
    /// Where the probability comes from.
    pub probability_from: String,
    /// When it takes hold if it does.
    pub year: Range,
    /// Who pays.
    pub payer: Option<Iso3>,
    /// What it does when it materialises.
    pub effect: String,
    /// Grade of its numbers.
    pub grade: Grade,
    /// What the file says about it.
    pub note: String,
}

/// Every clause of every arm, in the order of the arms; `presets` are those that the case was read with.
pub fn explain(world: &World, case: &Case, presets: &Presets) -> Vec<Clause> {
    let params = case.params();
    let of_arm = |arm: &Arm| {
        let promised = arm.commitments.iter().map(|commitment| (false, commitment));
        let all = promised.chain(arm.shocks.iter().map(|shock| (true, shock)));
        all.map(|(is_shock, commitment)| clause(world, presets, &params, arm, commitment, is_shock))
            .collect::<Vec<_>>()
    };
    case.arms.iter().flat_map(of_arm).collect()
}

fn clause(
    world: &World,
    presets: &Presets,
    params: &Params<Range>,
    arm: &Arm,
    commitment: &Commitment,
    is_shock: bool,
) -> Clause {
    let lever = &commitment.lever;
    Clause {
        arm: arm.id.clone(),
        id: commitment.id.clone(),
        lever: lever.name(),
        is_shock,
        object: object(world, lever),
        probability: commitment.materialises.probability.range,
        probability_from: origin(presets, arm, commitment),
        year: commitment.materialises.year.range,
        payer: commitment.payer,
        effect: effect(world, params, lever),
        grade: commitment.grade,
        note: commitment.note.clone(),
    }
}

/// Where a probability comes from.
fn origin(presets: &Presets, arm: &Arm, commitment: &Commitment) -> String {
    let preset = arm.preset.as_deref();
    match commitment.materialises.probability.origin {
        Origin::Stated => "stated in the case".to_owned(),
        Origin::Unknown => "unknown: the documented wide range".to_owned(),
        Origin::Preset => {
            let instrument = match &commitment.lever {
                Lever::ProjectFinance(finance) => Some(finance.instrument),
                _ => None,
            };
            let stand_ins = presets.stand_ins(preset, commitment.lever.name(), instrument);
            let chance = stand_ins.iter().find_map(|stand_in| stand_in.probability.as_ref());
            let form = preset.unwrap_or_default();
            match chance.and_then(|chance| chance.observed()) {
                Some(rate) => format!("preset `{form}`: observed rate `{rate}`"),
                None => format!("preset `{form}`"),
            }
        }
    }
}

fn project<'w>(world: &'w World, id: &ProjectId) -> Option<&'w ProjectRow> {
    world.tables().projects.iter().find(|row| row.id == *id)
}

fn object(world: &World, lever: &Lever) -> String {
    let countries = |codes: &[Iso3]| if codes.is_empty() { "all".to_owned() } else { join(codes) };
    let about = |project: Option<&ProjectId>, country: Option<Iso3>| match (project, country) {
        (Some(id), _) => {
            self::project(world, id).map_or_else(|| id.to_string(), |row| format!("{} ({id})", row.name))
        }
        (None, Some(country)) => format!("all of {country}"),
        (None, None) => "all".to_owned(),
    };
    match lever {
        Lever::ProjectFinance(l) => about(Some(&l.project), None),
        Lever::Offtake(l) => match (&l.mineral, l.stage) {
            (Some(mineral), Some(stage)) => format!(
                "{mineral}, {stage}, made in {}",
                about(None, l.country).trim_start_matches("all of ")
            ),
            _ => about(l.project.as_ref(), l.country),
        },
        Lever::PriceFloor(l) => {
            format!("{}, {}: {}", l.mineral, l.stage, about(l.project.as_ref(), l.country))
        }
        Lever::ProductionCredit(l) => {
            format!("{}, {}: {}", l.mineral, l.stage, about(l.project.as_ref(), l.country))
        }
        Lever::TechTransfer(l) => format!("refining of {} in {}", l.mineral, l.country),
        Lever::Permitting(l) => about(l.project.as_ref(), l.country),
        Lever::Infrastructure(l) => {
            format!("{}: {} to {}", l.route, countries(&l.exporters), countries(&l.importers))
        }
        Lever::Duty(l) => {
            format!(
                "{}, {}: {} into {}",
                l.mineral,
                l.stage,
                countries(&l.exporters),
                countries(&l.importers)
            )
        }
        Lever::ExportRestriction(l) => {
            format!("{}, {}: {} to {}", l.mineral, l.stage, countries(&l.exporters), countries(&l.importers))
        }
        Lever::Exemption(l) => format!("{} to {}", countries(&l.exporters), countries(&l.importers)),
        Lever::PledgeNotToRestrict(l) => {
            format!("{} to {}", countries(&l.exporters), countries(&l.importers))
        }
        Lever::Stockpile(l) => format!("{}, {}, held by {}", l.mineral, l.stage, l.holder),
        Lever::OwnershipScreen(l) => format!("{} against {}", l.country, l.against),
        Lever::RightOfFirstOffer(l) => about(l.project.as_ref(), l.country),
        Lever::ShareCap(l) => format!("{}, {}: into {}", l.mineral, l.stage, countries(&l.importers)),
        Lever::Recycling(l) => format!("{} in {}", l.mineral, l.country),
    }
}

fn join(codes: &[Iso3]) -> String {
    codes.iter().map(Iso3::as_str).collect::<Vec<_>>().join(", ")
}

fn text(quantity: &Quantity, unit: &str) -> String {
    figure(quantity.range, &Unit::parse(unit), Style::TERMINAL).to_string()
}

/// The range of a rate in percent points.
fn points(range: Range) -> String {
    let percent = Range::new(range.low * 100.0, range.mid * 100.0, range.high * 100.0);
    figure(percent, &Unit::Other("points".to_owned()), Style::TERMINAL).to_string()
}

fn effect(world: &World, params: &Params<Range>, lever: &Lever) -> String {
    let years = |quantity: &Quantity| text(quantity, "years");
    match lever {
        Lever::ProjectFinance(l) => finance(world, l),
        Lever::Offtake(l) => {
            let part = match (&l.share, &l.t_per_year) {
                (Some(share), _) => format!("{} of the output", text(share, "share")),
                (None, Some(tonnes)) => format!("{} a year", text(tonnes, "t")),
                (None, None) => "output".to_owned(),
            };
            let tonnes = l.project.as_ref().and_then(|id| project(world, id)).zip(l.share.as_ref()).and_then(
                |(row, share)| {
                    let output = row.increment_mid?;
                    Some(format!(
                        ", about {} of {} at full output",
                        text(&scaled(share, output), "t"),
                        row.mineral
                    ))
                },
            );
            let cost = if l.project.is_some() {
                format!(
                    "; takes {} off the project's cost of capital while it runs",
                    points(params.wacc_without_offtake)
                )
            } else {
                "; moves who gets the output; how much there is follows only the price that the bound sale brings its seller"
                    .to_owned()
            };
            format!("{part} flows to {} for {}{}{cost}", l.buyer, years(&l.years), tonnes.unwrap_or_default())
        }
        Lever::PriceFloor(l) => {
            let floor = match (&l.usd_per_t, &l.times_base_price) {
                (Some(price), _) => text(price, "USD/t"),
                (None, Some(times)) => {
                    let price = world.base_year().and_then(|year| world.price(&l.mineral, l.stage, year));
                    let usd =
                        price.map(|price| format!(", {}", text(&scaled(times, price.usd_per_t), "USD/t")));
                    format!("{} the base year's price{}", text(times, "ratio"), usd.unwrap_or_default())
                }
                (None, None) => "unknown".to_owned(),
            };
            format!(
                "producers receive at least {floor} for {}; the payer bears the gap and receives {} of an excess; takes {} off \
                 the cost of capital of the projects covered",
                years(&l.years),
                text(&l.upside_share, "share"),
                points(params.wacc_with_floor)
            )
        }
        Lever::ProductionCredit(l) => {
            let credit = match (&l.usd_per_t, &l.percent) {
                (Some(usd), _) => text(usd, "USD/t"),
                (None, Some(percent)) => format!("{} of the base price", text(percent, "%")),
                (None, None) => "unknown".to_owned(),
            };
            format!("lowers the producers' cost by {credit} for {}; the payer bears it", years(&l.years))
        }
        Lever::TechTransfer(l) => {
            let opened =
                l.t_per_year.as_ref().map(|t| format!(" and {} a year of capacity open", text(t, "t")));
            format!(
                "recovery of refining rises by {}{} after {}",
                text(&l.recovery_gain, "share").replace('%', "points"),
                opened.unwrap_or_default(),
                years(&l.lead_time_years)
            )
        }
        Lever::Permitting(l) => format!("first output comes {} earlier", text(&l.months_saved, "months")),
        Lever::Infrastructure(l) => format!("transport costs {} less", text(&l.saving_usd_per_t, "USD/t")),
        Lever::Duty(l) => match (&l.percent, &l.usd_per_t) {
            (Some(percent), _) => format!("imports cost {} more", text(percent, "%")),
            (None, Some(usd)) => format!("imports cost {} more", text(usd, "USD/t")),
            (None, None) => "imports cost more".to_owned(),
        },
        Lever::ExportRestriction(l) => {
            let held = match (l.kind, &l.quota_share, &l.t_per_year, &l.percent) {
                (Restriction::Ban, ..) => "nothing leaves".to_owned(),
                (Restriction::Tax, _, _, Some(percent)) => {
                    format!("exports cost {} more", text(percent, "%"))
                }
                (_, Some(share), ..) => {
                    format!("at most {} of the base year's exports leave", text(share, "share"))
                }
                (_, None, Some(tonnes), _) => format!("at most {} a year leave", text(tonnes, "t")),
                _ => "exports are held back".to_owned(),
            };
            format!("{held} for {}", years(&l.years))
        }
        Lever::Exemption(_) => "takes duties, bans and caps off, after all else".to_owned(),
        Lever::Stockpile(l) => format!(
            "buys until {} are held, over {}; sells half of that a year after a year at {} the base price",
            text(&l.t, "t"),
            years(&l.fill_years),
            text(&l.release_above, "ratio")
        ),
        Lever::ShareCap(l) => {
            format!("no supplier sends more than {} of the base year's imports", text(&l.max_share, "share"))
        }
        Lever::PledgeNotToRestrict(l) => {
            format!(
                "the chance of each restriction by them that the case lists falls by {} of itself",
                text(&l.probability_cut, "share")
            )
        }
        Lever::OwnershipScreen(l) => format!(
            "members of {} take control of no project decided from then on; their part passes to {}",
            l.against, l.country
        ),
        Lever::RightOfFirstOffer(l) => {
            format!("{} takes up {} of the output and of its control", l.buyer, text(&l.take_up, "share"))
        }
        Lever::Recycling(l) => {
            format!("{} of use comes from scrap after {}", text(&l.share, "share"), years(&l.ramp_years))
        }
    }
}

fn scaled(quantity: &Quantity, factor: f64) -> Quantity {
    let Range { low, mid, high } = quantity.range;
    Quantity { range: Range::new(low * factor, mid * factor, high * factor), origin: quantity.origin }
}

fn finance(world: &World, l: &ProjectFinance) -> String {
    let capex = project(world, &l.project).and_then(|row| row.capex_musd);
    let money = match (&l.amount_musd, &l.capex_share) {
        (Some(amount), _) => {
            let share = capex.map(|capex| {
                format!(", {} of the published capital cost", text(&scaled(amount, 1.0 / capex), "share"))
            });
            format!("{}{}", text(&scaled(amount, 1e6), "USD"), share.unwrap_or_default())
        }
        (None, Some(share)) => {
            let usd = capex.map(|capex| format!(", {}", text(&scaled(share, capex * 1e6), "USD")));
            format!("{} of the capital cost{}", text(share, "share"), usd.unwrap_or_default())
        }
        (None, None) => "an unknown amount".to_owned(),
    };
    match l.instrument {
        Instrument::Grant | Instrument::Equity => format!(
            "{money} of {} lowers the capital to be raised, and raises the chance that the project is decided",
            if l.instrument == Instrument::Grant { "grant" } else { "equity" }
        ),
        _ => format!(
            "{money} is lent at {} real where that is below the project's own rate, and raises the chance that the project is decided",
            text(&l.rate_percent, "%")
        ),
    }
}
