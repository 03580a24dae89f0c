//! One trusted issuer and its known keys.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use crate::config::IssuerConfig;
use crate::error::TokenError;
use crate::fetch::StartError;
use crate::jwks_cache::{JwksCache, Pace, RefreshError};
use crate::keys::KeySet;
use crate::metrics::Metrics;

const PACE: Pace = Pace {
    period: Duration::from_secs(5 * 60),
    longest_pause: Duration::from_secs(60),
};
/// Time without a successful fetch after which an operator must act.
const STALE: Duration = Duration::from_hours(24);

pub(crate) struct Issuer {
    pub(crate) config: Arc<IssuerConfig>,
    cache: JwksCache<KeySet>,
}

impl Issuer {
    pub(crate) fn new(config: IssuerConfig) -> Result<Self, StartError> {
        let config = Arc::new(config);
        let trusted = Arc::clone(&config);
        let cache = JwksCache::new(&config.keys, PACE, move |document| {
            Ok(KeySet::parse(document, &trusted)?)
        })?;
        Ok(Self { config, cache })
    }

    /// Whether a token of this issuer can be accepted now.
    pub(crate) fn has_keys(&self) -> bool {
        let keys = self.cache.known().filter(|_| self.is_good_at(self.cache.age()));
        keys.is_some_and(|keys| !keys.is_empty())
    }

    /// Whether an operator must look after this issuer's keys: it publishes none, or no fetch has
    /// succeeded for a day.
    pub(crate) fn needs_care(&self) -> bool {
        let none = self.cache.known().is_some_and(|keys| keys.is_empty());
        none || needs_care_at(self.cache.age())
    }

    /// Whether keys of this age are still valid.
    fn is_good_at(&self, age: Duration) -> bool {
        age <= self.config.keys_good_for
    }

    /// Returns the keys, with `kid` among them if the issuer publishes it.
    ///
    /// Returns known keys at once. For an unknown key it requests a fetch and waits a moment for
    /// it.
    pub(crate) async fn keys_with(&self, kid: Option<&str>) -> Result<Arc<KeySet>, TokenError> {
        let keys = self.cache.with(|keys| keys.find(kid).is_some()).await;
        keys.filter(|_| self.is_good_at(self.cache.age()))
            .ok_or(TokenError::KeysUnavailable)
    }

    /// Fetches the keys now, then whenever they are old or requested.
    pub(crate) async fn keep_fresh(&self, metrics: &Metrics) {
        let report = |outcome: Result<&KeySet, &RefreshError>| {
            metrics.refreshed(outcome.is_ok());
            self.report(outcome);
        };
        self.cache.keep_fresh(report).await;
    }

    fn report(&self, outcome: Result<&KeySet, &RefreshError>) {
        let issuer = &self.config.issuer;
        match outcome {
            Ok(keys) if keys.is_empty() => {
                tracing::warn!(
                    issuer,
                    "an issuer publishes no usable key: its tokens are refused"
                );
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(
                issuer,
                %error,
                cause = error.source().map(tracing::field::display),
                "cannot fetch the keys of an issuer; keys already known stay in use"
            ),
        }
    }
}

fn needs_care_at(age: Duration) -> bool {
    age >= STALE
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    #[test]
    fn old_keys_need_care_after_a_day_and_end_after_their_bound() {
        let issuer = |more: &str| {
            let text = format!(
                "[[issuers]]\nissuer = 'x'\naudience = 'y'\njwks_file = 'z'\nalgorithms = ['ES256']\n{more}"
            );
            let mut config = Config::parse(&text, Path::new("")).unwrap();
            Issuer::new(config.issuers.remove(0)).unwrap()
        };
        let hours = Duration::from_hours;
        assert_eq!(
            [23, 24, 1_000].map(|age| needs_care_at(hours(age))),
            [false, true, true]
        );
        let (a_week, two_days) = (issuer(""), issuer("keys_good_for_hours = 48"));
        assert_eq!([168, 169].map(|age| a_week.is_good_at(hours(age))), [true, false]);
        assert_eq!([48, 49].map(|age| two_days.is_good_at(hours(age))), [true, false]);
    }
}
