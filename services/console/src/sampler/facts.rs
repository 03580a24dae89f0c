//! What the database knows: the ledger, dead letters, outcomes and budgets.

use jiff::{SignedDuration, Timestamp};
use sportello_ledger::read::{self, Ledger};
use sportello_store::{Budget, Count, LetterState, Store};

/// Age of the last audit from which the ledger's numbers are too old to be shown.
const STALE: SignedDuration = SignedDuration::from_secs(10);

/// What was read of the database in one second; `None` where it can't be read.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) ledger: Option<Ledger>,
    pub(crate) dead_letters: Option<u64>,
    pub(crate) outcomes: Option<Vec<Count>>,
    pub(crate) budgets: Option<Vec<Budget>>,
}

impl Facts {
    /// Reads the few small tables; each by itself, so that one that can't be read leaves the
    /// others.
    pub(crate) async fn read(store: &Store) -> Self {
        let (ledger, dead_letters, outcomes, budgets) = tokio::join!(
            ledger(store),
            open_letters(store),
            read::outcomes(store),
            store.budgets()
        );
        Self {
            ledger,
            dead_letters,
            outcomes: outcomes.ok(),
            budgets: budgets.ok(),
        }
    }
}

/// Returns the ledger, unless nobody audits: its numbers would be old ones.
async fn ledger(store: &Store) -> Option<Ledger> {
    let ledger = read::ledger(store).await.ok()?;
    let audited = ledger.audited_at?;
    (Timestamp::now().duration_since(audited) < STALE).then_some(ledger)
}

/// Returns how many applications are in open dead letters.
async fn open_letters(store: &Store) -> Option<u64> {
    let counts = store.dead_letter_counts().await.ok()?;
    let open = counts.iter().filter(|count| count.state == LetterState::Open);
    Some(open.map(|count| count.applications).sum())
}
