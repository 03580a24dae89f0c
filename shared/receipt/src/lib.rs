//! Signs receipts and checks them.
//!
//! A receipt is an SD-JWT (RFC 9901): a JWS in compact form (RFC 7515) signed with Ed25519 (RFC
//! 8037), and a disclosure. Any holder can verify it without asking the office: the public keys are
//! at `/.well-known/jwks.json`.
//!
//! Receipts made at the same time share a signature: the JWS contains a digest of each, and each
//! caller gets it with only their own disclosure. A peak so needs fewer signatures, and the digests
//! of other receipts reveal nothing.

mod disclosure;
mod group;
mod key_file;
mod keys;
mod signer;
mod verifier;

pub use jsonwebtoken::jwk::JwkSet;
pub use key_file::{KeyFile, NewKey};
pub use keys::{KeyFileError, PublishedKeys, ReceiptKeys};
pub use signer::{ReceiptSigner, UnsignedReceipt};
pub use verifier::{ReceiptError, ReceiptVerifier};

/// The `typ` of a receipt's header, so that no other signed token passes for a receipt (RFC 8725,
/// section 3.11).
const TYP: &str = "receipt+sd-jwt";
/// The `typ` of the receipt of a batch.
const BATCH_TYP: &str = "batch-receipt+jwt";
