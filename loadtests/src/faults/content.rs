//! What nobody can process, in the queue of citizens among what can be: put there over the broker's own HTTP API, as no
//! intake would.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use jiff::Timestamp;
use reqwest::Url;
use serde_json::json;
use sportello_domain::ContentDigest;
use sportello_local::Management;
use sportello_local::people::Person;
use uuid::Builder;

use super::{Fault, Place};
use crate::contents::content;
use crate::promises::Promise;
use crate::scene::Scene;

/// Of each kind, so many messages.
const MESSAGES: u64 = 20;
/// The people of whom they are: of no load.
const SEED: u64 = 20_200_403;
const HOST: &str = "/";
const DEAD_LETTERS: &str = "applications.dead-letter";
/// How long they may take into the dead-letter queue after everything else is registered.
const ASIDE_WITHIN: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// What is put into the queue.
#[derive(Debug, Clone, Copy)]
pub enum Does {
    /// No envelope at all.
    Unreadable,
    /// An envelope of a version that is not there yet.
    NewerVersion,
    /// A content with a NUL character, which no text of the database can hold.
    Nul,
    /// A good application whose row breaks a rule of the database.
    Refused,
}

/// A message that must be in the dead-letter queue in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poison {
    message: String,
    /// What its reason begins with.
    reason: &'static str,
}

/// All with the same promise: nobody notices.
pub const FAULTS: &[Fault] = &[
    fault(
        "poison-unreadable",
        "20 messages that are no envelopes come into the queue of citizens.",
        Does::Unreadable,
    ),
    fault(
        "poison-newer-version",
        "20 envelopes of a version that is not there yet come into the queue of citizens.",
        Does::NewerVersion,
    ),
    fault(
        "poison-nul",
        "20 applications with a NUL character in an answer come into the queue of citizens.",
        Does::Nul,
    ),
    fault(
        "poison-refused",
        "20 applications that the database refuses come into the queue of citizens, and into batches with good ones.",
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

    /// All of it, byte for byte and with the reason, is in the dead-letter queue, and nothing else.
    pub(super) async fn leave(self, scene: &mut Scene) -> anyhow::Result<Vec<String>> {
        let mut wanted = std::mem::take(&mut scene.poison);
        let broker = broker(scene)?;
        let begun = Instant::now();
        let (mut count, mut others) = (0, 0);
        while !wanted.is_empty() && begun.elapsed() < ASIDE_WITHIN {
            let letters = broker.take(HOST, DEAD_LETTERS, 1_000).await?;
            let none = letters.is_empty();
            for (message, headers) in letters {
                count += 1;
                let reason = headers["reason"].as_str().unwrap_or_default();
                let is_it = |poison: &Poison| poison.message == message && reason.starts_with(poison.reason);
                match wanted.iter().position(is_it) {
                    Some(place) => drop(wanted.swap_remove(place)),
                    None => others += 1,
                }
            }
            if none {
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
        }
        if wanted.is_empty() && others == 0 {
            return Ok(Vec::new());
        }
        Ok(vec![format!(
            "what can't be processed is dead-lettered whole with its reason: {} are missing, {others} of {count} \
             dead letters are others",
            wanted.len()
        )])
    }

    fn poison(self, number: u64) -> anyhow::Result<Poison> {
        let now = Timestamp::now();
        let (message, reason) = match self {
            Self::Unreadable => (
                format!("no envelope, number {number}"),
                "the envelope can't be read",
            ),
            Self::NewerVersion => (
                format!("{{\"version\":99,\"applications\":[],\"number\":{number}}}"),
                "the envelope is of version 99",
            ),
            Self::Nul => (envelope(number, now, true)?, "the content is not valid"),
            Self::Refused => (
                envelope(number, "1999-06-01T00:00:00Z".parse()?, false)?,
                "the database refuses it",
            ),
        };
        Ok(Poison { message, reason })
    }
}

fn broker(scene: &mut Scene) -> anyhow::Result<Management> {
    let url = Url::parse(&scene.system.rabbitmq().management_url()).context("the broker's address")?;
    Ok(Management::new(url))
}

/// An envelope with one application in it, as intake writes it.
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
    Ok(format!(
        r#"{{"version":1,"applications":[{{"id":"{id}","channel":"citizen","submitter":"{submitter}","received_at":"{received_at}","content_digest":"{digest}","catalogue_version":"0123456789abcdef","content":{content}}}]}}"#
    ))
}
