//! Waiting messages in the broker, from its own metrics.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::proof::register;
use crate::system::private_system::PrivateSystem;

const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// The detailed metrics of the queues. Here a quorum queue updates its numbers every second.
const FAMILY: &str = "/detailed?family=queue_coarse_metrics";
const METRIC: &str = "rabbitmq_detailed_queue_messages{";
/// Queues whose messages need an operator.
const SET_ASIDE: [&str; 2] = ["applications.dead-letter", "applications.unrouted"];
/// Queues without applications: the channel settings.
const NO_APPLICATIONS: &str = "applications.channel-settings";

/// Messages in the broker; one may hold many applications.
///
/// Right after a restart a queue reports 0 while it recovers, so 0 does not mean drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Backlog {
    /// Messages that a worker must still take or acknowledge.
    pub queued: u64,
    /// Messages that no worker will take: dead letters and unrouted messages.
    pub set_aside: u64,
}

/// Reads the backlog; `metrics` is the address of the broker's metrics for Prometheus.
///
/// # Errors
/// The broker does not answer.
pub async fn backlog(metrics: &str) -> reqwest::Result<Backlog> {
    ask(&reqwest::Client::builder().no_proxy().build()?, metrics).await
}

/// Reads the backlog of all nodes of the broker: each knows the queues that it leads.
async fn of_all(metrics: &[String]) -> reqwest::Result<Backlog> {
    let mut all = Backlog::default();
    for node in metrics {
        let Backlog { queued, set_aside } = backlog(node).await?;
        all.queued += queued;
        all.set_aside += set_aside;
    }
    Ok(all)
}

/// As [`backlog`], with an existing client.
///
/// # Errors
/// The broker does not answer.
pub async fn ask(client: &reqwest::Client, metrics: &str) -> reqwest::Result<Backlog> {
    let page = client.get(format!("{metrics}{FAMILY}")).send().await?;
    Ok(read(&page.error_for_status()?.text().await?))
}

/// Waits until the register holds this many applications, and then until at most `kept` messages
/// are queued, or the deadline passes. A recovering queue reports 0, so the register comes first.
/// Returns the register's time, and the messages left in the broker.
///
/// # Errors
/// A query of the register or the broker fails.
pub async fn drained(
    system: &PrivateSystem,
    accepted: u64,
    kept: u64,
    deadline: Duration,
) -> anyhow::Result<(Duration, Backlog)> {
    let begun = Instant::now();
    let waiting = || begun.elapsed() < deadline;
    let mut database = register::connect(&system.database_url()).await?;
    while register::count(&mut database).await? < accepted && waiting() {
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    let drained_after = begun.elapsed();
    let metrics = system.broker_metrics_urls();
    loop {
        let backlog = of_all(&metrics).await?;
        if backlog.queued <= kept || !waiting() {
            return Ok((drained_after, backlog));
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// Waits until the broker holds no message, set aside or not, or the deadline passes. Returns the
/// rest.
///
/// # Errors
/// The broker does not answer.
pub async fn emptied(system: &PrivateSystem, deadline: Duration) -> reqwest::Result<Backlog> {
    let begun = Instant::now();
    let metrics = system.broker_metrics_urls();
    loop {
        let backlog = of_all(&metrics).await?;
        if backlog == Backlog::default() || begun.elapsed() > deadline {
            return Ok(backlog);
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

fn read(page: &str) -> Backlog {
    let mut backlog = Backlog::default();
    for line in page.lines().filter(|line| line.starts_with(METRIC)) {
        let messages = line
            .rsplit(' ')
            .next()
            .and_then(|number| number.parse().ok())
            .unwrap_or(0);
        if line.contains(&format!("queue=\"{NO_APPLICATIONS}")) {
            continue;
        }
        if SET_ASIDE
            .iter()
            .any(|queue| line.contains(&format!("queue=\"{queue}\"")))
        {
            backlog.set_aside += messages;
        } else {
            backlog.queued += messages;
        }
    }
    backlog
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_to_be_taken_are_distinguished_from_those_set_aside() {
        let page = "# TYPE rabbitmq_detailed_queue_messages gauge\n\
            rabbitmq_detailed_queue_messages_ready{vhost=\"/\",queue=\"applications.citizen\"} 9\n\
            rabbitmq_detailed_queue_messages{vhost=\"/\",queue=\"applications.citizen\"} 5\n\
            rabbitmq_detailed_queue_messages{vhost=\"/\",queue=\"applications.intermediary\"} 2\n\
            rabbitmq_detailed_queue_messages{vhost=\"/\",queue=\"applications.unrouted\"} 1\n\
            rabbitmq_detailed_queue_messages{vhost=\"/\",queue=\"applications.dead-letter\"} 3\n\
            rabbitmq_detailed_queue_messages{vhost=\"/\",queue=\"applications.channel-settings\"} 1\n\
            rabbitmq_detailed_queue_messages{vhost=\"/\",queue=\"applications.channel-settings.0-0\"} 1\n";
        assert_eq!(
            read(page),
            Backlog {
                queued: 7,
                set_aside: 4
            }
        );
    }
}
