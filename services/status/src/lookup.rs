//! Who may see what became of which application.

use std::fmt::Display;
use std::time::Duration;

use sportello_domain::{ApplicationId, Receipt, Submitter};
use sportello_http::Problem;
use sportello_identity::Caller;
use sportello_store::{RegisteredApplication, StandingApplication, Store};
use tokio::time::timeout;

use crate::receipts::Receipts;

/// When to come back while the database is away, in seconds.
const RETRY_AFTER: u32 = 5;

/// How long the database may take: nobody waits longer than a second.
const DEADLINE: Duration = Duration::from_millis(900);

/// Where an application stands.
pub(crate) enum Found {
    /// The worker decided on it.
    Decided(Box<RegisteredApplication>),
    /// Accepted and not yet reached by a worker, as its receipt proves.
    Queued(Receipt),
}

/// Finds applications for their holders.
pub(crate) struct Lookup {
    store: Store,
    receipts: Receipts,
    public_url: String,
}

impl Lookup {
    pub(crate) fn new(store: Store, receipts: Receipts, public_url: &str) -> Self {
        Self {
            store,
            receipts,
            public_url: public_url.trim_end_matches('/').to_owned(),
        }
    }

    /// Where the application's own resource is.
    pub(crate) fn location(&self, id: ApplicationId) -> String {
        format!("{}/v1/applications/{id}", self.public_url)
    }

    /// The application, if the caller is its holder: its submitter or its applicant.
    ///
    /// # Errors
    /// [`Problem::NotFound`] both where there is none and where it is another's; [`Problem::Unavailable`]
    /// where the database is away.
    pub(crate) async fn find(
        &self,
        caller: &Caller,
        id: &str,
        receipt: Option<&str>,
    ) -> Result<Found, Problem> {
        let id: ApplicationId = id.parse().map_err(|_| Problem::NotFound)?;
        let holder = caller.submitter().ok_or(Problem::NotFound)?;
        let registered = timeout(DEADLINE, self.store.find(id))
            .await
            .map_err(|_| unavailable("no answer in time"))?;
        let registered = registered.map_err(unavailable)?;
        match registered {
            Some(application) if holds(&holder, &application) => {
                Ok(Found::Decided(Box::new(as_seen_by(&holder, application))))
            }
            Some(_) => Err(Problem::NotFound),
            None => receipt
                .and_then(|jws| self.receipts.check(jws, id, &holder))
                .map(Found::Queued)
                .ok_or(Problem::NotFound),
        }
    }
}

fn unavailable(error: impl Display) -> Problem {
    tracing::warn!(%error, "the benefits database can't be read");
    Problem::Unavailable {
        retry_after: RETRY_AFTER,
    }
}

fn holds(caller: &Submitter, application: &RegisteredApplication) -> bool {
    *caller == application.submitter || *caller == applicant(application)
}

fn applicant(application: &RegisteredApplication) -> Submitter {
    Submitter::Citizen(application.tax_code.clone())
}

/// The application that stands instead is known to the applicant and to whoever sent it: one intermediary does not
/// learn which application another has sent.
fn as_seen_by(caller: &Submitter, mut application: RegisteredApplication) -> RegisteredApplication {
    let is_applicant = *caller == applicant(&application);
    let known = |standing: &StandingApplication| is_applicant || *caller == standing.submitter;
    application.stands = application.stands.filter(known);
    application
}
