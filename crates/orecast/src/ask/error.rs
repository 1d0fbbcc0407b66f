//! Why a question has no answer.

use std::{io, path::PathBuf};

use crate::{
    base::{control::Cancelled, diagnostic::Diagnostics},
    indicator::UnknownGroup,
    world::{locate::NoPackage, names::UnknownName},
};

/// Why a question has no answer. Its text names what was found and what would be right.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input has problems: every one, with file and line.
    #[error(transparent)]
    Input(#[from] Diagnostics),
    /// There are no facts.
    #[error(transparent)]
    NoPackage(#[from] NoPackage),
    /// The question asks for what there is not, or what the model cannot say.
    #[error("{found}\n    {remedy}")]
    Refused {
        /// What was found.
        found: String,
        /// What would be right.
        remedy: String,
    },
    /// A file could not be read or written.
    #[error("{}: {error}", file.display())]
    File {
        /// File.
        file: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The caller asked for an end.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl Error {
    /// A refusal: what was found, and what would be right.
    pub fn refused(found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Refused { found: found.into(), remedy: remedy.into() }
    }

    /// Why a file could not be read.
    pub fn file(file: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let file = file.into();
        |error| Self::File { file, error }
    }
}

impl From<UnknownName> for Error {
    fn from(error: UnknownName) -> Self {
        let (found, remedy) = error.parts();
        Self::Refused { found, remedy }
    }
}

impl From<UnknownGroup> for Error {
    fn from(error: UnknownGroup) -> Self {
        let (found, remedy) = error.parts();
        Self::Refused { found, remedy }
    }
}

impl From<crate::studies::run::RunError> for Error {
    fn from(error: crate::studies::run::RunError) -> Self {
        match error {
            crate::studies::run::RunError::Input(problems) => Self::Input(problems),
            crate::studies::run::RunError::File(file, error) => Self::File { file, error },
        }
    }
}
