//! The register: what was promised, what was delivered, and how often the one becomes the other.
//!
//! It reads the tables `agreements`, `clauses`, `deal_projects`, `events` and `measures` of a world. [`history`] computes clocks, [`follow`]
//! gathers everything about one deal, [`rate`] the observed rates that presets refer to.

pub mod follow;
pub mod history;
pub mod rate;
mod trade;

use crate::{
    base::{
        date::PartialDate,
        diagnostic::did_you_mean,
        id::{Iso3, MineralId, PartyId},
    },
    world::{
        World,
        names::Subject,
        table::{AgreementRow, ClauseKind, ClauseRow, Force, Form, Step, Strength},
    },
};

pub use trade::{TradeLine, YearFlow};

/// Which deals are wanted; what is absent is not asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// A party, on either side, by itself or as a member of a bloc.
    pub party: Option<PartyId>,
    /// A mineral that the deal names.
    pub mineral: Option<MineralId>,
    /// Form.
    pub form: Option<Form>,
    /// A clause that the deal promises or names.
    pub clause: Option<ClauseKind>,
    /// Rung last seen.
    pub status: Option<Step>,
    /// Earliest date.
    pub since: Option<PartialDate>,
}

impl Filter {
    /// The deals that fit, by date.
    pub fn of<'w>(&self, world: &'w World) -> Vec<&'w AgreementRow> {
        world.tables().agreements.iter().filter(|row| self.fits(world, row)).collect()
    }

    fn fits(&self, world: &World, row: &AgreementRow) -> bool {
        let names = |party: &PartyId| {
            let mut sides = row.side_a.iter().chain(row.side_b.iter());
            sides.any(|side| {
                side == party
                    || country_of(party).is_some_and(|code| members(world, side, row).contains(&code))
            })
        };
        let says = |kind: ClauseKind| {
            clauses(world, row).any(|clause| clause.clause == kind && clause.strength != Strength::Unknown)
        };
        self.party.as_ref().is_none_or(names)
            && self.mineral.as_ref().is_none_or(|mineral| row.minerals.contains(mineral))
            && self.form.is_none_or(|form| row.form == form)
            && self.clause.is_none_or(says)
            && self.status.is_none_or(|status| row.status == status)
            && self.since.is_none_or(|since| row.date.last() >= since.first())
    }
}

fn country_of(party: &PartyId) -> Option<Iso3> {
    party.as_str().parse().ok()
}

/// Countries of one side's party at the date of the deal.
fn members(world: &World, party: &PartyId, row: &AgreementRow) -> Vec<Iso3> {
    world.party_members(party, row.date.year())
}

/// What a deal says about each lever.
pub fn clauses<'w>(world: &'w World, row: &AgreementRow) -> impl Iterator<Item = &'w ClauseRow> {
    let id = row.id.clone();
    world.tables().clauses.iter().filter(move |clause| clause.deal == id)
}

/// The deal of an identifier, in any case.
///
/// # Errors
/// When there is none, with the nearest one that exists.
pub fn deal<'w>(world: &'w World, id: &str) -> Result<&'w AgreementRow, String> {
    let rows = &world.tables().agreements;
    rows.iter().find(|row| row.id.as_str().eq_ignore_ascii_case(id.trim())).ok_or_else(|| {
        let ids = rows.iter().map(|row| row.id.as_str());
        format!("no deal `{id}`\n    {}", did_you_mean(id, ids, "the list of deals has them"))
    })
}

/// The party that a text names: a bloc, or a country by code, name or alias.
///
/// # Errors
/// When nothing has that name, with the nearest one that exists.
pub fn party(world: &World, text: &str) -> Result<PartyId, String> {
    if let Some(row) = world.tables().blocs.iter().find(|row| row.bloc.as_str().eq_ignore_ascii_case(text)) {
        return row.bloc.as_str().parse().map_err(|error: crate::base::id::InvalidId| error.to_string());
    }
    match world.find(text).map_err(|error| error.to_string())? {
        Subject::Country(row) => {
            row.iso3.as_str().parse().map_err(|error: crate::base::id::InvalidId| error.to_string())
        }
        Subject::Mineral(row) => Err(format!("`{}` is a mineral\n    name a country or a bloc", row.id)),
    }
}

/// Whether a deal does not bind in law.
pub const fn is_soft(force: Force) -> bool {
    matches!(force, Force::NonBinding | Force::Political | Force::Mixed)
}
