//! What a lever is about, and what a schema cannot say about it.

use serde_json::Value;

use super::{
    lever::{Lever, Restriction},
    names::Names,
    quantity::Quantity,
};
use crate::base::{
    id::{Iso3, MineralId, ProjectId},
    unit::Stage,
};

/// A floor further from all prices seen than this factor is taken for a slip of units.
const FARTHEST_FLOOR: f64 = 5.0;

/// A problem of a lever: the key, what was found, what would be right.
pub(super) type Fault = (&'static str, String, String);

impl Lever {
    /// The word for it in files.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ProjectFinance(_) => "project-finance",
            Self::Offtake(_) => "offtake",
            Self::PriceFloor(_) => "price-floor",
            Self::ProductionCredit(_) => "production-credit",
            Self::TechTransfer(_) => "tech-transfer",
            Self::Permitting(_) => "permitting",
            Self::Infrastructure(_) => "infrastructure",
            Self::Duty(_) => "duty",
            Self::ExportRestriction(_) => "export-restriction",
            Self::Exemption(_) => "exemption",
            Self::PledgeNotToRestrict(_) => "pledge-not-to-restrict",
            Self::Stockpile(_) => "stockpile",
            Self::OwnershipScreen(_) => "ownership-screen",
            Self::RightOfFirstOffer(_) => "right-of-first-offer",
            Self::ShareCap(_) => "share-cap",
            Self::Recycling(_) => "recycling",
        }
    }

    /// The project it is about, when it is about one.
    pub const fn project(&self) -> Option<&ProjectId> {
        match self {
            Self::ProjectFinance(lever) => Some(&lever.project),
            Self::Offtake(lever) => lever.project.as_ref(),
            Self::PriceFloor(lever) => lever.project.as_ref(),
            Self::ProductionCredit(lever) => lever.project.as_ref(),
            Self::Permitting(lever) => lever.project.as_ref(),
            Self::RightOfFirstOffer(lever) => lever.project.as_ref(),
            _ => None,
        }
    }

    /// The minerals it names; none when it holds for all, or for a project's.
    pub fn minerals(&self) -> &[MineralId] {
        use std::slice::from_ref;
        match self {
            Self::Offtake(lever) => lever.mineral.as_slice(),
            Self::PriceFloor(lever) => from_ref(&lever.mineral),
            Self::ProductionCredit(lever) => from_ref(&lever.mineral),
            Self::TechTransfer(lever) => from_ref(&lever.mineral),
            Self::Infrastructure(lever) => &lever.minerals,
            Self::Duty(lever) => from_ref(&lever.mineral),
            Self::ExportRestriction(lever) => from_ref(&lever.mineral),
            Self::Exemption(lever) => lever.mineral.as_slice(),
            Self::PledgeNotToRestrict(lever) => lever.mineral.as_slice(),
            Self::Stockpile(lever) => from_ref(&lever.mineral),
            Self::OwnershipScreen(lever) => &lever.minerals,
            Self::ShareCap(lever) => from_ref(&lever.mineral),
            Self::Recycling(lever) => from_ref(&lever.mineral),
            Self::ProjectFinance(_) | Self::Permitting(_) | Self::RightOfFirstOffer(_) => &[],
        }
    }

    /// Every country that it names: all its texts that read as a country code, which no other kind of word does.
    pub fn countries(&self) -> Vec<Iso3> {
        let mut list = Vec::new();
        let mut waiting: Vec<Value> = serde_json::to_value(self).into_iter().collect();
        while let Some(value) = waiting.pop() {
            match value {
                Value::String(text) => list.extend(text.parse::<Iso3>()),
                Value::Array(items) => waiting.extend(items),
                Value::Object(fields) => waiting.extend(fields.into_iter().map(|(_, field)| field)),
                _ => {}
            }
        }
        list.sort_unstable();
        list.dedup();
        list
    }

    /// Everything that is wrong with its numbers taken together.
    pub(super) fn faults(&self, names: &Names) -> Vec<Fault> {
        let mut faults = Vec::new();
        match self {
            Self::ProjectFinance(l) => {
                one_of(
                    &mut faults,
                    [("amount_musd", l.amount_musd.is_some()), ("capex_share", l.capex_share.is_some())],
                );
            }
            Self::Offtake(l) => {
                let output = l.mineral.is_some() && l.stage.is_some() && l.country.is_some();
                let part = l.mineral.is_some() || l.stage.is_some() || l.country.is_some();
                if part && !output && l.project.is_none() {
                    let found = "names only part of an output".to_owned();
                    faults.push((
                        "",
                        found,
                        "give `mineral`, `stage` and `country`, or a `project`".to_owned(),
                    ));
                } else {
                    one_of(&mut faults, [("project", l.project.is_some()), ("mineral", part)]);
                }
                one_of(&mut faults, [("share", l.share.is_some()), ("t_per_year", l.t_per_year.is_some())]);
            }
            Self::PriceFloor(l) => {
                one_of(&mut faults, [("project", l.project.is_some()), ("country", l.country.is_some())]);
                let multiple = l.times_base_price.is_some();
                one_of(&mut faults, [("usd_per_t", l.usd_per_t.is_some()), ("times_base_price", multiple)]);
                faults.extend(l.usd_per_t.and_then(|floor| strange_floor(floor, &l.mineral, l.stage, names)));
            }
            Self::ProductionCredit(l) => {
                one_of(&mut faults, [("project", l.project.is_some()), ("country", l.country.is_some())]);
                one_of(&mut faults, [("usd_per_t", l.usd_per_t.is_some()), ("percent", l.percent.is_some())]);
            }
            Self::Permitting(l) => {
                one_of(&mut faults, [("project", l.project.is_some()), ("country", l.country.is_some())]);
            }
            Self::RightOfFirstOffer(l) => {
                one_of(&mut faults, [("project", l.project.is_some()), ("country", l.country.is_some())]);
            }
            Self::Duty(l) => {
                one_of(&mut faults, [("percent", l.percent.is_some()), ("usd_per_t", l.usd_per_t.is_some())]);
            }
            Self::ExportRestriction(l) => {
                let share = ("quota_share", l.quota_share.is_some());
                let tonnes = ("t_per_year", l.t_per_year.is_some());
                let percent = ("percent", l.percent.is_some());
                match l.kind {
                    Restriction::Ban => none_of(&mut faults, "ban", [share, tonnes, percent]),
                    Restriction::Quota | Restriction::Licence => {
                        one_of(&mut faults, [share, tonnes]);
                        none_of(&mut faults, "quota or licence", [percent]);
                    }
                    Restriction::Tax => {
                        one_of(&mut faults, [percent]);
                        none_of(&mut faults, "tax", [share, tonnes]);
                    }
                }
            }
            _ => {}
        }
        faults
    }
}

/// Exactly one of the keys must be written.
fn one_of<const N: usize>(faults: &mut Vec<Fault>, keys: [(&'static str, bool); N]) {
    let listed = |keys: &[&str]| keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" or ");
    let all: Vec<&str> = keys.iter().map(|&(key, _)| key).collect();
    match keys.iter().filter(|&&(_, given)| given).count() {
        1 => {}
        0 => faults.push((
            "",
            format!("{} is missing", listed(&all)),
            "add it, as a number, a range or \"unknown\"".to_owned(),
        )),
        _ => {
            let found = format!("{} are given together", all.join(" and "));
            faults.push((keys[0].0, found, format!("keep one: {}", listed(&all))));
        }
    }
}

/// None of the keys may be written with this kind of lever.
fn none_of<const N: usize>(faults: &mut Vec<Fault>, kind: &str, keys: [(&'static str, bool); N]) {
    for (key, _) in keys.into_iter().filter(|&(_, given)| given) {
        faults.push((key, format!("a {kind} has no `{key}`"), "remove it, or change `kind`".to_owned()));
    }
}

fn strange_floor(floor: Quantity, mineral: &MineralId, stage: Stage, names: &Names) -> Option<Fault> {
    let &(lowest, highest) = names.prices.get(&(mineral.clone(), stage))?;
    let Quantity { range, .. } = floor;
    let strange = range.low < lowest / FARTHEST_FLOOR || range.high > highest * FARTHEST_FLOOR;
    (floor.is_stated() && strange).then(|| {
        let found = format!("a floor of {} to {} USD/t is far from any price seen", range.low, range.high);
        let remedy =
            format!("prices of {mineral} ({stage}) ran from {lowest} to {highest} USD per tonne contained");
        ("usd_per_t", found, remedy)
    })
}
