//! Judges an application by form, catalogue, clock and hours: a single one or a row of a batch.

use std::sync::Arc;

use jiff::{Timestamp, Unit};
use sportello_catalogue::Benefit;
use sportello_domain::{
    Answered, Application, BatchRow, Channel, ChannelPosition, Content, IdempotencyKey, Language, Submitter,
    TaxCode,
};
use sportello_http::Problem;
use sportello_identity::Caller;

use crate::parts::{Parts, UNAVAILABLE};

/// U+FEFF, which some programs write at the beginning of a text.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A person corrects a wrong clock; within seconds after that it is compared again.
const WRONG_CLOCK: Problem = Problem::Unavailable { retry_after: 10 };

/// An application as it was sent.
pub(crate) struct Sent<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) submitter: &'a Submitter,
    pub(crate) key: &'a IdempotencyKey,
    pub(crate) body: &'a [u8],
    /// Its row, where it came in a batch.
    pub(crate) batch: Option<BatchRow>,
    /// The language of violations and warnings.
    pub(crate) language: Language,
}

/// A valid application, with the instant of its acceptance.
pub(crate) struct Valid<'a> {
    pub(crate) application: Application,
    /// Its bytes, as they were sent.
    pub(crate) content: Content<'a>,
    /// The benefit, in the version that validated the application.
    pub(crate) benefit: Arc<Benefit>,
    pub(crate) received_at: Timestamp,
}

impl Parts {
    /// Parses and validates an application.
    ///
    /// # Errors
    /// The violations, all at once; [`Problem::Unavailable`] where another process, or this one
    /// later, may accept it.
    pub(crate) fn validate<'a>(&self, sent: &Sent<'a>) -> Result<Valid<'a>, Problem> {
        let refused = |violations| Problem::of_violations(violations, sent.language);
        let catalogue = self.catalogue.current();
        // a reader of JSON may ignore it (RFC 8259, section 8.1); the digest covers the rest
        let body = sent.body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(sent.body);
        let (application, content) = Application::parse_sent(body).map_err(|mut violations| {
            let answered = Answered::read(body);
            violations.extend(answered.map_or_else(Vec::new, |answered| catalogue.judge_answers(&answered)));
            refused(violations)
        })?;
        if !sent.caller.may_apply_for(&application.applicant.tax_code) {
            return Err(Problem::NotOwnApplication);
        }
        let channel = sent.submitter.channel();
        let mandate = application.mandate_violation(channel);
        let received_at = now();
        let benefit = match (catalogue.validate(&application, received_at), mandate) {
            (Ok(benefit), None) => benefit,
            (judged, mandate) => {
                let mut violations = judged.err().unwrap_or_default();
                violations.extend(mandate);
                return Err(refused(violations));
            }
        };
        self.check_clock(&benefit)?;
        let position = self
            .channel_settings
            .position(benefit.id(), channel)
            .ok_or(UNAVAILABLE)?;
        check_hours(&benefit, channel, position, received_at)?;
        self.count(sent, &benefit, &application.applicant.tax_code)?;
        Ok(Valid {
            application,
            content,
            benefit,
            received_at,
        })
    }

    /// Checks that this process's clock is good enough for the order of arrival, where that
    /// decides. A clock that was never compared counts as good: `/status` warns of it.
    ///
    /// # Errors
    /// [`Problem::Unavailable`]: another intake may accept the application.
    fn check_clock(&self, benefit: &Benefit) -> Result<(), Problem> {
        match benefit.clock_tolerance().zip(self.clock.difference()) {
            Some((tolerance, difference)) if difference.abs() > tolerance => Err(WRONG_CLOCK),
            Some(_) | None => Ok(()),
        }
    }

    /// Counts an organisation's applications for one applicant.
    fn count(&self, sent: &Sent<'_>, benefit: &Benefit, applicant: &TaxCode) -> Result<(), Problem> {
        let Submitter::Intermediary(organisation) = sent.submitter else {
            return Ok(());
        };
        let subject = (organisation.as_str(), benefit.id().as_str(), applicant.as_str());
        self.quota
            .count(benefit.per_applicant(), subject, sent.key)
            .map_err(|retry_after| Problem::TooManyForApplicant { retry_after })
    }
}

/// Checks that the channel accepts applications at this instant. No other code decides that.
///
/// # Errors
/// [`Problem::ChannelClosed`].
fn check_hours(
    benefit: &Benefit,
    channel: Channel,
    position: ChannelPosition,
    at: Timestamp,
) -> Result<(), Problem> {
    match position {
        ChannelPosition::Open => Ok(()),
        ChannelPosition::Scheduled if benefit.closed(channel, at).is_none() => Ok(()),
        ChannelPosition::Closed => Err(Problem::ChannelClosed {
            opens_at: None,
            retry_after: None,
        }),
        ChannelPosition::Scheduled => {
            let opens_at = benefit.next_opening(channel, at);
            let seconds = opens_at.map(|opens_at| opens_at.duration_since(at).as_secs() + 1);
            Err(Problem::ChannelClosed {
                opens_at,
                retry_after: seconds.and_then(|seconds| u32::try_from(seconds).ok()),
            })
        }
    }
}

/// Returns the current instant, in whole milliseconds as in receipts and in the database.
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    now.round(Unit::Millisecond).unwrap_or(now)
}
