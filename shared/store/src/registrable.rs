//! An application that can be registered: accepted, and ruled on by the catalogue.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sportello_domain::{AcceptedApplication, ApplicationId, Ruling, Subject};

use crate::instants;

/// An application with its ruling.
#[derive(Debug, Clone, Copy)]
pub struct Registrable<'a> {
    /// The application.
    pub application: &'a AcceptedApplication,
    /// The catalogue's ruling on it.
    pub ruling: &'a Ruling,
}

impl Registrable<'_> {
    pub(crate) fn id(&self) -> ApplicationId {
        self.application.id
    }

    /// Returns its receipt as the database will hold it: a decision must not depend on digits that
    /// are cut off later.
    pub(crate) fn received_at(&self) -> Timestamp {
        instants::stored(self.application.received_at)
    }

    pub(crate) fn applicant(&self) -> Subject {
        Subject::from(&self.application.application.applicant.tax_code)
    }

    /// Returns the subjects for which the benefit is given once, without duplicates. A blank text
    /// names no subject.
    pub(crate) fn one_per(&self) -> Vec<Subject> {
        let mut one_per: Vec<Subject> = Vec::with_capacity(self.ruling.one_per.len());
        for subject in &self.ruling.one_per {
            if !subject.as_str().is_empty() && !one_per.contains(subject) {
                one_per.push(subject.clone());
            }
        }
        one_per
    }
}

/// Returns the applicants and the subjects of these applications.
pub(crate) fn subjects<'a>(applications: impl Iterator<Item = &'a Registrable<'a>>) -> BTreeSet<Subject> {
    applications
        .flat_map(|application| std::iter::once(application.applicant()).chain(application.one_per()))
        .collect()
}
