//! The names that the sentences and tables of a run use.

use crate::{
    answer::view::{country_in_text, country_name, mineral_name},
    base::id::Iso3,
    base::unit::Stage,
    ensemble::{
        Ensemble,
        money::{Account, Group},
    },
    indicator::{Indicator, Measure, Roles},
    world::World,
};

/// The country that a rival bloc is named for: its only member, or the one whose code it bears, such as `CHN-BLOC` for China with its
/// special regions.
fn rival_country(roles: &Roles) -> Option<Iso3> {
    match roles.rival_members.as_slice() {
        [only] => Some(*only),
        members => {
            let named = roles.rival.strip_suffix("-BLOC")?.parse().ok()?;
            members.contains(&named).then_some(named)
        }
    }
}

/// The names of a run's parts. A bloc is called by its own name, a country by its name.
pub(super) struct Words<'a> {
    world: &'a World,
    roles: &'a Roles,
    pub(super) leader: String,
    pub(super) host: String,
    pub(super) rival: String,
    pub(super) arms: Vec<String>,
}

impl<'a> Words<'a> {
    /// The names of a run's parts.
    pub(super) fn of(world: &'a World, ensemble: &Ensemble, roles: &'a Roles) -> Self {
        let or_bloc = |bloc: &Option<(String, Vec<Iso3>)>, iso3: Iso3| {
            bloc.as_ref().map_or_else(|| country_in_text(world, iso3), |(bloc, _)| bloc.clone())
        };
        let rival = rival_country(roles)
            .map_or_else(|| roles.rival.clone(), |country| country_in_text(world, country));
        Self {
            leader: or_bloc(&roles.leaders, roles.leader),
            host: or_bloc(&roles.hosts, roles.host),
            rival,
            arms: ensemble.arms.iter().map(|arm| arm.id.to_string()).collect(),
            world,
            roles,
        }
    }

    /// The facts behind the names.
    pub(super) const fn world(&self) -> &'a World {
        self.world
    }

    /// A mineral of the run by its name.
    pub(super) fn mineral(&self, ensemble: &Ensemble, position: usize) -> String {
        mineral_name(self.world, &ensemble.minerals[position].mineral)
    }

    /// What an indicator is called in a table.
    pub(super) fn label(&self, indicator: &Indicator, two_stages: bool) -> String {
        let stage = match indicator.stage {
            Some(Stage::Mine) => "mined",
            _ => "refined",
        };
        match indicator.measure {
            Measure::Production => format!("{stage} in {}", self.host),
            Measure::Price => if two_stages { "price of the product" } else { "price" }.to_owned(),
            Measure::SupplyFromHost => format!("use in {} bought from {}", self.leader, self.host),
            Measure::RivalContent => {
                format!("use in {} refined in {} or made from its ore", self.leader, self.rival)
            }
            Measure::NetImportReliance => format!("net import reliance of {}", self.leader),
            Measure::HostRevenue => format!("royalty and tax in {}, a year", self.host),
            Measure::PublicFinance => "public money lent or invested, so far".to_owned(),
            Measure::PublicCost => "expected public cost, so far".to_owned(),
            other => other.as_str().to_owned(),
        }
    }

    /// What an account is called.
    pub(super) fn account(&self, account: Account) -> String {
        let name = |iso3: Iso3| country_name(self.world, iso3);
        let bloc = |bloc: &Option<(String, Vec<Iso3>)>, iso3: Iso3| {
            bloc.as_ref().map_or_else(|| name(iso3), |(bloc, _)| bloc.clone())
        };
        let whose = |group: Group| match group {
            Group::Leader => bloc(&self.roles.leaders, self.roles.leader),
            Group::Host => bloc(&self.roles.hosts, self.roles.host),
            Group::Rival => rival_country(self.roles).map_or_else(|| self.roles.rival.clone(), name),
            Group::Others => "all others".to_owned(),
        };
        match account {
            Account::Treasury { payer, kind } => format!("treasury, {}: {}", name(payer), kind.as_str()),
            Account::Producers { group } => format!("producers, {}", whose(group)),
            Account::Buyers { group } => format!("buyers, {}", whose(group)),
            Account::Duties { group } => format!("duties collected, {}", whose(group)),
        }
    }
}
