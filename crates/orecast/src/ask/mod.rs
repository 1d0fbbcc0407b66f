//! The one door: a question is data, an answer has a head, a view and the data behind it.
//!
//! ```no_run
//! use orecast::ask::{Control, DataSource, Engine, Question};
//!
//! let engine = Engine::open(&DataSource::default())?;
//! let question: Question = serde_json::from_str(r#"{"ask": "compare", "who": ["USA", "EU27"]}"#)?;
//! let answer = engine.ask(&question, &Control::default())?;
//! assert_eq!(answer.head.kind, "compare");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
pub mod cases;
pub mod draft;
mod engine;
mod error;
mod names;
mod question;

pub use answer::{Answer, Data, Head, Inputs, Unsolved};
pub use engine::{DataSource, Engine};
pub use error::Error;
pub use names::{MineralName, Named, Names};
pub use question::*;

pub use crate::base::control::Control;
