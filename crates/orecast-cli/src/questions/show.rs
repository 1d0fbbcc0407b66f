//! `orecast show`: what is known of a mineral, a country or a group.

use clap::Args;
use serde::Serialize;

/// Who mines, refines, holds and buys a mineral; what a country or a group mines, refines and exports
#[derive(Args, Serialize)]
pub(crate) struct Show {
    /// A mineral, a country, a bloc or a list of countries: identifier, code, name or symbol, such as `tungsten`, `KAZ`, `EU27`
    name: String,
}
