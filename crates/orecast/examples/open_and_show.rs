//! Opens the facts that the library carries and shows who mines tungsten.
//!
//! `cargo run --example open_and_show`

use orecast::{
    ask::{Control, DataSource, Engine, Error, Show},
    render::terminal::{Layout, text},
};

fn main() -> Result<(), Error> {
    let engine = Engine::open(&DataSource::default())?;
    let answer = engine.ask(&Show { name: "tungsten".to_owned() }.into(), &Control::default())?;
    print!("{}", text(&answer, Layout::default()));
    Ok(())
}
