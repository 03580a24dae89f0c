//! Verifies bearer tokens.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::task::JoinSet;

use crate::caller::Caller;
use crate::claims;
use crate::config::Config;
use crate::error::TokenError;
use crate::fetch::StartError;
use crate::issuer::Issuer;
use crate::metrics::Metrics;
use crate::token::Token;

/// Checks bearer tokens. Its background tasks end when it is dropped.
pub struct Verifier {
    issuers: Vec<Arc<Issuer>>,
    metrics: Metrics,
    _tasks: JoinSet<()>,
}

impl Verifier {
    /// Starts to fetch the keys of every issuer and returns at once: an unreachable issuer delays
    /// nothing.
    ///
    /// Must be called within the Tokio runtime that fetches the keys, after the global meter
    /// provider is set.
    ///
    /// # Errors
    /// [`StartError`], where the machine has no CA certificates and an issuer's address needs them.
    pub fn start(config: Config) -> Result<Self, StartError> {
        let metrics = Metrics::new();
        let issuers = config
            .issuers
            .into_iter()
            .map(|issuer| Ok(Arc::new(Issuer::new(issuer)?)));
        let issuers: Vec<_> = issuers.collect::<Result<_, StartError>>()?;
        let mut tasks = JoinSet::new();
        for issuer in &issuers {
            let (issuer, metrics) = (Arc::clone(issuer), metrics.clone());
            tasks.spawn(async move { issuer.keep_fresh(&metrics).await });
        }
        Ok(Self {
            issuers,
            metrics,
            _tasks: tasks,
        })
    }

    /// Whether at least one issuer has valid keys, so that the service can accept tokens.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.issuers.iter().any(|issuer| issuer.has_keys())
    }

    /// Whether an operator must look after the keys of an issuer: it publishes none, or no fetch
    /// has succeeded for a day.
    #[must_use]
    pub fn needs_care(&self) -> bool {
        self.issuers.iter().any(|issuer| issuer.needs_care())
    }

    /// Returns the caller, from the token that follows `Bearer` in the `Authorization` header.
    ///
    /// Never waits if the key is known. For an unknown key it requests at most one fetch in 10 s
    /// and waits up to 300 ms for one under way, so that a key rotation fails no request.
    ///
    /// # Errors
    /// [`TokenError`] says why the token is refused.
    pub async fn verify(&self, bearer: &str) -> Result<Caller, TokenError> {
        let outcome = self.check(bearer).await;
        if let Err(error) = &outcome {
            self.metrics.refused(error);
        }
        outcome
    }

    async fn check(&self, bearer: &str) -> Result<Caller, TokenError> {
        let token = Token::parse(bearer)?;
        let name = token.issuer()?;
        let issuer = self
            .issuers
            .iter()
            .find(|issuer| issuer.config.issuer == name)
            .ok_or(TokenError::WrongIssuer)?;
        if !issuer.config.algorithms.contains(&token.algorithm) {
            return Err(TokenError::AlgorithmNotAllowed);
        }
        let keys = issuer.keys_with(token.kid.as_deref()).await?;
        let key = keys.find(token.kid.as_deref()).ok_or(TokenError::UnknownKey)?;
        let claims = token.verified(key)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        claims::check_validity(&claims, &issuer.config.audience, now.as_secs_f64())?;
        claims::caller(&claims, &issuer.config)
    }
}
