//! Lets applications arrive while something goes wrong, and proves that nothing was lost.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use sportello_local::mint::Mint;

use crate::applications::{Applications, Prepared};
use crate::aside::aside;
use crate::backlog::{Backlog, drained};
use crate::client::Intake;
use crate::faults::Fault;
use crate::ledger::{Ledger, Line};
use crate::open_loop::Schedule;
use crate::persistence::Senders;
use crate::promises::Outage;
use crate::reconcile::{Reconciliation, reconcile};
use crate::register;
use crate::report::{FaultReport, Observation};
use crate::scene::Scene;

/// How long the backlog may take to drain once the load has ended.
const DRAINED_WITHIN: Duration = Duration::from_secs(180);

/// A private system under load, and the ledgers of what happened to it.
pub struct Laboratory {
    scene: Scene,
    seed: u64,
    ledgers: PathBuf,
    /// The number of the next application.
    next: u64,
}

/// A load with a ledger of its own.
struct Course {
    senders: Arc<Senders>,
    load: Schedule,
    numbers: Range<u64>,
    /// How many were registered before.
    before: register::Mark,
}

/// What became of a load.
struct Settled {
    lines: Vec<Line>,
    reconciliation: Reconciliation,
    drained_after: Duration,
    backlog: Backlog,
}

impl Laboratory {
    /// Starts a private system. The people who apply follow from the seed. Ledgers go to this folder, or with the system.
    ///
    /// # Errors
    /// A part does not start.
    pub async fn start(seed: u64, ledgers: Option<&Path>) -> anyhow::Result<Self> {
        let scene = Scene::start().await?;
        let ledgers = ledgers.unwrap_or(scene.system.folder()).to_owned();
        std::fs::create_dir_all(&ledgers).with_context(|| format!("make {}", ledgers.display()))?;
        scene.settle().await;
        Ok(Self {
            scene,
            seed,
            ledgers,
            next: 0,
        })
    }

    /// Where the system and its logs are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.scene.system.folder()
    }

    /// Sends the load, begins the fault after a quarter of it and ends it after another quarter, waits until everything
    /// accepted is registered, and reconciles ledger and register.
    ///
    /// # Errors
    /// Something other than the promises failed: a part does not start again, the ledger can't be read.
    pub async fn run(&mut self, fault: &'static Fault, load: Schedule) -> anyhow::Result<FaultReport> {
        let what = |doing: &str| format!("{fault} {doing}");
        let prepared = fault.does.prepare(&mut self.scene).await;
        prepared.with_context(|| what("can't be prepared"))?;
        let course = self.course(fault.name, load).await?;
        let break_and_mend = break_and_mend(fault, &mut self.scene, &course);
        let ((), outage) = tokio::try_join!(course.send()?, break_and_mend)?;
        let settled = self.settle(&course).await?;
        let own = fault.does.leave(&mut self.scene).await;
        Ok(FaultReport::new(&Observation {
            fault,
            load,
            numbers: course.numbers.clone(),
            outage,
            backlog: settled.backlog,
            drained_after: settled.drained_after,
            lines: &settled.lines,
            reconciliation: &settled.reconciliation,
            own: own.with_context(|| what("can't be left"))?,
        }))
    }

    /// Prepares a load with a ledger of its own.
    async fn course(&mut self, name: &str, load: Schedule) -> anyhow::Result<Course> {
        let numbers = load.numbers(self.next);
        self.next = numbers.end;
        let mint = Mint::open(&self.scene.system.identity_folder())?;
        let ledger = Ledger::begin(&self.ledgers.join(format!("{name}-{}.jsonl", numbers.start)))?;
        let applications = Applications::new(self.seed, mint);
        let senders = Senders::new(applications, Intake::at(&self.scene.door()?)?, ledger);
        let mut database = register::connect(&self.scene.system.database_url()).await?;
        Ok(Course {
            senders,
            load,
            numbers,
            before: register::mark(&mut database).await?,
        })
    }

    /// Waits until the register holds as many more applications as the ledger says were accepted, and then until nothing
    /// is queued, or patience ends; and compares.
    async fn settle(&mut self, course: &Course) -> anyhow::Result<Settled> {
        let applications = course.senders.applications();
        let lines = course.senders.ledger().read()?;
        let accepted = reconcile(&lines, &[], applications).accepted(&course.numbers) as u64;
        let all = course.before.count + accepted;
        let (drained_after, backlog) = drained(&mut self.scene.system, all, DRAINED_WITHIN).await?;
        let mut database = register::connect(&self.scene.system.database_url()).await?;
        let rows = register::rows_after(&mut database, course.before).await?;
        Ok(Settled {
            reconciliation: reconcile(&lines, &rows, applications),
            lines,
            drained_after,
            backlog,
        })
    }
}

impl Course {
    fn now(&self) -> Duration {
        self.senders.ledger().now()
    }

    /// Sends the load from a thread of its own: one carries thousands a second.
    fn send(&self) -> anyhow::Result<impl Future<Output = anyhow::Result<()>> + use<>> {
        let prepare = |number| self.senders.applications().prepare(number);
        let applications: Vec<Prepared> = self.numbers.clone().map(prepare).collect::<Result<_, _>>()?;
        let (senders, load) = (Arc::clone(&self.senders), self.load);
        let arrive = move |application, due| {
            let senders = Arc::clone(&senders);
            async move { senders.insist(&application, due).await }
        };
        Ok(aside(move || async move {
            load.run(applications, arrive).await;
            Ok(())
        }))
    }
}

async fn break_and_mend(fault: &'static Fault, scene: &mut Scene, course: &Course) -> anyhow::Result<Outage> {
    let quarter = course.load.duration / 4;
    tokio::time::sleep(quarter).await;
    let begun = course.now();
    let done = fault.does.begin(scene).await;
    done.with_context(|| format!("{fault} can't be done"))?;
    let broken = course.now();
    tokio::time::sleep(quarter).await;
    let ending = course.now();
    let undone = fault.does.end(scene).await;
    undone.with_context(|| format!("{fault} can't be undone"))?;
    Ok(Outage {
        begun,
        broken,
        ending,
        back: course.now(),
    })
}
