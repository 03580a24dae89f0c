//! The work of one transaction that registers or withdraws, and what is decided on it.

use std::collections::{BTreeMap, BTreeSet};

use sportello_domain::{ApplicationId, Incompatibilities, Subject, Submitter, Withdrawal};

use crate::contents::{Change, Delivered, delivered};
use crate::error::StoreError;
use crate::existing::Existing;
use crate::party::{Parties, Party};
use crate::registrable::{Registrable, subjects};
use crate::verdict::Decision;

/// The work of one transaction.
pub(crate) struct Work<'a> {
    pub(crate) batch: &'a [Registrable<'a>],
    /// The deliveries, in order of id.
    pub(crate) delivered: BTreeMap<ApplicationId, Delivered<'a>>,
    pub(crate) withdrawals: &'a [Withdrawal],
    /// All subjects of the deliveries and the withdrawals.
    pub(crate) own: BTreeSet<Subject>,
    /// Organisations that send or withdraw.
    pub(crate) organisations: BTreeSet<&'a str>,
    pub(crate) incompatibilities: &'a Incompatibilities,
}

/// The decisions.
pub(crate) struct Decided<'a> {
    pub(crate) existing: BTreeMap<ApplicationId, Existing>,
    pub(crate) changes: BTreeMap<ApplicationId, Change<'a>>,
    pub(crate) parties: Parties,
    /// In order of id, as the parties.
    pub(crate) decisions: Vec<Decision>,
}

impl Decided<'_> {
    pub(crate) fn decided(&self) -> impl Iterator<Item = (&Party, &Decision)> {
        self.parties.values().zip(&self.decisions)
    }
}

impl<'a> Work<'a> {
    pub(crate) fn registering(
        batch: &'a [Registrable<'a>],
        incompatibilities: &'a Incompatibilities,
    ) -> Result<Self, StoreError> {
        let delivered = delivered(batch)?;
        let submitters = batch.iter().map(|sent| &sent.application.submitter);
        Ok(Self {
            batch,
            own: subjects(delivered.values().flat_map(Delivered::contents)),
            delivered,
            withdrawals: &[],
            organisations: organisations(submitters),
            incompatibilities,
        })
    }

    pub(crate) fn withdrawing(
        withdrawals: &'a [Withdrawal],
        incompatibilities: &'a Incompatibilities,
    ) -> Self {
        Self {
            batch: &[],
            delivered: BTreeMap::new(),
            withdrawals,
            own: citizens(withdrawals),
            organisations: organisations(withdrawals.iter().map(|one| &one.by)),
            incompatibilities,
        }
    }

    /// Returns, for each id, the content received first.
    pub(crate) fn firsts(&self) -> impl Iterator<Item = &Registrable<'a>> {
        self.delivered.values().map(|delivered| &delivered.first)
    }
}

fn organisations<'a>(submitters: impl Iterator<Item = &'a Submitter>) -> BTreeSet<&'a str> {
    let organisation = |submitter: &'a Submitter| match submitter {
        Submitter::Citizen(_) => None,
        Submitter::Intermediary(organisation) => Some(organisation.as_str()),
    };
    submitters.filter_map(organisation).collect()
}

/// Returns the tax codes of citizens who withdraw.
fn citizens(withdrawals: &[Withdrawal]) -> BTreeSet<Subject> {
    let tax_code = |withdrawal: &Withdrawal| match &withdrawal.by {
        Submitter::Citizen(tax_code) => Some(Subject::from(tax_code)),
        Submitter::Intermediary(_) => None,
    };
    withdrawals.iter().filter_map(tax_code).collect()
}
