//! What made a set of results: product, command, inputs with their hashes, seed and size of the run.

use std::{fmt::Write as _, io, path::Path};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    base::id::{ArmId, MineralId},
    world::{
        built_in,
        package::{DESCRIPTOR, Package},
    },
};

/// Name of this program in manifests and result files.
pub const PRODUCT: &str = "orecast";
/// Version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Everything needed to make the same results again. Holds no time and no place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Name of the program, [`PRODUCT`].
    pub product: String,
    /// Its version, [`VERSION`].
    pub version: String,
    /// The command that makes the same results, word by word: without folders, and without options that change nothing.
    pub command: Vec<String>,
    /// The case file, with the reader's own presets beside it.
    pub case: FileHash,
    /// The data package.
    pub package: PackageHash,
    /// Folders of own data over it, later ones on top.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<LayerHash>,
    /// Year of the balanced baseline.
    pub base_year: i32,
    /// Seed of the draws.
    pub seed: u64,
    /// Number of draws.
    pub draws: usize,
    /// Years run.
    pub years: Vec<i32>,
    /// Arms compared, in the order of the case.
    pub arms: Vec<ArmId>,
    /// Minerals that were run; those that no arm acts on only where that was asked.
    #[serde(default)]
    pub minerals: Vec<MineralId>,
    /// How many markets found their equilibrium.
    pub converged: Convergence,
    /// The result files; filled in when they are written.
    #[serde(default)]
    pub outputs: Vec<FileHash>,
}

impl Manifest {
    /// Whether confidential own data is among the inputs: the results must not be passed on unseen.
    pub fn is_confidential(&self) -> bool {
        self.layers.iter().any(|layer| layer.confidential)
    }

    /// The manifest as indented JSON with a closing line break.
    ///
    /// # Errors
    /// Never for values that this program can hold; kept for the writer's sake.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// Markets over all draws, arms, years and minerals. A market that is the same in several arms is solved once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Convergence {
    /// Markets whose outcome the results hold.
    #[serde(default)]
    pub answered: usize,
    /// Markets that were solved for them and whose certificate holds.
    pub solved: usize,
    /// Markets without an equilibrium.
    pub failed: usize,
}

/// A file by its content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileHash {
    /// Name as the user gave it, or relative to the data package; with forward slashes.
    pub file: String,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
}

impl FileHash {
    /// Hash of bytes already read.
    pub fn of(file: &str, bytes: &[u8]) -> Self {
        Self { file: file.replace('\\', "/"), sha256: sha256_hex(bytes) }
    }

    /// Hash of `root/file`, named `file`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(root: &Path, file: &str) -> io::Result<Self> {
        Ok(Self::of(file, &built_in::read(&root.join(file))?))
    }
}

/// A data package by the content of its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageHash {
    /// SHA-256 over the list of files in the format of `sha256sum`, sorted by name.
    pub sha256: String,
    /// Each file with its own hash, sorted by name.
    pub files: Vec<FileHash>,
}

/// A folder of own data by the content of its tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerHash {
    /// Name of the folder.
    pub name: String,
    /// Whether rows rest on a source that it marks as confidential.
    pub confidential: bool,
    /// Its tables.
    #[serde(flatten)]
    pub content: PackageHash,
}

impl PackageHash {
    /// Hash of the description and the tables of a package.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(directory: &Path, package: &Package) -> io::Result<Self> {
        let tables = package.resources.par_iter().map(|resource| resource.path.as_str());
        let files = tables.chain(rayon::iter::once(DESCRIPTOR)).map(|file| FileHash::read(directory, file));
        Ok(Self::of(files.collect::<io::Result<_>>()?))
    }

    /// Hash of the tables that a folder of own data holds.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read_own(directory: &Path, package: &Package) -> io::Result<Self> {
        let held = package.resources.iter().filter(|resource| directory.join(&resource.path).is_file());
        Ok(Self::of(held.map(|table| FileHash::read(directory, &table.path)).collect::<io::Result<_>>()?))
    }

    /// Hash of a package from the hashes of its files, in any order.
    pub fn of(mut files: Vec<FileHash>) -> Self {
        files.sort();
        let mut list = String::new();
        for FileHash { file, sha256 } in &files {
            // Writing to a String cannot fail.
            let _ = writeln!(list, "{sha256}  {file}");
        }
        Self { sha256: sha256_hex(list.as_bytes()), files }
    }
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_sha256sum() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256_hex(b""), empty);
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(
            FileHash::of(r"data\a.csv", b"abc"),
            FileHash { file: "data/a.csv".into(), sha256: abc.into() }
        );
    }

    #[test]
    fn a_package_hash_depends_on_content_and_names_not_on_order() {
        let [a, b] = [FileHash::of("a.csv", b"1"), FileHash::of("b.csv", b"2")];
        let package = PackageHash::of(vec![b.clone(), a.clone()]);
        assert_eq!(package, PackageHash::of(vec![a.clone(), b.clone()]));
        assert_eq!(
            package.sha256,
            sha256_hex(format!("{}  a.csv\n{}  b.csv\n", a.sha256, b.sha256).as_bytes())
        );
        assert_ne!(package.sha256, PackageHash::of(vec![a, FileHash::of("b.csv", b"3")]).sha256);
    }
}
