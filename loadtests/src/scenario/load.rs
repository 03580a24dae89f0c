//! The load of a scenario, leg by leg: prepared, sent, answered.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use futures_util::future::try_join_all;
use sportello_stack::System;

use super::arrivals::{Arrivals, Stretch, exact};
use super::audit::settled;
use super::file::Leg;
use super::requests::{Requests, Writer};
use super::senders::{Pace, Shared, send};
use crate::people::applications::{Applications, BATCHES};
use crate::scenario::run_report::AnswerKind;

/// Threads that prepare and send.
const THREADS: usize = 2;
/// From a leg's readiness to its first arrival: the threads start meanwhile.
const LEAD: Duration = Duration::from_millis(300);
/// Deadline for registering the applications of a capacity measurement.
const BETWEEN_LEGS: Duration = Duration::from_secs(300);
/// Requests between two progress reports.
const REPORT_EVERY: u64 = 100_000;

/// Receiver of progress messages.
pub type Progress = Arc<dyn Fn(String) + Send + Sync>;

/// Prepares requests.
pub struct Preparation {
    /// The applications to send.
    pub applications: Arc<Applications>,
    /// `host:port` of intake.
    pub host: String,
    /// Folder of the requests.
    pub folder: PathBuf,
    /// Seed of the arrivals.
    pub seed: u64,
    /// Receiver of progress messages.
    pub progress: Progress,
}

impl Preparation {
    /// Returns the requests with these numbers, a share for each thread.
    async fn requests(&self, numbers: Range<u64>) -> anyhow::Result<Vec<Requests>> {
        let total = numbers.end - numbers.start;
        let (made, waiting) = (Arc::new(AtomicU64::new(0)), Arc::new(()));
        let share = |thread: usize| {
            let (applications, progress) = (Arc::clone(&self.applications), Arc::clone(&self.progress));
            let (host, folder, numbers) = (self.host.clone(), self.folder.clone(), numbers.clone());
            let (made, waiting) = (Arc::clone(&made), Arc::downgrade(&waiting));
            let report = move |more| {
                let before = made.fetch_add(more, Ordering::Relaxed);
                if (before + more) / REPORT_EVERY > before / REPORT_EVERY {
                    progress(format!("prepared {} of {total}", before + more));
                }
                ensure!(waiting.strong_count() > 0, "the caller has ended");
                Ok(())
            };
            tokio::task::spawn_blocking(move || {
                Writer::new(&applications, &host)?.write(numbers, (thread, THREADS), &folder, report)
            })
        };
        try_join_all((0..THREADS).map(share)).await?.into_iter().collect()
    }
}

/// A leg with its requests.
struct Ready {
    leg: Leg,
    arrivals: Arc<Arrivals>,
    requests: Vec<Requests>,
}

/// A load whose first leg is ready.
pub struct Load {
    preparation: Preparation,
    /// The legs after the first.
    legs: Vec<Leg>,
    /// The capacity: applications accepted and registered a second, if known.
    capacity: Option<f64>,
    /// The number of the next application.
    next: u64,
    first: Ready,
}

impl Load {
    /// Prepares the first leg; `capacity` is needed if it is multiplied before it is measured.
    ///
    /// # Errors
    /// There is no leg, or its requests can't be written.
    pub async fn prepare(
        preparation: Preparation,
        mut legs: Vec<Leg>,
        capacity: Option<f64>,
    ) -> anyhow::Result<Self> {
        ensure!(!legs.is_empty(), "the scenario has no applications");
        let mut next = 0;
        let first = ready(&preparation, legs.remove(0), capacity, &mut next).await?;
        Ok(Self {
            preparation,
            legs,
            capacity,
            next,
            first,
        })
    }

    /// From now until its first arrival.
    pub const LEAD: Duration = LEAD;

    /// Returns its first arrival, if it is sent now.
    #[must_use]
    pub fn begins() -> Instant {
        Instant::now() + LEAD
    }

    /// Sends all legs. The first one begins with the record. Returns the goodput of a leg that
    /// multiplies the capacity: applications accepted a second, divided by what a saturated system
    /// accepts and registers in the long run.
    ///
    /// # Errors
    /// A request can't be read, or a query of the register fails.
    pub async fn send(self, shared: Arc<Shared>, mut system: System) -> anyhow::Result<Option<f64>> {
        let Self {
            preparation,
            legs,
            mut capacity,
            mut next,
            first,
        } = self;
        let mut goodput = None;
        let (mut now, mut start, mut later) = (Some(first), shared.record.begun(), legs.into_iter());
        while let Some(ready) = now.take() {
            let leg = ready.leg.clone();
            let accepted = ready.send(&shared, start).await?;
            if let Leg::TimesCapacity { .. } = leg {
                goodput = capacity.map(|capacity| accepted.per_second() / capacity);
            }
            if let Some(next_leg) = later.next() {
                let report = &preparation.progress;
                let per_second = accepted.per_second();
                report(format!(
                    "accepted {per_second:.0} a second; waiting until they are registered"
                ));
                let total = shared.record.count(AnswerKind::Accepted);
                let registered_at = settled(&mut system, total, BETWEEN_LEGS).await?.at;
                if let Leg::Saturating { .. } = leg {
                    let registered_at = registered_at.context("what was accepted is not registered")?;
                    let took = registered_at.saturating_duration_since(start);
                    let per_second = Accepted { took, ..accepted }.per_second();
                    report(format!("accepted and registered {per_second:.0} a second"));
                    capacity = Some(per_second);
                }
                now = Some(self::ready(&preparation, next_leg, capacity, &mut next).await?);
                start = Self::begins();
            }
        }
        Ok(goodput)
    }
}

/// Prepares a leg whose first application has the next number.
async fn ready(
    preparation: &Preparation,
    leg: Leg,
    capacity: Option<f64>,
    next: &mut u64,
) -> anyhow::Result<Ready> {
    let stretches = match &leg {
        Leg::Scheduled(stretches) => stretches.clone(),
        Leg::Saturating { .. } => Vec::new(),
        Leg::TimesCapacity { times, lasts } => vec![Stretch {
            lasts: *lasts,
            per_second: times * capacity.context("the capacity is not known")?,
        }],
    };
    let arrivals = Arrivals::new(&stretches, preparation.seed);
    let total = match leg {
        Leg::Saturating { applications, .. } => applications,
        Leg::Scheduled(_) | Leg::TimesCapacity { .. } => arrivals.total(),
    };
    let numbers = *next..*next + total;
    ensure!(numbers.end <= BATCHES, "at most {BATCHES} people are invented");
    *next = numbers.end;
    Ok(Ready {
        leg,
        arrivals: Arc::new(arrivals),
        requests: preparation.requests(numbers).await?,
    })
}

impl Ready {
    /// Sends the leg and waits for the answers.
    async fn send(self, shared: &Arc<Shared>, start: Instant) -> anyhow::Result<Accepted> {
        let accepted_before = shared.record.count(AnswerKind::Accepted);
        let pace = |thread| match &self.leg {
            Leg::Scheduled(_) | Leg::TimesCapacity { .. } => Pace::Scheduled {
                arrivals: Arc::clone(&self.arrivals),
                thread,
                of: THREADS,
            },
            Leg::Saturating { in_flight, lasts, .. } => Pace::Saturating {
                in_flight: usize::try_from(*in_flight).unwrap_or(1).div_ceil(THREADS),
                until: lasts.map(|lasts| start + lasts),
            },
        };
        let paces: Vec<Pace> = (0..THREADS).map(pace).collect();
        let shares = self.requests.into_iter().zip(paces);
        try_join_all(shares.map(|(requests, pace)| send(Arc::clone(shared), requests, pace, start))).await?;
        // applications accepted after the last arrival took the system's time too
        let took = start.elapsed().max(self.arrivals.lasts());
        let applications = shared.record.count(AnswerKind::Accepted) - accepted_before;
        Ok(Accepted { applications, took })
    }
}

/// Accepted applications of a leg, and their time.
#[derive(Clone, Copy)]
struct Accepted {
    applications: u64,
    took: Duration,
}

impl Accepted {
    fn per_second(self) -> f64 {
        exact(self.applications) / self.took.as_secs_f64()
    }
}
