//! A screen as files: one row per scenario, as CSV and Parquet.

use std::{fs, io, path::Path};

use crate::render::results::{Cells, WriteError, write_columns};
use crate::studies::screen::{Screen, ScreenRow};

/// A column of numbers, with what fills it.
type Column = (&'static str, fn(&ScreenRow) -> Option<f64>);

const NUMBERS: [Column; 9] = [
    ("exports_t", |row| Some(row.exports_t)),
    ("price_change_leader", |row| row.price_change_leader),
    ("price_change_inside", |row| row.price_change_inside),
    ("shortage_t", |row| row.shortage_t),
    ("loss_musd", |row| row.loss_musd),
    ("producer_gain_musd", |row| row.producer_gain_musd),
    ("probability", |row| Some(row.probability)),
    ("expected_loss_musd", |row| row.expected_loss_musd),
    ("share_of_purchases", |row| row.share_of_purchases),
];

/// Columns that only a screen of the economy has.
const ECONOMY: [Column; 2] = [
    ("gdp_loss_musd", |row| row.gdp_loss_musd),
    ("expected_gdp_loss_musd", |row| row.expected_gdp_loss_musd),
];

fn numbers(screen: &Screen) -> Vec<Column> {
    let has_economy = screen.rows.iter().any(|row| row.gdp_loss_musd.is_some());
    NUMBERS.into_iter().chain(ECONOMY.into_iter().filter(|_| has_economy)).collect()
}

/// All rows as CSV.
///
/// # Errors
/// When a row does not fit CSV.
pub fn as_csv(screen: &Screen) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let texts = ["mineral", "part_of", "stage", "exporter", "status"];
    let numbers = numbers(screen);
    writer.write_record(texts.into_iter().chain(numbers.iter().map(|(name, _)| *name)))?;
    for row in &screen.rows {
        let stage = row.stage.map_or("", |s| s.as_str());
        let market = row.part_of.as_ref().map_or("", |m| m.as_str());
        let texts = [row.mineral.as_str(), market, stage, &row.exporter, row.status].map(str::to_owned);
        let number =
            |(_, of): &Column| of(row).filter(|v| v.is_finite()).map_or_else(String::new, |v| v.to_string());
        writer.write_record(texts.into_iter().chain(numbers.iter().map(number)))?;
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Writes `screen.csv` and `screen.parquet` into a folder.
///
/// # Errors
/// When the folder or a file cannot be written.
pub fn write_screen(folder: &Path, screen: &Screen) -> Result<(), WriteError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source: io::Error| WriteError::File { path, source }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let csv = folder.join("screen.csv");
    fs::write(&csv, as_csv(screen)?).map_err(failed(&csv))?;
    let parquet = folder.join("screen.parquet");
    let out = fs::File::create(&parquet).map_err(failed(&parquet))?;
    let rows = &screen.rows;
    let text = |of: &dyn Fn(&ScreenRow) -> Option<String>| Cells::Text(rows.iter().map(of).collect());
    let mut columns = vec![
        ("mineral", text(&|row| Some(row.mineral.to_string()))),
        ("part_of", text(&|row| row.part_of.as_ref().map(ToString::to_string))),
        ("stage", text(&|row| row.stage.map(|s| s.to_string()))),
        ("exporter", text(&|row| Some(row.exporter.clone()))),
        ("status", text(&|row| Some(row.status.to_owned()))),
    ];
    let cells = |(name, of): Column| (name, Cells::Number(rows.iter().map(of).collect()));
    columns.extend(numbers(screen).into_iter().map(cells));
    write_columns(out, "screen", &columns)
}
