//! Feeds damaged files to everything that reads files, and notes what breaks: panics and endless work.
//!
//! An input is made from a sound one by a few changes that files suffer: bytes flipped, rows cut or doubled, cells swapped or
//! replaced by extreme ones, parts of other files spliced in. It depends on the seed, the target and the number of the
//! input only, so any input can be made again.

mod mutate;
mod seeds;
mod xlsx;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    time::{Duration, Instant},
};

use mutate::Random;
use orecast::{
    policy::{Case, Presets},
    studies::run::names,
    world::World,
};
use orecast_import::{Importer, Input, importer, layer};

/// Reading a small damaged file takes longer than this only if it never ends.
pub(crate) const TOO_LONG: Duration = Duration::from_secs(10);

/// A file in memory.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Reads files that belong together.
type Reader = Box<dyn Fn(&[File])>;

/// Something that reads files.
pub(crate) struct Target {
    pub(crate) name: String,
    /// Sound files that belong together, of which one is damaged.
    sets: Vec<Vec<File>>,
    run: Reader,
}

/// Everything that reads files; `folder` is an empty one to work in.
pub(crate) fn targets(folder: &Path) -> Vec<Target> {
    let mut targets: Vec<Target> = seeds::IMPORTERS
        .iter()
        .map(|(name, sets)| {
            let importer = importer(name).unwrap_or_else(|| panic!("no importer {name}"));
            Target {
                name: format!("import-{name}"),
                sets: sets.iter().map(|set| set.iter().map(|file| seeds::fixture(file)).collect()).collect(),
                run: Box::new(|files| import(importer, files)),
            }
        })
        .collect();
    targets.extend([package(folder), cases(), presets()]);
    targets
}

fn import(importer: &Importer, files: &[File]) {
    let inputs: Vec<Input> =
        files.iter().map(|file| Input::inline(&file.name, file.bytes.as_slice())).collect();
    // Refusing is as good as reading; a report must be printable.
    match layer::import(importer, &inputs) {
        Ok((_, remarks)) => drop(remarks.to_string()),
        Err(report) => drop(report.to_string()),
    }
}

/// A package of the first rows of every shipped table.
fn package(folder: &Path) -> Target {
    let files = seeds::package();
    for file in &files {
        std::fs::write(folder.join(&file.name), &file.bytes).unwrap();
    }
    World::load(folder).unwrap_or_else(|report| panic!("the package of first rows is not sound: {report}"));
    let (sound, folder) = (files.clone(), folder.to_owned());
    let run = move |files: &[File]| {
        let damaged: Vec<&File> =
            files.iter().zip(&sound).filter(|(a, b)| a.bytes != b.bytes).map(|(a, _)| a).collect();
        for file in &damaged {
            std::fs::write(folder.join(&file.name), &file.bytes).unwrap();
        }
        let read =
            catch_unwind(AssertUnwindSafe(|| World::load(&folder).map_err(|report| report.to_string())));
        for file in sound.iter().filter(|file| damaged.iter().any(|other| other.name == file.name)) {
            std::fs::write(folder.join(&file.name), &file.bytes).unwrap();
        }
        if let Err(panic) = read {
            std::panic::resume_unwind(panic);
        }
    };
    Target { name: "package".to_owned(), sets: vec![files], run: Box::new(run) }
}

fn cases() -> Target {
    let world = World::load(&seeds::root().join("data")).unwrap();
    let names = names(&world);
    let presets = Presets::shipped().unwrap();
    let run = move |files: &[File]| {
        if let Err(report) =
            Case::parse("case.toml", &String::from_utf8_lossy(&files[0].bytes), &names, &presets)
        {
            drop(report.to_string());
        }
    };
    Target { name: "case".to_owned(), sets: seeds::toml("deals"), run: Box::new(run) }
}

fn presets() -> Target {
    let run = |files: &[File]| {
        let mut presets = Presets::shipped().unwrap();
        if let Err(report) = presets.add("preset.toml", &String::from_utf8_lossy(&files[0].bytes)) {
            drop(report.to_string());
        }
    };
    Target { name: "preset".to_owned(), sets: seeds::toml("deals/presets"), run: Box::new(run) }
}

impl Target {
    /// The files of one input, one of them damaged.
    pub(crate) fn input(&self, seed: u64, number: u64) -> Vec<File> {
        let mut random = Random::new(seed, &self.name, number);
        let mut files = self.sets[random.below(self.sets.len())].clone();
        let damaged = random.below(files.len());
        let donors: Vec<&[u8]> = self.sets.iter().flatten().map(|file| file.bytes.as_slice()).collect();
        let donor = donors[random.below(donors.len())];
        files[damaged].bytes = mutate::damaged(&files[damaged].bytes, donor, &mut random);
        files
    }

    /// Reads one input; says what went wrong.
    pub(crate) fn read(&self, seed: u64, number: u64) -> Result<(), String> {
        let files = self.input(seed, number);
        let begin = Instant::now();
        catch_unwind(AssertUnwindSafe(|| (self.run)(&files))).map_err(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic").to_owned()
        })?;
        let took = begin.elapsed();
        if took > TOO_LONG { Err(format!("took {} s", took.as_secs())) } else { Ok(()) }
    }
}
