//! What callers were answered, as they wrote it down.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::conservation::papers::Paper;

/// The channels' words.
pub(crate) const CITIZEN: &str = "citizen";
pub(crate) const INTERMEDIARY: &str = "intermediary";

/// An id, and the digest of what was accepted under it: each has one end.
pub(crate) type Content = (Uuid, [u8; 32]);

/// Everything that had a `202`.
#[derive(Default, Clone, PartialEq)]
pub(crate) struct Record {
    /// What was accepted, with its channel.
    pub(crate) contents: BTreeMap<Content, &'static str>,
    /// Those of them that the database refuses.
    pub(crate) refused: BTreeSet<Content>,
    /// The id that each sender's key for a person has.
    ids: BTreeMap<(&'static str, String, u64), Uuid>,
    /// By their ids.
    pub(crate) batches: BTreeMap<Uuid, Batch>,
    /// Applications that a holder withdrew.
    pub(crate) withdrawn: BTreeSet<Uuid>,
    /// Applications that strangers wanted to withdraw.
    pub(crate) strangers: BTreeSet<Uuid>,
}

/// What was accepted of a batch.
#[derive(Default, Clone, PartialEq)]
pub(crate) struct Batch {
    pub(crate) organisation: &'static str,
    /// Rows that had a `202`.
    pub(crate) rows: BTreeSet<u64>,
}

impl Record {
    /// Writes down a `202` for what `sender` sent.
    ///
    /// # Panics
    /// Where the same key for the same person had another id before.
    pub(crate) fn accepted(&mut self, sender: &'static str, paper: &Paper, id: Uuid) {
        let channel = if sender == CITIZEN { CITIZEN } else { INTERMEDIARY };
        let content = (id, Sha256::digest(&paper.content).into());
        self.contents.insert(content, channel);
        if paper.refused {
            self.refused.insert(content);
        }
        let place = (sender, paper.key.clone(), paper.person);
        let known = *self.ids.entry(place).or_insert(id);
        assert_eq!(known, id, "a key has two ids");
    }

    /// The id of what `sender` sent under a key for a person.
    pub(crate) fn id(&self, sender: &'static str, key: &str, person: u64) -> Uuid {
        self.ids[&(sender, key.to_owned(), person)]
    }

    /// Asserts that no two senders, keys or persons share an id. Returns how many ids there are.
    pub(crate) fn check_ids(&self) -> usize {
        let ids: BTreeSet<&Uuid> = self.ids.values().collect();
        assert_eq!(
            ids.len(),
            self.ids.len(),
            "one id has two senders, keys or persons"
        );
        ids.len()
    }

    /// What must be on the register in the end: applications, and contents that are conflicts.
    pub(crate) fn registrable(&self) -> (usize, usize) {
        let contents = self
            .contents
            .keys()
            .filter(|content| !self.refused.contains(content));
        let contents: Vec<&Uuid> = contents.map(|(id, _)| id).collect();
        let ids: BTreeSet<&Uuid> = contents.iter().copied().collect();
        (ids.len(), contents.len() - ids.len())
    }
}
