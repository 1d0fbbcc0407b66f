//! A first case file from a few answers: leader, host, form of deal, minerals.

use std::{collections::BTreeSet, fmt::Write};

use super::{Error, Names};
use crate::{
    base::{
        id::{BlocId, Iso3, MineralId},
        unit::Stage,
    },
    world::{
        World,
        table::{ProjectRow, ProjectStage, ProjectStatus},
    },
};

/// Last year of a draft.
const LAST_YEAR: i32 = 2040;
/// Blocs whose shares differ by less than this count as equal; the smallest is taken.
const ALIKE: f64 = 0.02;

/// A side of a deal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// A country.
    Country(Iso3),
    /// A bloc: its members count together, and one of them stands for it where a clause needs one country.
    Bloc(BlocId),
}

impl Side {
    /// Its countries in a year.
    fn members(&self, world: &World, year: i32) -> Vec<Iso3> {
        match self {
            Self::Country(iso3) => vec![*iso3],
            Self::Bloc(bloc) => world.bloc_members(bloc, year),
        }
    }

    /// The country that stands for it: of a bloc the member with the largest sum of `of`.
    fn stand_in(&self, world: &World, year: i32, of: impl Fn(Iso3) -> f64) -> Option<Iso3> {
        let members = self.members(world, year).into_iter();
        members.max_by(|&a, &b| of(a).total_cmp(&of(b)).then(b.cmp(&a)))
    }

    /// What it is called.
    fn name(&self, world: &World) -> String {
        match self {
            Self::Country(iso3) => {
                world.country(*iso3).map_or_else(|| iso3.to_string(), |row| row.name.clone())
            }
            Self::Bloc(bloc) => bloc.to_string(),
        }
    }

    /// Its code.
    fn code(&self) -> &str {
        match self {
            Self::Country(iso3) => iso3.as_str(),
            Self::Bloc(bloc) => bloc.as_str(),
        }
    }

    /// The line of a case file that names the bloc.
    fn bloc_line(&self, key: &str) -> String {
        match self {
            Self::Country(_) => String::new(),
            Self::Bloc(bloc) => format!("{key}_bloc = \"{bloc}\"\n"),
        }
    }
}

/// What a draft is made from.
#[derive(Debug, Clone)]
pub struct Answers {
    /// Country or bloc that seeks supply.
    pub leader: Side,
    /// Country or bloc that has it.
    pub host: Side,
    /// Form of the deal.
    pub preset: String,
    /// Minerals with a market of their own.
    pub minerals: Vec<MineralId>,
    /// Bloc that the leader wants to depend on less; absent: [`usual_rival`].
    pub rival: Option<BlocId>,
    /// Day of signature, as `2026-01-31`; absent: the first day of the second year after the base year.
    pub signed: Option<String>,
}

/// The smallest bloc without leader and host that refines most of the first mineral (or mines it, where nothing is refined).
pub fn usual_rival(world: &World, leader: &Side, host: &Side, mineral: &MineralId) -> Option<BlocId> {
    let year = world.base_year()?;
    let (leader, host) = (leader.members(world, year), host.members(world, year));
    let blocs: BTreeSet<&BlocId> = world.tables().blocs.iter().map(|row| &row.bloc).collect();
    let stage = [Stage::Refine, Stage::Mine]
        .into_iter()
        .find(|&stage| !world.chosen_production(mineral, stage, year).is_empty())?;
    let output = world.chosen_production(mineral, stage, year);
    let share = |members: &[Iso3]| -> f64 {
        let sum = |pick: &dyn Fn(Iso3) -> bool| -> f64 {
            let rows = output.iter().filter(|(country, _)| !country.is_aggregate() && pick(**country));
            rows.filter_map(|(_, row)| row.value).sum()
        };
        sum(&|country| members.contains(&country)) / sum(&|_| true).max(f64::MIN_POSITIVE)
    };
    let others = blocs.into_iter().map(|bloc| (bloc, world.bloc_members(bloc, year)));
    let others: Vec<(f64, usize, &BlocId)> = others
        .filter(|(_, members)| !members.iter().any(|member| leader.contains(member) || host.contains(member)))
        .map(|(bloc, members)| (share(&members), members.len(), bloc))
        .collect();
    let most = others.iter().map(|(share, ..)| *share).fold(0.0, f64::max);
    let alike = others.into_iter().filter(|(share, ..)| *share >= most - ALIKE);
    alike.min_by_key(|&(_, size, bloc)| (size, bloc)).map(|(_, _, bloc)| bloc.clone())
}

/// A case file that compares no deal with the form of deal, ready to be read and changed.
///
/// # Errors
/// When leader and host are the same, no mineral is named, or there is no bloc to be the rival.
pub fn draft(world: &World, answers: &Answers) -> Result<String, Error> {
    let Answers { preset, minerals, .. } = answers;
    let [first, ..] = &minerals[..] else {
        return Err(Error::refused("no mineral is named", "name at least one"));
    };
    let base = Names::new(world).base_year(None)?;
    let rival = answers.rival.clone().or_else(|| usual_rival(world, &answers.leader, &answers.host, first));
    let rival =
        rival.ok_or_else(|| Error::refused("every bloc holds leader or host", "name a rival of your own"))?;
    let (leader, host) = stand_ins(world, answers, first, base)?;
    let signed = answers.signed.clone().unwrap_or_else(|| format!("{}-01-01", base + 2));
    let year = signed.get(..4).unwrap_or_default();
    let title = match preset.as_str() {
        "mou" => "Memorandum".to_owned(),
        other => capital(&other.replace('-', " ")),
    };
    let hosts = answers.host.members(world, base);
    let of_host =
        |row: &&ProjectRow| hosts.contains(&row.iso3) && row.counts && minerals.contains(&row.mineral);
    let open = |row: &&ProjectRow| !matches!(row.status, ProjectStatus::Producing | ProjectStatus::Lapsed);
    let projects: Vec<&ProjectRow> = world.tables().projects.iter().filter(of_host).filter(open).collect();
    let makes = |mineral: &MineralId, stage| {
        let figure = world.chosen_production(mineral, stage, base).get(&host).and_then(|row| row.value);
        figure.is_some_and(|value| value > 0.0)
    };
    let existing: Vec<&MineralId> = minerals.iter().filter(|mineral| makes(mineral, Stage::Refine)).collect();
    let planned = |mineral: &MineralId| {
        makes(mineral, Stage::Mine)
            || projects.iter().any(|row| row.mineral == *mineral && row.stage != ProjectStage::Mine)
    };
    let new: Vec<&MineralId> = minerals.iter().filter(|m| !existing.contains(m) && planned(m)).collect();
    let scenario =
        world.tables().demand.iter().map(|row| row.scenario.as_str()).find(|name| *name == "STEPS");
    let scenario = scenario.or_else(|| world.tables().demand.first().map(|row| row.scenario.as_str()));

    let mut text = String::new();
    let _ = write!(
        text,
        "# Draft: read every line, replace what you know. Numbers are n, [low, middle, high] or \"unknown\".\n\
         id = \"{}-{}-{year}\"\n\
         title = \"{title}, {} and {}\"\n\
         leader = \"{leader}\"\n{}host = \"{host}\"\n{}rival = \"{rival}\"\nsigned = {signed}\nbase_year = {base}\n\
         years = {{ from = {}, to = {LAST_YEAR} }}\nminerals = [{}]\ndemand_scenario = \"{}\"\n\n\
         # What the presets make their own commitments for.\n[scope]\nnew_projects = [{}]\nnew_refining = [{}]\n\
         existing_refining = [{}]\n\n[[arm]]\nid = \"no-deal\"\ntitle = \"No deal\"\n",
        answers.leader.code(),
        answers.host.code(),
        answers.leader.name(world),
        answers.host.name(world),
        answers.leader.bloc_line("leader"),
        answers.host.bloc_line("host"),
        base + 1,
        quoted(minerals.iter()),
        scenario.unwrap_or_default(),
        quoted(projects.iter().map(|row| &row.id)),
        quoted(new.iter()),
        quoted(existing.iter()),
    );
    let mut arms = vec![("mou", "Memorandum")];
    if preset != "mou" {
        arms.push((preset.as_str(), title.as_str()));
    }
    for (id, title) in &arms {
        let _ = write!(text, "\n[[arm]]\nid = \"{id}\"\ntitle = \"{title}\"\npreset = \"{id}\"\n");
    }
    for row in &projects {
        let _ = write!(
            text,
            "\n# {}, {}. Under a memorandum: a letter of interest of unknown size, priority for the leader's buyers.\n\
             [[commitment]]\nlever = \"project-finance\"\narms = [\"mou\"]\nproject = \"{id}\"\ninstrument = \"letter-of-interest\"\n\
             capex_share = \"unknown\"\npayer = \"{leader}\"\nsource = \"draft\"\ngrade = \"C\"\n\n\
             [[commitment]]\nlever = \"offtake\"\narms = [\"mou\"]\nproject = \"{id}\"\nbuyer = \"{leader}\"\nshare = \"unknown\"\n\
             source = \"draft\"\ngrade = \"C\"\n",
            row.name,
            row.mineral,
            id = row.id,
        );
    }
    text += "\n[[source]]\nid = \"draft\"\ntitle = \"Draft; replace by what was read\"\n";
    let _ = writeln!(text, "date = \"{year}\"");
    Ok(text)
}

/// The countries that stand for leader and host: of a bloc the member that buys, or makes, most of the first mineral.
fn stand_ins(
    world: &World,
    Answers { leader, host, .. }: &Answers,
    first: &MineralId,
    year: i32,
) -> Result<(Iso3, Iso3), Error> {
    const STAGES: [Stage; 2] = [Stage::Mine, Stage::Refine];
    let buys = |country: Iso3| -> f64 {
        let flows = STAGES.iter().flat_map(|&stage| world.flows(first, stage, year));
        flows.filter(|flow| flow.importer == country).filter_map(|flow| flow.kusd).sum()
    };
    let makes = |country: Iso3| -> f64 {
        let output =
            |stage| world.chosen_production(first, stage, year).get(&country).and_then(|row| row.value);
        STAGES.into_iter().filter_map(output).sum()
    };
    let none = |side: &Side| {
        Error::refused(
            format!("`{}` has no members in {year}", side.code()),
            "name a country or another bloc",
        )
    };
    let of_leader = leader.stand_in(world, year, buys).ok_or_else(|| none(leader))?;
    let of_host = host.stand_in(world, year, makes).ok_or_else(|| none(host))?;
    let (leaders, hosts) = (leader.members(world, year), host.members(world, year));
    if leaders.iter().any(|country| hosts.contains(country)) {
        let found = format!("`{}` and `{}` have a country in common", leader.code(), host.code());
        return Err(Error::refused(found, "name a leader and a host that are apart"));
    }
    Ok((of_leader, of_host))
}

fn quoted<T: ToString>(items: impl Iterator<Item = T>) -> String {
    items.map(|item| format!("\"{}\"", item.to_string())).collect::<Vec<_>>().join(", ")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{
        policy::{Case, Presets},
        studies::run::names,
        testing::{MiniPackage, id},
    };

    fn answers(preset: &str) -> Answers {
        Answers {
            leader: Side::Country(id("USA")),
            host: Side::Country(id("KAZ")),
            preset: preset.to_owned(),
            minerals: vec![id("tungsten")],
            rival: Some(id("EU27")),
            signed: None,
        }
    }

    #[test]
    fn a_draft_of_every_form_is_a_good_case() {
        let world = MiniPackage::new().load().unwrap();
        let presets = Presets::shipped().unwrap();
        let forms: Vec<String> = presets.ids().filter(|id| *id != "any").map(str::to_owned).collect();
        assert!(forms.len() >= 5, "{forms:?}");
        for preset in forms {
            let text = draft(&world, &answers(&preset)).unwrap();
            let case = Case::parse("draft.toml", &text, &names(&world), &presets).unwrap();
            assert_eq!(case.arms.len(), if preset == "mou" { 2 } else { 3 }, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_a_case_is_refused() {
        let world = MiniPackage::new().load().unwrap();
        let same = Answers { host: Side::Country(id("USA")), ..answers("mou") };
        assert!(draft(&world, &same).unwrap_err().to_string().contains("that are apart"));
        let none = Answers { minerals: Vec::new(), ..answers("mou") };
        assert!(draft(&world, &none).unwrap_err().to_string().contains("no mineral"));
    }
}
