//! The way of one application from its bytes to its receipt, whether it came alone or among many.

use jiff::Timestamp;
use sportello_catalogue::{Benefit, LiveCatalogue};
use sportello_domain::{
    Answered, Application, BatchRow, Channel, ChannelPosition, IdempotencyKey, Language, Submitter,
};
use sportello_http::Problem;
use sportello_identity::Caller;
use sportello_queue::Switches;

use crate::acceptance::{Acceptance, Accepted, Accepting, UNAVAILABLE, now};

/// Judges applications and accepts those that are right.
pub(crate) struct Admission {
    catalogue: LiveCatalogue,
    switches: Switches,
    acceptance: Acceptance,
}

/// One application as it was sent.
pub(crate) struct Sent<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) submitter: &'a Submitter,
    pub(crate) key: &'a IdempotencyKey,
    pub(crate) body: &'a [u8],
    /// Where it stood among others.
    pub(crate) batch: Option<BatchRow>,
    /// The language that violations and warnings are told in.
    pub(crate) language: Language,
}

impl Admission {
    pub(crate) fn new(catalogue: LiveCatalogue, switches: Switches, acceptance: Acceptance) -> Self {
        Self {
            catalogue,
            switches,
            acceptance,
        }
    }

    /// The benefits.
    pub(crate) fn catalogue(&self) -> &LiveCatalogue {
        &self.catalogue
    }

    /// What operators set the channels to.
    pub(crate) fn switches(&self) -> &Switches {
        &self.switches
    }

    /// Whether single applications can be taken now. Asked first: while they can't, sending callers away must cost next to
    /// nothing, for they all come back.
    ///
    /// # Errors
    /// [`Problem::Unavailable`].
    pub(crate) fn check_open(&self) -> Result<(), Problem> {
        self.check_known()?;
        self.acceptance.check_open()
    }

    /// Whether a batch can be taken now: its rows go nowhere but into the queue.
    ///
    /// # Errors
    /// [`Problem::Unavailable`].
    pub(crate) fn check_open_to_batches(&self) -> Result<(), Problem> {
        self.check_known()?;
        self.acceptance.check_queue_open()
    }

    /// Who does not know what is closed lets nobody in.
    fn check_known(&self) -> Result<(), Problem> {
        if self.switches.is_known() {
            Ok(())
        } else {
            Err(UNAVAILABLE)
        }
    }

    /// What accepts applications.
    pub(crate) fn acceptance(&self) -> &Acceptance {
        &self.acceptance
    }

    /// Reads it, judges it by the catalogue and the clock, and accepts it.
    ///
    /// # Errors
    /// What to mend; [`Problem::Unavailable`] where it is right and could not be accepted, or it is not known to be:
    /// to be sent again.
    pub(crate) async fn admit(&self, sent: &Sent<'_>) -> Result<Accepted, Problem> {
        let told = |violations| Problem::of_violations(violations, sent.language);
        let catalogue = self.catalogue.current();
        let (application, content) = Application::parse_sent(sent.body).map_err(|mut violations| {
            let answered = Answered::read(sent.body);
            violations.extend(answered.map_or_else(Vec::new, |answered| catalogue.judge_answers(&answered)));
            told(violations)
        })?;
        if !sent.caller.may_apply_for(&application.applicant.tax_code) {
            return Err(Problem::NotOwnApplication);
        }
        let channel = sent.submitter.channel();
        let mandate = application.mandate_violation(channel);
        let benefit = match (catalogue.validate(&application), mandate) {
            (Ok(benefit), None) => benefit,
            (judged, mandate) => {
                let mut violations = judged.err().unwrap_or_default();
                violations.extend(mandate);
                return Err(told(violations));
            }
        };
        let received_at = now();
        let position = self.switches.position(benefit.id(), channel).ok_or(UNAVAILABLE)?;
        let opened_by_operator = opened(&benefit, channel, position, received_at)?;
        let accepting = Accepting {
            submitter: sent.submitter,
            key: sent.key,
            application,
            validated_with: benefit.version(),
            received_at,
            opened_by_operator,
            batch: sent.batch,
            content,
            language: sent.language,
        };
        self.acceptance.accept(accepting).await
    }
}

/// Whether a channel that takes applications at this instant does so only because an operator opened it.
fn opened(
    benefit: &Benefit,
    channel: Channel,
    position: ChannelPosition,
    at: Timestamp,
) -> Result<bool, Problem> {
    let closed = benefit.closed(channel, at).is_some();
    match position {
        ChannelPosition::Open => Ok(closed),
        ChannelPosition::Scheduled if !closed => Ok(false),
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
