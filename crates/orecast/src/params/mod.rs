//! The named assumptions and response parameters as types.

pub mod responses;
