//! Registers a batch, and finds the applications in it that the database refuses.

use std::time::Instant;

use sportello_domain::{AcceptedApplication, Channel, Incompatibilities, Ruling, Subject};
use sportello_queue::Received;
use sportello_store::{Arrival, Refusal, Registrable, Registration, Store, StoreError};
use tracing::Span;

use crate::metrics::Task;
use crate::patience::{Patience, Stopped};
use crate::traces;

/// An application of the batch, with its span, which ends with the transaction.
struct Item<'a> {
    received: &'a Received,
    _span: Span,
}

/// What became of a batch.
#[derive(Default)]
pub(crate) struct Verdict<'a> {
    /// Applications that are on the register now and were not before.
    pub(crate) new: usize,
    /// Applications that were there already.
    pub(crate) known: usize,
    /// Applications that the database refuses.
    pub(crate) refused: Vec<(&'a Received, Refusal)>,
}

pub(crate) struct Registrar {
    pub(crate) channel: Channel,
    pub(crate) store: Store,
    pub(crate) patience: Patience,
}

impl Registrar {
    /// Registers all that can be. A part that the database refuses is halved until the applications to blame stand
    /// alone; the others are registered.
    pub(crate) async fn register<'a>(&self, batch: &'a [Received]) -> Result<Verdict<'a>, Stopped> {
        let items: Vec<_> = batch
            .iter()
            .map(|received| Item {
                received,
                _span: traces::application(received),
            })
            .collect();
        let mut verdict = Verdict::default();
        let mut pending = vec![items.as_slice()];
        while let Some(part) = pending.pop() {
            match (self.register_part(part).await?, part) {
                (Ok(registrations), _) => self.count(part, &registrations, &mut verdict),
                (Err(refusal), [poison]) => verdict.refused.push((poison.received, refusal)),
                (Err(_), _) => {
                    let (first, second) = part.split_at(part.len() / 2);
                    pending.extend([second, first]);
                }
            }
        }
        Ok(verdict)
    }

    /// The database's answer to one transaction, however long it takes to get one.
    async fn register_part(&self, part: &[Item<'_>]) -> Result<Result<Vec<Registration>, Refusal>, Stopped> {
        let applications: Vec<&AcceptedApplication> =
            part.iter().map(|item| &item.received.application).collect();
        self.patience
            .until_done(Task::Register, || self.attempt(&applications))
            .await
    }

    async fn attempt(
        &self,
        applications: &[&AcceptedApplication],
    ) -> Result<Result<Vec<Registration>, Refusal>, StoreError> {
        let began = Instant::now();
        let rulings: Vec<Ruling> = applications
            .iter()
            .map(|application| ruling(application))
            .collect();
        let batch: Vec<_> = applications
            .iter()
            .zip(&rulings)
            .map(|(&application, ruling)| Registrable { application, ruling })
            .collect();
        match self.store.register(&batch, &Incompatibilities::default()).await {
            Ok(registrations) => {
                self.patience
                    .metrics
                    .committed(self.channel, applications.len(), began.elapsed());
                Ok(Ok(registrations))
            }
            Err(StoreError::Fail(refusal)) => Ok(Err(refusal)),
            // a row of a newer version can't be read by this one; a newer worker may come
            Err(error @ (StoreError::Retry(_) | StoreError::Unreadable(_))) => Err(error),
        }
    }

    fn count(&self, part: &[Item<'_>], registrations: &[Registration], verdict: &mut Verdict<'_>) {
        for (item, registration) in part.iter().zip(registrations) {
            let received_at = item.received.application.received_at;
            let delay = registration.registered_at.duration_since(received_at);
            let Registration { arrival, outcome, .. } = *registration;
            self.patience
                .metrics
                .arrived(self.channel, arrival, outcome, delay);
            match arrival {
                Arrival::New => verdict.new += 1,
                Arrival::Again | Arrival::Earlier | Arrival::Conflict => verdict.known += 1,
            }
        }
    }
}

/// Every benefit is given once a person.
fn ruling(accepted: &AcceptedApplication) -> Ruling {
    Ruling {
        closed: None,
        one_per: vec![Subject::from(&accepted.application.applicant.tax_code)],
        amount_cents: None,
        budget: None,
        version: accepted.validated_with.clone(),
    }
}
