//! The worker on a real broker and a real database.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic fails the test")]

mod auditors;
mod catalogue;
mod database_away;
mod dead_letters;
mod dead_rows;
mod deliveries;
mod fair_share;
mod judged;
mod ledger;
mod ledger_faults;
mod measure;
mod measure_rows;
mod newer;
mod overload;
mod poison;
mod process;
mod retention;
mod shards;
mod slow;
mod stored;
mod support;
mod traces;
mod withdrawals;
