//! What a receipt proves before the application is in the database.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sportello_domain::{ApplicationId, BatchId, BatchReceipt, IdSecret, Submitter};
use sportello_identity::{JwksSource, KeySource, StartError};
use sportello_receipt::{JwkSet, ReceiptVerifier};
use url::Url;

/// How often the keys are read again.
const REFRESH: Duration = Duration::from_secs(60);
/// How soon they are tried again while there are none.
const RETRY: Duration = Duration::from_secs(1);

/// Checks receipts with the keys that intake publishes, which are read in the background.
#[derive(Clone)]
pub(crate) struct Receipts {
    secret: Arc<IdSecret>,
    verifier: Arc<RwLock<Option<Arc<ReceiptVerifier>>>>,
}

impl Receipts {
    /// Starts reading the keys; must be called on a tokio runtime.
    pub(crate) fn start(secret: IdSecret, keys: Url) -> Result<Self, StartError> {
        let source = JwksSource::new(&KeySource::Url(keys))?;
        let receipts = Self {
            secret: Arc::new(secret),
            verifier: Arc::default(),
        };
        tokio::spawn(receipts.clone().keep_fresh(source));
        Ok(receipts)
    }

    /// Whether the keys have been read.
    pub(crate) fn ready(&self) -> bool {
        self.verifier().is_some()
    }

    /// Whether the receipt is this application's and `holder` may use it.
    pub(crate) fn prove(&self, sd_jwt: &str, id: ApplicationId, holder: &Submitter) -> bool {
        let verifier = self.verifier();
        let receipt = verifier.and_then(|verifier| verifier.verify(sd_jwt).ok());
        receipt.is_some_and(|receipt| {
            receipt.application_id == id && receipt.holders.contains(&self.secret.holder_tag(id, holder))
        })
    }

    /// The receipt, if it is this batch's and `holder` may use it.
    pub(crate) fn check_batch(&self, jws: &str, id: BatchId, holder: &Submitter) -> Option<BatchReceipt> {
        let receipt = self.verifier()?.verify_batch(jws).ok()?;
        let theirs = receipt.batch_id == id && receipt.holders.contains(&self.secret.holder_tag(id, holder));
        theirs.then_some(receipt)
    }

    fn verifier(&self) -> Option<Arc<ReceiptVerifier>> {
        self.verifier
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The last keys stay in use while intake is away.
    async fn keep_fresh(self, source: JwksSource) {
        loop {
            match read(&source).await {
                Ok(keys) => {
                    let verifier = Some(Arc::new(ReceiptVerifier::new(&keys)));
                    *self.verifier.write().unwrap_or_else(PoisonError::into_inner) = verifier;
                }
                Err(reason) => tracing::warn!(%reason, "the receipt keys can't be read"),
            }
            tokio::time::sleep(if self.ready() { REFRESH } else { RETRY }).await;
        }
    }
}

async fn read(source: &JwksSource) -> Result<JwkSet, String> {
    let document = source.fetch().await.map_err(|error| error.to_string())?;
    serde_json::from_slice(&document).map_err(|_| "the document is no JSON Web Key Set".to_owned())
}
