//! Bearer tokens: who is calling and what they may do.
//!
//! A [`Verifier`] checks a JWT access token against the keys of the issuer that it names, which must be one of
//! the [`Config`]'s. Keys are fetched in the background, so a request never waits for an issuer that is away.
//! Nothing of a token's content is ever logged, counted or put into an error.

mod caller;
mod claims;
mod config;
mod error;
mod fetch;
mod issuer;
mod keys;
mod metrics;
mod token;
mod verifier;

pub use caller::{Caller, Citizen};
pub use config::{AcrPolicy, ClaimNames, Config, ConfigError, IssuerConfig, KeySource, Problems};
pub use error::TokenError;
pub use fetch::{FetchError, JwksSource};
pub use verifier::{StartError, Verifier};
