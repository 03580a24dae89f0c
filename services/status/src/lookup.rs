//! Finds applications for the callers who may see them.

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

use crate::missing::MissingWatch;
use crate::paging::Paging;
use crate::receipts::Receipts;

/// Seconds until a retry while the database is away.
const RETRY_AFTER: u32 = 5;

/// Limit of the database's answer: no caller waits longer than a second.
const DEADLINE: Duration = Duration::from_millis(900);

/// The state of an application.
pub(crate) enum Found<T> {
    /// The worker has decided on it.
    Decided(T),
    /// Accepted and not yet registered, as its receipt proves.
    Queued(ApplicationId),
}

/// Finds applications for the callers who may see them. Every other caller gets
/// [`Problem::NotFound`], as for an id that does not exist. All get [`Problem::Unavailable`] while
/// the database is away or can't record the access.
pub(crate) struct Lookup {
    store: Store,
    receipts: Receipts,
    missing: MissingWatch,
    public_url: String,
}

impl Lookup {
    pub(crate) fn new(store: Store, receipts: Receipts, missing: MissingWatch, public_url: &str) -> Self {
        Self {
            store,
            receipts,
            missing,
            public_url: public_url.trim_end_matches('/').to_owned(),
        }
    }

    /// Returns the address of the application.
    pub(crate) fn location(&self, id: ApplicationId) -> String {
        format!("{}/v1/applications/{id}", self.public_url)
    }

    /// Returns the application, for its holder.
    pub(crate) async fn find(
        &self,
        caller: &Caller,
        id: &str,
        receipt: Option<&str>,
    ) -> Result<Found<RegisteredApplication>, Problem> {
        let (id, holder) = (parse(id)?, holder(caller)?);
        let sought = within_deadline(self.store.find(id, &holder)).await?;
        self.found(sought, id, &holder, receipt).await
    }

    /// Returns whether the application is decided on, for its holder.
    pub(crate) async fn follow(
        &self,
        caller: &Caller,
        id: &str,
        receipt: Option<&str>,
    ) -> Result<Found<ApplicationId>, Problem> {
        let (id, holder) = (parse(id)?, holder(caller)?);
        let sought = within_deadline(self.store.is_held(id, &holder)).await?;
        self.found(sought.map(|()| id), id, &holder, receipt).await
    }

    /// The register decides; the receipt counts only where the register has nothing yet. The
    /// receipt is checked for another holder's application too, so the answer's time does not
    /// reveal which ids exist.
    async fn found<T>(
        &self,
        sought: Sought<T>,
        id: ApplicationId,
        holder: &Submitter,
        receipt: Option<&str>,
    ) -> Result<Found<T>, Problem> {
        let is_new = match sought {
            Sought::Held(found) => return Ok(Found::Decided(found)),
            Sought::Anothers => false,
            Sought::NotRegistered => true,
        };
        let proved = match receipt {
            Some(receipt) => self.receipts.prove(receipt, id, holder).await,
            None => None,
        };
        let proved = proved.filter(|_| is_new).ok_or(Problem::NotFound)?;
        self.missing.look(&proved);
        Ok(Found::Queued(id))
    }

    /// Lists the caller's own applications.
    pub(crate) async fn list(
        &self,
        caller: &Caller,
        paging: Paging<ListCursor>,
    ) -> Result<Page<ListedApplication, ListCursor>, Problem> {
        let holder = holder(caller)?;
        within_deadline(self.store.list(&holder, paging.size, paging.after)).await
    }

    /// Lists who read the application, for its holder.
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

    /// Returns the content, for its holder and for an operator with a reason.
    pub(crate) async fn content(
        &self,
        caller: Caller,
        id: &str,
        reason: Option<AccessReason>,
    ) -> Result<RegisteredContent, Problem> {
        let reader = match caller {
            Caller::Operator { subject } => ContentReader::Operator {
                issuer: subject.issuer().to_owned(),
                subject: subject.name().to_owned(),
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
