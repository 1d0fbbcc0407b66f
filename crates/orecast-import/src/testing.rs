//! What several tests use.

#![allow(clippy::unwrap_used)]

use std::{path::PathBuf, str::FromStr};

use orecast::world::World;

/// The shipped facts.
pub(crate) fn shipped_world() -> World {
    World::load(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data")).unwrap()
}

/// A publisher's file in the folder `shared/sources` beside the repository, which is no part of it. Tests that ask for one
/// are marked `#[ignore]`; `make test` runs them where the folder is there.
pub(crate) fn raw_file(path: &str) -> PathBuf {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/sources").join(path);
    assert!(file.is_file(), "no {}: run without the ignored tests", file.display());
    file
}

/// An identifier from a text that is one.
pub(crate) fn id<T: FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}
