//! One mineral, one year, as a calibrated market whose equilibrium is unique and certified.
//!
//! Sellers are mines and refineries with a price each; buyers are refineries (of ore) and users. Everything else
//! follows from those prices, and the prices are the minimum of one convex function whose gradient is excess
//! supply at each seller. `docs/src/market.md` derives it.

pub mod calibrate;
pub mod curve;
mod evaluate;
pub mod network;
pub mod responses;
pub mod solve;

pub use network::{
    Demand, Feed, Limit, LimitKind, Market, Node, Recipient, Sourcing, TradeArc, Tranche, User,
};
pub use responses::{Responses, TimeScale};
pub use solve::{Certificate, Equilibrium, Solver, Status};

#[cfg(test)]
mod tests {
    use super::{Equilibrium, Market};
    use crate::testing::assert_schema_in_docs;

    #[test]
    fn schemas_in_the_docs_are_those_of_the_code() {
        assert_schema_in_docs("market", &schemars::schema_for!(Market).to_value());
        assert_schema_in_docs("equilibrium", &schemars::schema_for!(Equilibrium).to_value());
    }
}
