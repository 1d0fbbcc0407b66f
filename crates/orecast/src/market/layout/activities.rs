//! What makes output, as columns.

use super::super::network::{Feed, Market, Tranche};

/// A floor price below every price: none.
const NO_FLOOR: f64 = -1e300;

/// What makes output: the live tranches of one kind, as columns.
#[derive(Debug, Default)]
pub(in crate::market) struct Activities {
    /// Node and tranche.
    pub place: Vec<(usize, usize)>,
    /// Outputs of all activities: variable and tonnes per tonne; those of one lie between two entries of `first`.
    pub links: Vec<(usize, f64)>,
    pub first: Vec<usize>,
    pub capacity: Vec<f64>,
    pub drive: Vec<f64>,
    pub elasticity: Vec<f64>,
    /// Revenue per tonne (or margin, for those that buy) at base prices.
    pub base: Vec<f64>,
    pub subsidy: Vec<f64>,
    /// Floor and upside share where they are part of the curve.
    pub floor: Vec<f64>,
    pub upside: Vec<f64>,
    /// Whether each has one output, its own.
    pub single: bool,
}

impl Activities {
    pub(super) fn clear(&mut self) {
        self.place.clear();
        self.links.clear();
        self.first.clear();
        self.first.push(0);
        self.single = true;
        let columns = [
            &mut self.capacity,
            &mut self.drive,
            &mut self.elasticity,
            &mut self.base,
            &mut self.subsidy,
            &mut self.floor,
            &mut self.upside,
        ];
        columns.into_iter().for_each(Vec::clear);
    }

    pub(super) fn push(&mut self, market: &Market, variable: &[Option<usize>], i: usize, u: usize) {
        let node = &market.nodes[i];
        let t = &node.tranches[u];
        self.place.push((i, u));
        self.links.extend(variable[i].map(|v| (v, 1.0)));
        self.links.extend(t.joint.iter().filter_map(|j| variable[j.node].map(|v| (v, j.tonnes))));
        self.first.push(self.links.len());
        self.single &= t.joint.is_empty() && variable[i].is_some();
        self.capacity.push(t.capacity);
        self.drive.push(t.drive);
        self.elasticity.push(t.elasticity);
        let joint: f64 = t.joint.iter().map(|j| j.tonnes * market.nodes[j.node].base_price).sum();
        self.base.push(match node.sourcing {
            Some(sourcing) if t.feed == Feed::Ore => sourcing.base_margin,
            _ => node.base_price + joint,
        });
        self.subsidy.push(t.subsidy);
        let curved = t.floor.filter(|_| !t.floor_is_a_wedge());
        self.floor.push(curved.unwrap_or(NO_FLOOR));
        self.upside.push(if curved.is_some() { t.upside } else { 0.0 });
    }

    pub(in crate::market) fn len(&self) -> usize {
        self.place.len()
    }

    pub(in crate::market) fn links_of(&self, activity: usize) -> &[(usize, f64)] {
        &self.links[self.first[activity]..self.first[activity + 1]]
    }
}

impl Tranche {
    /// Whether the floor is a payment held beside the convex function: it is where output answers to more than the
    /// node's own price.
    pub(in crate::market) fn floor_is_a_wedge(&self) -> bool {
        self.feed == Feed::Ore || !self.joint.is_empty()
    }
}
