//! Lays a figure of one's own over the facts: it is selected, and every answer says that it was among the inputs.
//!
//! `cargo run --example own_data`

use std::fs;

use orecast::{
    ask::{Control, DataSource, Engine, Show},
    render::terminal::{Layout, text},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    fs::write(
        folder.path().join("sources.csv"),
        "id,title,publisher,url,licence,retrieved,sha256,note\nown-visit,Notes of a visit,we,,own,2026-10-01,,\n",
    )?;
    fs::write(
        folder.path().join("production.csv"),
        "mineral,stage,iso3,year,value,low,high,raw,raw_unit,flag,product,source,vintage,grade,note\n\
         tungsten,mine,KAZ,2024,120,,,120,t,,,own-visit,2026,B,trial output\n",
    )?;
    let source = DataSource { own: vec![folder.path().to_owned()], ..DataSource::default() };
    let engine = Engine::open(&source)?;
    let answer = engine.ask(&Show { name: "KAZ".to_owned() }.into(), &Control::default())?;
    let page = text(&answer, Layout { width: None, colour: false });
    page.lines().filter(|line| line.contains("own-visit")).for_each(|line| println!("{line}"));
    Ok(())
}
