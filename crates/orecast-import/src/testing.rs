//! What several tests use.

#![allow(clippy::unwrap_used)]

use std::{path::PathBuf, str::FromStr};

use orecast::world::World;

/// The shipped facts.
pub(crate) fn shipped_world() -> World {
    World::load(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data")).unwrap()
}

/// A publisher's file in the folder `shared/sources` beside the repository, which is no part of it: absent on most machines.
pub(crate) fn raw_file(path: &str) -> Option<PathBuf> {
    let above = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    above.ancestors().map(|folder| folder.join("shared/sources").join(path)).find(|file| file.is_file())
}

/// An identifier from a text that is one.
pub(crate) fn id<T: FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}
