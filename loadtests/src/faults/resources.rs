//! Faults of disk, memory and clock.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use sportello_faults::{FakeClock, SmallDisk};
use sportello_stack::{Alarm, Part};

use super::{Fault, Place};
use crate::faults::scene::{Clock, Scene};
use crate::http::open_loop::Schedule;
use crate::proof::promises::Promise;
use crate::proof::register;
use crate::system::probes;

/// The faults of a resource.
#[derive(Debug, Clone, Copy)]
pub enum Does {
    /// The broker's alarm.
    Alarm(Alarm),
    /// No room on the disk of the benefits database.
    FullDisk,
    /// The clock of a part.
    Clock(Clock),
}

/// The faults of this family.
pub const FAULTS: &[Fault] = &[
    fault(
        "rabbitmq-memory-alarm",
        "The broker runs out of memory and accepts nothing, then has memory again.",
        Promise::AcceptedOrLater,
        Place::RabbitMq,
        Does::Alarm(Alarm::Memory),
    ),
    fault(
        "rabbitmq-disk-alarm",
        "The broker's disk is full and the broker accepts nothing, then the disk has room again.",
        Promise::AcceptedOrLater,
        Place::RabbitMq,
        Does::Alarm(Alarm::Disk),
    ),
    fault(
        "postgres-disk-full",
        "The disk of PostgreSQL is full to the last byte, then it has room again; if PostgreSQL has stopped, it is \
         started.",
        Promise::Accepted,
        Place::Postgres,
        Does::FullDisk,
    ),
    fault(
        "intake-clock-jumps",
        "Intake's clock jumps 50 minutes ahead, then back; receipts carry what it shows, and benefits in \
         order of arrival are closed at it meanwhile.",
        Promise::AcceptedOrLater,
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

/// Bytes that the database may write in addition to applications: a little more than one file of
/// its write-ahead log.
const ROOM: u64 = 24 << 20;
/// Bytes that it may write for an application: rows, indexes and log, with pages that are logged
/// whole. With less, the disk of a long load would stay full after the fault.
const ROOM_FOR_ONE: u64 = 8 << 10;
/// Seconds of a jump. A token is valid for an hour, so those of the load stay valid.
const JUMP: i64 = 50 * 60;
/// The rest of that hour, less some time to drain.
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
    /// With a jump of intake's clock, tokens made before the load must be valid to its end. The
    /// small disk is in memory, with room for everything that the run writes: too much for a long
    /// one.
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
                SmallDisk::of(scene.system.postgres()).mount(room).await?;
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
            Self::FullDisk => Ok(SmallDisk::of(scene.system.postgres()).fill()?),
            Self::Clock(clock) => clock.jump(scene, JUMP).await,
        }
    }

    pub(super) async fn end(self, scene: &mut Scene) -> anyhow::Result<()> {
        match self {
            Self::Alarm(alarm) => Ok(scene.system.rabbitmq().clear(alarm)?),
            Self::FullDisk => {
                SmallDisk::of(scene.system.postgres()).free()?;
                Ok(scene.system.start_postgres().await?)
            }
            // an intake with a wrong clock closes benefits in order of arrival, and must open them
            // again
            Self::Clock(Clock::Intake) => Clock::Intake.jump(scene, 0).await,
            Self::Clock(Clock::Worker) => Clock::Worker.jump(scene, -JUMP).await,
        }
    }

    pub(super) async fn leave(self, scene: &mut Scene) -> anyhow::Result<Vec<String>> {
        match self {
            Self::Alarm(_) => Ok(Vec::new()),
            Self::FullDisk => {
                SmallDisk::of(scene.system.postgres()).unmount().await?;
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

    /// Makes the clock jump. Returns when the part shows it.
    async fn jump(self, scene: &Scene, seconds: i64) -> anyhow::Result<()> {
        let clock = scene.clocks.get(&self).context("the clock was not prepared")?;
        clock.jump(seconds)?;
        let goes_by_it = probes::clock_is_ahead(&scene.system, self.part(), seconds).await?;
        ensure!(goes_by_it, "the part does not use the fake clock");
        Ok(())
    }

    async fn leave(self, scene: &mut Scene) -> anyhow::Result<Vec<String>> {
        let Some(clock) = scene.clocks.remove(&self) else {
            return Ok(Vec::new());
        };
        let settings = clock.environment().into_keys().map(|name| (name, None));
        scene.set(self.part(), settings).await?;
        // the broker may have been away during the jump, so that no caller got a receipt
        if self == Self::Worker || scene.by_chance {
            return Ok(Vec::new());
        }
        let mut database = register::connect(&scene.system.database_url()).await?;
        let ahead = register::received_by_a_clock_ahead(&mut database, JUMP / 2).await?;
        Ok(not_seen(
            ahead,
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
