//! Runs faults under load, and proves that nothing was lost.

use std::future::pending;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use sportello_people::Mint;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::faults::random::Sequence;
use crate::faults::report::{FaultReport, Observation};
use crate::faults::scene::Scene;
use crate::faults::{Fault, Place};
use crate::http::aside::aside;
use crate::http::client::Intake;
use crate::http::open_loop::Schedule;
use crate::http::persistence::Senders;
use crate::people::applications::{Applications, Prepared};
use crate::proof::ledger::Ledger;
use crate::proof::promises::{ANSWER_WITHIN, Outage, Promise};
use crate::proof::reconcile::reconcile;
use crate::proof::register;
use crate::system::backlog::{drained, emptied};

/// Deadline for the backlog to drain after the load.
const DRAINED_WITHIN: Duration = Duration::from_secs(180);
/// Deadline for the broker to report empty queues.
const EMPTIED_WITHIN: Duration = Duration::from_secs(15);

/// The load of a fault, and when the fault begins and ends.
#[derive(Debug, Clone, Copy)]
pub struct Trial {
    /// The load, at most.
    pub load: Schedule,
    /// Time until the fault begins.
    pub begins: Duration,
    /// Duration of the fault.
    pub lasts: Duration,
    /// Time after recovery until arrivals stop.
    pub after: Duration,
}

impl Trial {
    /// Uses the whole load: the fault begins after a quarter of it, and ends after another quarter.
    #[must_use]
    pub fn in_quarters(load: Schedule) -> Self {
        Self {
            load,
            begins: load.duration / 4,
            lasts: load.duration / 4,
            after: load.duration,
        }
    }
}

/// A private system under load, with its ledgers.
pub struct Laboratory {
    scene: Scene,
    seed: u64,
    ledgers: PathBuf,
    /// The time for an answer while the broker is away.
    within: Duration,
    /// The number of the next application.
    next: u64,
}

/// A load with its own ledger.
struct Course {
    name: String,
    senders: Arc<Senders>,
    load: Schedule,
    numbers: Range<u64>,
    /// The register before the load.
    before: register::Mark,
}

impl Laboratory {
    /// Starts a private system. The seed determines the applicants. Ledgers are kept in this
    /// folder, or removed with the system.
    ///
    /// # Errors
    /// A part does not start.
    pub async fn start(seed: u64, ledgers: Option<&Path>) -> anyhow::Result<Self> {
        Self::of(Scene::start().await?, seed, ledgers)
    }

    /// As [`Laboratory::start`], with three broker nodes and a database with its standby.
    ///
    /// # Errors
    /// A part does not start.
    pub async fn start_cluster(seed: u64, ledgers: Option<&Path>) -> anyhow::Result<Self> {
        Self::of(Scene::start_cluster().await?, seed, ledgers)
    }

    fn of(scene: Scene, seed: u64, ledgers: Option<&Path>) -> anyhow::Result<Self> {
        let ledgers = ledgers.unwrap_or(scene.system.folder()).to_owned();
        std::fs::create_dir_all(&ledgers).with_context(|| format!("make {}", ledgers.display()))?;
        Ok(Self {
            scene,
            seed,
            ledgers,
            within: ANSWER_WITHIN,
            next: 0,
        })
    }

    /// Sets the time for an answer while the broker is away, for machines on which other work
    /// delays the load generator.
    #[must_use]
    pub fn with_answers_within(self, within: Duration) -> Self {
        Self { within, ..self }
    }

    /// Returns the folder of the system and its logs.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.scene.system.folder()
    }

    /// Sends the load, begins and ends the fault meanwhile, waits until all accepted applications
    /// are registered, and compares ledger and register.
    ///
    /// # Errors
    /// Something other than the promises failed: a part does not start again, the ledger can't be
    /// read.
    pub async fn run(&mut self, fault: &'static Fault, trial: Trial) -> anyhow::Result<FaultReport> {
        let prepared = fault.does.prepare(&mut self.scene, trial.load).await;
        prepared.with_context(|| format!("{fault} can't be prepared"))?;
        if fault.place == Place::RabbitMq {
            self.scene.settle().await;
        }
        let mut course = self.course(fault.name, trial.load).await?;
        let (mended, is_mended) = oneshot::channel();
        let enough = async move {
            // an error ends the load too
            let _ = is_mended.await;
            sleep(trial.after).await;
        };
        let break_and_mend = break_and_mend(fault, &mut self.scene, trial, &course.senders, mended);
        let (arrived, outage) = tokio::try_join!(course.send(enough)?, break_and_mend)?;
        course.end_after(arrived);
        self.settle(course, outage, fault.promise, &[fault]).await
    }

    /// Sends the load with random faults, several at once, then does the same as
    /// [`Laboratory::run`]. The seed determines the faults; their times also depend on how long
    /// steps take.
    ///
    /// # Errors
    /// Something other than the promises failed: a part does not start again, the ledger can't be
    /// read.
    pub async fn run_random(&mut self, seed: u64, load: Schedule) -> anyhow::Result<FaultReport> {
        self.scene.settle().await;
        self.scene.by_chance = true;
        let faults: Vec<&'static Fault> = Fault::by_chance(load.duration).collect();
        for fault in &faults {
            let prepared = fault.does.prepare(&mut self.scene, load).await;
            prepared.with_context(|| format!("{fault} can't be prepared"))?;
        }
        let course = self.course(&format!("random {seed}"), load).await?;
        let sequence = Sequence::new(seed, &faults, load.duration);
        let clock = Arc::clone(&course.senders);
        let begun = course.now();
        let playing = sequence.play(&mut self.scene, move || clock.ledger().now());
        let (_, ()) = tokio::try_join!(course.send(pending())?, playing)?;
        let back = course.now();
        let outage = Outage {
            begun,
            broken: begun,
            ending: back,
            back,
        };
        // during several faults, only the weakest promise can be checked
        let report = self.settle(course, outage, Promise::MayBreak, &faults).await;
        self.scene.by_chance = false;
        report
    }

    /// Prepares a load with its own ledger.
    async fn course(&mut self, name: &str, load: Schedule) -> anyhow::Result<Course> {
        let numbers = load.numbers(self.next);
        self.next = numbers.end;
        let mint = Mint::open(&self.scene.system.identity_folder())?;
        let file = format!("{}-{}.jsonl", name.replace(' ', "-"), numbers.start);
        let ledger = Ledger::begin(&self.ledgers.join(file))?;
        let applications = Applications::new(self.seed, mint);
        let senders = Senders::new(applications, Intake::at(&self.scene.door()?)?, ledger);
        let mut database = register::connect(&self.scene.system.database_url()).await?;
        Ok(Course {
            name: name.to_owned(),
            senders,
            load,
            numbers,
            before: register::mark(&mut database).await?,
        })
    }

    /// Waits until the register holds all accepted applications of the ledger and only permitted
    /// messages are queued, or the deadline passes. Then compares.
    async fn settle(
        &mut self,
        course: Course,
        outage: Outage,
        promise: Promise,
        faults: &[&'static Fault],
    ) -> anyhow::Result<FaultReport> {
        let applications = course.senders.applications();
        let lines = course.senders.ledger().read()?;
        let accepted = reconcile(&lines, &[], applications).accepted(&course.numbers) as u64;
        let all = course.before.count + accepted;
        let kept = self.scene.poison.iter().filter(|poison| poison.stays_queued());
        let kept = kept.count() as u64;
        let (drained_after, _) = drained(&self.scene.system, all, kept, DRAINED_WITHIN).await?;
        let mut own = Vec::new();
        for fault in faults {
            let left = fault.does.leave(&mut self.scene).await;
            own.extend(left.with_context(|| format!("{fault} can't be left"))?);
        }
        let mut database = register::connect(&self.scene.system.database_url()).await?;
        let rows = register::rows_after(&mut database, course.before).await?;
        Ok(FaultReport::new(&Observation {
            name: course.name,
            promise,
            within: self.within,
            load: course.load,
            numbers: course.numbers,
            outage,
            backlog: emptied(&self.scene.system, EMPTIED_WITHIN).await?,
            drained_after,
            reconciliation: &reconcile(&lines, &rows, applications),
            lines: &lines,
            own,
        }))
    }
}

impl Course {
    fn now(&self) -> Duration {
        self.senders.ledger().now()
    }

    /// Sends the load from its own thread: one carries thousands a second. Stops early when
    /// `enough` completes. Returns the number of arrivals.
    fn send<E>(&self, enough: E) -> anyhow::Result<impl Future<Output = anyhow::Result<u64>> + use<E>>
    where
        E: Future<Output = ()> + Send + 'static,
    {
        let prepare = |number| self.senders.applications().prepare(number);
        let applications: Vec<Prepared> = self.numbers.clone().map(prepare).collect::<Result<_, _>>()?;
        let (senders, load) = (Arc::clone(&self.senders), self.load);
        Ok(aside(move || async move {
            let closing = async {
                let _ = timeout(load.duration, enough).await;
                senders.close();
            };
            let mut arrived = 0;
            let arrivals = applications.into_iter().take_while(|_| !senders.are_closed());
            let arrivals = arrivals.inspect(|_| arrived += 1);
            let arrive = |application, due| {
                let senders = Arc::clone(&senders);
                async move { senders.insist(&application, due).await }
            };
            tokio::join!(load.run(arrivals, arrive), closing);
            Ok(arrived)
        }))
    }

    /// Ends the load after this many arrivals.
    fn end_after(&mut self, arrived: u64) {
        self.numbers.end = self.numbers.start + arrived;
        self.load.duration = self.load.due(arrived);
    }
}

async fn break_and_mend(
    fault: &'static Fault,
    scene: &mut Scene,
    trial: Trial,
    senders: &Senders,
    mended: oneshot::Sender<()>,
) -> anyhow::Result<Outage> {
    let now = || senders.ledger().now();
    sleep(trial.begins).await;
    let begun = now();
    let done = fault.does.begin(scene).await;
    done.with_context(|| format!("{fault} can't be done"))?;
    let broken = now();
    sleep(trial.lasts.max(fault.does.shortest())).await;
    let ending = now();
    let undone = fault.does.end(scene).await;
    undone.with_context(|| format!("{fault} can't be undone"))?;
    // the load may have ended
    let _ = mended.send(());
    Ok(Outage {
        begun,
        broken,
        ending,
        back: now(),
    })
}
