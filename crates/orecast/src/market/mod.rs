//! One mineral, one year, as a calibrated market whose equilibrium is unique and certified.
//!
//! Sellers are mines and refineries with a price each; buyers are refineries (of ore) and users. Everything else
//! follows from those prices, and the prices are the minimum of one convex function whose gradient is excess
//! supply at each seller. `docs/src/market.md` derives it.

pub mod condition;
pub mod curve;
mod evaluate;
mod layout;
mod math;
pub mod network;
pub mod outcome;
pub mod prepared;
pub mod rules;
pub mod sensitivity;
pub mod solve;

pub use condition::{Change, Conditions};
pub use network::{
    Demand, Feed, Joint, Limit, LimitKind, Market, Node, Recipient, Sourcing, TradeArc, Tranche, User,
};
pub use outcome::{Bill, Certificate, Equilibrium, Status};
pub use prepared::{Prepared, Workspace};
pub use sensitivity::{Answer, Shift};
pub use solve::{Effort, Ending, Solver};

#[cfg(test)]
mod tests {
    use super::{Conditions, Equilibrium, Market};
    use crate::testing::assert_schema_in_docs;

    #[test]
    fn schemas_in_the_docs_are_those_of_the_code() {
        assert_schema_in_docs("market", &schemars::schema_for!(Market).to_value());
        assert_schema_in_docs("conditions", &schemars::schema_for!(Conditions).to_value());
        assert_schema_in_docs("equilibrium", &schemars::schema_for!(Equilibrium).to_value());
    }
}
