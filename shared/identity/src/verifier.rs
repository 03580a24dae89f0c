//! From a bearer token to who is calling.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::task::JoinSet;

use crate::caller::Caller;
use crate::claims;
use crate::config::Config;
use crate::error::TokenError;
use crate::issuer::Issuer;
use crate::metrics::Metrics;
use crate::token::Token;

/// Checks bearer tokens. Its background tasks end when it is dropped.
pub struct Verifier {
    issuers: Vec<Arc<Issuer>>,
    metrics: Metrics,
    _tasks: JoinSet<()>,
}

/// The HTTP client for keys can't be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot make the HTTP client that fetches the issuers' keys")]
pub struct StartError(#[from] reqwest::Error);

impl Verifier {
    /// Begins to fetch the keys of every issuer, and returns at once: an issuer that is away delays nothing.
    ///
    /// To be called within the Tokio runtime that is to do the fetching, after the global meter provider is set.
    ///
    /// # Errors
    /// [`StartError`], where the machine has no usable TLS set-up.
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

    /// Whether the keys of at least one issuer are known, so that somebody can be served.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.issuers.iter().any(|issuer| issuer.has_keys())
    }

    /// Who is calling, by the token that follows `Bearer` in the `Authorization` header.
    ///
    /// With known keys it never waits. A key that is not known yet asks for at most one fetch in 10 s, and
    /// waits for one under way up to 300 ms, so that a rotation fails nobody.
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
