//! How it is going: whether intake and status answer, and the last numbers known.
//!
//! The portal asks every two seconds and answers from memory. A service that does not answer leaves
//! its last numbers, with their age.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::future::join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sportello_catalogue::{Benefit, LiveCatalogue};
use sportello_domain::{BenefitId, Channel};
use tokio::time::MissedTickBehavior;

use crate::client::Services;
use crate::config::ServeConfig;
use crate::document::{Document, TEN_SECONDS};
use crate::facts::{Facts, State};
use crate::keys::ReceiptKeys;

const INTERVAL: Duration = Duration::from_secs(2);
/// Rounds between two looks at the receipt keys, once they are known.
const KEYS_EVERY: u32 = 30;

/// What the portal knows of the services behind it.
pub(crate) struct Progress {
    services: Services,
    catalogue: LiveCatalogue,
    report: ArcSwap<Document>,
    numbers: ArcSwap<Numbers>,
    keys: ReceiptKeys,
    intake_answers: AtomicBool,
    status_answers: AtomicBool,
}

/// The document at `/data/progress.json`.
#[derive(Debug, Serialize)]
struct Report {
    at: Timestamp,
    intake: Intake,
    received: Option<u64>,
    registered: Option<u64>,
    registered_last_minute: Option<u64>,
    waiting_seconds: Option<f64>,
    /// When status last read these numbers.
    numbers_at: Option<Timestamp>,
    benefits: Vec<BenefitState>,
}

#[derive(Debug, Clone, Serialize)]
struct Intake {
    answers: bool,
    since: Timestamp,
}

#[derive(Debug, Serialize)]
struct BenefitState {
    id: BenefitId,
    citizen: ChannelState,
}

#[derive(Debug, Clone, Serialize)]
struct ChannelState {
    open: bool,
    opens_at: Option<Timestamp>,
    closes_at: Option<Timestamp>,
}

/// The numbers of status, as `GET /v1/progress` answers them.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
struct Counts {
    /// When status read them: older while the database is away.
    at: Option<Timestamp>,
    /// The registered, and those that wait to be.
    received: Option<u64>,
    registered: Option<u64>,
    registered_last_minute: Option<u64>,
    waiting_seconds: Option<f64>,
}

/// What the page on progress says without scripts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Numbers {
    pub(crate) intake_answers: bool,
    pub(crate) received: Option<u64>,
    pub(crate) registered: Option<u64>,
    pub(crate) registered_last_minute: Option<u64>,
    waiting_seconds: Option<f64>,
    /// When status last read them.
    pub(crate) at: Option<Timestamp>,
}

impl Numbers {
    /// Returns the seconds from receipt to registration, rounded up: nothing takes no time.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast from a float saturates"
    )]
    pub(crate) fn whole_seconds(&self) -> Option<u64> {
        self.waiting_seconds.map(|seconds| (seconds.ceil() as u64).max(1))
    }
}

/// The channels of a benefit, as intake answers them.
#[derive(Debug, Deserialize)]
struct Channels {
    items: Vec<ChannelItem>,
}

#[derive(Debug, Deserialize)]
struct ChannelItem {
    channel: Channel,
    open: bool,
    opens_at: Option<Timestamp>,
}

/// What is remembered from round to round.
struct Memory {
    intake: Intake,
    counts: Counts,
    numbers_at: Option<Timestamp>,
    rounds: u32,
}

impl Progress {
    /// Makes the state before the first answer. [`Progress::follow`] asks.
    ///
    /// # Errors
    /// The machine has no CA certificates, and an address needs them.
    pub(crate) fn new(config: &ServeConfig, catalogue: LiveCatalogue) -> Result<Self, reqwest::Error> {
        let unknown = Report::of(&Memory::new(), Vec::new(), Timestamp::now());
        Ok(Self {
            services: Services::new(config)?,
            catalogue,
            report: ArcSwap::from_pointee(unknown.document()),
            numbers: ArcSwap::from_pointee(unknown.numbers()),
            keys: ReceiptKeys::kept(config),
            intake_answers: AtomicBool::new(false),
            status_answers: AtomicBool::new(false),
        })
    }

    /// Returns the document at `/data/progress.json`.
    pub(crate) fn report(&self) -> Arc<Document> {
        self.report.load_full()
    }

    /// Returns the last numbers, for the page.
    pub(crate) fn numbers(&self) -> Numbers {
        **self.numbers.load()
    }

    /// Returns the receipt keys as intake last published them, if it ever did.
    pub(crate) fn keys(&self) -> Option<Arc<Document>> {
        self.keys.document()
    }

    /// Whether intake takes applications.
    pub(crate) fn intake_answers(&self) -> bool {
        self.intake_answers.load(Ordering::Relaxed)
    }

    /// Whether status reports its numbers.
    pub(crate) fn status_answers(&self) -> bool {
        self.status_answers.load(Ordering::Relaxed)
    }

    /// Asks again and again; never ends.
    pub(crate) async fn follow(self: Arc<Self>) {
        let mut memory = Memory::new();
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.round(&mut memory).await;
        }
    }

    async fn round(&self, memory: &mut Memory) {
        let catalogue = self.catalogue.current();
        let benefits: Vec<Arc<Benefit>> = catalogue.benefits().cloned().collect();
        let channels = join_all(benefits.iter().map(|benefit| self.channel(benefit)));
        let (takes, counts, channels, ()) = tokio::join!(
            self.takes(),
            self.counts(),
            channels,
            self.fetch_keys(memory.rounds)
        );
        let at = Timestamp::now();
        self.intake_answers.store(takes, Ordering::Relaxed);
        self.status_answers.store(counts.is_some(), Ordering::Relaxed);
        memory.note(takes, counts, at);
        let states = benefits.iter().zip(channels).map(|(benefit, told)| BenefitState {
            id: benefit.id().clone(),
            citizen: ChannelState::of(benefit, told, at),
        });
        let report = Report::of(memory, states.collect(), at);
        self.report.store(Arc::new(report.document()));
        self.numbers.store(Arc::new(report.numbers()));
    }

    /// Whether intake answers, and lacks nothing that it needs to take applications.
    async fn takes(&self) -> bool {
        #[derive(Deserialize)]
        struct Health {
            health: String,
        }
        let health: Option<Health> = self.services.intake("/status").await;
        health.is_some_and(|health| health.health != "fail")
    }

    async fn counts(&self) -> Option<Counts> {
        self.services.status("/v1/progress").await
    }

    /// Returns the channel for persons, as operators have set it.
    async fn channel(&self, benefit: &Benefit) -> Option<ChannelItem> {
        let path = format!("/v1/benefits/{}/channels", benefit.id());
        let channels: Channels = self.services.intake(&path).await?;
        let mut items = channels.items.into_iter();
        items.find(|item| item.channel == Channel::Citizen)
    }

    async fn fetch_keys(&self, rounds: u32) {
        if self.keys.document().is_none() || rounds.is_multiple_of(KEYS_EVERY) {
            self.keys.fetch(&self.services).await;
        }
    }
}

impl Memory {
    fn new() -> Self {
        Self {
            // a page that says that sending waits alarms: say it only once it is known
            intake: Intake {
                answers: true,
                since: Timestamp::now(),
            },
            counts: Counts::default(),
            numbers_at: None,
            rounds: 0,
        }
    }

    fn note(&mut self, takes: bool, counts: Option<Counts>, at: Timestamp) {
        if self.intake.answers != takes {
            self.intake = Intake {
                answers: takes,
                since: at,
            };
        }
        if let Some(counts) = counts {
            self.counts = counts;
            self.numbers_at = Some(counts.at.unwrap_or(at));
        }
        self.rounds = self.rounds.wrapping_add(1);
    }
}

impl ChannelState {
    /// Returns what intake said; where it did not answer, what the benefit's hours say.
    fn of(benefit: &Benefit, told: Option<ChannelItem>, at: Timestamp) -> Self {
        let by_hours = Facts::read(benefit, at)
            .map(|facts| facts.state)
            .unwrap_or_default();
        let closes_at = match by_hours {
            State::Open { until } => Some(until),
            State::Paused { .. } | State::Before | State::Over => None,
        };
        let open = told.as_ref().map_or_else(
            || benefit.closed(Channel::Citizen, at).is_none(),
            |told| told.open,
        );
        let opens_at = match told {
            Some(told) => told.opens_at,
            None => benefit.next_opening(Channel::Citizen, at).filter(|_| !open),
        };
        Self {
            open,
            opens_at,
            closes_at: closes_at.filter(|_| open),
        }
    }
}

impl Report {
    fn of(memory: &Memory, benefits: Vec<BenefitState>, at: Timestamp) -> Self {
        Self {
            at,
            intake: memory.intake.clone(),
            received: memory.counts.received,
            registered: memory.counts.registered,
            registered_last_minute: memory.counts.registered_last_minute,
            waiting_seconds: memory.counts.waiting_seconds,
            numbers_at: memory.numbers_at,
            benefits,
        }
    }

    fn numbers(&self) -> Numbers {
        Numbers {
            intake_answers: self.intake.answers,
            received: self.received,
            registered: self.registered,
            registered_last_minute: self.registered_last_minute,
            waiting_seconds: self.waiting_seconds,
            at: self.numbers_at,
        }
    }

    fn document(&self) -> Document {
        // numbers, instants and ids are always written
        let text = serde_json::to_string(self).unwrap_or_default();
        Document::data(text, "application/json", TEN_SECONDS)
    }
}
