//! Dead letters: applications that can't be registered, kept whole until an operator has decided.
//!
//! The migration `0031_dead_letters.sql` holds the rules: which state follows which, and that no
//! content is read and nothing changes without an entry.

mod change;
mod counts;
mod ingest;
mod jobs;
mod letter;
mod list;
mod outbox;
mod pace;
mod read;
mod request;
mod retain;
mod settle;
mod steer;
mod words;

pub use change::{Attempt, LastChange, Mended};
pub use counts::DeadLetterCount;
pub use ingest::{DeadLetterTurn, Ingested, NewDeadLetter};
pub use jobs::{JobLetter, RequeueJob};
pub use letter::{DeadLetter, DeadLetterEntry, LetterFilter, Operator};
pub use outbox::{DueJob, LetterToSend, Outbox};
pub use read::LetterContent;
pub use request::{Asked, MOST_LETTERS, RequeueRate, RequeueRateError, RequeueRequest, Selection};
pub use steer::JobChange;
pub use words::{Holds, JobResult, JobState, LetterEvent, LetterSource, LetterState, StopCause};

pub(crate) use retain::{forget_letters, letters_kept, remove_letters_of};
