//! An application's content, parsed from the JSON that was sent.

mod answers;
mod reading;
mod warnings;

use jiff::Timestamp;
use serde_json::Value;
use utoipa::ToSchema;

use crate::applicant::Applicant;
use crate::batch::BatchRow;
use crate::content::Content;
use crate::digest::ContentDigest;
use crate::identifiers::{BenefitId, CatalogueVersion, CategoryId};
use crate::ids::ApplicationId;
use crate::mandate::{self, Mandate};
use crate::submitter::{Channel, Submitter};
use crate::violation::Violation;

pub(crate) use reading::read_object;
pub use reading::twice;

/// A parsed application: the benefit, the applicant, and the answers to the benefit's form.
#[derive(Debug, Clone, PartialEq, ToSchema)]
pub struct Application {
    /// The benefit.
    #[schema(value_type = String)]
    pub benefit: BenefitId,
    /// The category, if the benefit has categories.
    #[schema(value_type = Option<String>)]
    pub category: Option<CategoryId>,
    /// The mandate of an intermediary.
    pub mandate: Option<Mandate>,
    /// The person for whom it asks.
    #[schema(value_type = reading::RawApplicant)]
    pub applicant: Applicant,
    /// Answers to the benefit's form. Personal data.
    #[schema(value_type = Object)]
    pub answers: Answers,
}

/// Answers to a benefit's form: a JSON object whose texts are all [clean](crate::clean()) and
/// without NUL characters, which the database can't store.
#[derive(Clone, PartialEq)]
pub struct Answers(Value);
crate::mask::masked_debug!(Answers);

impl Answers {
    /// Returns the answers as JSON. Personal data.
    #[must_use]
    pub fn as_json(&self) -> &Value {
        &self.0
    }
}

/// The readable parts of a content without the applicant: enough to check the answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The benefit.
    pub benefit: BenefitId,
    /// The category, if the benefit has categories.
    pub category: Option<CategoryId>,
    /// Answers to the benefit's form. Personal data.
    pub answers: Answers,
}

impl Answered {
    /// Reads a content that [`Application::parse`] refuses. Returns `None` if these parts have
    /// mistakes too.
    #[must_use]
    pub fn read(json: &[u8]) -> Option<Self> {
        reading::answered(json)
    }
}

/// An application that intake accepted, as the worker takes it from the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct AcceptedApplication {
    /// Its id.
    pub id: ApplicationId,
    /// The sender.
    pub submitter: Submitter,
    /// When intake accepted it.
    pub received_at: Timestamp,
    /// Digest of the content, exactly as sent.
    pub content_digest: ContentDigest,
    /// The version of the benefit's file with which intake validated it.
    pub validated_with: CatalogueVersion,
    /// Whether intake has checked the opening hours, so that the worker need not check them again.
    pub hours_judged: bool,
    /// Its batch and row, if it came in a batch.
    pub batch: Option<BatchRow>,
    /// The content.
    pub application: Application,
}

impl Application {
    /// Parses a content. Returns all violations at once, unless the JSON itself can't be read.
    ///
    /// # Errors
    /// At least one [`Violation`]; none repeats a value that was sent.
    pub fn parse(json: &[u8]) -> Result<Self, Vec<Violation>> {
        reading::parse(json)
    }

    /// Parses as [`Application::parse`] does, and also returns the content as it was sent.
    ///
    /// # Errors
    /// As [`Application::parse`].
    pub fn parse_sent(json: &[u8]) -> Result<(Self, Content<'_>), Vec<Violation>> {
        Self::parse(json).map(|application| (application, Content::of_json(json)))
    }

    /// Checks the mandate for this channel: an intermediary must name one, a citizen must not.
    #[must_use]
    pub fn mandate_violation(&self, channel: Channel) -> Option<Violation> {
        mandate::violation(self.mandate.as_ref(), channel)
    }

    /// Returns warnings, which are no reason to refuse, such as a name or a birthday that the tax
    /// code contradicts. Names have several spellings and change; a code may be older than the
    /// name.
    #[must_use]
    pub fn warnings(&self) -> Vec<Violation> {
        warnings::of(&self.applicant)
    }
}

#[cfg(test)]
mod tests;
