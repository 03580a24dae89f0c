//! Selects the application among several contents sent under one id: the one received first.

use std::collections::BTreeMap;

use sportello_domain::{ApplicationId, ContentDigest};

use crate::error::StoreError;
use crate::existing::Existing;
use crate::registrable::Registrable;

/// The contents delivered under one id: of each, the delivery received first.
#[derive(Debug)]
pub(crate) struct Delivered<'a> {
    /// The content received first; of two received at the same instant, the one with the lower
    /// digest.
    pub(crate) first: Registrable<'a>,
    /// Other contents; rare.
    others: Vec<Registrable<'a>>,
}

/// Change to an application that is on the register.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change<'a> {
    /// Its content was received earlier.
    Earlier(Registrable<'a>),
    /// Another content was received earlier and takes its place.
    Replaced(Registrable<'a>),
}

/// Groups the deliveries of a transaction by id.
pub(crate) fn delivered<'a>(
    batch: &[Registrable<'a>],
) -> Result<BTreeMap<ApplicationId, Delivered<'a>>, StoreError> {
    let mut all: BTreeMap<ApplicationId, Delivered<'a>> = BTreeMap::new();
    for &sent in batch {
        match all.get_mut(&sent.id()) {
            Some(there) => there.add(sent)?,
            None => {
                let first = Delivered {
                    first: sent,
                    others: Vec::new(),
                };
                all.insert(sent.id(), first);
            }
        }
    }
    Ok(all)
}

impl<'a> Delivered<'a> {
    fn add(&mut self, sent: Registrable<'a>) -> Result<(), StoreError> {
        let (one, other) = (self.first.application, sent.application);
        let same_holders = one.submitter == other.submitter
            && one.application.applicant.tax_code == other.application.applicant.tax_code;
        if !same_holders {
            return Err(StoreError::taken());
        }
        let mut contents = std::iter::once(&mut self.first).chain(&mut self.others);
        match contents.find(|there| there.digest() == sent.digest()) {
            Some(there) if sent.received_at() < there.received_at() => *there = sent,
            Some(_) => {}
            None => self.others.push(sent),
        }
        for other in &mut self.others {
            if other.precedence() < self.first.precedence() {
                std::mem::swap(other, &mut self.first);
            }
        }
        Ok(())
    }

    /// Returns all contents, the one received first at the front.
    pub(crate) fn contents(&self) -> impl Iterator<Item = &Registrable<'a>> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// Returns the change to an application on the register, if any. Fails if the application
    /// belongs to another person.
    pub(crate) fn change(&self, existing: &Existing) -> Result<Option<Change<'a>>, StoreError> {
        let sent = self.first.application;
        let same_holders = existing.applicant == self.first.applicant()
            && existing.channel == sent.submitter.channel().as_str()
            && existing.submitter == sent.submitter.as_str();
        if !same_holders {
            return Err(StoreError::taken());
        }
        if self.first.precedence() >= (existing.received_at, existing.content_digest.as_slice()) {
            return Ok(None);
        }
        Ok(Some(
            if existing.content_digest == self.first.digest().as_bytes() {
                Change::Earlier(self.first)
            } else {
                Change::Replaced(self.first)
            },
        ))
    }
}

impl<'a> Registrable<'a> {
    pub(crate) fn digest(&self) -> &'a ContentDigest {
        &self.application.content_digest
    }

    /// Returns the sort key: of several contents under one id, the lowest is the application.
    pub(crate) fn precedence(&self) -> (jiff::Timestamp, &'a [u8]) {
        (self.received_at(), self.digest().as_bytes().as_slice())
    }
}
