//! A first case file from a few answers: leader, host, form of deal, minerals.

use std::{collections::BTreeSet, fmt::Write};

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

/// What a draft is made from.
#[derive(Debug, Clone)]
pub struct Answers {
    /// Country that seeks supply.
    pub leader: Iso3,
    /// Country that has it.
    pub host: Iso3,
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
pub fn usual_rival(world: &World, leader: Iso3, host: Iso3, mineral: &MineralId) -> Option<BlocId> {
    let year = world.base_year()?;
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
        .filter(|(_, members)| !members.contains(&leader) && !members.contains(&host))
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
pub fn draft(world: &World, answers: &Answers) -> Result<String, String> {
    let Answers { leader, host, preset, minerals, .. } = answers;
    if leader == host {
        return Err(format!("`{host}` is the leader too\n    name two countries"));
    }
    let [first, ..] = &minerals[..] else {
        return Err("no mineral is named\n    name at least one".to_owned());
    };
    let base = world.base_year().ok_or("the package has no trade to start from")?;
    let rival = answers.rival.clone().or_else(|| usual_rival(world, *leader, *host, first));
    let rival = rival.ok_or("no bloc is without leader and host\n    name one with --rival")?;
    let name = |code: Iso3| world.country(code).map_or_else(|| code.to_string(), |row| row.name.clone());
    let signed = answers.signed.clone().unwrap_or_else(|| format!("{}-01-01", base + 2));
    let year = signed.get(..4).unwrap_or_default();
    let title = match preset.as_str() {
        "mou" => "Memorandum".to_owned(),
        other => capital(&other.replace('-', " ")),
    };
    let of_host = |row: &&ProjectRow| row.iso3 == *host && row.counts && minerals.contains(&row.mineral);
    let open = |row: &&ProjectRow| !matches!(row.status, ProjectStatus::Producing | ProjectStatus::Lapsed);
    let projects: Vec<&ProjectRow> = world.tables().projects.iter().filter(of_host).filter(open).collect();
    let makes = |mineral: &MineralId, stage| {
        let figure = world.chosen_production(mineral, stage, base).get(host).and_then(|row| row.value);
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
         id = \"{leader}-{host}-{year}\"\n\
         title = \"{title}, {} and {}\"\n\
         leader = \"{leader}\"\nhost = \"{host}\"\nrival = \"{rival}\"\nsigned = {signed}\nbase_year = {base}\n\
         years = {{ from = {}, to = {LAST_YEAR} }}\nminerals = [{}]\ndemand_scenario = \"{}\"\n\n\
         # What the presets make their own commitments for.\n[scope]\nnew_projects = [{}]\nnew_refining = [{}]\n\
         existing_refining = [{}]\n\n[[arm]]\nid = \"no-deal\"\ntitle = \"No deal\"\n",
        name(*leader),
        name(*host),
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
            leader: id("USA"),
            host: id("KAZ"),
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
        let same = Answers { host: id("USA"), ..answers("mou") };
        assert!(draft(&world, &same).unwrap_err().contains("name two countries"));
        let none = Answers { minerals: Vec::new(), ..answers("mou") };
        assert!(draft(&world, &none).unwrap_err().contains("no mineral"));
    }
}
