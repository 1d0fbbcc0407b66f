//! What users lack of a mineral, as a loss of the whole economy.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use super::{
    accounts::{self, Accounts},
    rationing::ration,
};
use crate::{
    draw::Draw,
    id::{Iso3, MineralId},
    market::TimeScale,
    shock::{Scene, Valuer, effects::OnUsers},
    unit::Range,
    world::{World, table::EndUseRow},
};

/// What no table says. Both are our assumptions (grade C).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Assumptions {
    /// Cost of the mineral over the price of the output that cannot be made without it. The output of an industry that
    /// needs the mineral is the mineral's value over this share, at most all of the industry's output.
    pub cost_share: Range,
    /// Part of what users lack that becomes lost output; the rest is thrift, scrap and substitutes.
    pub lost_output: Range,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self { cost_share: Range::new(0.002, 0.01, 0.05), lost_output: Range::new(0.25, 0.6, 1.0) }
    }
}

/// What the loss of output rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The leader's own input-output accounts.
    Accounts,
    /// The leader has none: its users are taken to be to the mineral as those of the country with accounts are.
    CostShare,
}

/// A loss of gross domestic product by cause, million USD in a full year.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Loss {
    /// Value added of output that is not made.
    pub lost_output_musd: f64,
    /// What users pay more for what they still buy.
    pub dearer_musd: f64,
    /// What the leader's own producers gain.
    pub producer_gain_musd: f64,
    /// Value added lost and dearer purchases by industry, the largest first: place in the accounts, million USD.
    #[serde(skip)]
    pub industries: Vec<(usize, f64)>,
}

/// What a loss mostly comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Driver {
    /// Output that is not made.
    LostOutput,
    /// Dearer purchases.
    DearerPurchases,
    /// Gains of the leader's producers outweigh the rest.
    ProducerGain,
}

impl Driver {
    /// The words on screens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LostOutput => "lost output",
            Self::DearerPurchases => "dearer purchases",
            Self::ProducerGain => "producers' gain",
        }
    }
}

impl Loss {
    /// The whole; negative for a gain.
    pub fn total_musd(&self) -> f64 {
        self.lost_output_musd + self.dearer_musd - self.producer_gain_musd
    }

    /// What it mostly comes from.
    pub fn driver(&self) -> Driver {
        if self.total_musd() < 0.0 {
            Driver::ProducerGain
        } else if self.lost_output_musd >= self.dearer_musd {
            Driver::LostOutput
        } else {
            Driver::DearerPurchases
        }
    }
}

/// One mineral that is short, and what its users and the leader's producers then see.
#[derive(Debug, Clone, Copy)]
pub struct Shock<'a> {
    /// Mineral.
    pub mineral: &'a MineralId,
    /// Its users.
    pub users: &'a OnUsers,
    /// Gain of the leader's producers, million USD.
    pub gain_musd: f64,
}

/// The economy that uses minerals.
#[derive(Debug, Clone)]
pub struct Economy {
    /// Industries and what hangs on them.
    pub accounts: Accounts,
    /// What the loss of output rests on.
    pub basis: Basis,
    /// Assumptions.
    pub assumptions: Assumptions,
    /// Industries that use each mineral, with shares that sum to 1.
    uses: BTreeMap<MineralId, Vec<(usize, f64)>>,
    /// Use of each mineral at base prices in the country of the accounts, million USD; only where the leader is another.
    reference: BTreeMap<MineralId, f64>,
}

impl Economy {
    /// The economy of a leader; absent where the package has no accounts.
    pub fn of(
        world: &World,
        leader: Iso3,
        year: i32,
        scale: TimeScale,
        assumptions: Assumptions,
    ) -> Option<Self> {
        let accounts = Accounts::of(world)?;
        let minerals: Vec<&MineralId> = world.market_minerals().map(|row| &row.id).collect();
        let uses = minerals.iter().map(|id| ((*id).clone(), industries(world, &accounts, id))).collect();
        let home = accounts::country()?;
        let (basis, reference) = if leader == home {
            (Basis::Accounts, BTreeMap::new())
        } else {
            let of = |id: &&MineralId| {
                let scene = Scene::prepare(world, id, year, scale, &[home]).ok()?;
                let users = scene.chain.market.users.iter().filter(|user| user.country == home);
                let usd: f64 = users.map(|user| user.demand.quantity * user.base_price).sum();
                (usd > 0.0).then(|| ((*id).clone(), usd / 1e6))
            };
            (Basis::CostShare, minerals.par_iter().filter_map(of).collect())
        };
        Some(Self { accounts, basis, assumptions, uses, reference })
    }

    /// Output that each industry must do without, million USD. All industries that use the mineral lack the same share.
    pub fn needs(&self, mineral: &MineralId, users: &OnUsers, draw: Draw) -> Vec<(usize, f64)> {
        let lacking = (users.shortage_t - users.from_stocks_t) / users.use_t;
        if lacking.is_nan() || lacking <= 0.0 {
            return Vec::new();
        }
        let used = match self.basis {
            Basis::Accounts => users.use_musd,
            Basis::CostShare => self.reference.get(mineral).copied().unwrap_or(0.0),
        };
        let cost_share = draw.range("gdp/cost-share", self.assumptions.cost_share);
        let lost = draw.range("gdp/lost-output", self.assumptions.lost_output).clamp(0.0, 1.0);
        let need = |&(j, share): &(usize, f64)| {
            (j, lacking.min(1.0) * lost * (share * used / cost_share).min(self.accounts.output[j]))
        };
        self.uses.get(mineral).into_iter().flatten().map(need).collect()
    }

    /// Loss when several minerals are short at once. Output that one of them stops cannot be stopped again by another, so
    /// an industry does without the largest of its needs, not their sum.
    pub fn loss(&self, shocks: &[Shock<'_>], draw: Draw) -> Loss {
        let mut largest: BTreeMap<usize, f64> = BTreeMap::new();
        let mut sum = Loss::default();
        let mut by_industry = vec![0.0; self.accounts.len()];
        for shock in shocks {
            let scale = match self.basis {
                Basis::Accounts => 1.0,
                Basis::CostShare => {
                    self.reference.get(shock.mineral).map_or(0.0, |usd| shock.users.use_musd / usd)
                }
            };
            for (j, need) in self.needs(shock.mineral, shock.users, draw) {
                let most = largest.entry(j).or_default();
                *most = most.max(scale * need);
            }
            sum.dearer_musd += shock.users.dearer_musd;
            sum.producer_gain_musd += shock.gain_musd;
            for &(j, share) in self.uses.get(shock.mineral).into_iter().flatten() {
                by_industry[j] += share * shock.users.dearer_musd;
            }
        }
        let needs: Vec<(usize, f64)> = largest.into_iter().collect();
        match self.basis {
            Basis::Accounts => {
                let given_up = ration(&self.accounts, &needs);
                for (i, output) in self.accounts.output_of(&given_up).into_iter().enumerate() {
                    by_industry[i] += output * self.accounts.value_added[i];
                }
                sum.lost_output_musd =
                    given_up.iter().zip(&self.accounts.content).map(|(f, w)| f * w).sum();
            }
            Basis::CostShare => {
                for (j, need) in needs {
                    by_industry[j] += need * self.accounts.content[j];
                    sum.lost_output_musd += need * self.accounts.content[j];
                }
            }
        }
        sum.industries = by_industry.into_iter().enumerate().filter(|(_, musd)| *musd != 0.0).collect();
        sum.industries.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        sum
    }
}

impl Valuer for Economy {
    fn gdp_loss_musd(&self, mineral: &MineralId, users: &OnUsers, gain_musd: f64, draw: Draw) -> f64 {
        self.loss(&[Shock { mineral, users, gain_musd }], draw).total_musd()
    }
}

/// Industries that make what a mineral is used for, with shares that sum to 1: the split that stands for the country of
/// the accounts, else the one for the world.
fn industries(world: &World, accounts: &Accounts, mineral: &MineralId) -> Vec<(usize, f64)> {
    let rows = world.end_uses(mineral);
    let pick = |stands: fn(&EndUseRow) -> bool| rows.iter().filter(move |row| stands(row));
    let mut split: Vec<&EndUseRow> = pick(|row| row.stands_for_us).collect();
    if split.is_empty() {
        split = pick(|row| row.stands_for_world).collect();
    }
    let mut shares: BTreeMap<usize, f64> = BTreeMap::new();
    for row in split {
        for industry in world.use_industries(&row.end_use) {
            if let Some(j) = accounts.find(&industry.industry) {
                *shares.entry(j).or_default() += row.share * industry.share;
            }
        }
    }
    let sum: f64 = shares.values().sum();
    shares.into_iter().filter(|(_, share)| *share > 0.0).map(|(j, share)| (j, share / sum)).collect()
}
