//! Runs the shipped case on the United States and Kazakhstan and prints its sentences with their figures.
//!
//! `cargo run --release --example run_a_case`

use orecast::ask::{Control, DataSource, Engine, Question};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let engine = Engine::open(&DataSource::default())?;
    let question: Question =
        serde_json::from_str(r#"{"ask": "run", "case": "us-kazakhstan-2025", "draws": 50}"#)?;
    let control = Control::with_progress(|done, total| {
        if done == total {
            eprintln!("{total} draws done");
        }
    });
    let answer = engine.ask(&question, &control)?;
    for sentence in &answer.view.lead {
        println!("{}", sentence.text);
        for named in &sentence.figures {
            let figure = &named.figure;
            println!("    {}: {} to {} {}", named.name, figure.low, figure.high, figure.unit);
        }
    }
    Ok(())
}
