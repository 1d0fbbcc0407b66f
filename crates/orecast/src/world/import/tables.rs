//! The tables of the package while they are being filled, and how they are written.

use std::{fs, io, path::Path};

use serde::Serialize;

use crate::world::table::{
    BlocRow, ByproductRow, CountryRow, DemandRow, DistanceRow, ElasticityRow, GovernanceRow,
    ImportRelianceRow, ImportSourceRow, MineralRow, ObservationRow, OwnershipRow, PriceRow, ProjectRow,
    RecyclingRow, SourceRow, TradeRow, TransitRow,
};

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident: $row:ty,)*) => {
        /// Rows of every table, in no particular order.
        #[derive(Debug, Default)]
        pub struct Tables {
            $($(#[$doc])* pub $name: Vec<$row>,)*
        }

        impl Tables {
            /// Writes each table that has rows as `DIR/<table>.csv`, sorted by line, and returns names and row counts.
            ///
            /// # Errors
            /// When the folder cannot be written.
            pub fn write(&self, dir: &Path) -> io::Result<Vec<(&'static str, usize)>> {
                fs::create_dir_all(dir)?;
                let mut written = Vec::new();
                $(if !self.$name.is_empty() {
                    let text = sorted_csv(&self.$name)?;
                    fs::write(dir.join(concat!(stringify!($name), ".csv")), text)?;
                    written.push((stringify!($name), self.$name.len()));
                })*
                Ok(written)
            }
        }
    };
}

tables! {
    /// Minerals.
    minerals: MineralRow,
    /// Countries.
    countries: CountryRow,
    /// Memberships of blocs.
    blocs: BlocRow,
    /// Output.
    production: ObservationRow,
    /// Capacity.
    capacity: ObservationRow,
    /// Reserves.
    reserves: ObservationRow,
    /// Stocks.
    stocks: ObservationRow,
    /// Flows.
    trade: TradeRow,
    /// Prices.
    prices: PriceRow,
    /// Response parameters.
    elasticities: ElasticityRow,
    /// By-products and hosts.
    byproducts: ByproductRow,
    /// Scrap shares.
    recycling: RecyclingRow,
    /// Net import reliance.
    import_reliance: ImportRelianceRow,
    /// Origins of imports.
    import_sources: ImportSourceRow,
    /// Demand indices.
    demand: DemandRow,
    /// Governance and alignment of countries.
    governance: GovernanceRow,
    /// Distances.
    distance: DistanceRow,
    /// Projects.
    projects: ProjectRow,
    /// Control of running output.
    ownership: OwnershipRow,
    /// Places that trade passes through.
    transit: TransitRow,
    /// Sources.
    sources: SourceRow,
}

/// A header line and one line per row, sorted, so that the same rows always give the same bytes.
fn sorted_csv<T: Serialize>(rows: &[T]) -> io::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(io::Error::other)?;
    }
    let bytes = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(io::Error::other)?;
    let mut lines: Vec<&str> = text.lines().collect();
    let (_, body) = lines.split_first_mut().ok_or_else(|| io::Error::other("no header"))?;
    body.sort_unstable();
    lines.dedup();
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_repeats_dropped_whatever_their_order() {
        let row = |a: &str, b: &str, km| DistanceRow { a: a.parse().unwrap(), b: b.parse().unwrap(), km };
        let one =
            sorted_csv(&[row("KAZ", "USA", 10257.0), row("CHN", "KAZ", 4008.0), row("CHN", "KAZ", 4008.0)]);
        let other = sorted_csv(&[row("CHN", "KAZ", 4008.0), row("KAZ", "USA", 10257.0)]);
        assert_eq!(one.unwrap(), "a,b,km\nCHN,KAZ,4008.0\nKAZ,USA,10257.0\n");
        assert_eq!(
            other.unwrap(),
            sorted_csv(&[row("KAZ", "USA", 10257.0), row("CHN", "KAZ", 4008.0)]).unwrap()
        );
    }
}
