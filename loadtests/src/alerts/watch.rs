//! Waits for alerts at Alertmanager.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::ensure;
use sportello_stack::Monitoring;
use sportello_stack::monitoring::Firing;
use tokio::time::sleep;

use crate::alerts::trial::{Expected, Trial};

pub(super) const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// Deadlines, on a machine that other work keeps busy.
const FIRES_WITHIN: Duration = Duration::from_secs(200);
const RESOLVES_WITHIN: Duration = Duration::from_secs(300);

/// An alert that fired and was resolved.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The trial.
    pub trial: &'static Trial,
    /// The alert.
    pub alert: Expected,
    /// From the fault to the alert at Alertmanager.
    pub fired_after: Duration,
    /// From the mending to its end there.
    pub resolved_after: Duration,
}

impl fmt::Display for Seen {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (fired, resolved) = (self.fired_after, self.resolved_after);
        write!(
            to,
            "{} fired after {fired:.0?}, resolved after {resolved:.0?}",
            self.alert
        )
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.label {
            Some((name, value)) => write!(to, "{} ({name} {value})", self.alert),
            None => to.write_str(self.alert),
        }
    }
}

impl Expected {
    fn is(&self, firing: &Firing) -> bool {
        let label = |name: &str| firing.labels.get(name).map(String::as_str);
        let has = |(name, value)| label(name) == Some(value);
        label("alertname") == Some(self.alert) && self.label.is_none_or(has)
    }
}

/// Waits until each of them has fired, and returns how long that took each.
pub(super) async fn fired(
    monitoring: &Monitoring,
    expected: &[Expected],
    since: Instant,
) -> anyhow::Result<Vec<Duration>> {
    until(monitoring, expected, since, FIRES_WITHIN, true).await
}

/// Waits until none of them fires any more.
pub(super) async fn resolved(
    monitoring: &Monitoring,
    expected: &[Expected],
    since: Instant,
) -> anyhow::Result<Vec<Duration>> {
    until(monitoring, expected, since, RESOLVES_WITHIN, false).await
}

async fn until(
    monitoring: &Monitoring,
    expected: &[Expected],
    since: Instant,
    limit: Duration,
    fires: bool,
) -> anyhow::Result<Vec<Duration>> {
    let deadline = Instant::now() + limit;
    let mut after: Vec<Option<Duration>> = vec![None; expected.len()];
    loop {
        let firing = monitoring.firing().await?;
        for (one, after) in expected.iter().zip(&mut after) {
            if firing.iter().any(|alert| one.is(alert)) == fires {
                after.get_or_insert(since.elapsed());
            }
        }
        if after.iter().all(Option::is_some) {
            return Ok(after.into_iter().flatten().collect());
        }
        let missing = expected.iter().zip(&after).filter(|(_, after)| after.is_none());
        let missing: Vec<String> = missing.map(|(one, _)| one.to_string()).collect();
        let what = if fires { "did not fire" } else { "is not resolved" };
        ensure!(
            Instant::now() < deadline,
            "{} {what} within {limit:?}; firing: {firing:#?}",
            missing.join(", ")
        );
        sleep(BETWEEN_LOOKS).await;
    }
}
