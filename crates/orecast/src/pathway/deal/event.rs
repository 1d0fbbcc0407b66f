//! Which commitments, shocks and responses of an arm materialise in a draw, and when.

use crate::{
    base::{draw::Draw, id::Iso3},
    policy::{Arm, Commitment, Lever, Quantity},
};

/// A commitment that materialises in a draw.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// The commitment.
    pub commitment: &'a Commitment,
    /// When it takes hold, as a year with a fraction.
    pub from: f64,
    draw: Draw,
}

impl<'a> Event<'a> {
    /// A commitment that is in force from the start of a year, whatever its probability.
    pub(crate) fn in_force(commitment: &'a Commitment, year: i32, draw: Draw) -> Self {
        Self { commitment, from: f64::from(year), draw }
    }

    /// One draw of a number of the lever, by its field name.
    pub fn number(&self, field: &str, quantity: &Quantity) -> f64 {
        draw_number(self.draw, self.commitment, field, quantity)
    }

    /// Whether it is in force in a year, given for how many years it runs.
    pub(super) fn holds(&self, year: i32, years: Option<&Quantity>) -> bool {
        let end = years.map_or(f64::INFINITY, |q| self.from + self.number("years", q));
        let now = f64::from(year) + 0.5;
        self.from <= now && now < end
    }
}

fn draw_number(draw: Draw, commitment: &Commitment, field: &str, quantity: &Quantity) -> f64 {
    // Most numbers of a deal are stated, and a year asks for each again: no name is made for what is not drawn.
    if quantity.range.low == quantity.range.high {
        return quantity.range.mid;
    }
    draw.range(&format!("deal/{}/{field}", commitment.id), quantity.range)
}

/// The commitments, shocks and responses of an arm that materialise in a draw. A commitment of the same name draws the
/// same random numbers in every arm, so that arms differ by their terms. A response needs the commitment that it answers; a pledge
/// in force lowers the probability of the restrictions that it is about.
pub fn materialise(arm: &Arm, draw: Draw) -> Vec<Event<'_>> {
    let event = |commitment, cut: f64| {
        let from = draw_number(draw, commitment, "year", &commitment.materialises.year);
        happens(commitment, cut, draw).then_some(Event { commitment, from, draw })
    };
    let mut events: Vec<Event<'_>> = arm.commitments.iter().filter_map(|c| event(c, 0.0)).collect();
    let promised = events.len();
    for shock in &arm.shocks {
        events.extend(event(shock, pledged(&events[..promised], shock, draw)));
    }
    for response in &arm.responses {
        let trigger = events[..promised].iter().find(|e| Some(&e.commitment.id) == response.answers.as_ref());
        let Some(since) = trigger.map(|trigger| trigger.from) else { continue };
        let answer = event(response, pledged(&events[..promised], response, draw));
        events.extend(answer.map(|answer| Event { from: answer.from.max(since), ..answer }));
    }
    events
}

/// Whether a commitment materialises when its probability is cut by a share. The uncertainty about a probability is averaged over by
/// its mean: only the mean matters for one event.
fn happens(commitment: &Commitment, cut: f64, draw: Draw) -> bool {
    let chance = (1.0 - cut) * commitment.materialises.probability.range.mean().clamp(0.0, 1.0);
    draw.uniform(&format!("deal/{}/luck", commitment.id)) < chance
}

/// Whether a commitment can do anything in a draw: those that cannot contribute nothing.
pub(crate) fn may_materialise(commitment: &Commitment, draw: Draw) -> bool {
    happens(commitment, 0.0, draw)
}

/// By what share pledges that are in force when a restriction would begin lower its probability: those of all its exporters,
/// for its mineral, towards one of its destinations.
fn pledged(events: &[Event<'_>], restriction: &Commitment, draw: Draw) -> f64 {
    let Lever::ExportRestriction(wanted) = &restriction.lever else { return 0.0 };
    let begins = draw_number(draw, restriction, "year", &restriction.materialises.year);
    let overlap = |a: &[Iso3], b: &[Iso3]| a.is_empty() || b.is_empty() || a.iter().any(|c| b.contains(c));
    let kept = events.iter().filter(|event| event.from <= begins).filter_map(|event| {
        let Lever::PledgeNotToRestrict(l) = &event.commitment.lever else { return None };
        let meant = l.mineral.as_ref().is_none_or(|m| *m == wanted.mineral)
            && wanted.exporters.iter().all(|c| l.exporters.contains(c))
            && overlap(&l.importers, &wanted.importers);
        meant.then(|| 1.0 - event.number("probability_cut", &l.probability_cut).clamp(0.0, 1.0))
    });
    1.0 - kept.product::<f64>()
}
