//! China stops exporting gallium for a year: what do users in the European Union lose?
//!
//! `cargo run --release --example shock`

use orecast::ask::{Control, DataSource, Engine, Question};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let engine = Engine::open(&DataSource::default())?;
    let question: Question = serde_json::from_str(
        r#"{"ask": "shock", "mineral": "gallium", "ban": ["CHN"], "for": "EU27", "draws": 50}"#,
    )?;
    let answer = engine.ask(&question, &Control::default())?;
    for section in &answer.view.sections {
        println!("{}: {} rows", section.heading, section.table.as_ref().map_or(0, |table| table.rows.len()));
    }
    for (place, figure) in answer.view.figures().into_iter().take(8) {
        println!("{place}: {}", figure.text);
    }
    Ok(())
}
