//! The engine: facts that are read once, and the questions that they answer.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use super::{
    Answer, Control, Error, Head, Inputs, Question,
    answer::{FORMAT, Reply},
    names::Names,
};
use crate::studies::manifest::{LayerHash, PackageHash, VERSION};
use crate::{
    studies::run::input_hashes,
    world::{World, locate::Facts},
};

/// Where the facts are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataSource {
    /// Folder of the data package; else the one that `ORECAST_PACKAGE` names, else a folder `data` that is near.
    pub package: Option<PathBuf>,
    /// Folders of own data over it, the last on top; when empty, those that `ORECAST_DATA` names.
    pub own: Vec<PathBuf>,
}

/// Answers questions from one set of facts. Cheap to share between threads.
#[derive(Debug)]
pub struct Engine {
    source: DataSource,
    facts: OnceLock<Facts>,
    world: OnceLock<Arc<World>>,
    hashes: OnceLock<(PackageHash, Vec<LayerHash>)>,
}

impl Engine {
    /// An engine over facts, which are read now.
    ///
    /// # Errors
    /// When there is no package, or its tables have problems: all of them.
    pub fn open(source: &DataSource) -> Result<Self, Error> {
        let engine = Self::lazy(source);
        engine.world()?;
        Ok(engine)
    }

    /// An engine that reads its facts when the first question needs them.
    pub fn lazy(source: &DataSource) -> Self {
        Self {
            source: source.clone(),
            facts: OnceLock::new(),
            world: OnceLock::new(),
            hashes: OnceLock::new(),
        }
    }

    /// Where the facts were found.
    ///
    /// # Errors
    /// When there is no package.
    pub fn facts(&self) -> Result<&Facts, Error> {
        if self.facts.get().is_none() {
            let found = Facts::find(self.source.package.as_deref(), &self.source.own)?;
            let _ = self.facts.set(found);
        }
        Ok(self.facts.get_or_init(|| unreachable!("facts were just set")))
    }

    /// The facts.
    ///
    /// # Errors
    /// When there is no package, or its tables have problems: all of them.
    pub fn world(&self) -> Result<&Arc<World>, Error> {
        if self.world.get().is_none() {
            let read = Arc::new(self.facts()?.load()?);
            let _ = self.world.set(read);
        }
        Ok(self.world.get_or_init(|| unreachable!("the world was just set")))
    }

    /// Looks names up in the facts.
    ///
    /// # Errors
    /// When there are no sound facts.
    pub fn names(&self) -> Result<Names<'_>, Error> {
        Ok(Names::new(self.world()?))
    }

    /// The facts by content.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn hashes(&self) -> Result<&(PackageHash, Vec<LayerHash>), Error> {
        if self.hashes.get().is_none() {
            let read = input_hashes(self.facts()?, self.world()?)?;
            let _ = self.hashes.set(read);
        }
        Ok(self.hashes.get_or_init(|| unreachable!("the hashes were just set")))
    }

    /// Answers a question. The same question, facts and version give the same answer, on any number of threads.
    ///
    /// # Errors
    /// When the input has problems, the question asks for what there is not, or `control` asks for an end.
    pub fn ask(&self, question: &Question, control: &Control) -> Result<Answer, Error> {
        let Reply { view, data, sampling, limits, unsolved, files } = question.reply(self, control)?;
        let mut inputs =
            if self.world.get().is_some() { Inputs::of(self.hashes()?) } else { Inputs::default() };
        inputs.files = files;
        let world = self.world.get();
        let head = Head {
            kind: question.kind(),
            format: FORMAT,
            version: VERSION,
            as_of: None,
            newest_fact: world.and_then(|world| newest(world)),
            question: serde_json::to_value(question).unwrap_or_default(),
            inputs,
            seed: sampling.map(|(_, seed)| seed),
            draws: sampling.map(|(draws, _)| draws),
            confidential: world.is_some_and(|world| world.has_confidential()),
            limits,
            unsolved,
        };
        Ok(Answer { head, view, data })
    }
}

/// Date of the newest event in the register, which is dated to the day.
fn newest(world: &World) -> Option<String> {
    world.tables().events.iter().filter_map(|row| row.date).map(|date| date.to_string()).max()
}
