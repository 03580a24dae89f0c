//! What became of everything, read by queries of the audit's own, beside what callers wrote down.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sportello_domain::ContentDigest;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::conservation::record::{CITIZEN, Content, INTERMEDIARY, Record};

/// Most findings listed; the rest is counted.
const SHOWN: usize = 10;
/// The word for what is in the dead letters, beside those for outcomes.
const DEAD_LETTER: &str = "dead letter";

/// A content on the register, as the application or as a conflict.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub(crate) struct Row {
    id: Uuid,
    digest: Vec<u8>,
    channel: String,
    outcome: String,
    reason: String,
    /// When it was received, in microseconds since 1970.
    received: i64,
    /// Nothing of a conflict.
    protocol: Option<i64>,
}

const ROWS: &str = "
    select id, content_digest as digest, channel, outcome, reason,
        (extract(epoch from received_at) * 1000000)::bigint as received, protocol_number as protocol
    from applications
    union all
    select c.application_id, c.content_digest, a.channel, 'conflict', 'key_reused',
        (extract(epoch from c.received_at) * 1000000)::bigint, null
    from application_conflicts as c join applications as a on a.id = c.application_id
    order by id, digest";

/// By channel, conflicts too.
const SUMS: &str = "
    select channel, sum(applications)::bigint from (
        select channel, count(*) as applications from applications group by channel
        union all select channel, applications from conflict_counts
    ) as counted
    group by channel";

/// An application in a dead letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Letter {
    content: Content,
    channel: String,
}

/// What the system holds once nothing is on its way.
#[derive(Debug, PartialEq)]
pub(crate) struct Held {
    rows: Vec<Row>,
    /// Each once: after a crash of the worker a letter may be there twice.
    letters: BTreeSet<Letter>,
    sums: BTreeMap<String, u64>,
}

impl Letter {
    /// Reads an envelope with one application.
    pub(crate) fn read(message: &str) -> Option<Self> {
        let envelope: Value = serde_json::from_str(message).ok()?;
        let [application] = envelope["applications"].as_array()?.as_slice() else {
            return None;
        };
        let text = |name: &str| application[name].as_str();
        let digest: ContentDigest = text("content_digest")?.parse().ok()?;
        Some(Self {
            content: (text("id")?.parse().ok()?, *digest.as_bytes()),
            channel: text("channel")?.to_owned(),
        })
    }
}

impl Held {
    pub(crate) async fn read(database: &mut PgConnection, letters: BTreeSet<Letter>) -> Self {
        let rows = sqlx::query_as(ROWS).fetch_all(&mut *database);
        let rows = rows.await.expect("the register");
        let sums: Vec<(String, i64)> = sqlx::query_as(SUMS)
            .fetch_all(database)
            .await
            .expect("the sums of the register");
        let sums = sums
            .into_iter()
            .map(|(channel, sum)| (channel, sum.unsigned_abs()));
        Self {
            rows,
            letters,
            sums: sums.collect(),
        }
    }

    /// Every end that each content has, with its channel.
    fn ends(&self) -> BTreeMap<Content, Vec<(&str, &str)>> {
        let mut ends: BTreeMap<Content, Vec<(&str, &str)>> = BTreeMap::new();
        for row in &self.rows {
            let digest = row.digest.as_slice().try_into().expect("32 bytes");
            let end = (row.channel.as_str(), row.outcome.as_str());
            ends.entry((row.id, digest)).or_default().push(end);
        }
        for letter in &self.letters {
            let end = (letter.channel.as_str(), DEAD_LETTER);
            ends.entry(letter.content).or_default().push(end);
        }
        ends
    }

    /// Asserts that each accepted content has one end, by its channel, and that nothing else has
    /// any.
    pub(crate) fn has_one_end_for_each_of(&self, record: &Record) {
        let ends = self.ends();
        let mut findings = Vec::new();
        for (content, channel) in &record.contents {
            let found = ends.get(content).map_or(&[][..], Vec::as_slice);
            let is_well = match found {
                [(by, end)] => by == channel && (*end == DEAD_LETTER) == record.refused.contains(content),
                _ => false,
            };
            if !is_well {
                findings.push(format!(
                    "accepted by {channel}, and ended {found:?}: {}",
                    content.0
                ));
            }
        }
        let accepted = |content: &&Content| record.contents.contains_key(*content);
        let foreign = ends.keys().filter(|content| !accepted(content));
        findings.extend(foreign.map(|(id, _)| format!("never accepted, and there: {id}")));
        let shown = &findings[..findings.len().min(SHOWN)];
        assert!(
            findings.is_empty(),
            "{} findings, such as {shown:#?}",
            findings.len()
        );
    }

    /// Asserts for each channel that what was accepted is the sum of all ends, as the database adds
    /// them up.
    pub(crate) fn adds_up_by_channel(&self, record: &Record) {
        for channel in [CITIZEN, INTERMEDIARY] {
            let accepted = record.contents.values().filter(|by| **by == channel).count();
            let letters = self.letters.iter().filter(|letter| letter.channel == channel);
            let ended = self.sums.get(channel).copied().unwrap_or_default() + letters.count() as u64;
            assert_eq!(
                accepted as u64, ended,
                "{channel}: accepted, and the sum of all ends"
            );
        }
    }

    /// Asserts that what holders withdrew is withdrawn, and nothing else.
    pub(crate) fn is_withdrawn_by_holders_alone(&self, record: &Record) {
        let withdrawn = self.rows.iter().filter(|row| row.outcome == "withdrawn");
        let withdrawn: BTreeSet<Uuid> = withdrawn.map(|row| row.id).collect();
        let count = |ids: &BTreeSet<Uuid>, others: &BTreeSet<Uuid>| ids.difference(others).count();
        let (missing, foreign) = (
            count(&record.withdrawn, &withdrawn),
            count(&withdrawn, &record.withdrawn),
        );
        assert_eq!(
            (missing, foreign),
            (0, 0),
            "not withdrawn for their holders, and withdrawn for strangers"
        );
        assert!(record.strangers.difference(&record.withdrawn).count() > 0);
    }

    /// Asserts that no caller was refused for hours.
    pub(crate) fn refuses_nobody_for_hours(&self) {
        let for_hours = ["before_opening", "after_closing", "outside_window"];
        let refused = self
            .rows
            .iter()
            .filter(|row| for_hours.contains(&row.reason.as_str()));
        assert_eq!(refused.count(), 0, "refused for hours");
    }

    /// Asserts that every end and every way to it occurs: otherwise the sums would say little.
    pub(crate) fn has_ends_of_every_kind(&self) {
        let reasons: BTreeSet<(&str, &str)> = self
            .rows
            .iter()
            .map(|row| (row.outcome.as_str(), row.reason.as_str()))
            .collect();
        let expected = [
            ("conflict", "key_reused"),
            ("duplicate", "same_person"),
            ("duplicate", "same_subject"),
            ("incompatible", "incompatible_benefit"),
            ("refused", "past_cap"),
            ("registered", "regular"),
            ("reserve", "past_cap"),
            ("withdrawn", "withdrawn_by_applicant"),
            ("withdrawn", "withdrawn_by_submitter"),
        ];
        assert_eq!(reasons, BTreeSet::from(expected));
        let channels: BTreeSet<&str> = self.letters.iter().map(|letter| &*letter.channel).collect();
        assert_eq!(channels.len(), 2, "dead letters of both channels");
    }
}
