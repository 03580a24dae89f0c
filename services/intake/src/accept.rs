//! Accepts an application: puts it durably into the queue and signs its receipt.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use sportello_domain::{
    Application, ApplicationId, CatalogueVersion, HolderTag, Language, LocalisedViolation, Receipt,
    Submitter, Violation, Withdrawal,
};
use sportello_http::Problem;
use sportello_queue::{Cover, PublishError, Submission};
use tracing::{Instrument as _, Span, info_span};
use utoipa::ToSchema;

use crate::parts::{Parts, UNAVAILABLE};
use crate::validate::{Sent, Valid};

/// An accepted application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AcceptedApplication)]
pub(crate) struct Accepted {
    /// The application's id; a retry with the same key has the same id.
    #[schema(value_type = uuid::Uuid)]
    pub(crate) id: ApplicationId,
    /// Instant of acceptance, which decides, however late the application is registered.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) received_at: Timestamp,
    /// The receipt: a signed JWT (RFC 7519). It proves the acceptance to any verifier and gives
    /// access to the status service.
    // its characters need no escape: writing it as a JSON string directly costs less than a look at
    // each
    #[schema(
        value_type = String,
        max_length = 1024,
        pattern = "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$"
    )]
    pub(crate) receipt: Box<RawValue>,
    /// The version of the benefit's file that validated the content.
    #[schema(value_type = String, max_length = 16, pattern = "^[0-9a-f]{16}$")]
    pub(crate) catalogue_version: CatalogueVersion,
    /// Possible slips, such as a name that does not fit the tax code. They do not count against the
    /// application.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<LocalisedViolation>>, max_items = 100)]
    pub(crate) warnings: Vec<LocalisedViolation>,
}

impl Parts {
    /// Validates an application and accepts it.
    ///
    /// # Errors
    /// Those of [`Parts::validate`] and [`Parts::accept`].
    pub(crate) async fn validate_and_accept(&self, sent: &Sent<'_>) -> Result<Accepted, Problem> {
        let valid = self.validate(sent)?;
        self.accept(sent, valid).await
    }

    /// Puts the application into the queue, or onto the local disk in its place, and waits until it
    /// is kept durably. Signs the receipt meanwhile.
    ///
    /// # Errors
    /// [`Problem::Unavailable`] without a confirm in time: not accepted, or not known to be.
    async fn accept(&self, sent: &Sent<'_>, valid: Valid<'_>) -> Result<Accepted, Problem> {
        let Valid {
            application,
            content,
            benefit,
            received_at,
        } = valid;
        let applicant = &application.applicant.tax_code;
        let id = self.secret.application_id(sent.submitter, applicant, sent.key);
        let span = match sent.batch {
            None => info_span!("publish", otel.kind = "producer"),
            // the batch's own span stands for all its rows
            Some(_) => Span::none(),
        };
        let traceparent = span.in_scope(sportello_telemetry::current_traceparent);
        let cover = Cover {
            hours_judged: true,
            batch: sent.batch,
            traceparent: traceparent.as_deref(),
            ..Cover::new(id, sent.submitter, received_at, benefit.version())
        };
        let (submission, content_digest) =
            Submission::new(&cover, content).map_err(|error| unwritten(&error))?;
        let submission = submission.in_shard(self.shard_of(applicant));
        let kept = self.keep(submission, sent.batch.is_none()).instrument(span);
        // while the message is on its way
        let receipt = async {
            let receipt = Receipt {
                application_id: id,
                holders: self.holders(id, sent.submitter, &application),
                benefit: application.benefit.clone(),
                received_at,
                content_digest,
            };
            self.signed_receipt(&receipt, &application, sent.language)
        };
        let (kept, receipt) = tokio::join!(kept, receipt);
        kept.map_err(|error| {
            tracing::debug!(%error, "not accepted");
            UNAVAILABLE
        })?;
        let (receipt, warnings) = receipt.map_err(|error| unwritten(&error))?;
        self.answered
            .application(sent.submitter.channel(), &application.benefit);
        let receipt = RawValue::from_string(["\"", &receipt, "\""].concat());
        Ok(Accepted {
            id,
            received_at,
            receipt: receipt.map_err(|error| unwritten(&error))?,
            catalogue_version: benefit.version().clone(),
            warnings,
        })
    }

    /// Puts a withdrawal into the queue, or onto the local disk in its place, and waits until it is
    /// kept durably.
    ///
    /// # Errors
    /// [`Problem::Unavailable`] without a confirm in time.
    pub(crate) async fn withdraw(&self, withdrawal: &Withdrawal) -> Result<(), Problem> {
        let span = info_span!("withdraw", otel.kind = "producer");
        let traceparent = span.in_scope(sportello_telemetry::current_traceparent);
        let submission = Submission::withdrawal(withdrawal, traceparent.as_deref());
        let submission = submission.map_err(|error| unwritten(&error))?;
        let submission = match &withdrawal.by {
            Submitter::Citizen(applicant) => submission.in_shard(self.shard_of(applicant)),
            // the id does not say whose application it is
            Submitter::Intermediary(_) => submission,
        };
        let kept = self.keep(submission, true).instrument(span).await;
        kept.map_err(|error| {
            tracing::debug!(%error, "not accepted");
            UNAVAILABLE
        })?;
        self.answered.withdrawal(withdrawal.by.channel());
        Ok(())
    }

    /// Returns the signed receipt and the warnings.
    fn signed_receipt(
        &self,
        receipt: &Receipt,
        application: &Application,
        language: Language,
    ) -> serde_json::Result<(String, Vec<LocalisedViolation>)> {
        let localised = |warning: Violation| warning.localised(language);
        let warnings = application.warnings().into_iter().map(localised).collect();
        Ok((self.signer.sign(receipt)?, warnings))
    }

    /// Publishes a submission. A single one goes to the local disk where the broker is away. Rows
    /// of a batch wait for the queue instead: one upload would fill the disk, which is for
    /// citizens.
    async fn keep(&self, submission: Submission, alone: bool) -> Result<(), PublishError> {
        let Some(fallback) = self.fallback.as_ref().filter(|_| alone) else {
            return self.publisher.publish(submission).await;
        };
        match self.publisher.publish(submission.clone()).await {
            Err(error) if fallback.stands_in_for(error) && fallback.keep(&submission).await => Ok(()),
            published => published,
        }
    }

    /// Returns the tags of the submitter and, if that is another person, of the applicant.
    fn holders(&self, id: ApplicationId, submitter: &Submitter, application: &Application) -> Vec<HolderTag> {
        let applicant = Submitter::Citizen(application.applicant.tax_code.clone());
        let mut holders = vec![self.secret.holder_tag(id, submitter)];
        if applicant != *submitter {
            holders.push(self.secret.holder_tag(id, &applicant));
        }
        holders
    }
}

/// The problem for an acceptance that can't be written; a retry stays one application.
pub(crate) fn unwritten(error: &serde_json::Error) -> Problem {
    tracing::error!(%error, "an acceptance can't be written as JSON");
    Problem::Internal
}
