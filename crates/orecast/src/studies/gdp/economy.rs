//! What users lack of a mineral, as a loss of the whole economy.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use crate::studies::gdp::{
    accounts::{self, Accounts},
    rationing::{Rationed, ration},
};
use crate::{
    base::{draw::Draw, id::MineralId, unit::Range},
    indicator::Group,
    params::responses::TimeScale,
    studies::{
        screen::Valuer,
        shock::{ShockMarket, effects::OnUsers},
    },
    world::{World, table::EndUseRow},
};

/// What no table says. All are our assumptions (grade C).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Assumptions {
    /// Cost of the mineral over the price of the output that cannot be made without it, for uses whose own cost share the
    /// tables do not have. The output of an industry that needs the mineral is the mineral's value over this share, at most
    /// all of the industry's output.
    pub cost_share: Range,
    /// How far what is left goes to the users that lose most without it: from 0, where all lack the same share, to 1, where
    /// those that lose least of value added a dollar of the mineral give up all of theirs first.
    pub by_value: Range,
    /// Part of what users lack that becomes lost output; the rest is thrift, scrap and substitutes.
    pub lost_output: Range,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            cost_share: Range::new(0.002, 0.01, 0.05),
            by_value: Range::new(0.0, 0.5, 1.0),
            lost_output: Range::new(0.25, 0.6, 1.0),
        }
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
    /// Value added of output that is not made, and what its buyers pay more abroad.
    pub lost_output_musd: f64,
    /// What users pay more for what they still buy.
    pub dearer_musd: f64,
    /// What the leader's own producers gain.
    pub producer_gain_musd: f64,
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

/// A use of a mineral in one industry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Use {
    /// Industry that makes what the use names, by its place in the accounts.
    pub industry: usize,
    /// Share of the mineral's use, 0 to 1.
    pub share: f64,
    /// Cost of the mineral over the price of what is made with it, where the tables have it.
    pub cost_share: Option<Range>,
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
    /// What each mineral is used for, with shares that sum to 1.
    uses: BTreeMap<MineralId, Vec<Use>>,
    /// Use of each mineral at base prices in the country of the accounts, million USD; only where the leader is another.
    reference: BTreeMap<MineralId, f64>,
}

impl Economy {
    /// The economy of a country or group; absent where the package has no accounts.
    pub fn of(
        world: &World,
        group: &Group,
        year: i32,
        scale: TimeScale,
        assumptions: Assumptions,
    ) -> Option<Self> {
        let accounts = Accounts::of(world)?;
        let minerals: Vec<&MineralId> = world.market_minerals().map(|row| &row.id).collect();
        let uses = minerals.iter().map(|id| ((*id).clone(), uses(world, &accounts, id))).collect();
        let home = accounts::country()?;
        let (basis, reference) = if group.members.iter().eq([&home]) {
            (Basis::Accounts, BTreeMap::new())
        } else {
            let of = |id: &&MineralId| {
                let shock = ShockMarket::prepare(world, id, year, scale, &[home]).ok()?;
                let users = shock.base.market.users.iter().filter(|user| user.country == home);
                let usd: f64 = users.map(|user| user.demand.quantity * user.base_price).sum();
                (usd > 0.0).then(|| ((*id).clone(), usd / 1e6))
            };
            (Basis::CostShare, minerals.par_iter().filter_map(of).collect())
        };
        Some(Self { accounts, basis, assumptions, uses, reference })
    }

    /// Output that each industry must do without, million USD.
    pub fn needs(&self, mineral: &MineralId, users: &OnUsers, draw: Draw) -> Vec<(usize, f64)> {
        let lacking = (users.shortage_t - users.from_stocks_t) / users.use_t;
        let uses = self.uses.get(mineral).map_or(&[][..], Vec::as_slice);
        if lacking.is_nan() || lacking <= 0.0 || uses.is_empty() {
            return Vec::new();
        }
        let lacking = lacking.min(1.0);
        let used = match self.basis {
            Basis::Accounts => users.use_musd,
            Basis::CostShare => self.reference.get(mineral).copied().unwrap_or(0.0),
        };
        let lost = draw.range("gdp/lost-output", self.assumptions.lost_output).clamp(0.0, 1.0);
        let by_value = draw.range("gdp/by-value", self.assumptions.by_value).clamp(0.0, 1.0);
        let cost = |at: &Use| {
            draw.range("gdp/cost-share", at.cost_share.unwrap_or(self.assumptions.cost_share)).min(1.0)
        };
        let mut dependent: Vec<f64> = uses.iter().map(|at| at.share * used / cost(at)).collect();
        let mut sums: BTreeMap<usize, f64> = BTreeMap::new();
        for (at, output) in uses.iter().zip(&dependent) {
            *sums.entry(at.industry).or_default() += output;
        }
        for (at, output) in uses.iter().zip(&mut dependent) {
            *output *= (self.accounts.output[at.industry] / sums[&at.industry]).min(1.0);
        }
        let given_up = self.given_up(uses, &dependent, lacking);
        let mut needs: BTreeMap<usize, f64> = BTreeMap::new();
        for ((at, output), first) in uses.iter().zip(&dependent).zip(given_up) {
            let lacks = (1.0 - by_value) * lacking + by_value * first;
            *needs.entry(at.industry).or_default() += lost * lacks * output;
        }
        needs.into_iter().collect()
    }

    /// Part of each use that is given up if those that lose least a dollar of the mineral give up all of theirs first.
    fn given_up(&self, uses: &[Use], dependent: &[f64], lacking: f64) -> Vec<f64> {
        let value = |place: usize| {
            let at = uses[place];
            dependent[place] * self.accounts.content[at.industry] / at.share
        };
        let mut order: Vec<usize> = (0..uses.len()).collect();
        order.sort_by(|&a, &b| value(a).total_cmp(&value(b)).then(a.cmp(&b)));
        let mut left = lacking;
        let mut parts = vec![0.0; uses.len()];
        for place in order {
            let taken = uses[place].share.min(left);
            parts[place] = taken / uses[place].share;
            left -= taken;
        }
        parts
    }

    /// Loss when several minerals are short at once. Output that one of them stops cannot be stopped again by another, so
    /// an industry does without the largest of its needs, not their sum.
    pub fn loss(&self, shocks: &[Shock<'_>], draw: Draw) -> Loss {
        let rationed = self.rationed(shocks, draw);
        Loss {
            lost_output_musd: rationed.cost_musd,
            dearer_musd: shocks.iter().map(|shock| shock.users.dearer_musd).sum(),
            producer_gain_musd: shocks.iter().map(|shock| shock.gain_musd).sum(),
        }
    }

    fn rationed(&self, shocks: &[Shock<'_>], draw: Draw) -> Rationed {
        let mut largest: BTreeMap<usize, f64> = BTreeMap::new();
        for shock in shocks {
            let scale = match (self.basis, self.reference.get(shock.mineral)) {
                (Basis::Accounts, _) => 1.0,
                (Basis::CostShare, usd) => usd.map_or(0.0, |usd| shock.users.use_musd / usd),
            };
            for (j, need) in self.needs(shock.mineral, shock.users, draw) {
                let most = largest.entry(j).or_default();
                *most = most.max(scale * need);
            }
        }
        let needs: Vec<(usize, f64)> = largest.into_iter().collect();
        match self.basis {
            Basis::Accounts => ration(&self.accounts, &needs),
            Basis::CostShare => {
                let cost = |(j, need): &(usize, f64)| need * self.accounts.content[*j];
                Rationed { cost_musd: needs.iter().map(cost).sum(), deliveries: needs }
            }
        }
    }

    /// Value added that each industry loses and what it pays more, at middle parameters, the largest first: place in the
    /// accounts and million USD. Without own accounts the suppliers' part stands with the industry supplied.
    pub fn by_industry(&self, shocks: &[Shock<'_>]) -> Vec<(usize, f64)> {
        let accounts = &self.accounts;
        let mut sums = vec![0.0; accounts.len()];
        for (j, delivered) in self.rationed(shocks, Draw::MIDDLE).deliveries {
            match self.basis {
                Basis::Accounts => {
                    for (i, sum) in sums.iter_mut().enumerate() {
                        *sum += accounts.value_added[i] * accounts.in_final_use(i)[j] * delivered;
                    }
                }
                Basis::CostShare => sums[j] += delivered * accounts.content[j],
            }
        }
        for shock in shocks {
            for at in self.uses.get(shock.mineral).into_iter().flatten() {
                sums[at.industry] += at.share * shock.users.dearer_musd;
            }
        }
        let mut list: Vec<(usize, f64)> =
            sums.into_iter().enumerate().filter(|(_, musd)| *musd != 0.0).collect();
        list.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        list
    }
}

impl Valuer for Economy {
    fn gdp_loss_musd(&self, mineral: &MineralId, users: &OnUsers, gain_musd: f64, draw: Draw) -> f64 {
        self.loss(&[Shock { mineral, users, gain_musd }], draw).total_musd()
    }
}

/// What a mineral is used for and the industries that make it, with shares that sum to 1: the split that stands for the
/// country of the accounts, else the one for the world.
pub fn uses(world: &World, accounts: &Accounts, mineral: &MineralId) -> Vec<Use> {
    let rows = world.end_uses(mineral);
    let pick = |stands: fn(&EndUseRow) -> bool| rows.iter().filter(move |row| stands(row));
    let mut split: Vec<&EndUseRow> = pick(|row| row.stands_for_us).collect();
    if split.is_empty() {
        split = pick(|row| row.stands_for_world).collect();
    }
    let mut uses = Vec::new();
    for row in split {
        for made in world.use_industries(&row.end_use) {
            if let Some(industry) = accounts.find(&made.industry) {
                let share = row.share * made.share;
                uses.push(Use { industry, share, cost_share: row.cost_share() });
            }
        }
    }
    uses.retain(|at| at.share > 0.0);
    let sum: f64 = uses.iter().map(|at| at.share).sum();
    uses.iter().map(|at| Use { share: at.share / sum, ..*at }).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{id, shipped_world};

    fn economy(leader: &str) -> Economy {
        let (leader, assumptions) = (id(leader), Assumptions::default());
        Economy::of(&shipped_world(), &Group::country(leader), 2024, TimeScale::Medium, assumptions).unwrap()
    }

    fn users(lacking: f64, use_musd: f64) -> OnUsers {
        OnUsers { use_t: 100.0, use_musd, shortage_t: 100.0 * lacking, ..OnUsers::default() }
    }

    #[test]
    fn no_shock_no_loss_and_gains_count_against_losses() {
        let economy = economy("USA");
        let mineral: MineralId = "tungsten".parse().unwrap();
        let none = users(0.0, 500.0);
        let shock = |users, gain_musd| Shock { mineral: &mineral, users, gain_musd };
        assert_eq!(economy.loss(&[shock(&none, 0.0)], Draw::MIDDLE).total_musd(), 0.0);
        let gain = economy.loss(&[shock(&none, 33.0)], Draw::MIDDLE);
        assert_eq!((gain.total_musd(), gain.driver()), (-33.0, Driver::ProducerGain));
        // What stocks stand in for is no loss of output.
        let covered = OnUsers { from_stocks_t: 30.0, ..users(0.3, 500.0) };
        assert_eq!(economy.loss(&[shock(&covered, 0.0)], Draw::MIDDLE).total_musd(), 0.0);
    }

    #[test]
    fn losses_by_industry_add_up_and_stay_below_its_value_added() {
        let economy = economy("USA");
        let lacking = OnUsers { dearer_musd: 7.0, ..users(0.4, 2_000.0) };
        for mineral in ["copper", "gallium", "rhodium", "manganese", "tungsten"] {
            let mineral: MineralId = mineral.parse().unwrap();
            let shocks = [Shock { mineral: &mineral, users: &lacking, gain_musd: 0.0 }];
            let (loss, industries) = (economy.loss(&shocks, Draw::MIDDLE), economy.by_industry(&shocks));
            let sum: f64 = industries.iter().map(|(_, musd)| musd).sum();
            // What buyers pay more abroad is nobody's value added here.
            assert!(
                sum <= loss.total_musd() + 1e-6 && sum >= 0.85 * loss.total_musd(),
                "{mineral}: {sum} {loss:?}"
            );
            for (i, musd) in industries {
                let value_added = (economy.accounts.value_added[i] * economy.accounts.output[i]).max(0.0);
                assert!(musd <= value_added * 1.001 + 8.0, "{mineral}: {}", economy.accounts.name(i));
            }
        }
    }

    #[test]
    fn a_country_without_accounts_loses_in_proportion_to_what_it_uses() {
        let economy = economy("JPN");
        assert_eq!(economy.basis, Basis::CostShare);
        let mineral: MineralId = "tungsten".parse().unwrap();
        let loss = |use_musd| {
            let users = users(0.2, use_musd);
            economy
                .loss(&[Shock { mineral: &mineral, users: &users, gain_musd: 0.0 }], Draw::MIDDLE)
                .total_musd()
        };
        assert!(loss(100.0) > 0.0 && (loss(200.0) / loss(100.0) - 2.0).abs() < 1e-9);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn two_minerals_at_once_cost_no_more_than_one_after_the_other(
            a in 0.0..1.0_f64, b in 0.0..1.0_f64, use_musd in 1.0..1e4_f64,
        ) {
            static ECONOMY: std::sync::LazyLock<Economy> = std::sync::LazyLock::new(|| economy("USA"));
            let (one, other): (MineralId, MineralId) = ("gallium".parse().unwrap(), "germanium".parse().unwrap());
            let (on_one, on_other) = (users(a, use_musd), users(b, use_musd));
            let shocks = [
                Shock { mineral: &one, users: &on_one, gain_musd: 0.0 },
                Shock { mineral: &other, users: &on_other, gain_musd: 0.0 },
            ];
            let cost = |shocks: &[Shock<'_>]| ECONOMY.loss(shocks, Draw::MIDDLE).total_musd();
            prop_assert!(cost(&shocks) <= (cost(&shocks[..1]) + cost(&shocks[1..])) * 1.025 + 1e-6);
            let more = users((a + 0.1).min(1.0), use_musd);
            let worse = [Shock { users: &more, ..shocks[0] }];
            prop_assert!(cost(&worse) >= cost(&shocks[..1]) * (1.0 - 1e-6));
        }
    }
}
