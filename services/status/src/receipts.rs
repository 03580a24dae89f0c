//! Receipts prove an application before it is in the database.

use std::sync::Arc;
use std::time::Duration;

use sportello_domain::{ApplicationId, BatchId, BatchReceipt, HolderTag, IdSecret, Receipt, Submitter};
use sportello_identity::{JwksCache, KeySource, Pace, RefreshError, StartError, Unusable};
use sportello_receipt::{JwkSet, ReceiptVerifier};
use uuid::Uuid;

/// Until intake's keys are fetched for the first time no receipt can be checked: retry soon.
const PACE: Pace = Pace {
    period: Duration::from_secs(60),
    longest_pause: Duration::from_secs(2),
};
/// An operator must be warned after this time without a successful fetch.
const STALE: Duration = Duration::from_mins(15);

/// Checks receipts with the keys that intake publishes, which are read in the background.
#[derive(Clone)]
pub(crate) struct Receipts {
    /// The present secret, and the previous one while receipts made with it are shown.
    secrets: Arc<[IdSecret]>,
    keys: Arc<JwksCache<ReceiptVerifier>>,
}

/// A document without a key for checking receipts.
#[derive(Debug, thiserror::Error)]
#[error("the document has no key for checking receipts")]
struct NoKey;

impl Receipts {
    /// Starts reading the keys; must be called on a tokio runtime. Tags of holders are checked with
    /// each secret.
    pub(crate) fn start(secrets: Vec<IdSecret>, source: &KeySource) -> Result<Self, StartError> {
        let keys = Arc::new(JwksCache::new(source, PACE, read)?);
        let fresh = Arc::clone(&keys);
        tokio::spawn(async move { fresh.keep_fresh(report).await });
        Ok(Self {
            secrets: secrets.into(),
            keys,
        })
    }

    /// Returns whether the keys have been read.
    pub(crate) fn ready(&self) -> bool {
        self.keys.known().is_some()
    }

    /// Returns whether no fetch succeeded for a quarter of an hour.
    pub(crate) fn are_keys_old(&self) -> bool {
        self.keys.age() >= STALE
    }

    /// Returns the receipt, if it is this application's and `holder` may use it.
    pub(crate) async fn prove(
        &self,
        receipt: &str,
        id: ApplicationId,
        holder: &Submitter,
    ) -> Option<Receipt> {
        let receipt = self.verifier(receipt).await?.verify(receipt).ok()?;
        let theirs = receipt.application_id == id && self.is_holder(*id.as_uuid(), holder, &receipt.holders);
        theirs.then_some(receipt)
    }

    /// Returns the receipt, if it is this batch's and `holder` may use it.
    pub(crate) async fn check_batch(
        &self,
        jws: &str,
        id: BatchId,
        holder: &Submitter,
    ) -> Option<BatchReceipt> {
        let receipt = self.verifier(jws).await?.verify_batch(jws).ok()?;
        let theirs = receipt.batch_id == id && self.is_holder(*id.as_uuid(), holder, &receipt.holders);
        theirs.then_some(receipt)
    }

    fn is_holder(&self, id: Uuid, holder: &Submitter, tags: &[HolderTag]) -> bool {
        let mut known = self.secrets.iter().map(|secret| secret.holder_tag(id, holder));
        known.any(|holder| tags.iter().any(|tag| tag.is(&holder)))
    }

    /// Returns the keys. A receipt with an unknown key causes a fetch, so the keys include the
    /// receipt's if intake publishes it.
    async fn verifier(&self, receipt: &str) -> Option<Arc<ReceiptVerifier>> {
        self.keys.with(|keys| keys.knows_key_of(receipt)).await
    }
}

fn read(document: &[u8]) -> Result<ReceiptVerifier, Unusable> {
    let keys: JwkSet = serde_json::from_slice(document)?;
    let verifier = ReceiptVerifier::new(&keys);
    if verifier.is_empty() {
        return Err(NoKey.into());
    }
    Ok(verifier)
}

fn report(outcome: Result<&ReceiptVerifier, &RefreshError>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "the receipt keys can't be read; those already known stay in use");
    }
}
