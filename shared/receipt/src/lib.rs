//! Signs receipts and checks them.
//!
//! A receipt is a JWS in compact form (RFC 7515) signed with Ed25519 (RFC 8037). Anybody can check it without
//! asking the office: the public keys stand at `/.well-known/jwks.json`.

mod keys;
mod signer;
mod verifier;

pub use jsonwebtoken::jwk::JwkSet;
pub use keys::{KeyFileError, ReceiptKeys};
pub use signer::ReceiptSigner;
pub use verifier::{ReceiptError, ReceiptVerifier};

/// The `typ` of a receipt's header: no other signed thing may pass for a receipt (RFC 8725, section 3.11).
const TYP: &str = "receipt+jwt";
/// The `typ` of the receipt of a batch.
const BATCH_TYP: &str = "batch-receipt+jwt";
