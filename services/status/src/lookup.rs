//! Who may see what of which application.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use sportello_domain::{AccessReason, ApplicationId, Submitter};
use sportello_http::Problem;
use sportello_identity::Caller;
use sportello_store::{
    Access, ContentReader, JournalCursor, ListCursor, ListedApplication, Page, RegisteredApplication,
    RegisteredContent, Sought, Store, StoreError,
};
use tokio::time::timeout;

use crate::paging::Paging;
use crate::receipts::Receipts;

/// When to come back while the database is away, in seconds.
const RETRY_AFTER: u32 = 5;

/// How long the database may take: nobody waits longer than a second.
const DEADLINE: Duration = Duration::from_millis(900);

/// Where an application stands.
pub(crate) enum Found<T> {
    /// The worker decided on it.
    Decided(T),
    /// Accepted and not yet reached by a worker, as its receipt proves.
    Queued(ApplicationId),
}

/// Finds applications for those who may see them. For everybody else each answer is [`Problem::NotFound`], that of an
/// id that does not exist; [`Problem::Unavailable`] is everybody's while the database is away or can't record the
/// access.
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

    /// What became of the application, for its holder.
    pub(crate) async fn find(
        &self,
        caller: &Caller,
        id: &str,
        receipt: Option<&str>,
    ) -> Result<Found<RegisteredApplication>, Problem> {
        let (id, holder) = (parse(id)?, holder(caller)?);
        let sought = within_deadline(self.store.find(id, &holder)).await?;
        self.found(sought, id, &holder, receipt)
    }

    /// Whether the application is decided on, for its holder.
    pub(crate) async fn follow(
        &self,
        caller: &Caller,
        id: &str,
        receipt: Option<&str>,
    ) -> Result<Found<ApplicationId>, Problem> {
        let (id, holder) = (parse(id)?, holder(caller)?);
        let sought = within_deadline(self.store.is_held(id, &holder)).await?;
        self.found(sought.map(|()| id), id, &holder, receipt)
    }

    /// What is on the register counts; the receipt only where there is nothing yet.
    fn found<T>(
        &self,
        sought: Sought<T>,
        id: ApplicationId,
        holder: &Submitter,
        receipt: Option<&str>,
    ) -> Result<Found<T>, Problem> {
        match sought {
            Sought::Held(found) => Ok(Found::Decided(found)),
            Sought::Anothers => Err(Problem::NotFound),
            Sought::NotRegistered => receipt
                .filter(|receipt| self.receipts.prove(receipt, id, holder))
                .map(|_| Found::Queued(id))
                .ok_or(Problem::NotFound),
        }
    }

    /// The caller's own applications.
    pub(crate) async fn list(
        &self,
        caller: &Caller,
        paging: Paging<ListCursor>,
    ) -> Result<Page<ListedApplication, ListCursor>, Problem> {
        let holder = holder(caller)?;
        within_deadline(self.store.list(&holder, paging.size, paging.after)).await
    }

    /// Who read the application, for its holder.
    pub(crate) async fn accesses(
        &self,
        caller: &Caller,
        id: &str,
        paging: Paging<JournalCursor>,
    ) -> Result<Page<Access, JournalCursor>, Problem> {
        let (id, holder) = (parse(id)?, holder(caller)?);
        let accesses = self.store.accesses(id, &holder, paging.size, paging.after);
        within_deadline(accesses).await?.ok_or(Problem::NotFound)
    }

    /// What was sent, for its holder, and for an operator who says why.
    pub(crate) async fn content(
        &self,
        caller: Caller,
        id: &str,
        reason: Option<AccessReason>,
    ) -> Result<RegisteredContent, Problem> {
        let reader = match caller {
            Caller::Operator { subject } => ContentReader::Operator {
                subject,
                reason: reason.ok_or(Problem::AccessReason)?,
            },
            Caller::Citizen(_) | Caller::Intermediary { .. } => ContentReader::Holder(holder(&caller)?),
        };
        let content = within_deadline(self.store.content(parse(id)?, &reader)).await?;
        content.held().ok_or(Problem::NotFound)
    }
}

fn parse(id: &str) -> Result<ApplicationId, Problem> {
    id.parse().map_err(|_| Problem::NotFound)
}

/// An operator holds no applications.
fn holder(caller: &Caller) -> Result<Submitter, Problem> {
    caller.submitter().ok_or(Problem::NotFound)
}

async fn within_deadline<T>(call: impl Future<Output = Result<T, StoreError>>) -> Result<T, Problem> {
    match timeout(DEADLINE, call).await {
        Ok(answer) => answer.map_err(unavailable),
        Err(_) => Err(unavailable("no answer in time")),
    }
}

fn unavailable(error: impl Display) -> Problem {
    tracing::warn!(%error, "the benefits database can't be read");
    Problem::Unavailable {
        retry_after: RETRY_AFTER,
    }
}
