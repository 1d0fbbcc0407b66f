//! Case files: on disk, or shipped with the program and asked for by name.

use std::path::{Path, PathBuf};

use super::Error;
use crate::{
    base::diagnostic::{Diagnostics, nearest},
    policy::{Case, Names, Presets, own_files},
    studies::manifest::{FileHash, sha256_hex},
};

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        /// The shipped cases: name and text.
        pub const SHIPPED: &[(&str, &str)] = &[$((
            $name,
            include_str!(concat!("../../../../deals/", $name, ".toml")),
        )),*];
    };
}

shipped!(
    "c5-antimony-2025",
    "china-controls-2025",
    "eu-kazakhstan-2022",
    "suspension-end-2026",
    "two-blocs",
    "us-australia-2025",
    "us-drc-2025",
    "us-japan-2025",
    "us-kazakhstan-2025",
    "us-kazakhstan-clauses",
    "us-kazakhstan-readings",
    "us-ukraine-2025",
    "us-uzbekistan-2026",
);

/// A case file that a question names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CaseFile {
    /// On disk.
    Disk { path: PathBuf, shown: String },
    /// Shipped with the program.
    Shipped { name: &'static str, file: String, text: &'static str },
}

impl CaseFile {
    /// A file of that path; else the shipped case of that name.
    pub(crate) fn find(asked: &str) -> Result<Self, Error> {
        let path = Path::new(asked);
        let named = SHIPPED.iter().find(|(name, _)| *name == asked);
        match named {
            Some(&(name, text)) if !path.is_file() => {
                Ok(Self::Shipped { name, file: format!("{name}.toml"), text })
            }
            _ if path.exists() || path.extension().is_some() || asked.contains(['/', '\\']) => {
                Ok(Self::Disk { path: path.to_owned(), shown: asked.to_owned() })
            }
            _ => {
                let names: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
                let remedy = match nearest(asked, names.iter().copied()) {
                    Some(name) => format!("did you mean `{name}`?"),
                    None => format!("name a TOML file, or one of {}", names.join(", ")),
                };
                Err(Error::refused(format!("`{asked}` is neither a file nor a shipped case"), remedy))
            }
        }
    }

    /// Reads the case and fills it from the presets.
    pub(crate) fn read(&self, names: &Names) -> Result<Case, Diagnostics> {
        match self {
            Self::Disk { path, .. } => Case::load(path, names),
            Self::Shipped { file, text, .. } => Case::parse(file, text, names, &Presets::shipped()?),
        }
    }

    /// The file as messages name it.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Disk { shown, .. } => shown,
            Self::Shipped { file, .. } => file,
        }
    }

    /// The file without its folder; the name of a shipped case.
    pub(crate) fn short_name(&self) -> String {
        match self {
            Self::Disk { path, .. } => {
                path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
            }
            Self::Shipped { name, .. } => (*name).to_owned(),
        }
    }

    /// One hash over the case and the presets that the reader changed, which belong to it.
    pub(crate) fn hash(&self) -> Result<FileHash, Error> {
        let bytes = match self {
            Self::Disk { path, .. } => {
                let mut bytes = Vec::new();
                for path in std::iter::once(path.clone()).chain(own_files(path)) {
                    bytes.extend(std::fs::read(&path).map_err(Error::file(path))?);
                }
                bytes
            }
            Self::Shipped { text, .. } => text.as_bytes().to_vec(),
        };
        let file = match self {
            Self::Shipped { file, .. } => file.clone(),
            Self::Disk { .. } => self.short_name(),
        };
        Ok(FileHash { file, sha256: sha256_hex(&bytes) })
    }

    /// The same as a list, for the head of an answer.
    pub(crate) fn hashes(&self) -> Result<Vec<FileHash>, Error> {
        Ok(vec![self.hash()?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_cases_are_all_that_lie_in_deals() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deals");
        let mut found: Vec<String> = std::fs::read_dir(folder)
            .map(|entries| entries.flatten().map(|e| e.path()).collect::<Vec<_>>())
            .unwrap_or_default()
            .into_iter()
            .filter(|path| path.extension().is_some_and(|e| e == "toml"))
            .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
            .collect();
        found.sort();
        assert_eq!(found, SHIPPED.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());
    }

    #[test]
    fn a_misspelt_name_gets_the_nearest() {
        let error = CaseFile::find("us-kazakstan-2025").map_err(|e| e.to_string());
        assert_eq!(
            error,
            Err("`us-kazakstan-2025` is neither a file nor a shipped case\n    did you mean `us-kazakhstan-2025`?".to_owned())
        );
    }
}
