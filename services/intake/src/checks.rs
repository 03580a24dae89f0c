//! The checks behind `/readyz` and `/status`.

use actix_web::web::Data;
use jiff::SignedDuration;
use sportello_catalogue::LiveCatalogue;
use sportello_http::{Check, Severity};
use sportello_identity::Verifier;
use sportello_queue::{Publisher, Shards, Status};
use sportello_signals::{BrokerClock, ChannelSettings};

use crate::fallback::Fallback;

/// The parts that the checks read.
pub(crate) struct Watched<'a> {
    pub(crate) verifier: &'a Data<Verifier>,
    pub(crate) catalogue: &'a LiveCatalogue,
    pub(crate) channel_settings: &'a ChannelSettings,
    pub(crate) clock: &'a BrokerClock,
    pub(crate) publisher: &'a Publisher,
    pub(crate) shards: Shards,
    pub(crate) fallback: Option<&'a Fallback>,
}

/// Returns all checks of intake.
pub(crate) fn all(watched: &Watched<'_>) -> Vec<Check> {
    let (known, followed) = (watched.channel_settings.clone(), watched.channel_settings.clone());
    let (catalogue, clock) = (watched.catalogue.clone(), watched.clock.clone());
    let mut checks = vec![
        broker(watched.publisher, watched.fallback),
        Check::identity(watched.verifier),
        Check::issuer_keys(watched.verifier),
        Check::of(
            "channels",
            Severity::Needed,
            move || known.is_known(),
            "the channel settings have not been read yet",
        ),
        Check::of(
            "channel_changes",
            Severity::Warning,
            move || followed.is_following(),
            "not following channel settings; using the last known ones",
        ),
        Check::of(
            "catalogue",
            Severity::Warning,
            move || !catalogue.broken(),
            "the files of the catalogue have mistakes; using the files before: the log lists the mistakes",
        ),
        Check::judged("clock", Severity::Warning, move || {
            judge_clock(clock.difference())
        }),
    ];
    checks.extend(watched.fallback.map(|fallback| fallback.check(watched.publisher)));
    if !watched.shards.is_one() {
        let publisher = watched.publisher.clone();
        checks.push(Check::of(
            "shards",
            Severity::Warning,
            move || publisher.reaches_all(),
            "not every queue of a channel takes messages: the applications of some persons wait or get 503; the log \
             names the queue",
        ));
    }
    checks
}

/// Fails without the broker, unless the spool stands in for it.
fn broker(publisher: &Publisher, fallback: Option<&Fallback>) -> Check {
    let (publisher, fallback) = (publisher.clone(), fallback.cloned());
    Check::judged("broker", Severity::Needed, move || match publisher.status() {
        Status::Connected => Ok(()),
        Status::Blocked | Status::Disconnected if fallback.as_ref().is_some_and(Fallback::takes) => Ok(()),
        Status::Blocked => Err("the broker takes no messages, for lack of memory or disk"),
        Status::Disconnected => Err("there is no connection to the broker"),
    })
}

fn judge_clock(difference: Option<SignedDuration>) -> Result<(), &'static str> {
    const NOTICED: SignedDuration = SignedDuration::from_secs(1);
    match difference {
        None => Err("this machine's clock has not been compared with the broker's yet"),
        Some(difference) if difference.abs() > NOTICED => Err(
            "this machine's clock and the broker's are over a second apart: synchronise both; benefits in order of \
             arrival are closed here where their file allows less",
        ),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_never_compared_is_warned_of() {
        let seconds = |seconds| Some(SignedDuration::from_secs(seconds));
        for (difference, good) in [
            (seconds(0), true),
            (seconds(1), true),
            (seconds(-2), false),
            (seconds(2), false),
            (None, false),
        ] {
            assert_eq!(judge_clock(difference).is_ok(), good, "{difference:?}");
        }
    }
}
