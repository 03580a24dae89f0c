//! Random sequences of faults: several at once, and one during another's recovery.

#![allow(clippy::print_stdout, reason = "reports each step as it is done")]

use std::time::Duration;

use anyhow::Context as _;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use rand::{Rng as _, SeedableRng as _};

use crate::faults::scene::Scene;
use crate::faults::{Fault, Place};

/// Most faults at once.
const AT_ONCE: usize = 2;
/// Duration of a fault, in milliseconds.
const LASTS: std::ops::Range<u64> = 500..5_000;
/// Pause until the next fault, in milliseconds.
const PAUSE: std::ops::Range<u64> = 200..4_000;

/// A sequence of faults.
pub struct Sequence {
    chance: StdRng,
    faults: Vec<&'static Fault>,
    duration: Duration,
}

/// A fault that has begun and has not ended.
struct Running {
    fault: &'static Fault,
    until: Duration,
}

impl Sequence {
    /// Makes the sequence of these faults for this seed. The last one begins before three quarters
    /// of the time have passed, so that the load covers the recovery.
    #[must_use]
    pub fn new(seed: u64, faults: &[&'static Fault], duration: Duration) -> Self {
        Self {
            chance: StdRng::seed_from_u64(seed),
            faults: faults.to_vec(),
            duration: duration * 3 / 4,
        }
    }

    /// Prepares all possible faults, then runs the sequence.
    ///
    /// # Errors
    /// A part does not start again.
    pub(crate) async fn play(mut self, scene: &mut Scene, now: impl Fn() -> Duration) -> anyhow::Result<()> {
        let mut running: Vec<Running> = Vec::new();
        let mut next = Duration::ZERO;
        while now() < self.duration || !running.is_empty() {
            if let Some(place) = due(&running, now()) {
                let Running { fault, .. } = running.swap_remove(place);
                println!("{:6.1} s: {fault} ends", now().as_secs_f64());
                let ended = fault.does.end(scene).await;
                ended.with_context(|| format!("{fault} can't be undone"))?;
            } else if now() >= next && now() < self.duration && running.len() < AT_ONCE {
                if let Some(fault) = self.choose(&running) {
                    println!("{:6.1} s: {fault}", now().as_secs_f64());
                    let begun = fault.does.begin(scene).await;
                    begun.with_context(|| format!("{fault} can't be done"))?;
                    let until = now() + self.milliseconds(LASTS);
                    running.push(Running { fault, until });
                }
                next = now() + self.milliseconds(PAUSE);
            } else {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Ok(())
    }

    /// Chooses a fault of a part that no running fault strikes. A restart waits until its part is
    /// ready, which may need other parts, so it runs alone.
    fn choose(&mut self, running: &[Running]) -> Option<&'static Fault> {
        let possible = self.faults.iter().copied().filter(|fault| {
            running.iter().all(|other| other.fault.place != fault.place)
                && (running.is_empty() || !fault.does.mends_itself())
        });
        possible.choose(&mut self.chance)
    }

    fn milliseconds(&mut self, range: std::ops::Range<u64>) -> Duration {
        Duration::from_millis(self.chance.random_range(range))
    }
}

/// Returns the index of the fault to end now. Parts that others depend on return first.
fn due(running: &[Running], now: Duration) -> Option<usize> {
    let is_due = running.iter().any(|one| one.until <= now);
    let first = (0..running.len()).min_by_key(|&place| rank(running[place].fault.place));
    first.filter(|_| is_due)
}

fn rank(place: Place) -> u8 {
    match place {
        Place::Postgres | Place::RabbitMq => 0,
        Place::Intake | Place::Queues => 1,
        Place::Worker | Place::Status | Place::Everything => 2,
    }
}
