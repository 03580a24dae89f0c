//! What the catalogue says of a batch.

use std::sync::Arc;

use jiff::Timestamp;
use sportello_catalogue::Catalogue;
use sportello_domain::Ruling;
use sportello_queue::Received;
use sportello_store::Registrable;
use tracing::Span;

use crate::traces;

/// An application that the catalogue has a word on, with its span, which ends with the transaction.
pub(crate) struct Item<'a> {
    pub(crate) received: &'a Received,
    ruling: Ruling,
    _span: Span,
}

impl Item<'_> {
    pub(crate) fn registrable(&self) -> Registrable<'_> {
        Registrable {
            application: &self.received.application,
            ruling: &self.ruling,
        }
    }
}

/// A batch under one catalogue.
pub(crate) struct Ruled<'a> {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) items: Vec<Item<'a>>,
    /// Applications for a benefit that is not in the catalogue.
    pub(crate) unknown: Vec<&'a Received>,
    /// Applications for a benefit whose applications are not kept any more.
    pub(crate) overdue: Vec<&'a Received>,
}

impl<'a> Ruled<'a> {
    pub(crate) fn new(batch: impl IntoIterator<Item = &'a Received>, catalogue: Arc<Catalogue>) -> Self {
        let mut ruled = Self {
            catalogue,
            items: Vec::new(),
            unknown: Vec::new(),
            overdue: Vec::new(),
        };
        batch.into_iter().for_each(|received| ruled.add(received));
        ruled
    }

    /// Looks for what was unknown in a newer catalogue.
    pub(crate) fn look_again(&mut self, catalogue: Arc<Catalogue>) {
        self.catalogue = catalogue;
        for received in std::mem::take(&mut self.unknown) {
            self.add(received);
        }
    }

    fn add(&mut self, received: &'a Received) {
        match self.catalogue.get(&received.application.application.benefit) {
            Some(benefit) if benefit.retention().has_ended(Timestamp::now()) => self.overdue.push(received),
            Some(benefit) => self.items.push(Item {
                received,
                ruling: benefit.ruling(&received.application),
                _span: traces::application(received),
            }),
            None => self.unknown.push(received),
        }
    }
}
