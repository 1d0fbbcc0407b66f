//! The data package that the program carries: it works from an empty folder.

use std::{borrow::Cow, fs, io, path::Path};

/// Where messages say that the carried package lies; no folder on disk is meant.
pub const BUILT_IN: &str = "(built in)";

/// The carried files, by name.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/package.rs"));

/// The bytes of a file, on disk or carried by the program.
///
/// # Errors
/// When there is no such file, or it cannot be read.
pub(crate) fn read(path: &Path) -> io::Result<Cow<'static, [u8]>> {
    match path.strip_prefix(BUILT_IN) {
        Ok(name) => {
            let found = FILES.iter().find(|(file, _)| Path::new(file) == name);
            found.map(|(_, bytes)| Cow::Borrowed(*bytes)).ok_or_else(|| io::ErrorKind::NotFound.into())
        }
        Err(_) => fs::read(path).map(Cow::Owned),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::world::{World, package::Package};

    #[test]
    fn the_carried_package_is_the_one_on_disk() {
        let disk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
        let package = Package::read(Path::new(BUILT_IN)).unwrap();
        for resource in &package.resources {
            let carried = read(&Path::new(BUILT_IN).join(&resource.path)).unwrap();
            assert!(*carried == *fs::read(disk.join(&resource.path)).unwrap(), "{}", resource.path);
        }
        assert_eq!(FILES.len(), package.resources.len() + 1);
        assert_eq!(
            World::load(Path::new(BUILT_IN)).unwrap().base_year(),
            World::load(&disk).unwrap().base_year()
        );
    }
}
