//! `worker sums`: counts all applications, for a person at a terminal.

use std::fmt;

use secrecy::ExposeSecret as _;
use sportello_domain::Channel;
use sportello_queue::topology::Topology;
use sportello_queue::{ClearTextError, ConnectError, Depths, depths};
use sportello_store::{
    Count, DeadLetterCount, InvalidUrl, LetterSource, LetterState, Store, StoreError, StoreOptions,
};

use crate::config::SumsConfig;

/// Why there are no sums.
#[derive(Debug, thiserror::Error)]
pub enum SumsError {
    /// The address of the database is not valid.
    #[error("DATABASE_URL: {0}")]
    Url(#[from] InvalidUrl),
    /// The connection to the broker would be in clear text.
    #[error("AMQP_URL: {0}")]
    ClearText(#[from] ClearTextError),
    /// The database can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The broker can't be read.
    #[error(transparent)]
    Broker(#[from] ConnectError),
}

/// The right side of `accepted = registered + … + dead-lettered + queued`. Only intake knows how
/// many were accepted.
#[derive(Debug)]
pub struct Sums {
    counts: Vec<Count>,
    letters: Vec<DeadLetterCount>,
    depths: Depths,
}

/// Reads the sums from database and broker. Applications that a worker has in hand at that moment
/// may be in neither.
///
/// # Errors
/// [`SumsError`].
pub async fn sums(config: &SumsConfig) -> Result<Sums, SumsError> {
    let options = StoreOptions {
        application_name: "worker sums".into(),
        max_connections: 1,
        allow_clear_text: config.allow_clear_text,
        ..StoreOptions::default()
    };
    let broker = config.amqp_url.clone().guarded(config.allow_clear_text)?;
    let broker = broker.with_topology(Topology::Expect).with_shards(config.shards);
    let depths = depths(&broker).await?;
    let store = Store::connect(config.database_url.expose_secret(), &options)?;
    let counts = store.counts().await;
    let letters = store.dead_letter_counts().await;
    store.close().await;
    Ok(Sums {
        counts: counts?,
        letters: letters?,
        depths,
    })
}

impl Sums {
    /// Returns the applications of dead letters in these states. Conflicts are on the register.
    fn letters(&self, states: &[LetterState]) -> u64 {
        let letters = self
            .letters
            .iter()
            .filter(|one| one.source != LetterSource::Conflict && states.contains(&one.state));
        letters.map(|one| one.applications).sum()
    }
}

impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for channel in Channel::ALL {
            let of_channel = || self.counts.iter().filter(|count| count.channel == channel);
            let total: u64 = of_channel().map(|count| count.applications).sum();
            writeln!(f, "{}: {total} applications on the register", channel.as_str())?;
            for count in of_channel() {
                writeln!(
                    f,
                    "  {} {} {}",
                    count.benefit,
                    count.outcome.as_str(),
                    count.applications
                )?;
            }
            writeln!(f, "  queued: {} messages", self.depths.of(channel))?;
        }
        let (open, requeued, discarded) = (
            self.letters(&[LetterState::Open]),
            self.letters(&[LetterState::RequeueAsked, LetterState::Sent]),
            self.letters(&[LetterState::Discarded]),
        );
        writeln!(
            f,
            "dead letters: {open} open, {requeued} on their way again, {discarded} discarded"
        )?;
        let waiting = self.depths.dead_letter;
        writeln!(
            f,
            "dead letters that are not in the table yet: {waiting} messages"
        )?;
        writeln!(f, "unrouted: {} messages", self.depths.unrouted)
    }
}
