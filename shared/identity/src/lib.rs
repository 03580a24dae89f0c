//! Bearer tokens: the caller and its rights.
//!
//! A [`Verifier`] checks a JWT access token against the keys of the issuer that it names, which
//! must be one of the [`Config`]'s. Keys are fetched in the background, so a request never waits
//! long for an issuer that does not answer. No log line, metric or error contains a part of a
//! token.

mod caller;
mod claims;
mod config;
mod error;
mod fetch;
mod issuer;
mod jwks_cache;
mod keys;
mod metrics;
mod scope;
mod token;
mod verifier;

pub use caller::{Caller, Citizen, SubjectId};
pub use config::{
    AcrPolicy, ClaimNames, Config, ConfigError, IssuerConfig, KeySource, KeyUrlError, Problems,
};
pub use error::TokenError;
pub use fetch::{FetchError, StartError};
pub use jwks_cache::{JwksCache, Pace, RefreshError, Unusable};
pub use scope::Scope;
pub use verifier::Verifier;
