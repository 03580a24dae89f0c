//! Disk, memory and clock.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use sportello_local::{Alarm, FakeClock, Part};

use super::{Fault, Place};
use crate::open_loop::Schedule;
use crate::promises::Promise;
use crate::scene::Scene;
use crate::{probes, register};

/// What is done to what.
#[derive(Debug, Clone, Copy)]
pub enum Does {
    /// The broker's alarm.
    Alarm(Alarm),
    /// No room on the disk of the benefits database.
    FullDisk,
    /// The clock of a part.
    Clock(Clock),
}

/// Whose clock jumps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clock {
    /// Intake's.
    Intake,
    /// The worker's.
    Worker,
}

/// All of them.
pub const FAULTS: &[Fault] = &[
    fault(
        "rabbitmq-memory-alarm",
        "The broker has no memory left and takes nothing, then has some again.",
        Promise::AcceptedOrLater,
        Place::RabbitMq,
        Does::Alarm(Alarm::Memory),
    ),
    fault(
        "rabbitmq-disk-alarm",
        "The broker has no room left on its disk and takes nothing, then has some again.",
        Promise::AcceptedOrLater,
        Place::RabbitMq,
        Does::Alarm(Alarm::Disk),
    ),
    fault(
        "postgres-disk-full",
        "The disk of PostgreSQL is full to the last byte, then it has room again; where PostgreSQL has stopped, it is \
         started.",
        Promise::Accepted,
        Place::Postgres,
        Does::FullDisk,
    ),
    fault(
        "intake-clock-jumps",
        "Intake's clock jumps 50 minutes ahead, then to 50 minutes behind; receipts carry what it shows.",
        Promise::Accepted,
        Place::Intake,
        Does::Clock(Clock::Intake),
    ),
    fault(
        "worker-clock-jumps",
        "The worker's clock jumps 50 minutes ahead, then to 50 minutes behind.",
        Promise::Accepted,
        Place::Worker,
        Does::Clock(Clock::Worker),
    ),
];

/// Bytes that the database may write beside applications: little more than one file of its write-ahead log.
const ROOM: u64 = 24 << 20;
/// Bytes that it may write for an application: rows, indexes and log, with pages that are logged whole. With less the disk of a
/// long load would be full for good, and not only for as long as the fault lasts.
const ROOM_FOR_ONE: u64 = 8 << 10;
/// In seconds. A token is good for an hour: those of the load stay so.
const JUMP: i64 = 50 * 60;
/// What is left of that hour then, and some time to drain.
const LONGEST_WITH_JUMPS: Duration = Duration::from_secs(8 * 60);

const fn fault(
    name: &'static str,
    sentence: &'static str,
    promise: Promise,
    place: Place,
    does: Does,
) -> Fault {
    Fault {
        name,
        sentence,
        promise,
        place,
        does: super::Does::Resources(does),
    }
}

impl Does {
    /// Where intake's clock jumps, tokens that were made before the load must be good to its end. The small disk is in
    /// memory, with room for all that the run writes: too much of a long one.
    pub(super) fn comes_by_chance(self, load: Duration) -> bool {
        match self {
            Self::Clock(Clock::Intake) => load <= LONGEST_WITH_JUMPS,
            Self::Alarm(_) | Self::Clock(Clock::Worker) => true,
            Self::FullDisk => false,
        }
    }

    pub(super) async fn prepare(self, scene: &mut Scene, load: Schedule) -> anyhow::Result<()> {
        match self {
            Self::Alarm(_) => {}
            Self::FullDisk => {
                let room = ROOM + load.total().saturating_mul(ROOM_FOR_ONE);
                scene.system.postgres().move_to_small_disk(room).await?;
                for part in [Part::Worker(1), Part::Status] {
                    scene.system.start_part(part).await?;
                }
            }
            Self::Clock(clock) if scene.clocks.contains_key(&clock) => {}
            Self::Clock(clock) => {
                let name = clock.part().to_string();
                let fake = FakeClock::at(&scene.system.folder().join(format!("{name}.clock")))?;
                let settings: Vec<_> = fake.environment().into_iter().collect();
                scene.clocks.insert(clock, fake);
                let settings = settings.into_iter().map(|(name, value)| (name, Some(value)));
                scene.set(clock.part(), settings).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn begin(self, scene: &mut Scene) -> anyhow::Result<()> {
        match self {
            Self::Alarm(alarm) => Ok(scene.system.rabbitmq().raise(alarm)?),
            Self::FullDisk => Ok(scene.system.postgres().fill_disk()?),
            Self::Clock(clock) => clock.jump(scene, JUMP).await,
        }
    }

    pub(super) async fn end(self, scene: &mut Scene) -> anyhow::Result<()> {
        match self {
            Self::Alarm(alarm) => Ok(scene.system.rabbitmq().clear(alarm)?),
            Self::FullDisk => {
                scene.system.postgres().free_disk()?;
                Ok(scene.system.start_postgres().await?)
            }
            Self::Clock(clock) => clock.jump(scene, -JUMP).await,
        }
    }

    pub(super) async fn leave(self, scene: &mut Scene) -> anyhow::Result<Vec<String>> {
        match self {
            Self::Alarm(_) => Ok(Vec::new()),
            Self::FullDisk => {
                scene.system.postgres().move_from_small_disk().await?;
                for part in [Part::Worker(1), Part::Status] {
                    scene.system.start_part(part).await?;
                }
                let log = fs::read_to_string(scene.system.log("postgres"))?;
                let noticed = log.contains("No space left on device");
                Ok(not_seen(noticed, "PostgreSQL never lacked room"))
            }
            Self::Clock(clock) => clock.leave(scene).await,
        }
    }
}

impl Clock {
    fn part(self) -> Part {
        match self {
            Self::Intake => Part::Intake,
            Self::Worker => Part::Worker(1),
        }
    }

    /// Returns when the part shows it.
    async fn jump(self, scene: &Scene, seconds: i64) -> anyhow::Result<()> {
        let clock = scene.clocks.get(&self).context("the clock was not prepared")?;
        clock.jump(seconds)?;
        let goes_by_it = probes::clock_is_ahead(&scene.system, self.part(), seconds).await?;
        ensure!(goes_by_it, "the part does not go by the fake clock");
        Ok(())
    }

    async fn leave(self, scene: &mut Scene) -> anyhow::Result<Vec<String>> {
        let Some(clock) = scene.clocks.remove(&self) else {
            return Ok(Vec::new());
        };
        let settings = clock.environment().into_keys().map(|name| (name, None));
        scene.set(self.part(), settings).await?;
        // while it jumped the broker may have been away as well, so that nobody got a receipt
        if self == Self::Worker || scene.by_chance {
            return Ok(Vec::new());
        }
        let mut database = register::connect(&scene.system.database_url()).await?;
        let both = register::received_by_other_clocks(&mut database, JUMP / 2).await?;
        Ok(not_seen(
            both,
            "no receipt carries the time of the clock that jumped",
        ))
    }
}

fn not_seen(seen: bool, otherwise: &str) -> Vec<String> {
    if seen {
        Vec::new()
    } else {
        vec![otherwise.to_owned()]
    }
}
