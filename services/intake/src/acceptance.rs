//! What makes an application accepted: it is in the queue for certain, and its sender holds a receipt.

use jiff::{Timestamp, Unit};
use serde::Serialize;
use serde_json::value::RawValue;
use sportello_domain::{
    Application, ApplicationId, BatchId, BatchReceipt, BatchRow, CatalogueVersion, Content, ContentDigest,
    HolderTag, IdSecret, IdempotencyKey, Language, LocalisedViolation, Receipt, Submitter, Violation,
};
use sportello_http::{ApiDocViolation, Problem};
use sportello_queue::{Cover, PublishError, Publisher, Status, Submission};
use sportello_receipt::{ReceiptSigner, UnsignedReceipt};
use tracing::{Instrument as _, Span, info_span};
use utoipa::ToSchema;

use crate::standby::Standby;

/// The broker is away or full: to come back in two seconds.
pub(crate) const UNAVAILABLE: Problem = Problem::Unavailable { retry_after: 2 };

/// Accepts applications.
pub struct Acceptance {
    secret: IdSecret,
    signer: ReceiptSigner,
    publisher: Publisher,
    standby: Option<Standby>,
    status_url: String,
}

/// An application that is right, and what it is accepted with.
pub(crate) struct Accepting<'a> {
    pub(crate) submitter: &'a Submitter,
    pub(crate) key: &'a IdempotencyKey,
    pub(crate) application: Application,
    /// The version of the benefit's file.
    pub(crate) validated_with: &'a CatalogueVersion,
    pub(crate) received_at: Timestamp,
    /// Whether an operator had opened the channel, so that its hours do not count.
    pub(crate) opened_by_operator: bool,
    /// Where it stood among others.
    pub(crate) batch: Option<BatchRow>,
    /// As it was sent.
    pub(crate) content: Content<'a>,
    /// The language that warnings are told in.
    pub(crate) language: Language,
}

/// An accepted application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AcceptedApplication)]
pub(crate) struct Accepted {
    /// The application's id; a retry with the same key has the same.
    #[schema(value_type = uuid::Uuid)]
    pub(crate) id: ApplicationId,
    /// When it was accepted: the instant that counts, however late it is registered.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) received_at: Timestamp,
    /// The receipt: an SD-JWT (RFC 9901). Proves the acceptance to anybody; asks the status service.
    // its characters need no escape: to write it as a JSON string by itself costs less than to look at each
    #[schema(
        value_type = String,
        max_length = 4096,
        pattern = "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+~[A-Za-z0-9_-]+~$"
    )]
    pub(crate) receipt: Box<RawValue>,
    /// The version of the benefit's declaration that the content was checked against.
    #[schema(value_type = String, max_length = 16, pattern = "^[0-9a-f]{16}$")]
    pub(crate) catalogue_version: CatalogueVersion,
    /// What may be a slip, such as a name that does not fit the tax code. It does not count against the application.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<ApiDocViolation>>, max_items = 100)]
    pub(crate) warnings: Vec<LocalisedViolation>,
}

impl Acceptance {
    /// Accepts with these parts; `status_url` is where callers reach the status service.
    #[must_use]
    pub(crate) fn new(
        secret: IdSecret,
        signer: ReceiptSigner,
        publisher: Publisher,
        standby: Option<Standby>,
        status_url: &str,
    ) -> Self {
        Self {
            secret,
            signer,
            publisher,
            standby,
            status_url: status_url.trim_end_matches('/').to_owned(),
        }
    }

    /// The keys that receipts can be checked with.
    pub(crate) fn receipt_keys(&self) -> &sportello_receipt::JwkSet {
        self.signer.public_keys()
    }

    /// Where its holder can ask what became of the application.
    pub(crate) fn location(&self, id: ApplicationId) -> String {
        format!("{}/v1/applications/{id}/status", self.status_url)
    }

    /// The application's id.
    pub(crate) fn application_id(&self, submitter: &Submitter, key: &IdempotencyKey) -> ApplicationId {
        self.secret.application_id(submitter, key)
    }

    /// The batch's id.
    pub(crate) fn batch_id(&self, submitter: &Submitter, key: &IdempotencyKey) -> BatchId {
        self.secret.batch_id(submitter, key)
    }

    /// Where its sender can ask what became of the batch.
    pub(crate) fn batch_location(&self, id: BatchId) -> String {
        format!("{}/v1/batches/{id}", self.status_url)
    }

    /// The signed receipt of a batch whose rows are all answered.
    ///
    /// # Errors
    /// [`Problem::Internal`] where it can't be signed.
    pub(crate) fn batch_receipt(
        &self,
        id: BatchId,
        submitter: &Submitter,
        rows: u32,
        accepted: u32,
    ) -> Result<String, Problem> {
        let receipt = BatchReceipt {
            batch_id: id,
            received_at: now(),
            rows,
            accepted,
            holders: vec![self.secret.holder_tag(id, submitter)],
        };
        self.signer
            .sign_batch(&receipt)
            .map_err(|error| unwritten(&error))
    }

    /// Whether single applications are taken now: by the queue, or by the local disk in its place. Asked first: while
    /// neither does, sending callers away must cost next to nothing, for they all come back.
    ///
    /// # Errors
    /// [`Problem::Unavailable`].
    pub(crate) fn check_open(&self) -> Result<(), Problem> {
        let stands_in = |standby: &Standby| standby.takes();
        self.check_queue_open().or_else(|problem| {
            if self.standby.as_ref().is_some_and(stands_in) {
                Ok(())
            } else {
                Err(problem)
            }
        })
    }

    /// Whether the queue takes applications now.
    ///
    /// # Errors
    /// [`Problem::Unavailable`].
    pub(crate) fn check_queue_open(&self) -> Result<(), Problem> {
        match self.publisher.status() {
            Status::Connected => Ok(()),
            Status::Blocked | Status::Disconnected => Err(UNAVAILABLE),
        }
    }

    /// Puts the application into the queue, or onto the local disk in its place, and waits until it is there for certain.
    /// Its receipt is put together meanwhile, and signed once it is there.
    ///
    /// # Errors
    /// [`Problem::Unavailable`] where there was no confirm in time: not accepted, or not known to be.
    pub(crate) async fn accept(&self, accepting: Accepting<'_>) -> Result<Accepted, Problem> {
        let id = self.application_id(accepting.submitter, accepting.key);
        let span = match accepting.batch {
            None => info_span!("publish", otel.kind = "producer", application_id = %id),
            // the batch's own span stands for all its rows
            Some(_) => Span::none(),
        };
        let traceparent = span.in_scope(sportello_telemetry::current_traceparent);
        let cover = Cover {
            opened_by_operator: accepting.opened_by_operator,
            batch: accepting.batch,
            traceparent: traceparent.as_deref(),
            ..Cover::new(
                id,
                accepting.submitter,
                accepting.received_at,
                accepting.validated_with,
            )
        };
        let submission = Submission::new(&cover, accepting.content).map_err(|error| unwritten(&error))?;
        let content_digest = submission.content_digest();
        let alone = accepting.batch.is_none();
        let kept = self.keep(submission, alone).instrument(span);
        // once it is on its way
        let receipt = async { self.unsigned_receipt(id, content_digest, &accepting) };
        let (kept, receipt) = tokio::join!(kept, receipt);
        kept.map_err(|error| {
            tracing::debug!(%error, "not accepted");
            UNAVAILABLE
        })?;
        let (receipt, warnings) = receipt.map_err(|error| unwritten(&error))?;
        let receipt = RawValue::from_string(["\"", &receipt.sign(), "\""].concat());
        Ok(Accepted {
            id,
            received_at: accepting.received_at,
            receipt: receipt.map_err(|error| unwritten(&error))?,
            catalogue_version: accepting.validated_with.clone(),
            warnings,
        })
    }

    /// Its receipt, which is signed with those of others that come meanwhile, and the warnings.
    fn unsigned_receipt(
        &self,
        id: ApplicationId,
        content_digest: ContentDigest,
        accepting: &Accepting<'_>,
    ) -> serde_json::Result<(UnsignedReceipt<'_>, Vec<LocalisedViolation>)> {
        let Accepting {
            submitter,
            application,
            received_at,
            ..
        } = accepting;
        let localised = |warning: Violation| warning.localised(accepting.language);
        let warnings = application.warnings().into_iter().map(localised).collect();
        let receipt = self.signer.join(&Receipt {
            application_id: id,
            holders: self.holders(id, submitter, application),
            benefit: application.benefit.clone(),
            received_at: *received_at,
            content_digest,
        })?;
        Ok((receipt, warnings))
    }

    /// In the queue or, if it came alone and the broker is away, on the local disk. Rows of a batch wait for the queue
    /// instead: one upload would fill the disk that is there for citizens.
    async fn keep(&self, submission: Submission, alone: bool) -> Result<(), PublishError> {
        let Some(standby) = self.standby.as_ref().filter(|_| alone) else {
            return self.publisher.publish(submission).await;
        };
        match self.publisher.publish(submission.clone()).await {
            Err(error) if standby.stands_in_for(error) && standby.keep(&submission).await => Ok(()),
            published => published,
        }
    }

    /// The submitter and, where that is another, the applicant.
    fn holders(&self, id: ApplicationId, submitter: &Submitter, application: &Application) -> Vec<HolderTag> {
        let applicant = Submitter::Citizen(application.applicant.tax_code.clone());
        let mut holders = vec![self.secret.holder_tag(id, submitter)];
        if applicant != *submitter {
            holders.push(self.secret.holder_tag(id, &applicant));
        }
        holders
    }
}

/// The current instant, in whole milliseconds as receipts and the database show it.
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    now.round(Unit::Millisecond).unwrap_or(now)
}

/// What its sender is told where an acceptance can't be written; a retry stays one application.
pub(crate) fn unwritten(error: &serde_json::Error) -> Problem {
    tracing::error!(%error, "an acceptance can't be written as JSON");
    Problem::Internal
}
