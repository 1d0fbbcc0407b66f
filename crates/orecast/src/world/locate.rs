//! Finding the directory of facts and the folders of own data over it.

use std::{
    env,
    path::{Path, PathBuf},
};

use super::{
    World,
    built_in::BUILT_IN,
    package::{DESCRIPTOR, Package},
};
use crate::base::diagnostic::Diagnostics;

/// Environment variable that names the directory of facts.
pub const PACKAGE_VARIABLE: &str = "ORECAST_PACKAGE";

/// Name of the package in its description.
const NAME: &str = "orecast-world";

/// Environment variable that names folders of own data, as `PATH` names its folders.
pub const DATA_VARIABLE: &str = "ORECAST_DATA";

/// Where facts are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Directory of the package.
    pub package: PathBuf,
    /// Folders of own data over it, later ones on top.
    pub layers: Vec<PathBuf>,
}

impl Facts {
    /// The package that [`find_package`] finds, with the folders of own data given, else those that `ORECAST_DATA` names.
    ///
    /// # Errors
    /// When no package is found.
    pub fn find(package: Option<&Path>, layers: &[PathBuf]) -> Result<Self, NoPackage> {
        let package = find_package(package)?;
        let named = || env::var_os(DATA_VARIABLE).filter(|value| !value.is_empty());
        let layers = match layers {
            [] => named().map_or_else(Vec::new, |value| env::split_paths(&value).collect()),
            given => given.to_vec(),
        };
        Ok(Self { package, layers })
    }

    /// Reads, checks and indexes the facts.
    ///
    /// # Errors
    /// Every problem of every file, in the order of file and line.
    pub fn load(&self) -> Result<World, Diagnostics> {
        World::load_with(&self.package, &self.layers)
    }
}

/// No directory of facts was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPackage {
    /// A directory was named but holds no package.
    #[error("{named} is `{}`, which holds no {DESCRIPTOR}", directory.display())]
    Named {
        /// What named it.
        named: &'static str,
        /// The directory.
        directory: PathBuf,
    },
}

/// The directory of facts: the one given, else the one that `ORECAST_PACKAGE` names, else `data` in the current
/// directory or a parent of it, else `data` in a parent of the program's own directory, else the package that the program carries.
///
/// # Errors
/// When a directory is named that holds no package.
pub fn find_package(given: Option<&Path>) -> Result<PathBuf, NoPackage> {
    let variable = env::var_os(PACKAGE_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    let named = given.map(|path| ("the package folder given", path.to_owned()));
    if let Some((named, directory)) = named.or_else(|| variable.map(|path| (PACKAGE_VARIABLE, path))) {
        return if directory.join(DESCRIPTOR).is_file() {
            Ok(directory)
        } else {
            Err(NoPackage::Named { named, directory })
        };
    }
    if is_package(Path::new("data")) {
        return Ok(PathBuf::from("data"));
    }
    let places = [env::current_dir().ok(), env::current_exe().ok()];
    let found = places.into_iter().flatten().find_map(|place| near(&place));
    Ok(found.unwrap_or_else(|| PathBuf::from(BUILT_IN)))
}

/// `data` in a directory or the nearest parent that has one.
fn near(place: &Path) -> Option<PathBuf> {
    place.ancestors().map(|parent| parent.join("data")).find(|directory| is_package(directory))
}

fn is_package(directory: &Path) -> bool {
    // Another project's data package may lie near.
    directory.join(DESCRIPTOR).is_file() && Package::read(directory).is_ok_and(|package| package.name == NAME)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_parent_with_a_package_is_found() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("a/b");
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::create_dir(root.path().join("data")).unwrap();
        std::fs::create_dir(inner.join("data")).unwrap();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data").join(DESCRIPTOR);
        std::fs::copy(shipped, root.path().join("data").join(DESCRIPTOR)).unwrap();
        assert_eq!(near(&inner), Some(root.path().join("data")));
    }

    #[test]
    fn a_named_directory_without_a_package_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let error = find_package(Some(root.path())).unwrap_err();
        assert!(matches!(error, NoPackage::Named { named: "the package folder given", .. }));
    }
}
