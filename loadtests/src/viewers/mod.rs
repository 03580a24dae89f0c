//! What viewers of the operators' console cost the broker, the database and citizens.

mod door;
mod report;
mod streams;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use sportello_stack::Part;

use self::door::Door;
pub use self::report::{Measured, ViewersReport};
use self::streams::Streams;
use crate::faults::report::percentile;
use crate::http::aside::aside;
use crate::http::client::Intake;
use crate::http::open_loop::Schedule;
use crate::http::persistence::Senders;
use crate::people::applications::{Applications, BATCHES};
use crate::proof::answer::Answer;
use crate::proof::ledger::{Ledger, Line};
use crate::system::backlog::drained;
use crate::system::fill::Filling;
use crate::system::private_system::PrivateSystem;
use crate::system::statements::Statements;

/// Until caches are warm, and rates are of the measured seconds alone.
const WARM_UP: Duration = Duration::from_secs(10);
/// Applications on the register that are copied to fill it.
const SEEDS: u64 = 500;
const DEADLINE: Duration = Duration::from_secs(120);
const GRACE: Duration = Duration::from_secs(30);

/// Options of `viewers`.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Viewers, each with a live stream.
    #[arg(long, default_value_t = 500)]
    pub viewers: u32,
    /// Applications on the register beforehand.
    #[arg(long, default_value_t = 0)]
    pub rows: u64,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 30)]
    pub seconds: u64,
    /// Rounds: in each the console is away, then one views it, then all.
    #[arg(long, default_value_t = 3)]
    pub rounds: u32,
    /// Citizens who apply each second meanwhile.
    #[arg(long, default_value_t = 100)]
    pub citizens: u32,
    /// File for the figures, as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// Measures the console on a private system. Calls `progress` with progress messages.
///
/// # Errors
/// A part does not start, a stream ends, or a query of the database fails.
pub async fn run(options: &Options, progress: impl Fn(String)) -> anyhow::Result<ViewersReport> {
    let mut bench = Bench::start(options.clone()).await?;
    if options.rows > 0 {
        bench
            .load(Duration::from_secs(SEEDS / u64::from(options.citizens) + 1))
            .await?;
        let accepted = bench.accepted()?;
        drained(&bench.system, accepted, 0, DEADLINE).await?;
        let mut filling = Filling::of(&bench.system.database_url()).await?;
        filling.add(options.rows, &progress).await?;
        filling.add_seconds().await?;
        filling.settle().await?;
    }
    let mut report = ViewersReport::of(options);
    for round in 1..=options.rounds {
        let of = options.rounds;
        for viewers in [None, Some(1), Some(options.viewers)] {
            let measured = bench.measure(viewers).await?;
            progress(format!("round {round} of {of}: {}", measured.line()));
            report.measured.push(measured);
        }
        bench.stop_console().await?;
    }
    bench.system.stop().await?;
    Ok(report)
}

/// A private system, whose console reads the broker through a door that counts.
struct Bench {
    system: PrivateSystem,
    options: Options,
    senders: Arc<Senders>,
    statements: Statements,
    door: Door,
    /// The number of the next application.
    next: u64,
}

impl Bench {
    async fn start(options: Options) -> anyhow::Result<Self> {
        let mut system = PrivateSystem::start().await?;
        let statements = Statements::counted(&mut system).await?;
        let door = Door::to(&system.rabbitmq().metrics_url())?;
        let mut setup = system.setup().clone();
        setup.console = true;
        let settings = setup
            .settings_by_part
            .entry(Part::Console.to_string())
            .or_default();
        settings.insert("BROKER_METRICS_ADDRS".to_owned(), door.address());
        system.set_up(setup)?;
        let intake = system.url(Part::Intake).context("intake has no address")?;
        let ledger = Ledger::begin(&system.folder().join("ledger.jsonl"))?;
        let applications = Applications::new(rand::random(), system.mint()?);
        Ok(Self {
            senders: Senders::new(applications, Intake::at(&intake)?, ledger),
            system,
            options,
            statements,
            door,
            next: 0,
        })
    }

    /// Measures so many viewers; without a number, the system without the console.
    async fn measure(&mut self, viewers: Option<u32>) -> anyhow::Result<Measured> {
        if viewers.is_some() {
            self.system.start_part(Part::Console).await?;
        }
        let streams = Streams::open(&self.system, viewers.unwrap_or(0)).await?;
        tokio::time::sleep(WARM_UP).await;
        self.statements.begin().await?;
        let (door, frames) = (self.door.requests(), streams.frames());
        let from = self.senders.ledger().now();
        let lasts = Duration::from_secs(self.options.seconds);
        self.load(lasts).await?;
        let seconds = (self.senders.ledger().now() - from).as_secs_f64();
        let transactions = self.statements.transactions().await?;
        let mut counted = self.statements.end().await?;
        counted.retain(|statement| statement.user == "console");
        let calls: i64 = counted.iter().map(|statement| statement.calls).sum();
        let longest = counted.first();
        let rate = |number: u64| number as f64 / seconds;
        let latencies = self.latencies(from)?;
        let measured = Measured {
            viewers,
            console_statements_per_second: rate(calls.unsigned_abs()),
            longest_statement_ms: longest.map_or(0.0, |statement| statement.longest_ms),
            longest_statement: longest
                .map(|statement| statement.text.clone())
                .unwrap_or_default(),
            transactions_per_second: rate(transactions),
            broker_requests_per_second: rate(self.door.requests() - door),
            frames_per_viewer_second: rate(streams.frames() - frames)
                / f64::from(viewers.unwrap_or(1).max(1)),
            intake_p50_ms: percentile(&latencies, 50),
            intake_p99_ms: percentile(&latencies, 99),
        };
        streams.close().await?;
        Ok(measured)
    }

    async fn stop_console(&self) -> anyhow::Result<()> {
        Ok(self.system.process(Part::Console).terminate(GRACE).await?)
    }

    /// Lets citizens apply for so long.
    async fn load(&mut self, lasts: Duration) -> anyhow::Result<()> {
        let schedule = Schedule {
            rate: self.options.citizens,
            duration: lasts,
        };
        let numbers = schedule.numbers(self.next);
        anyhow::ensure!(numbers.end < BATCHES, "at most {BATCHES} citizens are invented");
        self.next = numbers.end;
        let prepare = |number| self.senders.applications().prepare(number);
        let arrivals: Vec<_> = numbers.map(prepare).collect::<Result<_, _>>()?;
        let senders = Arc::clone(&self.senders);
        aside(move || async move {
            let arrive = |application, due| {
                let senders = Arc::clone(&senders);
                async move { senders.insist(&application, due).await }
            };
            schedule.run(arrivals, arrive).await;
            Ok(())
        })
        .await
    }

    fn accepted(&self) -> anyhow::Result<u64> {
        let is_first = |line: &Line| matches!(line, Line::Answered { attempt, answer: Answer::Accepted { .. }, .. } if attempt.attempt == 1);
        let lines = self.senders.ledger().read()?;
        Ok(lines.iter().filter(|line| is_first(line)).count() as u64)
    }

    /// Returns the times of the answers to what was due after an instant, sorted.
    fn latencies(&self, from: Duration) -> anyhow::Result<Vec<Duration>> {
        let lines = self.senders.ledger().read()?;
        let of = |line: &Line| match line {
            Line::Answered {
                due_us, latency_us, ..
            } if u128::from(*due_us) >= from.as_micros() => Some(Duration::from_micros(*latency_us)),
            Line::Answered { .. } | Line::Sent { .. } | Line::GivenUp { .. } => None,
        };
        let mut latencies: Vec<Duration> = lines.iter().filter_map(of).collect();
        latencies.sort_unstable();
        Ok(latencies)
    }
}
