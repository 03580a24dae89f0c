//! The receipt of a batch or of a part of it, and the sum of several.

use sportello_domain::{BatchId, BatchParts, BatchReceipt, JoinError, Submitter};
use sportello_http::Problem;
use sportello_receipt::ReceiptVerifier;

use crate::accept::unwritten;
use crate::parts::Parts;
use crate::validate::now;

impl Parts {
    /// Makes the receipt of a batch, or of a part, once all its rows are answered. It counts the
    /// rows and the accepted ones.
    pub(super) fn batch_receipt(
        &self,
        id: BatchId,
        submitter: &Submitter,
        (rows, accepted): (u32, u32),
        parts: Option<BatchParts>,
    ) -> BatchReceipt {
        BatchReceipt {
            batch_id: id,
            received_at: now(),
            rows,
            accepted,
            parts,
            holders: vec![self.secret.holder_tag(id, submitter)],
        }
    }

    /// Signs the receipt of a batch.
    ///
    /// # Errors
    /// [`Problem::Internal`] where it can't be signed.
    pub(super) fn sign_batch(&self, receipt: &BatchReceipt) -> Result<String, Problem> {
        let signed = self.signer.sign_batch(receipt);
        signed.map_err(|error| unwritten(&error))
    }

    /// Adds up signed receipts of parts of this submitter's batch.
    ///
    /// # Errors
    /// [`JoinError::NotAPart`] also for a receipt that this office has not signed.
    pub(super) fn join_receipts(
        &self,
        id: BatchId,
        submitter: &Submitter,
        receipts: &[String],
    ) -> Result<BatchReceipt, JoinError> {
        let verifier = ReceiptVerifier::new(self.signer.public_keys());
        let holder = self.secret.holder_tag(id, submitter);
        let of_batch = |jws: &String| {
            let receipt = verifier.verify_batch(jws).map_err(|_| JoinError::NotAPart)?;
            let theirs = receipt.batch_id == id && receipt.holders.iter().any(|tag| tag.is(&holder));
            theirs.then_some(receipt).ok_or(JoinError::NotAPart)
        };
        BatchReceipt::join(receipts.iter().map(of_batch).collect::<Result<_, _>>()?)
    }
}
