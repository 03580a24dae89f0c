//! PostgreSQL: all SQL and migrations of the benefits database.
//!
//! # Promises
//!
//! [`Store::register`] registers applications in one transaction. An application has one row,
//! whatever is redelivered, by any number of workers at once. Of several contents under one id, the
//! one received first is the application; the others are kept whole as conflicts. Which application
//! stands does not depend on the order of delivery. Numbers are unique and rise within a year, with
//! gaps.
//!
//! [`Store::register_and_record`] also records in the same transaction which messages the
//! applications came in, for the ledger.
//!
//! [`Store::withdraw`] withdraws a holder's application, also before it is registered.
//!
//! [`Store::allot`] keeps the applications within each budget to those that its rule gives.
//!
//! Only [`Store::find`], [`Store::list`] and [`Store::content`] read applications for people. They
//! know the reader, return nothing to others, and add an entry to the journal in the statement that
//! reads.
//!
//! [`Store::purge`] leaves nothing of a person whose application's retention has ended. It erases
//! only what was announced in the database for a day, and nothing while the caller's clock and the
//! database's differ.
//!
//! # Queries checked at compile time
//!
//! Building needs no database: `.sqlx` holds PostgreSQL's description of each query. After a change
//! to a query or a migration, `prepare.sh` writes it again, with `DATABASE_URL` naming an empty
//! database. Given a folder, it writes there, so that a difference from `.sqlx` shows that it is
//! stale.

mod access;
mod allot;
mod announce;
mod arrival;
mod audit;
mod barrier;
mod batch;
mod batch_rows;
mod budgets;
mod claims;
mod clock;
mod conflicts;
mod connection;
mod console_minutes;
mod console_workers;
mod content;
mod contents;
mod counts;
mod dead_letter_rows;
mod dead_letters;
mod decision;
mod deliberation;
mod error;
mod existing;
mod find;
mod forget;
mod hosts;
mod instants;
mod late_reads;
mod lead;
mod ledger;
mod list;
mod page;
mod party;
mod places;
mod progress;
mod protocol;
mod recount;
mod register;
mod registrable;
mod retention;
mod round;
mod schema;
mod selected_letters;
mod statements;
mod subjects;
mod verdict;
mod versions;
mod withdraw;
mod work;
mod write;

pub use access::{Access, Operation, Role, Sought};
pub use allot::Allotment;
pub use arrival::{Arrival, Registration};
pub use audit::{AuditEntry, AuditFilter, Deed, Repeated};
pub use batch_rows::{BatchPlace, BatchTally, PlacedApplication};
pub use budgets::Budget;
pub use connection::{InvalidUrl, Store, StoreOptions};
pub use console_workers::{Change, WorkersSetting};
pub use content::{ContentReader, RegisteredContent};
pub use counts::Count;
pub use dead_letter_rows::DeadLetterRow;
pub use dead_letters::{
    Asked, Attempt, DeadLetter, DeadLetterCount, DeadLetterEntry, DeadLetterTurn, DueJob, Holds, Ingested,
    JobChange, JobLetter, JobResult, JobState, LastChange, LetterContent, LetterEvent, LetterFilter,
    LetterSource, LetterState, LetterToSend, MOST_LETTERS, Mended, NewDeadLetter, Operator, Outbox,
    RequeueJob, RequeueRate, RequeueRateError, RequeueRequest, Selection, StopCause,
};
pub use error::{Refusal, StoreError};
pub use find::{Conflict, HistoryEntry, HistoryEvent, MendedContent, RegisteredApplication};
pub use lead::Lead;
pub use ledger::{
    BenefitSums, Benefits, LedgerArrival, LedgerAudit, LedgerChannel, LedgerProcess, LedgerSecond,
    LedgerSegment, LedgerState, LedgerSums, Missing, SETTLED_WITHIN, SettledCounts,
};
pub use list::ListedApplication;
pub use page::{CursorError, InstantCursor, JournalCursor, ListCursor, Page, PageSize, PageSizeError};
pub use progress::Progress;
pub use recount::Recount;
pub use registrable::Registrable;
pub use retention::{AnnouncedPurge, CLOCKS_AGREE, Purged, PurgedBenefit};
pub use schema::SchemaError;
pub use withdraw::WithdrawalArrival;
