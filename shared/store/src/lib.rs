//! PostgreSQL: all SQL and migrations of the benefits database.
//!
//! # Promises
//!
//! [`Store::register`] puts a batch of applications on the register in one transaction. An application has one row
//! whatever is redelivered, by however many workers at once; the content that was registered first stands, and so
//! does the earliest receipt. Numbers are unique and progressive within a year; some may be missing. Which of several
//! applications stands is decided on all that concern the same subjects, so that the order of delivery can't matter.
//!
//! [`Store::allot`] follows the budgets: those within are the ones that the rule of the budget says.
//!
//! What somebody is shown of an application is read by [`Store::find`], [`Store::list`] and [`Store::content`] alone. They know
//! who asks, give nothing to anybody else, and leave an entry in the journal with the very statement that reads.
//!
//! [`Store::purge`] leaves nothing of a person whose application was kept long enough.
//!
//! # Queries checked at compile time
//!
//! Building needs no database: what PostgreSQL knows about each query is committed in `.sqlx`. After a change to a
//! query or a migration, `prepare.sh` writes it anew, with `DATABASE_URL` naming an empty database; given a folder, it
//! writes there, so that a difference from `.sqlx` shows that it is stale.

mod access;
mod allot;
mod arrival;
mod batch;
mod batch_rows;
mod budgets;
mod claims;
mod connection;
mod content;
mod counts;
mod decision;
mod error;
mod find;
mod forget;
mod instants;
mod known;
mod list;
mod page;
mod places;
mod protocol;
mod register;
mod retention;
mod schema;
mod statements;

pub use access::{Access, Operation, Role, Sought};
pub use allot::Allotment;
pub use arrival::{Arrival, Registration};
pub use batch::Registrable;
pub use batch_rows::{BatchPlace, BatchTally, PlacedApplication};
pub use budgets::Budget;
pub use connection::{InvalidUrl, Store, StoreOptions};
pub use content::{ContentReader, RegisteredContent};
pub use counts::Count;
pub use error::{Refusal, StoreError};
pub use find::{Conflict, HistoryEntry, HistoryEvent, RegisteredApplication};
pub use list::ListedApplication;
pub use page::{CursorError, JournalCursor, ListCursor, Page, PageSize, PageSizeError};
pub use retention::{Purged, PurgedBenefit};
pub use schema::SchemaError;
