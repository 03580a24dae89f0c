//! Samples the system once a second.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sportello_stack::{Identity, Part, System, usage};
use sqlx::PgConnection;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::load::Progress;
use super::record::Record;
use crate::http::aside::aside;
use crate::proof::register;
use crate::scenario::operators::setting::View;
use crate::scenario::run_report::{AnswerKind, OperatorSecond, Usage};
use crate::system::backlog;

/// Deadline of a query; without an answer the value is unknown in that second.
const WITHIN: Duration = Duration::from_millis(500);
const SECOND: Duration = Duration::from_secs(1);
/// Intake's metric of its spool.
const SPOOLED: &str = "sportello_spool_applications";

/// The sample of a second.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// Unacknowledged messages in the broker.
    pub backlog: Option<u64>,
    /// Approximate number of applications in the register.
    pub registered: Option<u64>,
    /// Applications in intake's spool.
    pub spooled: Option<u64>,
    /// Resources of each process.
    pub processes: BTreeMap<String, Usage>,
    /// What the console showed.
    pub operator: Option<OperatorSecond>,
}

/// Samples a system on its own thread.
pub struct Sampler {
    stop: Arc<AtomicBool>,
    samples: JoinHandle<anyhow::Result<Vec<Sample>>>,
}

impl Sampler {
    /// Samples the system in this folder while the record grows, and its console where there is
    /// one. Reports each second to `progress`.
    pub fn begin(folder: PathBuf, record: Arc<Record>, view: Option<View>, progress: Progress) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let look = move || async move {
            Looking::at(folder, record, view)?
                .each_second(&stopped, progress)
                .await
        };
        Self {
            stop,
            samples: tokio::spawn(aside(look)),
        }
    }

    /// Stops, and returns one sample for each second.
    ///
    /// # Errors
    /// There is no system in the folder.
    pub async fn end(self) -> anyhow::Result<Vec<Sample>> {
        self.stop.store(true, Ordering::Relaxed);
        self.samples.await?
    }
}

struct Looking {
    system: System,
    record: Arc<Record>,
    client: reqwest::Client,
    /// The console's view.
    view: Option<View>,
    database: Option<PgConnection>,
    /// Processor time of each process at the previous sample, and its time.
    before: (Instant, BTreeMap<String, Duration>),
}

impl Looking {
    fn at(folder: PathBuf, record: Arc<Record>, view: Option<View>) -> anyhow::Result<Self> {
        let mut looking = Self {
            system: System::at(&folder)?,
            record,
            client: reqwest::Client::builder().no_proxy().timeout(WITHIN).build()?,
            view,
            database: None,
            before: (Instant::now(), BTreeMap::new()),
        };
        looking.processes();
        Ok(looking)
    }

    async fn each_second(mut self, stop: &AtomicBool, progress: Progress) -> anyhow::Result<Vec<Sample>> {
        let mut samples = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let second = u32::try_from(samples.len())?;
            let end = self.record.begun() + SECOND * (second + 1);
            tokio::time::sleep_until(end.into()).await;
            let sample = self.look().await;
            progress(self.line(second, &sample));
            samples.push(sample);
            // seconds without a sample, because one took too long, stay unknown
            let now = usize::try_from(self.record.begun().elapsed().as_secs())?;
            if samples.len() < now {
                samples.resize(now, Sample::default());
            }
        }
        Ok(samples)
    }

    async fn look(&mut self) -> Sample {
        // the console comes first: what is known outside may then be newer, never older
        let operator = self.operator().await;
        let metrics = self.system.rabbitmq().metrics_url();
        let backlog = backlog::ask(&self.client, &metrics).await.ok();
        Sample {
            backlog: backlog.map(|backlog| backlog.queued),
            registered: self.of_register(register::numbers_given).await,
            spooled: self.spooled().await,
            processes: self.processes(),
            operator,
        }
    }

    async fn operator(&mut self) -> Option<OperatorSecond> {
        let view = self.view.clone()?;
        let shown = view.look(&self.system).await?;
        let rows = self.of_register(register::count).await;
        let count = |kind| self.record.count(kind);
        Some(OperatorSecond {
            outside_accepted: count(AnswerKind::Accepted),
            outside_again: count(AnswerKind::AcceptedAgain),
            outside_in_doubt: count(AnswerKind::TimedOut)
                + count(AnswerKind::Broken)
                + count(AnswerKind::Unavailable),
            outside_registered: rows,
            ..shown
        })
    }

    /// Reads a number of the register; `None` where it can't be read in time.
    async fn of_register(
        &mut self,
        number: impl AsyncFn(&mut PgConnection) -> sqlx::Result<u64>,
    ) -> Option<u64> {
        let mut database = match self.database.take() {
            Some(database) => database,
            None => timeout(WITHIN, register::connect(&self.system.database_url()))
                .await
                .ok()?
                .ok()?,
        };
        let number = timeout(WITHIN, number(&mut database)).await.ok()?.ok()?;
        // drops a failed connection
        self.database = Some(database);
        Some(number)
    }

    async fn spooled(&self) -> Option<u64> {
        let url = self.system.internal_url(Part::Intake)? + "/metrics";
        let page = self.client.get(url).send().await.ok()?.text().await.ok()?;
        let line = page.lines().find(|line| line.starts_with(SPOOLED))?;
        line.rsplit(' ').next()?.parse().ok()
    }

    fn processes(&mut self) -> BTreeMap<String, Usage> {
        let mut identities: Vec<(String, Identity)> = Vec::new();
        // those that the console has started, too
        let parts = self.system.recorded_parts();
        for part in parts.into_iter().filter(|part| *part != Part::IdentityProvider) {
            let identity = self.system.process(part).identity();
            identities.extend(identity.map(|identity| (part.to_string(), identity)));
        }
        let postgres = self.system.postgres().process().identity();
        identities.extend(postgres.map(|identity| ("postgres".to_owned(), identity)));
        let rabbitmq = self.system.rabbitmq().process().identity();
        identities.extend(rabbitmq.map(|identity| ("rabbitmq".to_owned(), identity)));
        identities.extend(Identity::own().map(|identity| ("loadtests".to_owned(), identity)));
        let (names, roots): (Vec<_>, Vec<_>) = identities.into_iter().unzip();
        let used = usage(&roots);
        let now = Instant::now();
        let between = (now - self.before.0).as_secs_f64();
        let mut after = BTreeMap::new();
        let mut usages = BTreeMap::new();
        for (name, used) in names.into_iter().zip(used) {
            let before = self.before.1.get(&name).copied();
            let cores = before.map_or(0.0, |before| {
                used.cpu.saturating_sub(before).as_secs_f64() / between
            });
            let memory_bytes = used.memory;
            after.insert(name.clone(), used.cpu);
            usages.insert(name, Usage { cores, memory_bytes });
        }
        self.before = (now, after);
        usages
    }

    fn line(&self, second: u32, sample: &Sample) -> String {
        let tally = self.record.last_second();
        let count = |kind| tally.answers.get(&kind).copied().unwrap_or_default();
        let all: u32 = tally.answers.values().sum();
        let accepted = count(AnswerKind::Accepted);
        let known = |number: Option<u64>| number.map_or("?".to_owned(), |number| number.to_string());
        let p99 = tally
            .latency
            .map_or("-".to_owned(), |latency| format!("{:.1}", latency.p99_ms));
        format!(
            "{second:>6} s  accepted {accepted:>6}  others {:>6}  p99 {p99:>7} ms  messages {:>7}  registered {:>8}",
            all - accepted,
            known(sample.backlog),
            known(sample.registered),
        )
    }
}
