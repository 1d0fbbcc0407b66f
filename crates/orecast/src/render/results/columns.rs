//! Result rows as Parquet columns.

use std::{io::Write, sync::Arc};

use parquet::{
    basic::{Compression, LogicalType, Repetition, Type as PhysicalType},
    data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type},
    errors::Result,
    file::{
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::{Type, TypePtr},
};

use crate::base::columns::{Cells, Columns};
use crate::studies::manifest::{PRODUCT, VERSION};
use crate::{
    render::results::{CONFIDENTIAL, WriteError},
    studies::rows::ResultRow,
};

/// Columns of every result table, in order.
pub(super) const NAMES: [&str; 11] =
    ["mineral", "stage", "indicator", "actor", "arm", "year", "unit", "low", "mid", "high", "grade"];

/// Rows in one row group, which bounds the memory a reader needs.
const GROUP_ROWS: usize = 1 << 20;

/// Writes rows as Parquet, snappy-compressed, in the order given; with the column [`CONFIDENTIAL`] where asked. The bytes depend on nothing but the rows and the
/// version of this library.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write_parquet(
    out: impl Write + Send,
    rows: &[ResultRow],
    confidential: bool,
) -> std::result::Result<(), WriteError> {
    let properties = WriterProperties::builder()
        .set_created_by(format!("{PRODUCT} {VERSION}"))
        .set_compression(Compression::SNAPPY)
        .set_dictionary_enabled(true)
        .build();
    let mut file = SerializedFileWriter::new(out, schema(confidential)?, Arc::new(properties))?;
    for part in rows.chunks(GROUP_ROWS) {
        let mut group = file.next_row_group()?;
        text(&mut group, part, |row| Some(row.mineral.as_str()))?;
        text(&mut group, part, |row| row.stage.map(crate::base::unit::Stage::as_str))?;
        text(&mut group, part, |row| Some(&row.indicator))?;
        text(&mut group, part, |row| Some(&row.actor))?;
        text(&mut group, part, |row| Some(row.arm.as_str()))?;
        column::<Int32Type>(&mut group, part.iter().map(|row| Some(row.year)))?;
        text(&mut group, part, |row| Some(&row.unit))?;
        number(&mut group, part, |row| row.low)?;
        number(&mut group, part, |row| row.mid)?;
        number(&mut group, part, |row| row.high)?;
        column::<ByteArrayType>(
            &mut group,
            part.iter().map(|row| Some(row.grade.to_string().as_str().into())),
        )?;
        if confidential {
            text(&mut group, part, |_| Some("yes"))?;
        }
        group.close()?;
    }
    file.close()?;
    Ok(())
}

/// The schema; `stage` and the three points may be null.
fn schema(confidential: bool) -> Result<TypePtr> {
    let field = |name: &str| {
        let (physical, logical) = match name {
            "year" => (PhysicalType::INT32, None),
            "low" | "mid" | "high" => (PhysicalType::DOUBLE, None),
            _ => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let optional = matches!(name, "stage" | "low" | "mid" | "high");
        let repetition = if optional { Repetition::OPTIONAL } else { Repetition::REQUIRED };
        let builder = Type::primitive_type_builder(name, physical);
        builder.with_repetition(repetition).with_logical_type(logical).build().map(Arc::new)
    };
    let names = NAMES.into_iter().chain(confidential.then_some(CONFIDENTIAL));
    let fields = names.map(field).collect::<Result<_>>()?;
    Ok(Arc::new(Type::group_type_builder("results").with_fields(fields).build()?))
}

/// Writes named columns of equal length as one Parquet table.
fn write_columns(
    out: impl Write + Send,
    table: &str,
    columns: &[(&'static str, Cells)],
) -> std::result::Result<(), WriteError> {
    let properties = WriterProperties::builder()
        .set_created_by(format!("{PRODUCT} {VERSION}"))
        .set_compression(Compression::SNAPPY)
        .build();
    let field = |(name, cells): &(&'static str, Cells)| {
        let (physical, logical) = match cells {
            Cells::Text(_) => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
            Cells::Number(_) => (PhysicalType::DOUBLE, None),
        };
        let builder = Type::primitive_type_builder(name, physical);
        builder.with_repetition(Repetition::OPTIONAL).with_logical_type(logical).build().map(Arc::new)
    };
    let fields = columns.iter().map(field).collect::<Result<_>>()?;
    let schema = Arc::new(Type::group_type_builder(table).with_fields(fields).build()?);
    let mut file = SerializedFileWriter::new(out, schema, Arc::new(properties))?;
    let mut group = file.next_row_group()?;
    for (_, cells) in columns {
        match cells {
            Cells::Text(cells) => {
                column::<ByteArrayType>(&mut group, cells.iter().map(|c| c.as_deref().map(ByteArray::from)))?;
            }
            Cells::Number(cells) => {
                column::<DoubleType>(&mut group, cells.iter().map(|c| c.filter(|v| v.is_finite())))?;
            }
        }
    }
    group.close()?;
    file.close()?;
    Ok(())
}

/// Writes the next column as text.
fn text<'a, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    rows: &'a [ResultRow],
    cell: impl Fn(&'a ResultRow) -> Option<&'a str>,
) -> Result<()> {
    column::<ByteArrayType>(group, rows.iter().map(|row| cell(row).map(ByteArray::from)))
}

/// Writes the next column as numbers; what is not finite is null.
fn number(
    group: &mut SerializedRowGroupWriter<'_, impl Write + Send>,
    rows: &[ResultRow],
    point: impl Fn(&ResultRow) -> f64,
) -> Result<()> {
    column::<DoubleType>(group, rows.iter().map(|row| Some(point(row)).filter(|value| value.is_finite())))
}

/// Writes the next column; absent cells become null, which only an optional column allows.
fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, impl Write + Send>,
    cells: impl Iterator<Item = Option<T::T>>,
) -> Result<()> {
    let mut levels = Vec::new();
    let mut values = Vec::new();
    for cell in cells {
        levels.push(i16::from(cell.is_some()));
        values.extend(cell);
    }
    if let Some(mut writer) = group.next_column()? {
        writer.typed::<T>().write_batch(&values, Some(&levels), None)?;
        writer.close()?;
    }
    Ok(())
}

/// Writes a table as `NAME.csv` and `NAME.parquet` into a folder, creating it if needed; other files stay as they are.
///
/// # Errors
/// When a file cannot be written.
pub fn write_table(
    folder: &std::path::Path,
    name: &str,
    table: &Columns,
) -> std::result::Result<(), WriteError> {
    let [csv_file, parquet_file] = ["csv", "parquet"].map(|ending| format!("{name}.{ending}"));
    let mut text = Vec::new();
    table.write_csv(&mut text).map_err(csv::Error::from)?;
    let mut bytes = Vec::new();
    write_columns(&mut bytes, name, table.list())?;
    super::write_whole(folder, &[(&csv_file, &text), (&parquet_file, &bytes)])
}
