//! The ledger outside the system, and the comparison with the register.

pub mod answer;
pub mod ledger;
pub mod promises;
pub mod reconcile;
pub mod register;
