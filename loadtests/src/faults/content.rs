//! Poison: messages that no worker can process, among good ones in the citizens' queue. They are
//! published over the broker's HTTP API, as no intake would.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use jiff::Timestamp;
use reqwest::Url;
use serde_json::json;
use sportello_domain::ContentDigest;
use sportello_people::Person;
use sportello_stack::{Management, Part};
use sqlx::PgConnection;
use uuid::Builder;

use super::{Fault, Place};
use crate::faults::poison::{Ends, Poison};
use crate::faults::scene::Scene;
use crate::people::contents::content;
use crate::proof::promises::Promise;
use crate::proof::register;

/// Messages of each kind.
const MESSAGES: u64 = 20;
/// Seed of their people, who appear in no load.
const SEED: u64 = 20_200_403;
const HOST: &str = "/";
const CITIZENS: &str = "applications.citizen";
/// Deadline for them to reach their queue, after all others are registered.
const THERE_WITHIN: Duration = Duration::from_secs(60);
/// Longer than the worker needs to return its messages.
const GRACE: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// The kind of poison.
#[derive(Debug, Clone, Copy)]
pub enum Does {
    /// No envelope at all.
    Unreadable,
    /// An envelope of a future version.
    NewerVersion,
    /// A content with a NUL character, which no text of the database can hold.
    Nul,
    /// A good application whose row breaks a rule of the database.
    Refused,
}

/// The faults of this family; callers must not notice any.
pub const FAULTS: &[Fault] = &[
    fault(
        "poison-unreadable",
        "20 messages that are not envelopes arrive in the citizens' queue.",
        Does::Unreadable,
    ),
    fault(
        "poison-newer-version",
        "20 envelopes of a future version arrive in the citizens' queue and stay there.",
        Does::NewerVersion,
    ),
    fault(
        "poison-nul",
        "20 applications with a NUL character in an answer arrive in the citizens' queue.",
        Does::Nul,
    ),
    fault(
        "poison-refused",
        "20 applications that the database refuses arrive in the citizens' queue and share transactions \
         with good ones.",
        Does::Refused,
    ),
];

const fn fault(name: &'static str, sentence: &'static str, does: Does) -> Fault {
    Fault {
        name,
        sentence,
        promise: Promise::Accepted,
        place: Place::Queues,
        does: super::Does::Content(does),
    }
}

impl Does {
    pub(super) async fn begin(self, scene: &mut Scene) -> anyhow::Result<()> {
        let broker = broker(scene)?;
        for number in 0..MESSAGES {
            let poison = self.poison(number)?;
            let routed = broker.publish(HOST, "applications", "citizen", &poison.message);
            ensure!(routed.await?, "no queue took the message");
            scene.poison.push(poison);
        }
        Ok(())
    }

    /// Checks that all poison is where it belongs, byte for byte, with nothing else.
    pub(super) async fn leave(self, scene: &mut Scene) -> anyhow::Result<Vec<String>> {
        let (queued, dead): (Vec<_>, Vec<_>) = std::mem::take(&mut scene.poison)
            .into_iter()
            .partition(Poison::stays_queued);
        let broker = broker(scene)?;
        let mut broken = Vec::new();
        let letters = Letters(register::connect(&scene.system.database_url()).await?);
        if let Some(found) = found(letters, dead).await? {
            broken.push(format!(
                "a message that can't be processed is dead-lettered whole with its reason: {found}"
            ));
        }
        if !queued.is_empty() {
            // the worker returns the messages that it holds
            scene.system.process(Part::Worker(1)).terminate(GRACE).await?;
            if let Some(found) = found(Queue(broker), queued).await? {
                broken.push(format!(
                    "a message that only a newer worker can read stays queued: {found}"
                ));
            }
            scene.system.start_part(Part::Worker(1)).await?;
        }
        Ok(broken)
    }

    /// Makes a message of this kind.
    pub(crate) fn poison(self, number: u64) -> anyhow::Result<Poison> {
        let now = Timestamp::now();
        let (message, ends) = match self {
            Self::Unreadable => (
                format!("no envelope, number {number}"),
                Ends::DeadLetter("the envelope can't be read"),
            ),
            Self::NewerVersion => (
                format!("{{\"version\":99,\"applications\":[],\"number\":{number}}}"),
                Ends::Queued,
            ),
            Self::Nul => (
                envelope(number, now, true)?,
                Ends::DeadLetter("the content is not valid"),
            ),
            Self::Refused => (
                envelope(number, "1999-06-01T00:00:00Z".parse()?, false)?,
                Ends::DeadLetter("the database refuses it"),
            ),
        };
        Ok(Poison { message, ends })
    }
}

/// A place in which messages end, each with a reason or an empty one.
trait End {
    /// Returns messages that were not returned before.
    async fn messages(&mut self) -> anyhow::Result<Vec<(String, String)>>;
}

/// The citizens' queue.
struct Queue(Management);

impl End for Queue {
    async fn messages(&mut self) -> anyhow::Result<Vec<(String, String)>> {
        let messages = self.0.take(HOST, CITIZENS, 1_000).await?;
        Ok(messages
            .into_iter()
            .map(|(message, _)| (message, String::new()))
            .collect())
    }
}

/// The table of dead letters.
struct Letters(PgConnection);

impl End for Letters {
    async fn messages(&mut self) -> anyhow::Result<Vec<(String, String)>> {
        Ok(register::take_dead_letters(&mut self.0).await?)
    }
}

/// Reads messages until all expected ones have come. Reports missing and other messages.
async fn found(mut end: impl End, mut wanted: Vec<Poison>) -> anyhow::Result<Option<String>> {
    let begun = Instant::now();
    let (mut count, mut others) = (0, Vec::new());
    while !wanted.is_empty() && begun.elapsed() < THERE_WITHIN {
        let messages = end.messages().await?;
        if messages.is_empty() {
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        for (message, reason) in messages {
            count += 1;
            let is_it = |poison: &Poison| {
                poison.message == message
                    && match poison.ends {
                        Ends::DeadLetter(begin) => reason.starts_with(begin),
                        Ends::Queued => true,
                    }
            };
            match wanted.iter().position(is_it) {
                Some(place) => drop(wanted.swap_remove(place)),
                None => others.push(reason),
            }
        }
    }
    let missing = wanted.len();
    let is_well = missing == 0 && others.is_empty();
    let others_count = others.len();
    others.dedup();
    Ok((!is_well).then(|| {
        format!("{missing} are missing, {others_count} of {count} messages are others, for these reasons: {others:?}")
    }))
}

/// Returns a client of the broker's management API.
pub(crate) fn broker(scene: &mut Scene) -> anyhow::Result<Management> {
    let url = Url::parse(&scene.system.rabbitmq().management_url()).context("the broker's address")?;
    Ok(Management::new(url))
}

/// Makes an envelope with one application, as intake writes it.
fn envelope(number: u64, received_at: Timestamp, with_nul: bool) -> anyhow::Result<String> {
    let person = Person::invent(SEED, number);
    let mut content = content(&person, number, "poison");
    if with_nul {
        content["answers"]["note"] = json!("a\0b");
    }
    let content = serde_json::to_string(&content)?;
    let id = Builder::from_custom_bytes(rand::random()).into_uuid();
    let digest = ContentDigest::of(content.as_bytes());
    let submitter = person.tax_code.as_str();
    let frame =
        format!(r#""id":"{id}","channel":"citizen","submitter":"{submitter}","received_at":"{received_at}""#);
    let content =
        format!(r#""content_digest":"{digest}","catalogue_version":"0123456789abcdef","content":{content}"#);
    Ok(format!(
        r#"{{"version":1,"applications":[{{{frame},{content}}}]}}"#
    ))
}
