//! The catalogue's rules for the applications of a transaction.

use std::sync::Arc;

use jiff::Timestamp;
use sportello_catalogue::Catalogue;
use sportello_domain::Ruling;
use sportello_queue::Received;
use sportello_store::Registrable;
use tracing::Span;

use crate::traces;

/// An application whose benefit is in the catalogue, with its span, which ends with the
/// transaction.
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

/// The applications of a transaction under one catalogue.
pub(crate) struct Ruled<'a> {
    pub(crate) catalogue: Arc<Catalogue>,
    /// The database's time, which decides about terms.
    now: Timestamp,
    pub(crate) items: Vec<Item<'a>>,
    /// Applications for a benefit that the catalogue lacks.
    pub(crate) unknown: Vec<&'a Received>,
    /// Applications for a benefit past its retention.
    pub(crate) overdue: Vec<&'a Received>,
}

impl<'a> Ruled<'a> {
    pub(crate) fn new(
        batch: impl IntoIterator<Item = &'a Received>,
        catalogue: Arc<Catalogue>,
        now: Timestamp,
    ) -> Self {
        let mut ruled = Self {
            catalogue,
            now,
            items: Vec::new(),
            unknown: Vec::new(),
            overdue: Vec::new(),
        };
        batch.into_iter().for_each(|received| ruled.add(received));
        ruled
    }

    /// Looks for the unknown benefits in a newer catalogue.
    pub(crate) fn look_again(&mut self, catalogue: Arc<Catalogue>) {
        self.catalogue = catalogue;
        for received in std::mem::take(&mut self.unknown) {
            self.add(received);
        }
    }

    fn add(&mut self, received: &'a Received) {
        match self.catalogue.get(&received.application.application.benefit) {
            Some(benefit) if benefit.retention().has_ended(self.now) => self.overdue.push(received),
            Some(benefit) => self.items.push(Item {
                received,
                ruling: benefit.ruling(&received.application),
                _span: traces::application(received),
            }),
            None => self.unknown.push(received),
        }
    }
}
