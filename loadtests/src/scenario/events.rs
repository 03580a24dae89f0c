//! Events during the load.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use sportello_stack::System;

use super::file::{Deed, End, PlannedEvent, Target, When};
use crate::scenario::run_report::Event;

/// Longer than a worker needs for the transaction in hand.
const GRACE: Duration = Duration::from_secs(30);

/// Runs the events planned for this end of the load.
///
/// # Errors
/// A part does not stop or does not start.
pub async fn at_end(
    system: &mut System,
    planned: &[PlannedEvent],
    end: End,
    begun: Instant,
) -> anyhow::Result<Vec<Event>> {
    let mut events = Vec::new();
    for event in planned.iter().filter(|event| event.at == When::End(end)) {
        events.push(event.happen(system, begun).await?);
    }
    Ok(events)
}

/// Runs the events planned for instants of the load; time runs `speed` times faster.
///
/// # Errors
/// A part does not stop or does not start.
pub async fn in_time(
    system: &mut System,
    planned: &[PlannedEvent],
    speed: f64,
    begun: Instant,
) -> anyhow::Result<Vec<Event>> {
    let seconds = |event: &PlannedEvent| match event.at {
        When::Seconds(seconds) => Some(seconds.max(0.0) / speed),
        When::End(_) => None,
    };
    let mut timed: Vec<_> = planned
        .iter()
        .filter_map(|event| Some((seconds(event)?, event)))
        .collect();
    timed.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut events = Vec::new();
    for (seconds, event) in timed {
        tokio::time::sleep_until((begun + Duration::from_secs_f64(seconds)).into()).await;
        events.push(event.happen(system, begun).await?);
    }
    Ok(events)
}

impl PlannedEvent {
    /// Runs the event, and returns its time.
    async fn happen(&self, system: &mut System, begun: Instant) -> anyhow::Result<Event> {
        let done = match self.deed {
            Deed::Stop => stop(system, self.part).await,
            Deed::Start => start(system, self.part).await,
            Deed::Kill => kill(system, self.part).await,
        };
        let deed = match self.deed {
            Deed::Stop => "stopped",
            Deed::Start => "started",
            Deed::Kill => "killed",
        };
        let what = format!("{} {deed}", self.part);
        done.with_context(|| format!("{what}: it failed"))?;
        let at_s = Instant::now().saturating_duration_since(begun).as_secs_f64();
        Ok(Event { at_s, what })
    }
}

async fn stop(system: &mut System, target: Target) -> sportello_stack::Result<()> {
    match target {
        Target::Postgres => system.postgres().stop().await,
        Target::RabbitMq => system.rabbitmq().stop().await,
        Target::Part(part) => system.process(part).terminate(GRACE).await,
    }
}

async fn start(system: &mut System, target: Target) -> sportello_stack::Result<()> {
    match target {
        Target::Postgres => system.start_postgres().await,
        Target::RabbitMq => system.start_rabbitmq().await,
        Target::Part(part) => system.start_part(part).await,
    }
}

async fn kill(system: &mut System, target: Target) -> sportello_stack::Result<()> {
    match target {
        Target::Postgres => system.postgres().process().kill().await,
        Target::RabbitMq => system.rabbitmq().kill().await,
        Target::Part(part) => system.process(part).kill().await,
    }
}
