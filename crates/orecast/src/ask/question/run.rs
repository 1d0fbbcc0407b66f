//! What a case changes, arm by arm.

use std::sync::{Arc, LazyLock};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Ask, DRAWS, first_seed};
use crate::{
    answer,
    ask::{
        Control, Data, Engine, Error,
        answer::{Reply, Unsolved},
        cases::CaseFile,
    },
    ensemble::Ensemble,
    policy::{Arm, Branch, Case},
    studies::{
        manifest::{Convergence, Manifest, PRODUCT, VERSION},
        payers::{Entry, entries},
        rows::{ResultRow, rows, sort},
        run::{Options, Outcome, Why, names, run},
    },
};

/// What a case changes, arm by arm, with ranges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// A case file, or the name of a shipped case, such as `us-kazakhstan-2025`.
    pub case: String,
    /// Whether to say what each clause contributes to each headline, and which assumption would change the conclusion.
    #[serde(default)]
    pub why: bool,
    /// Whether to run minerals that no arm acts on, too; result files hold them only then.
    #[serde(default)]
    pub all: bool,
    /// Last year to run; the case's own when absent.
    #[serde(default)]
    pub years: Option<i32>,
    /// Number of draws.
    #[serde(default = "draws")]
    pub draws: usize,
    /// Seed of the draws.
    #[serde(default = "first_seed")]
    pub seed: u64,
}

const fn draws() -> usize {
    DRAWS
}

/// Results of a run as files hold them.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    /// Result rows, sorted.
    pub rows: Vec<ResultRow>,
    /// What they came from.
    pub manifest: Manifest,
}

/// The document of a run.
#[derive(Serialize)]
struct Document {
    /// The case as read, with everything that presets filled in.
    case: Case,
    /// The arms with their commitments.
    arms: Vec<Arm>,
    /// The answer's sentences.
    answer: Vec<String>,
    /// The same under each reading of facts in dispute.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    branches: Vec<Reading>,
    /// Who pays and who gains, summed to the year of the answer.
    money: Vec<Entry>,
    /// Why, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Why>,
    #[serde(flatten)]
    results: Shared,
}

/// Results that are made when they are first read: text needs no rows.
pub(crate) type LazyResults = Arc<LazyLock<Results, Box<dyn FnOnce() -> Results + Send + Sync>>>;

/// Manifest and rows, which the answer holds as well.
struct Shared(LazyResults);

impl Serialize for Shared {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("manifest", &self.0.manifest)?;
        map.serialize_entry("rows", &self.0.rows)?;
        map.end()
    }
}

#[derive(Serialize)]
struct Reading {
    #[serde(flatten)]
    branch: Branch,
    answer: Vec<String>,
}

impl Ask for Run {
    fn reply(&self, engine: &Engine, control: &Control) -> Result<Reply, Error> {
        let base = engine.world()?;
        let file = CaseFile::find(&self.case)?;
        let case = file.read(&names(base))?;
        if self.draws == 0 {
            return Err(Error::refused("no draws are asked for", "ask for one at least; 200 is usual"));
        }
        let options = Options {
            draws: self.draws,
            seed: self.seed,
            all: self.all,
            why: self.why,
            last_year: self.years,
            as_of: None,
        };
        let world = case.world(base, None, file.name())?;
        let outcome = run(&world, &case, &options, control)?;
        let mut branches: Vec<(&Branch, Outcome)> = Vec::new();
        for branch in &case.branches {
            let world = case.world(base, Some(&branch.id), file.name())?;
            let options = Options { why: false, ..options.clone() };
            branches.push((branch, run(&world, &case, &options, control)?));
        }
        let view = answer::run::view(&world, &case, &outcome, &branches);
        let sentences = |lead: &[answer::view::Sentence]| lead.iter().map(|s| s.text.clone()).collect();
        let readings = branches.iter().map(|(branch, outcome)| Reading {
            branch: (*branch).clone(),
            answer: answer::run::lead(&world, outcome).into_iter().map(|s| s.text).collect(),
        });
        let readings: Vec<Reading> = readings.collect();
        let limits = answer::run::limits(&outcome.left_out);
        let unsolved = Unsolved { markets: outcome.ensemble.answered, failed: outcome.ensemble.failed.len() };
        let manifest = self.manifest(engine, &file, &case, &outcome.ensemble)?;
        let money = entries(&outcome.ensemble, outcome.year);
        let ensemble = outcome.ensemble;
        let results: LazyResults = Arc::new(LazyLock::new(Box::new(move || {
            let mut rows = rows(&ensemble);
            sort(&mut rows);
            Results { rows, manifest }
        })));
        let document = Document {
            arms: case.arms.clone(),
            answer: sentences(&view.lead),
            branches: readings,
            money,
            why: outcome.why,
            results: Shared(Arc::clone(&results)),
            case: case.clone(),
        };
        let mut reply =
            Reply::new(view, Data::of(document).with_results(results)).drawn(self.draws, self.seed);
        reply.limits = limits;
        reply.unsolved = unsolved;
        reply.files = file.hashes()?;
        Ok(reply)
    }
}

impl Run {
    fn manifest(
        &self,
        engine: &Engine,
        file: &CaseFile,
        case: &Case,
        ensemble: &Ensemble,
    ) -> Result<Manifest, Error> {
        let (package, layers) = engine.hashes()?.clone();
        Ok(Manifest {
            product: PRODUCT.to_owned(),
            version: VERSION.to_owned(),
            command: self.command(engine, file)?,
            case: file.hash()?,
            package,
            layers,
            base_year: case.base_year,
            seed: self.seed,
            draws: self.draws,
            years: ensemble.years.clone(),
            arms: case.arms.iter().map(|arm| arm.id.clone()).collect(),
            minerals: ensemble
                .minerals
                .iter()
                .filter(|panel| panel.computed)
                .map(|panel| panel.mineral.clone())
                .collect(),
            converged: Convergence {
                answered: ensemble.answered,
                solved: ensemble.solved - ensemble.failed.len(),
                failed: ensemble.failed.len(),
            },
            outputs: Vec::new(),
        })
    }

    /// The words that ask the same again: without folders, and without what changes nothing.
    fn command(&self, engine: &Engine, file: &CaseFile) -> Result<Vec<String>, Error> {
        let mut words = vec![PRODUCT.to_owned(), "run".to_owned(), file.short_name()];
        words.extend(["draws".to_owned(), self.draws.to_string(), "seed".to_owned(), self.seed.to_string()]);
        words.extend(self.all.then(|| "all".to_owned()));
        words.extend(self.years.iter().flat_map(|year| ["years".to_owned(), year.to_string()]));
        words.extend(self.all.then(|| "all".to_owned()));
        for folder in &engine.facts()?.layers {
            let name = folder.file_name().unwrap_or(folder.as_os_str());
            words.extend(["own".to_owned(), name.to_string_lossy().into_owned()]);
        }
        Ok(words)
    }
}
