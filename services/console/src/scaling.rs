//! The automatic: decides each second how many workers are wanted. Of several consoles one gives
//! the orders; all of them decide alike, from the same numbers and the same memory.

mod kept;
mod saturation;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use sportello_catalogue::LiveCatalogue;
use sportello_domain::{ChannelPosition, PerChannel};
use sportello_scaling::{
    Arrivals, Calendar, Decision, Drain, Inputs, Load, Observed, Policy, PolicyError, Rate, Reason, Sample,
    ScalingSettings, decide,
};
use sportello_signals::ChannelSettings;
use sportello_store::{Lead, Store, StoreError};
use tokio::sync::watch;

use crate::hands::{Hands, Order, Seen};
use crate::metrics;
use crate::setting::{InForce, Setting};
use crate::shown::Shown;
use crate::views::now::Now;
use crate::views::workers::HandNow;
use crate::wanted::Wanted;
use kept::Kept;
use saturation::Transactions;

/// Seconds that a measurement of the drain looks at.
const SERIES: usize = 300;
/// The lead of the consoles.
const LEAD: &str = "sportello_console";
/// Longest time of a second's work at the database.
const DATABASE: Duration = Duration::from_secs(2);

/// Decides, and gives orders while it leads.
pub(crate) struct Automatic {
    pub(crate) store: Store,
    pub(crate) shown: Arc<Shown>,
    pub(crate) catalogue: LiveCatalogue,
    pub(crate) channel_settings: ChannelSettings,
    pub(crate) settings: ScalingSettings,
    pub(crate) of_start: Setting,
    pub(crate) hands: Hands,
    pub(crate) wanted: watch::Sender<Option<Arc<Wanted>>>,
}

/// What is remembered from second to second.
#[derive(Default)]
struct Memory {
    series: VecDeque<Option<Sample>>,
    arrivals: Arrivals,
    kept: Option<Kept>,
    lead: Option<Lead>,
    transactions: Transactions,
    /// Connections that the database allows, once they are read.
    connections: Option<u16>,
}

impl Automatic {
    /// Decides each second until it is dropped.
    pub(crate) async fn run(self) {
        metrics::misses_target(false);
        let mut memory = Memory::default();
        let mut frames = self.shown.follow();
        while frames.changed().await.is_ok() {
            let Some(frame) = frames.borrow_and_update().clone() else {
                continue;
            };
            let step = tokio::time::timeout(DATABASE, self.step(&frame.now, &mut memory));
            match step.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => self.lost(&mut memory, &error),
                Err(_) => self.lost(&mut memory, &StoreError::TooSlow("a decision".into())),
            }
        }
    }

    /// Without the database nothing is known of the setting: nothing is wanted, nothing ordered.
    fn lost(&self, memory: &mut Memory, error: &StoreError) {
        if self.wanted.borrow().is_some() {
            tracing::warn!(%error, "the wanted number of workers can't be decided now");
        }
        memory.lead = None;
        // another server may allow another number
        memory.connections = None;
        self.hands.order(None);
        metrics::misses_target(false);
        self.wanted.send_replace(None);
    }

    async fn step(&self, now: &Now, memory: &mut Memory) -> Result<(), StoreError> {
        let in_force = InForce::read(&self.store, self.of_start).await?;
        self.lead(memory).await?;
        if memory.connections.is_none() {
            memory.connections = Some(self.store.max_connections().await?);
        }
        let seen = self.hands.seen();
        let observed = observed(&seen, now);
        let kept = self.kept(memory, &observed).await?.heeding(&seen, &in_force);
        let setting = in_force.setting;
        let catalogue = self.catalogue.current();
        let position = |benefit: &_, channel| {
            let position = self.channel_settings.position(benefit, channel);
            position.unwrap_or(ChannelPosition::Scheduled)
        };
        let calendar = Calendar::at(&catalogue, position, &self.settings.calendar(), now.at);
        let load = memory.load(now, &calendar);
        let policy = self.policy(setting, memory.connections)?;
        let inputs = Inputs {
            policy: &policy,
            target: setting.target,
            manual: setting.manual,
            raise: calendar.raise.as_ref(),
            load: load.as_ref(),
            observed: Some(&observed),
        };
        let (decision, state) = decide(&inputs, &kept.state, now.at);
        let kept = kept.after(state, observed.asked, decision.wanted);
        let is_leading = memory.lead.is_some();
        if is_leading {
            kept.keep(&self.store).await?;
        }
        memory.kept = Some(kept);
        let order = decision.order.filter(|_| is_leading && seen.sees_workers());
        let upon = seen.look;
        self.hands.order(order.map(|workers| Order { workers, upon }));
        self.show(decision, seen.now);
        Ok(())
    }

    fn show(&self, decision: Decision, hand: HandNow) {
        metrics::wanted(decision.wanted);
        let misses = |reason: &Reason| matches!(reason, Reason::Unreachable { .. });
        metrics::misses_target(decision.why.iter().any(misses));
        self.wanted.send_replace(Some(Arc::new(Wanted {
            workers: decision.wanted,
            why: decision.why,
            time_to_drain: decision.time_to_drain,
            hand,
        })));
    }

    fn policy(&self, setting: Setting, connections: Option<u16>) -> Result<Policy, StoreError> {
        let policy = |floor| {
            let settings = ScalingSettings {
                workers_floor: floor,
                workers_ceiling: setting.ceiling,
                ..self.settings.clone()
            };
            settings.policy(connections)
        };
        // the database may allow fewer workers than the floor that operators set
        let policy =
            policy(setting.floor).or_else(|PolicyError::FloorAboveCeiling { ceiling, .. }| policy(ceiling));
        policy.map_err(|error| StoreError::Unreadable(error.to_string()))
    }

    /// Takes the lead where no other console has it, and gives it up where its connection is lost.
    async fn lead(&self, memory: &mut Memory) -> Result<(), StoreError> {
        match &mut memory.lead {
            Some(lead) => lead.check().await,
            None => {
                memory.lead = self.store.take_lead(LEAD).await?;
                if memory.lead.is_some() {
                    tracing::info!("this console gives the orders");
                    memory.kept = None;
                }
                Ok(())
            }
        }
    }

    /// Returns what the automatic remembers: its own memory while it leads, else the leader's.
    async fn kept(&self, memory: &Memory, observed: &Observed) -> Result<Kept, StoreError> {
        match memory.kept.as_ref().filter(|_| memory.lead.is_some()) {
            Some(kept) => Ok(kept.clone()),
            None => Kept::read(&self.store, observed).await,
        }
    }
}

/// Returns what the hand sees; where it can't count, the workers that the sampler reads.
fn observed(seen: &Seen, now: &Now) -> Observed {
    let observed = seen.observed.clone().unwrap_or_default();
    Observed {
        running: observed.running.or(now.workers.running.known().copied()),
        ..observed
    }
}

impl Memory {
    /// Returns what waits and comes; `None` where any of it can't be read.
    fn load(&mut self, now: &Now, calendar: &Calendar) -> Option<Load> {
        let sample = sample(now);
        while self.series.len() >= SERIES {
            self.series.pop_front();
        }
        self.series.push_back(sample);
        let arriving = sum(now
            .channels
            .iter()
            .map(|it| it.arrivals_per_second.known().copied()));
        let arriving = arriving.and_then(Rate::per_second);
        arriving.into_iter().for_each(|new| self.arrivals.add(new));
        let series: Vec<Option<Sample>> = self.series.iter().copied().collect();
        let had_all_to_do = sample.filter(|sample| sample.outstanding > 0 && !sample.held_back);
        if let Some((sample, cost)) = had_all_to_do.zip(now.workers.seconds_per_application.known()) {
            self.transactions.learn(sample.workers, *cost);
        }
        Some(Load {
            backlog: sample?.outstanding,
            messages: messages(now),
            arrivals: arriving.map(|_| self.arrivals.rate())?,
            arrivals_end: calendar.arrivals_end,
            drain: Drain::measure(&series),
            saturation: self.transactions.saturation(),
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from a float saturates"
)]
fn sample(now: &Now) -> Option<Sample> {
    let outstanding = now.channels.iter().map(|it| it.outstanding.known().copied());
    let settled = sum(now
        .channels
        .iter()
        .map(|it| it.settled_per_second.known().copied()));
    Some(Sample {
        settled: settled?.round() as u64,
        outstanding: outstanding.sum::<Option<u64>>()?,
        workers: *now.workers.running.known()?,
        held_back: *now.workers.held_back.known()?,
    })
}

/// Returns the sum; `None` where one is unknown.
fn sum(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    values.sum()
}

/// Returns the messages of each channel's queue; `None` where a node can't be read.
fn messages(now: &Now) -> Option<PerChannel<u64>> {
    let nodes: Option<Vec<_>> = now.nodes.iter().map(|node| node.queues.known()).collect();
    let nodes = nodes.filter(|nodes| !nodes.is_empty())?;
    let of = |name: &str| {
        let queues = nodes
            .iter()
            .copied()
            .flatten()
            .filter(|queue| queue.queue == name);
        queues.map(|queue| queue.messages).sum()
    };
    Some(PerChannel::from_fn(|channel| {
        of(&format!("applications.{}", channel.as_str()))
    }))
}
