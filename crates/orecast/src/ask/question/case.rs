//! A case file: whether it is sound, what its clauses do, a first draft.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Ask;
use crate::{
    answer::{
        self,
        case::{ArmLine, arms},
        explain::explain,
    },
    ask::{
        Control, Data, Engine, Error, Names,
        answer::Reply,
        cases::CaseFile,
        draft::{Answers, Side, draft, usual_rival},
    },
    base::{diagnostic::did_you_mean, id::MineralId},
    policy::{Arm, Case, Presets, preset::ANY},
    studies::{run::names, unmodelled::contracts_without_use},
};

/// Whether a case file is sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseCheck {
    /// A case file, or the name of a shipped case.
    pub case: String,
}

/// What each clause of a case does in the model, in words and numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseExplain {
    /// A case file, or the name of a shipped case.
    pub case: String,
    /// Only this arm.
    #[serde(default)]
    pub arm: Option<String>,
}

/// A first case file from a form of deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseNew {
    /// Country or bloc that seeks supply.
    pub leader: String,
    /// Country or bloc that has it.
    pub host: String,
    /// Form of deal, such as `framework`.
    pub preset: String,
    /// Minerals with a market of their own.
    pub minerals: Vec<String>,
    /// Bloc that the leader wants to depend on less; the one that refines most of the first mineral when absent.
    #[serde(default)]
    pub rival: Option<String>,
    /// Day of signature, such as `2026-01-31`.
    #[serde(default)]
    pub signed: Option<String>,
}

/// The document of a check.
#[derive(Serialize)]
struct Checked {
    id: String,
    title: String,
    arms: Vec<ArmLine>,
}

/// The document of a draft.
#[derive(Serialize)]
struct Drafted {
    id: String,
    title: String,
    arms: Vec<ArmLine>,
    /// The case file.
    file: String,
}

impl Ask for CaseCheck {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let world = engine.world()?;
        let file = CaseFile::find(&self.case)?;
        let case = file.read(&names(world))?;
        for branch in std::iter::once(None).chain(case.branches.iter().map(|branch| Some(&branch.id))) {
            case.world(world, branch, file.name())?;
        }
        let unusable = contracts_without_use(world, &case);
        if !unusable.is_empty() {
            let found = format!("{}: {}", file.name(), unusable.join("; "));
            return Err(Error::refused(found, "name a buyer that uses the mineral"));
        }
        let arms = arms(&case);
        let view = answer::case::check(file.name(), &case.title, &arms);
        let document = Checked { id: case.id.to_string(), title: case.title, arms };
        Ok(Reply { files: file.hashes()?, ..Reply::new(view, Data::of(document)) })
    }
}

impl Ask for CaseExplain {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let world = engine.world()?;
        let file = CaseFile::find(&self.case)?;
        let case = file.read(&names(world))?;
        let mut clauses = explain(world, &case, &file.presets()?);
        let shown = self.shown(&case)?;
        clauses.retain(|clause| shown.iter().any(|arm| arm.id == clause.arm));
        let view = answer::case::explain(&case, &shown, &clauses);
        Ok(Reply { files: file.hashes()?, ..Reply::new(view, Data::of(clauses)) })
    }
}

impl CaseExplain {
    fn shown<'c>(&self, case: &'c Case) -> Result<Vec<&'c Arm>, Error> {
        let Some(wanted) = &self.arm else { return Ok(case.arms.iter().collect()) };
        let ids = case.arms.iter().map(|arm| arm.id.as_str());
        if let Some(arm) = case.arms.iter().find(|arm| arm.id.as_str() == wanted) {
            Ok(vec![arm])
        } else {
            let all = format!("the arms are {}", ids.clone().collect::<Vec<_>>().join(", "));
            Err(Error::refused(format!("no arm `{wanted}`"), did_you_mean(wanted, ids, &all)))
        }
    }
}

/// The leader or the host of a draft: a country, or a bloc.
fn side(names: Names<'_>, text: &str) -> Result<Side, Error> {
    match names.bloc(text) {
        Ok(bloc) => Ok(Side::Bloc(bloc)),
        Err(_) => Ok(Side::Country(names.country(text)?)),
    }
}

impl Ask for CaseNew {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let (world, looked_up) = (engine.world()?, engine.names()?);
        let presets = Presets::shipped()?;
        let forms: Vec<&str> = presets.ids().filter(|id| *id != ANY).collect();
        if !forms.contains(&self.preset.as_str()) {
            let all = format!("choose from: {}", forms.join(", "));
            let remedy = did_you_mean(&self.preset, forms, &all);
            return Err(Error::refused(format!("no form of deal `{}`", self.preset), remedy));
        }
        if self.minerals.is_empty() {
            return Err(Error::refused("no mineral is named", "name at least one"));
        }
        if let Some(signed) = &self.signed {
            signed.parse::<crate::policy::Date>().map_err(|error| {
                Error::refused(error.clone(), "write year, month and day, such as 2026-01-31")
            })?;
        }
        let (leader, host) = (side(looked_up, &self.leader)?, side(looked_up, &self.host)?);
        let minerals: Vec<MineralId> = looked_up.markets(&self.minerals, "a deal")?;
        let rival = match &self.rival {
            Some(text) => Some(looked_up.bloc(text)?),
            None => minerals.first().and_then(|first| usual_rival(world, &leader, &host, first)),
        };
        let preset = self.preset.clone();
        let answers = Answers { leader, host, preset, minerals, rival, signed: self.signed.clone() };
        let text = draft(world, &answers)?;
        let case = Case::parse("draft.toml", &text, &names(world), &presets)?;
        let arms = arms(&case);
        let view = answer::case::draft(case.id.as_str(), &case.title, &arms);
        let document = Drafted { id: case.id.to_string(), title: case.title, arms, file: text };
        Ok(Reply::new(view, Data::of(document)))
    }
}
