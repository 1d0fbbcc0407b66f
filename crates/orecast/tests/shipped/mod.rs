//! The shipped facts, read once for each test program.
#![allow(clippy::unwrap_used)]

use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

use orecast::world::World;

/// The facts of the repository.
pub(crate) static WORLD: LazyLock<World> = LazyLock::new(|| World::load(&root().join("data")).unwrap());

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
