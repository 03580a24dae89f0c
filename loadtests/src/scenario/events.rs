//! Events during the load.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use sportello_stack::{Process, System};

use super::file::{Deed, End, PlannedEvent, Target, When};
use crate::scenario::operators::taken::{Taken, take};
use crate::scenario::run_report::Event;

/// Longer than a worker needs for the transaction in hand.
const GRACE: Duration = Duration::from_secs(30);
/// Deadline for the console to start a worker again.
const STARTED_WITHIN: Duration = Duration::from_secs(120);
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// What happened.
#[derive(Debug, Default)]
pub struct Happened {
    /// The events.
    pub events: Vec<Event>,
    /// The message that was taken by hand.
    pub taken: Option<Taken>,
}

impl Happened {
    /// Adds what happened later.
    pub fn and(&mut self, later: Self) {
        self.events.extend(later.events);
        self.taken = later.taken.or(self.taken.take());
    }
}

/// Runs the events planned for this end of the load.
///
/// # Errors
/// A part does not stop or does not start.
pub async fn at_end(
    system: &mut System,
    planned: &[PlannedEvent],
    end: End,
    begun: Instant,
) -> anyhow::Result<Happened> {
    let mut happened = Happened::default();
    for event in planned.iter().filter(|event| event.at == When::End(end)) {
        happened.and(event.happen(system, begun).await?);
    }
    Ok(happened)
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
) -> anyhow::Result<Happened> {
    let seconds = |event: &PlannedEvent| match event.at {
        When::Seconds(seconds) => Some(seconds.max(0.0) / speed),
        When::End(_) => None,
    };
    let mut timed: Vec<_> = planned
        .iter()
        .filter_map(|event| Some((seconds(event)?, event)))
        .collect();
    timed.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut happened = Happened::default();
    for (seconds, event) in timed {
        tokio::time::sleep_until((begun + Duration::from_secs_f64(seconds)).into()).await;
        happened.and(event.happen(system, begun).await?);
    }
    Ok(happened)
}

impl PlannedEvent {
    /// Runs the event, and returns its time.
    async fn happen(&self, system: &mut System, begun: Instant) -> anyhow::Result<Happened> {
        // the console may have set the workers meanwhile
        system.reread()?;
        let deed = match self.deed {
            Deed::Stop => "stopped",
            Deed::Start => "started",
            Deed::Kill => "killed",
            Deed::Freeze => "frozen",
            Deed::Thaw => "resumed",
            Deed::AwaitStart => "started by the console",
            Deed::Take => "lost a message that was taken by hand",
        };
        let what = format!("{} {deed}", self.part);
        let done = self.run(system).await;
        let taken = done.with_context(|| format!("{what}: it failed"))?;
        let at_s = Instant::now().saturating_duration_since(begun).as_secs_f64();
        Ok(Happened {
            events: vec![Event { at_s, what }],
            taken,
        })
    }

    async fn run(&self, system: &mut System) -> anyhow::Result<Option<Taken>> {
        match self.deed {
            Deed::Stop => stop(system, self.part).await?,
            Deed::Start => start(system, self.part).await?,
            Deed::Kill => kill(system, self.part).await?,
            Deed::Freeze => process(system, self.part).freeze(),
            Deed::Thaw => process(system, self.part).thaw(),
            Deed::AwaitStart => runs_again(&process(system, self.part)).await?,
            Deed::Take => return take(system).await.map(Some),
        }
        Ok(None)
    }
}

fn process(system: &mut System, target: Target) -> Process {
    match target {
        Target::Postgres => system.postgres().process().clone(),
        Target::RabbitMq => system.rabbitmq().process().clone(),
        Target::Part(part) => system.process(part),
    }
}

async fn runs_again(process: &Process) -> anyhow::Result<()> {
    let begun = Instant::now();
    while !process.is_running() {
        ensure!(
            begun.elapsed() < STARTED_WITHIN,
            "nothing has started it within {} s",
            STARTED_WITHIN.as_secs()
        );
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    Ok(())
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
