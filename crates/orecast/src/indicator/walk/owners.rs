//! Who controls each part of a market, by position.

use super::{Control, Iso3, Roles};

/// The owners of every tranche of every node, in their order.
#[derive(Debug, Default)]
pub(super) struct Owners {
    /// Where each part's owners end in `shares`.
    ends: Vec<usize>,
    shares: Vec<(usize, f64)>,
    countries: Vec<Iso3>,
    /// Whether each owner's country is the leader or signs with it.
    pub leads: Vec<bool>,
    /// Share of each part that owners from the rival bloc control.
    pub rival: Vec<f64>,
    /// Share of each part that owners from the leader's countries control.
    pub leader: Vec<f64>,
}

impl Owners {
    /// Takes down the owners of a year.
    pub(super) fn fill(&mut self, control: &[Vec<Control>], roles: &Roles) {
        self.ends.clear();
        self.shares.clear();
        self.rival.clear();
        self.leader.clear();
        for part in control.iter().flatten() {
            let of = |pick: &dyn Fn(Iso3) -> bool| -> f64 {
                part.iter().filter(|(country, _)| pick(*country)).map(|(_, share)| share).sum()
            };
            self.rival.push(of(&|country| roles.rival_members.contains(&country)));
            self.leader.push(of(&|country| roles.leads(country)));
            for &(country, share) in part {
                let owner = self.position(country, roles);
                self.shares.push((owner, share));
            }
            self.ends.push(self.shares.len());
        }
    }

    /// Owners of a part with their shares.
    pub(super) fn of(&self, part: usize) -> &[(usize, f64)] {
        let start = part.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.shares[start..self.ends[part]]
    }

    fn position(&mut self, country: Iso3, roles: &Roles) -> usize {
        self.countries.iter().position(|known| *known == country).unwrap_or_else(|| {
            self.countries.push(country);
            self.leads.push(roles.leads(country));
            self.countries.len() - 1
        })
    }
}
