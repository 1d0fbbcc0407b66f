//! Every table of the facts as typed rows, read side by side.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use csv::StringRecord;
use rayon::prelude::*;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error as _, IgnoredAny, Visitor, value::Error as IntrospectionError},
    forward_to_deserialize_any,
};

use super::{
    built_in,
    check::{Checked, FileRows, TableFile, read_file},
    key::KeySet,
    package::{DESCRIPTOR, Package},
    table::{
        AgreementRow, BasketRow, BlocRow, ByproductRow, ClauseRow, CountryRow, DealProjectRow, DemandRow,
        DistanceRow, ElasticityRow, EndUseRow, EventRow, FindingRow, FiscalRow, GovernanceRow, GuidanceRow,
        HazardEventRow, HazardRow, ImportRelianceRow, ImportSourceRow, IoMakeRow, IoSectorRow, IoUseRow,
        LicenceRuleRow, ListRow, MeasureRow, MineralRow, ObservationRow, OutlookRow, OwnershipRow,
        PrecedentRow, PriceEventRow, PriceHistoryRow, PriceRow, ProjectRow, QuoteRow, RecyclingRow,
        RestrictionRow, SourceRow, StockHolderRow, TradeCodeRow, TradeRow, TradeTotalRow, TransitRow,
        UnknownRow, UseIndustryRow, ValueAddedRow,
    },
    write::write_sorted,
};
use crate::base::diagnostic::Diagnostics;

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident: $row:ty,)*) => {
        /// Every table of the facts.
        #[derive(Debug, Clone, Default)]
        pub struct Tables {
            $($(#[$doc])* pub $name: Vec<$row>,)*
        }

        /// Columns that each row type has, by table.
        pub(crate) fn columns() -> Vec<(&'static str, &'static [&'static str])> {
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
                    let file = fs::File::create(directory.join(concat!(stringify!($name), ".csv")))?;
                    write_sorted(&self.$name, io::BufWriter::new(file))?;
                    written.push((stringify!($name), self.$name.len()));
                })*
                Ok(written)
            }

            /// Changes cells of all rows of a table that have the given cells, each written as in its file. Returns how
            /// many rows that are.
            ///
            /// # Errors
            /// When there is no such table or column, or a column cannot hold the value.
            pub fn change(
                &mut self,
                table: &str,
                wanted: &BTreeMap<String, String>,
                set: &BTreeMap<String, String>,
            ) -> Result<usize, String> {
                match table {
                    $(stringify!($name) => change_rows(&mut self.$name, wanted, set),)*
                    _ => Err(format!("there is no table `{table}`")),
                }
            }

            fn read_typed(folders: &Folders<'_>) -> Reading {
                let ($(mut $name,)*) = ($(Loaded::<$row>::default(),)*);
                rayon::scope(|scope| {
                    $(scope.spawn(|_| $name = Loaded::read(folders, stringify!($name)));)*
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
    /// Published use by country.
    requirements: ObservationRow,
    /// Published stocks.
    stocks: ObservationRow,
    /// Yearly flows by customs code.
    trade: TradeRow,
    /// Imports and exports of a country from its own statistics.
    trade_totals: TradeTotalRow,
    /// Customs codes: what they contain and what is known of their trade.
    trade_codes: TradeCodeRow,
    /// Yearly mean prices.
    prices: PriceRow,
    /// Published monthly and yearly prices over many years.
    price_history: PriceHistoryRow,
    /// Prices by place and date, as quoted.
    quotes: QuoteRow,
    /// What is said of output: guidance, quotas, parts of a year.
    guidance: GuidanceRow,
    /// What was looked for and not found.
    unknowns: UnknownRow,
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
    /// Minerals as shares of another's output.
    baskets: BasketRow,
    /// Lists of critical minerals.
    lists: ListRow,
    /// What minerals are used for.
    end_uses: EndUseRow,
    /// Industries of the uses.
    use_industries: UseIndustryRow,
    /// Indices of world use.
    demand: DemandRow,
    /// Output that agencies expect.
    outlook: OutlookRow,
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
    /// Measures that restrict exports.
    restrictions: RestrictionRow,
    /// Industries and commodities of the US input-output accounts.
    io_sectors: IoSectorRow,
    /// Size of divisions of industry.
    value_added: ValueAddedRow,
    /// What industries make.
    io_makes: IoMakeRow,
    /// What industries use.
    io_uses: IoUseRow,
    /// Parameters of how often exports are stopped.
    hazard: HazardRow,
    /// Years in which exports were restricted.
    hazard_events: HazardEventRow,
    /// Prices before and after restrictions.
    price_events: PriceEventRow,
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
    /// Published and assumed times of development.
    lead_times: FindingRow,
    /// Published and assumed figures on cost and cost of capital.
    finance: FindingRow,
    /// What hosts take.
    fiscal: FiscalRow,
    /// Kinds of holders of stocks.
    stock_holders: StockHolderRow,
    /// Rules of licensing regimes.
    licence_rules: LicenceRuleRow,
    /// Where figures come from.
    sources: SourceRow,
}

/// Where tables are read from.
pub(super) struct Folders<'a> {
    /// Description of the package.
    pub(super) package: &'a Package,
    /// Folder of the package.
    pub(super) base: &'a Path,
    /// Folders of own data, later ones on top.
    pub(super) layers: &'a [PathBuf],
}

impl Folders<'_> {
    /// Path of a table as it is shown: in the package for layer 0, in own data above.
    pub(super) fn file(&self, layer: usize, table: &str) -> String {
        let path = self.package.resource(table).map_or(table, |resource| resource.path.as_str());
        let folder = layer.checked_sub(1).and_then(|place| self.layers.get(place));
        folder.map_or(self.base, PathBuf::as_path).join(path).display().to_string()
    }
}

/// Lines of the rows in their files, by table, in the order of the rows. In the layer `n` of own data, line `l` counts
/// as `n * LAYER_LINES + l`.
pub(super) struct Lines(BTreeMap<&'static str, Vec<usize>>);

/// More lines than any file has.
const LAYER_LINES: usize = 1 << 32;

impl Lines {
    /// Lines of a table's rows.
    pub(super) fn of(&self, table: &str) -> &[usize] {
        self.0.get(table).map_or(&[], Vec::as_slice)
    }

    /// Layer and line within its file.
    pub(super) const fn split(line: usize) -> (usize, usize) {
        (line / LAYER_LINES, line % LAYER_LINES)
    }
}

/// What reading a directory gave, sound or not.
pub(super) struct Reading {
    pub(super) tables: Tables,
    pub(super) lines: Lines,
    /// What was found in the files of each table; tables without a row type are among them.
    pub(super) checked: BTreeMap<String, Vec<Checked>>,
}

impl Reading {
    /// Reads and checks every file that the package names, with the layers over it.
    pub(super) fn of(folders: &Folders<'_>) -> Self {
        let mut reading = Tables::read_typed(folders);
        let known = columns();
        let others = folders.package.resources.par_iter();
        let others = others.filter(|r| known.iter().all(|&(name, _)| name != r.name));
        let others: Vec<_> =
            others.map(|r| (r.name.clone(), Loaded::<IgnoredAny>::read(folders, &r.name).checked)).collect();
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
    checked: Vec<Checked>,
}

impl<T> Default for Loaded<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), lines: Vec::new(), checked: Vec::new() }
    }
}

impl<T: DeserializeOwned + Send> Loaded<T> {
    /// Reads a table from the top layer down, so that every row knows whether one above covers it.
    fn read(folders: &Folders<'_>, table: &str) -> Self {
        let mut loaded = Self::default();
        let Some(resource) = folders.package.resource(table) else { return loaded };
        let mut above = KeySet::default();
        for layer in (0..=folders.layers.len()).rev() {
            let name = folders.file(layer, table);
            let found = match built_in::read(Path::new(&name)) {
                Ok(text) => read_file(&TableFile {
                    name: &name,
                    text: &text,
                    package: folders.package,
                    resource,
                    above: &above,
                    layer,
                }),
                // Own data needs no table.
                Err(error) if layer > 0 && error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => FileRows::unread(&name, layer, &resource.title, &error),
            };
            let FileRows { rows, lines, checked } = found;
            above.extend(checked.layered.own.iter().cloned());
            above.extend(checked.layered.withdrawn.iter().map(|(key, _)| key.clone()));
            if loaded.rows.is_empty() {
                loaded.rows = rows;
            } else {
                loaded.rows.extend(rows);
            }
            loaded.lines.extend(lines.into_iter().map(|line| layer * LAYER_LINES + line));
            loaded.checked.push(checked);
        }
        loaded
    }
}

/// Changes cells of the rows that have the wanted cells.
fn change_rows<T: Serialize + DeserializeOwned>(
    rows: &mut [T],
    wanted: &BTreeMap<String, String>,
    set: &BTreeMap<String, String>,
) -> Result<usize, String> {
    let columns = columns_of::<T>();
    let place = |key: &String| {
        columns.iter().position(|column| column == key).ok_or_else(|| format!("there is no column `{key}`"))
    };
    let cells = |list: &BTreeMap<String, String>| -> Result<Vec<(usize, String)>, String> {
        list.iter().map(|(key, value)| Ok((place(key)?, value.clone()))).collect()
    };
    let (wanted, set) = (cells(wanted)?, cells(set)?);
    let header = StringRecord::from(columns);
    let mut changed = 0;
    for row in rows {
        let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
        writer.serialize(&*row).map_err(|error| error.to_string())?;
        let bytes = writer.into_inner().map_err(|error| error.to_string())?;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
        let Some(Ok(record)) = reader.records().next() else { continue };
        if wanted.iter().any(|(at, value)| record.get(*at) != Some(value)) {
            continue;
        }
        let new: StringRecord = record
            .iter()
            .enumerate()
            .map(|(at, cell)| set.iter().find(|(place, _)| *place == at).map_or(cell, |(_, value)| value))
            .collect();
        *row = new.deserialize(Some(&header)).map_err(|error| error.to_string())?;
        changed += 1;
    }
    Ok(changed)
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
    use crate::{base::id::Iso3, testing::shipped_package};

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
    fn cells_change_in_the_rows_that_have_the_wanted_ones_and_nowhere_else() {
        let row = |b: &str| DistanceRow { a: Iso3::WORLD, b: b.parse().expect("a code"), km: 1.0 };
        let mut tables = Tables { distance: vec![row("KAZ"), row("UZB")], ..Tables::default() };
        let cells = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
        assert_eq!(tables.change("distance", &cells("b", "UZB"), &cells("km", "2.5")), Ok(1));
        let far: Vec<f64> = tables.distance.iter().map(|row| row.km).collect();
        assert_eq!(far, [1.0, 2.5]);
        assert_eq!(tables.change("distance", &cells("b", "CHN"), &cells("km", "2")), Ok(0));
        assert!(tables.change("distance", &cells("b", "UZB"), &cells("km", "far")).is_err());
        assert!(tables.change("distance", &cells("b", "UZB"), &cells("miles", "2")).is_err());
        assert!(tables.change("distances", &cells("b", "UZB"), &cells("km", "2")).is_err());
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
