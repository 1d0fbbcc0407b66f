//! Every table of the facts as typed rows, read side by side.

use std::{collections::BTreeMap, fs, io, path::Path};

use rayon::prelude::*;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, Visitor, value::Error as IntrospectionError},
    forward_to_deserialize_any,
};

use super::{
    check::{Checked, check_table},
    package::{DESCRIPTOR, Package},
    table::{
        AgreementRow, BlocRow, ByproductRow, ClauseRow, CountryRow, DealProjectRow, DemandRow, DistanceRow,
        ElasticityRow, EventRow, GovernanceRow, ImportRelianceRow, ImportSourceRow, MeasureRow, MineralRow,
        ObservationRow, OwnershipRow, PrecedentRow, PriceRow, ProjectRow, RecyclingRow, SourceRow, TradeRow,
        TransitRow,
    },
    write::sorted_csv,
};
use crate::diagnostic::Diagnostics;

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident: $row:ty,)*) => {
        /// Every table of the facts.
        #[derive(Debug, Clone, Default)]
        pub struct Tables {
            $($(#[$doc])* pub $name: Vec<$row>,)*
        }

        /// Columns that each row type has, by table.
        pub(super) fn columns() -> Vec<(&'static str, &'static [&'static str])> {
            vec![$((stringify!($name), columns_of::<$row>()),)*]
        }

        impl Tables {
            /// Number of rows in all tables.
            pub fn row_count(&self) -> usize {
                0 $(+ self.$name.len())*
            }

            /// Writes each table that has rows as `DIR/<table>.csv`, sorted by line, and returns names and row counts.
            ///
            /// # Errors
            /// When the folder cannot be written.
            pub fn write(&self, directory: &Path) -> io::Result<Vec<(&'static str, usize)>> {
                fs::create_dir_all(directory)?;
                let mut written = Vec::new();
                $(if !self.$name.is_empty() {
                    let text = sorted_csv(&self.$name)?;
                    fs::write(directory.join(concat!(stringify!($name), ".csv")), text)?;
                    written.push((stringify!($name), self.$name.len()));
                })*
                Ok(written)
            }

            fn read_typed(directory: &Path, package: &Package) -> Reading {
                let ($(mut $name,)*) = ($(Loaded::<$row>::default(),)*);
                rayon::scope(|scope| {
                    $(scope.spawn(|_| $name = Loaded::read(directory, package, stringify!($name)));)*
                });
                let checked = [$((stringify!($name).to_owned(), $name.checked),)*].into();
                let lines = Lines([$((stringify!($name), $name.lines),)*].into());
                Reading { tables: Self { $($name: $name.rows,)* }, lines, checked }
            }
        }
    };
}

tables! {
    /// Minerals.
    minerals: MineralRow,
    /// Countries and the two aggregates.
    countries: CountryRow,
    /// Memberships of blocs.
    blocs: BlocRow,
    /// Published output.
    production: ObservationRow,
    /// Published capacity.
    capacity: ObservationRow,
    /// Published reserves.
    reserves: ObservationRow,
    /// Published stocks.
    stocks: ObservationRow,
    /// Yearly flows by customs code.
    trade: TradeRow,
    /// Yearly mean prices.
    prices: PriceRow,
    /// Response parameters.
    elasticities: ElasticityRow,
    /// Minerals that come out of others.
    byproducts: ByproductRow,
    /// Scrap as a share of supply.
    recycling: RecyclingRow,
    /// Published net import reliance.
    import_reliance: ImportRelianceRow,
    /// Published shares of imports by origin.
    import_sources: ImportSourceRow,
    /// Indices of world use.
    demand: DemandRow,
    /// Yearly indicators of a country.
    governance: GovernanceRow,
    /// Kilometres between countries.
    distance: DistanceRow,
    /// Mines and plants that may add output.
    projects: ProjectRow,
    /// Who controls running output abroad.
    ownership: OwnershipRow,
    /// Places that trade passes through.
    transit: TransitRow,
    /// Deals.
    agreements: AgreementRow,
    /// What deals say about each lever.
    clauses: ClauseRow,
    /// Projects that belong to deals.
    deal_projects: DealProjectRow,
    /// Steps of promises, taken or due.
    events: EventRow,
    /// Acts of states.
    measures: MeasureRow,
    /// Published numbers on finance and levers.
    precedents: PrecedentRow,
    /// Where figures come from.
    sources: SourceRow,
}

/// Lines of the rows in their files, by table, in the order of the rows.
pub(super) struct Lines(BTreeMap<&'static str, Vec<usize>>);

impl Lines {
    /// Lines of a table's rows.
    pub(super) fn of(&self, table: &str) -> &[usize] {
        self.0.get(table).map_or(&[], Vec::as_slice)
    }
}

/// What reading a directory gave, sound or not.
pub(super) struct Reading {
    pub(super) tables: Tables,
    pub(super) lines: Lines,
    /// What was found in each file, by table; tables without a row type are among them.
    pub(super) checked: BTreeMap<String, Checked>,
}

impl Reading {
    /// Reads and checks every file that the package names.
    pub(super) fn of(directory: &Path, package: &Package) -> Self {
        let mut reading = Tables::read_typed(directory, package);
        let known = columns();
        let others = package.resources.par_iter().filter(|r| known.iter().all(|&(name, _)| name != r.name));
        let others: Vec<_> = others
            .map(|resource| (resource.name.clone(), check_table(directory, package, resource, |_, _| Ok(()))))
            .collect();
        reading.checked.extend(others);
        reading
    }
}

/// Checks that the description names the tables and columns that this version of the program reads.
pub(super) fn check_description(directory: &Path, package: &Package) -> Diagnostics {
    let mut report = Diagnostics::default();
    let file = directory.join(DESCRIPTOR).display().to_string();
    for (table, columns) in columns() {
        let Some(resource) = package.resource(table) else {
            report.push(&file, 0, table, "the table is not described", "restore its entry");
            continue;
        };
        let described = resource.schema.fields.iter().map(|field| field.name.as_str());
        if !described.eq(columns.iter().copied()) {
            let remedy = format!("this version of the program reads {}", columns.join(", "));
            report.push(&file, 0, table, "the columns are not the ones that are read", remedy);
        }
    }
    report
}

/// Rows of one table with their lines.
struct Loaded<T> {
    rows: Vec<T>,
    lines: Vec<usize>,
    checked: Checked,
}

impl<T> Default for Loaded<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), lines: Vec::new(), checked: Checked::default() }
    }
}

impl<T: DeserializeOwned> Loaded<T> {
    fn read(directory: &Path, package: &Package, table: &str) -> Self {
        let mut loaded = Self::default();
        if let Some(resource) = package.resource(table) {
            loaded.checked = check_table(directory, package, resource, |record, line| {
                loaded.rows.push(record.deserialize(None)?);
                loaded.lines.push(line);
                Ok(())
            });
        }
        loaded
    }
}

/// Names of a struct's fields as serde sees them.
fn columns_of<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    struct Fields<'a>(&'a mut &'static [&'static str]);
    impl<'de> Deserializer<'de> for Fields<'_> {
        type Error = IntrospectionError;
        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
            Err(Self::Error::custom("not a struct"))
        }
        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Self::Error> {
            *self.0 = fields;
            Err(Self::Error::custom("only the names are wanted"))
        }
        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }
    let mut names: &'static [&'static str] = &[];
    // The error carries nothing: the names are taken before any value is asked for.
    let _ = T::deserialize(Fields(&mut names));
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::shipped_package;

    #[test]
    fn the_description_and_the_row_structs_name_the_same_columns() {
        let package = shipped_package();
        let described: Vec<(&str, Vec<&str>)> = package
            .resources
            .iter()
            .map(|r| (r.name.as_str(), r.schema.fields.iter().map(|field| field.name.as_str()).collect()))
            .collect();
        let read: Vec<(&str, Vec<&str>)> =
            columns().into_iter().map(|(table, names)| (table, names.to_vec())).collect();
        assert!(read.iter().all(|(_, names)| names.len() > 2));
        for table in &read {
            assert!(described.contains(table), "{table:?} differs from {described:?}");
        }
    }

    #[test]
    fn every_column_says_what_it_means() {
        for resource in shipped_package().resources {
            for field in resource.schema.fields {
                assert!(field.description.ends_with('.'), "{}.{}", resource.name, field.name);
            }
        }
    }
}
