//! Signs receipts and checks them.
//!
//! A receipt is an SD-JWT (RFC 9901): a JWS in compact form (RFC 7515) signed with Ed25519 (RFC 8037), and a disclosure. Anybody can
//! check it without asking the office: the public keys stand at `/.well-known/jwks.json`.
//!
//! Receipts that are made at the same time share the signature: the JWS holds a digest of each, and everybody gets it with their own
//! disclosure alone. So a peak needs fewer signatures, and the others' digests tell nothing of anybody.

mod disclosure;
mod group;
mod keys;
mod signer;
mod verifier;

pub use jsonwebtoken::jwk::JwkSet;
pub use keys::{KeyFileError, ReceiptKeys};
pub use signer::{ReceiptSigner, UnsignedReceipt};
pub use verifier::{ReceiptError, ReceiptVerifier};

/// The `typ` of a receipt's header: no other signed thing may pass for a receipt (RFC 8725, section 3.11).
const TYP: &str = "receipt+sd-jwt";
/// The `typ` of the receipt of a batch.
const BATCH_TYP: &str = "batch-receipt+jwt";
