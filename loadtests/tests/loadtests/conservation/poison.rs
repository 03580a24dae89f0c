//! Messages that no intake wrote, put into the queues over the broker's own HTTP API: none of them
//! had a `202`.

use jiff::Timestamp;
use serde_json::json;
use sportello_domain::ContentDigest;
use sportello_stack::Management;
use uuid::Builder;

use crate::conservation::papers::Papers;
use crate::conservation::record::{CITIZEN, INTERMEDIARY};

const HOST: &str = "/";
/// Their people come after all others.
const PERSON: u64 = 800_000;
/// Messages of each kind for each channel.
const MESSAGES: u64 = 3;

/// Puts some of each kind into both queues. Returns them as they are: each must be in the dead
/// letters.
pub(crate) async fn put(broker: &Management, papers: Papers) -> Vec<String> {
    let mut messages = Vec::new();
    for (channel, submitter) in [(CITIZEN, None), (INTERMEDIARY, Some("patronato-alba"))] {
        for number in 0..MESSAGES {
            let envelope = |received_at, other| envelope(papers, number, submitter, received_at, other);
            messages.push((channel, format!("no envelope, number {number} of a {channel}")));
            // of a time of which no protocol is kept
            let long_ago = "1999-06-01T00:00:00Z".parse().expect("an instant");
            messages.push((channel, envelope(long_ago, "")));
            // another content than it was accepted with
            messages.push((channel, envelope(Timestamp::now(), "x")));
        }
    }
    for (channel, message) in &messages {
        let routed = broker.publish(HOST, "applications", channel, message).await;
        assert!(routed.expect("the broker"), "no queue took the message");
    }
    messages.into_iter().map(|(_, message)| message).collect()
}

/// An envelope with one application in it, as intake writes it.
fn envelope(
    papers: Papers,
    number: u64,
    organisation: Option<&str>,
    received_at: Timestamp,
    digest_of: &str,
) -> String {
    let paper = papers.own("poison", PERSON + number, number, "poison");
    let (id, content) = (
        Builder::from_custom_bytes(rand::random()).into_uuid(),
        paper.content,
    );
    let digest = ContentDigest::of(format!("{content}{digest_of}").as_bytes());
    let person = papers.person(paper.person);
    let channel = organisation.map_or(CITIZEN, |_| INTERMEDIARY);
    let submitter = json!(organisation.unwrap_or(person.tax_code.as_str()));
    let frame =
        format!(r#""id":"{id}","channel":"{channel}","submitter":{submitter},"received_at":"{received_at}""#);
    let content =
        format!(r#""content_digest":"{digest}","catalogue_version":"0123456789abcdef","content":{content}"#);
    format!(r#"{{"version":1,"applications":[{{{frame},{content}}}]}}"#)
}
