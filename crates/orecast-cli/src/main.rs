//! The command `orecast`.
fn main() {}
