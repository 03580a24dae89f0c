//! Signs receipts and checks them.
//!
//! A receipt is a signed JWT (RFC 7519): a JWS in compact form (RFC 7515), signed with Ed25519 (RFC
//! 8037). Any holder can verify it with any library and without asking the office: the public keys
//! are at `/.well-known/jwks.json`.
//!
//! Earlier receipts are SD-JWTs (RFC 9901). They stay valid.

mod claims;
mod disclosure;
mod key_file;
mod keys;
mod signer;
mod verifier;

pub use jsonwebtoken::jwk::JwkSet;
pub use key_file::{KeyFile, NewKey};
pub use keys::{KeyFileError, PublishedKeys, ReceiptKeys};
pub use signer::ReceiptSigner;
pub use verifier::{ReceiptError, ReceiptVerifier};

/// The `typ` of a receipt's header, so that no other signed token passes for a receipt (RFC 8725,
/// section 3.11).
const TYP: &str = "receipt+jwt";
/// The `typ` of earlier receipts, which share a signature.
const SHARED_TYP: &str = "receipt+sd-jwt";
/// The `typ` of the receipt of a batch.
const BATCH_TYP: &str = "batch-receipt+jwt";
