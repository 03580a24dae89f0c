//! The automatic: decides each second how many workers are wanted. Of several consoles one gives
//! the orders; all of them decide alike, from the same numbers and the same memory.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use sportello_catalogue::LiveCatalogue;
use sportello_domain::{ChannelPosition, PerChannel};
use sportello_scaling::{
    Calendar, Drain, Inputs, Load, Observed, Policy, Rate, Sample, ScalingSettings, State, decide,
};
use sportello_signals::ChannelSettings;
use sportello_store::{Lead, Store, StoreError};
use tokio::sync::watch;

use crate::hands::Hands;
use crate::metrics;
use crate::setting::{InForce, Setting};
use crate::shown::Shown;
use crate::views::now::Now;
use crate::wanted::Wanted;

/// Seconds that a measurement of the drain looks at.
const SERIES: usize = 300;
/// Share of a new second in the mean of the arrivals: about a minute counts.
const NEW: f64 = 1.0 / 60.0;
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
    arrivals: Option<f64>,
    state: Option<State>,
    lead: Option<Lead>,
    /// Connections that the database allows, once they are read.
    connections: Option<u16>,
}

impl Automatic {
    /// Decides each second until it is dropped.
    pub(crate) async fn run(self) {
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
        self.wanted.send_replace(None);
    }

    async fn step(&self, now: &Now, memory: &mut Memory) -> Result<(), StoreError> {
        let setting = InForce::read(&self.store, self.of_start).await?.setting;
        self.lead(memory).await?;
        if memory.connections.is_none() {
            memory.connections = Some(self.store.max_connections().await?);
        }
        let seen = self.hands.seen();
        let observed = Observed {
            running: now.workers.running.known().copied(),
            ..seen.observed
        };
        let state = self.state(memory, &observed).await?;
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
        let (decision, mut state) = decide(&inputs, &state, now.at);
        if memory.lead.is_some() {
            if let Some(order) = decision.order {
                self.hands.order(Some(order));
            }
            if let Some(done) = seen.done {
                state = state.ordered(done);
            }
            self.keep(&state).await?;
        } else {
            self.hands.order(None);
        }
        memory.state = Some(state);
        metrics::wanted(decision.wanted);
        self.wanted.send_replace(Some(Arc::new(Wanted {
            workers: decision.wanted,
            why: decision.why,
            time_to_drain: decision.time_to_drain,
        })));
        Ok(())
    }

    fn policy(&self, setting: Setting, connections: Option<u16>) -> Result<Policy, StoreError> {
        let settings = ScalingSettings {
            workers_floor: setting.floor,
            workers_ceiling: setting.ceiling,
            ..self.settings.clone()
        };
        // the setting was checked when it was made
        let policy = settings.policy(connections);
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
                    memory.state = None;
                }
                Ok(())
            }
        }
    }

    /// Returns what the automatic remembers: its own memory while it leads, else the leader's.
    async fn state(&self, memory: &Memory, observed: &Observed) -> Result<State, StoreError> {
        if let Some(state) = memory.state.as_ref().filter(|_| memory.lead.is_some()) {
            return Ok(state.clone());
        }
        let kept = self.store.scaling_state().await?;
        let kept = kept.and_then(|state| serde_json::from_value(state).ok());
        Ok(kept.unwrap_or_else(|| State::new(observed.running.unwrap_or_default())))
    }

    async fn keep(&self, state: &State) -> Result<(), StoreError> {
        let state = serde_json::to_value(state);
        let state = state.map_err(|_| StoreError::Unreadable("a memory of the automatic".into()))?;
        self.store.keep_scaling_state(&state).await
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
        self.arrivals = arriving.map(|new| {
            let mean = self.arrivals.unwrap_or(new);
            mean + (new - mean) * NEW
        });
        let series: Vec<Option<Sample>> = self.series.iter().copied().collect();
        Some(Load {
            backlog: sample?.outstanding,
            messages: messages(now),
            arrivals: Rate::per_second(self.arrivals?)?,
            arrivals_end: calendar.arrivals_end,
            drain: Drain::measure(&series),
            saturation: None,
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
        held_back: false,
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
