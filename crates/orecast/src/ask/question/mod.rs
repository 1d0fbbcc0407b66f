//! The questions, one file each: what may be asked, and how it is answered.

mod compare;
mod run;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use compare::Compare;
pub(crate) use run::LazyResults;
pub use run::{Results, Run};

use super::{Control, Engine, Error, answer::Reply};

/// A question that knows how it is answered.
pub(crate) trait Ask {
    /// Answers it.
    fn reply(&self, engine: &Engine, control: &Control) -> Result<Reply, Error>;
}

/// Makes the list of questions, their kinds and the way to each answer.
macro_rules! questions {
    ($($(#[doc = $doc:literal])* $name:ident = $kind:literal;)*) => {
        /// A question. As JSON it is an object whose `ask` names the kind, with the fields of that kind beside it; what a question leaves out has
        /// the stated default.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "ask")]
        pub enum Question {
            $($(#[doc = $doc])* #[serde(rename = $kind)] $name(Box<$name>),)*
        }

        impl Question {
            /// Every kind of question.
            pub const KINDS: &'static [&'static str] = &[$($kind),*];

            /// Its kind.
            pub const fn kind(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => $kind,)*
                }
            }

            pub(super) fn reply(&self, engine: &Engine, control: &Control) -> Result<Reply, Error> {
                match self {
                    $(Self::$name(question) => question.reply(engine, control),)*
                }
            }
        }

        $(impl From<$name> for Question {
            fn from(question: $name) -> Self {
                Self::$name(Box::new(question))
            }
        })*
    };
}

questions! {
    /// What a case changes, arm by arm, with ranges.
    Run = "run";
    /// Headline indicators of several countries or groups, side by side.
    Compare = "compare";
}

/// Draws behind the ranges of a question about observations, unless it says otherwise.
pub(crate) const READINGS: usize = 40;
/// Draws of a question about runs, unless it says otherwise.
pub(crate) const DRAWS: usize = 200;

const fn readings() -> usize {
    READINGS
}

const fn first_seed() -> u64 {
    1
}
