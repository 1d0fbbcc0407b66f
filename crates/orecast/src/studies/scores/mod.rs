//! Risk scores people quote, computed from a balanced year of the package.

pub mod eu;
pub mod geopolrisk;
pub mod nassar;
pub mod tables;
