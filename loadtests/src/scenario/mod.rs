//! `run SCENARIO`: the load of a scenario on a private system, and the proof that nothing was lost.

pub mod arrivals;
pub mod audit;
pub mod connection;
pub mod events;
pub mod file;
pub mod load;
pub mod operators;
mod receipts;
pub mod record;
pub mod requests;
pub mod run_report;
pub mod sampler;
pub mod senders;
pub mod strangers;
pub mod tabs;
pub mod verdict;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use jiff::Timestamp;
use sportello_stack::{Part, System, machine_memory};
use tempfile::TempDir;

use self::arrivals::changes;
use self::audit::{Settled, audit, settled};
use self::events::Happened;
use self::file::{Compression, End, Leg, Scenario};
use self::load::{Load, Preparation, Progress};
use self::record::{Answers, Record};
use self::sampler::{Sample, Sampler};
use self::senders::Shared;
use self::strangers::Strangers;
use self::tabs::{Tab, Tabs};
use self::verdict::{Seen, goals};
use crate::people::applications::Applications;
use crate::proof::ledger::Ledger;
use crate::proof::register;
use crate::scenario::operators::promises::Shown;
use crate::scenario::operators::setting::Operators;
use crate::scenario::operators::taken::Taken;
use crate::scenario::run_report::{AnswerKind, Event, Machine, Promise, RunReport, Second};
use crate::system::made::profile;
use crate::system::private_system::PrivateSystem;

/// Longer than any scenario.
const TOKENS_LAST: Duration = Duration::from_hours(48);

const FINDINGS_SHOWN: usize = 10;

/// Longest wait of a tab for its receipt.
const TABS_WAIT: Duration = Duration::from_secs(300);

/// Niceness of services beside a generator with priority.
const GIVES_WAY: u8 = 5;

/// Options of `run`.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Name of a scenario in `loadtests/scenarios`, or the path of a file.
    pub scenario: String,
    /// Repeats the same people and arrivals. Random by default.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Speed-up of time: the same arrivals in less time.
    #[arg(long, default_value_t = 1.0, value_parser = positive)]
    pub speed: f64,
    /// Multiple of the arrivals.
    #[arg(long, default_value_t = 1.0, value_parser = positive)]
    pub scale: f64,
    /// Applications a second that the system can take, for scenarios that multiply it. Measured by
    /// default.
    #[arg(long, value_parser = positive)]
    pub capacity: Option<f64>,
    /// File for the figures, as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// File for the figures as a self-contained page.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// New file for the ledger, as JSON lines; by default it is removed with the private system.
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<PathBuf>,
}

impl Options {
    /// Returns the command that repeats this run.
    fn again(&self, seed: u64, profile: &str) -> String {
        let release = if profile == "release" { " --release" } else { "" };
        let mut command = format!(
            "cargo run{release} --bin loadtests -- run {} --seed {seed}",
            self.scenario
        );
        let changed = |factor: f64| Some(factor).filter(|factor| (factor - 1.0).abs() > f64::EPSILON);
        let options = [
            ("speed", changed(self.speed)),
            ("scale", changed(self.scale)),
            ("capacity", self.capacity),
        ];
        for (name, value) in options {
            command.extend(value.map(|value| format!(" --{name} {value}")));
        }
        command
    }
}

fn positive(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    let right = number > 0.0 && number.is_finite();
    right.then_some(number).ok_or("it must be above zero".to_owned())
}

/// Starts a private system, runs the scenario on it, and compares the ledger with everything else.
/// Calls `progress` with progress messages.
///
/// # Errors
/// Something other than the promises failed: the scenario is not valid, a part does not start, or a
/// query of the database fails.
pub async fn run(
    options: &Options,
    progress: impl Fn(String) + Send + Sync + 'static,
) -> anyhow::Result<RunReport> {
    let (name, mut scenario) = Scenario::load(&options.scenario)?;
    let by = Compression {
        speed: options.speed,
        scale: options.scale,
    };
    let mut legs = scenario.legs(by)?;
    let multiplied = legs.iter().any(|leg| matches!(leg, Leg::TimesCapacity { .. }));
    if multiplied && options.capacity.is_some() {
        legs.retain(|leg| !matches!(leg, Leg::Saturating { .. }));
    }
    let seed = options.seed.unwrap_or_else(rand::random);
    let stretches: Vec<_> = legs.iter().flat_map(Leg::stretches).copied().collect();
    scenario.strike(seed, &stretches);
    let progress: Progress = Arc::new(progress);
    progress(format!("{name}: starting a private system; seed {seed}"));
    let (mut system, operators) = start(&scenario).await?;
    let mut running = prepare(options, &scenario, legs, seed, &system, Arc::clone(&progress)).await?;
    running.operators = operators;
    let (loaded, settled) = running.run(&mut system, &scenario, options.speed).await?;
    progress("settled: comparing ledger, register, receipts and status".to_owned());
    let mut database = register::connect(&system.database_url()).await?;
    let dead_lettered = register::dead_lettered(&mut database).await?;
    let audit = audit(
        &system,
        &loaded.shared.ledger,
        &loaded.shared.applications,
        (
            settled.backlog.set_aside + dead_lettered,
            loaded.taken_applications(),
        ),
        &loaded.tabs,
    )
    .await?;
    system.stop().await?;
    for finding in audit.findings.iter().take(FINDINGS_SHOWN) {
        progress(format!("{finding:?}"));
    }
    let seen = Seen {
        scenario: &scenario,
        answers: &loaded.answers,
        tabs: &loaded.tabs,
        settled,
        audit: &audit,
    };
    let mut report = loaded.report(settled.at, &seen);
    let of_console = loaded.of_console(&scenario, &report, &changes(&stretches));
    report.promises.extend(of_console);
    report.scenario = name;
    report.seed = seed;
    report.command = options.again(seed, &report.machine.profile);
    report.goals = goals(&scenario, &report, loaded.goodput);
    Ok(report)
}

/// Starts a private system as the scenario wants it, and its console.
async fn start(scenario: &Scenario) -> anyhow::Result<(PrivateSystem, Option<Operators>)> {
    let settings: Vec<_> = scenario
        .settings
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let niceness = if scenario.generator_first { GIVES_WAY } else { 0 };
    let mut system = if scenario.tabs > 0 {
        PrivateSystem::start_nice_with_portal(&settings, niceness).await?
    } else {
        PrivateSystem::start_nice(&settings, niceness).await?
    };
    system.set_workers(scenario.workers).await?;
    let operators = match &scenario.console {
        Some(console) => Some(console.start(&mut system).await?),
        None => None,
    };
    Ok((system, operators))
}

/// A prepared load, and its counters.
struct Running {
    load: Load,
    ledger: Arc<Ledger>,
    applications: Arc<Applications>,
    intake: SocketAddr,
    tabs: Option<Tabs>,
    operators: Option<Operators>,
    progress: Progress,
    /// Folder of the requests.
    _folder: TempDir,
}

/// A load that was sent.
struct Loaded {
    shared: Arc<Shared>,
    begun_at: Timestamp,
    answers: Answers,
    tabs: Vec<Tab>,
    samples: Vec<Sample>,
    events: Vec<Event>,
    taken: Option<Taken>,
    /// Ends after the system.
    _operators: Option<Operators>,
    goodput: Option<f64>,
}

async fn prepare(
    options: &Options,
    scenario: &Scenario,
    legs: Vec<Leg>,
    seed: u64,
    system: &PrivateSystem,
    progress: Progress,
) -> anyhow::Result<Running> {
    let mint = system.mint()?.lasting(TOKENS_LAST);
    let applications = Arc::new(Applications::new(seed, mint).mixed(scenario.mix));
    let door = if scenario.tabs > 0 {
        Part::Gateway
    } else {
        Part::Intake
    };
    let intake = system.url(door).context("intake has no address")?;
    let host = intake.trim_start_matches("http://").to_owned();
    let ledger = options.ledger.clone();
    let ledger = ledger.unwrap_or_else(|| system.folder().join("ledger.jsonl"));
    let folder = tempfile::tempdir_in(system.folder())?;
    let preparation = Preparation {
        applications: Arc::clone(&applications),
        host: host.clone(),
        folder: folder.path().to_owned(),
        seed,
        progress: Arc::clone(&progress),
    };
    let load = Load::prepare(preparation, legs, options.capacity).await?;
    let tabs = match scenario.tabs {
        0 => None,
        count => {
            progress(format!("{count} citizens fill in the form"));
            Some(Tabs::open(intake, count, TABS_WAIT).await?)
        }
    };
    Ok(Running {
        ledger: Arc::new(Ledger::begin(&ledger)?),
        load,
        tabs,
        operators: None,
        applications,
        intake: host.parse()?,
        progress,
        _folder: folder,
    })
}

impl Running {
    /// Sends the load with its events, and waits until everything is settled.
    async fn run(
        self,
        system: &mut PrivateSystem,
        scenario: &Scenario,
        speed: f64,
    ) -> anyhow::Result<(Loaded, Settled)> {
        let planned = &scenario.events;
        let promised = Duration::from_millis(scenario.promises.answer_within_ms);
        let mut happened = events::at_end(system, planned, End::Before, Instant::now()).await?;
        let (begun, begun_at) = (Load::begins(), Timestamp::now() + Load::LEAD);
        let record = Arc::new(Record::new(begun, promised)?);
        let shared = Arc::new(Shared {
            applications: self.applications,
            intake: self.intake,
            ledger: self.ledger,
            record: Arc::clone(&record),
            connections: scenario.connections,
            deadline: Duration::from_secs(scenario.deadline_s),
            never_interrupt: scenario.generator_first,
        });
        let progress = Arc::clone(&self.progress);
        let view = self.operators.as_ref().map(Operators::view);
        let sampler = Sampler::begin(system.folder().to_owned(), Arc::clone(&record), view, progress);
        let beside = System::at(system.folder())?;
        let _strangers = Strangers::come(scenario.strangers, self.intake);
        let load = self.load.send(Arc::clone(&shared), beside);
        let tabs = send(self.tabs, begun);
        let in_time = events::in_time(system, planned, speed, begun);
        let turns = Operators::take_turns(self.operators.as_ref(), begun);
        let (goodput, later, tabs, ()) = tokio::try_join!(load, in_time, tabs, turns)?;
        happened.and(later);
        happened.and(events::at_end(system, planned, End::After, begun).await?);
        (self.progress)("every answer has come: waiting until all is registered".to_owned());
        let deadline = Duration::from_secs(scenario.promises.drained_within_s);
        let receipts = tabs.iter().filter(|tab| tab.receipt.is_some()).count();
        let accepted = record.count(AnswerKind::Accepted) + u64::try_from(receipts)?;
        let Happened { events, taken } = happened;
        let missing = taken.as_ref().map_or(0, |taken| taken.applications);
        let settled = settled(system, accepted.saturating_sub(missing), deadline).await?;
        if let Some(operators) = &self.operators {
            operators.shows_the_end(taken.is_some()).await;
        }
        let loaded = Loaded {
            answers: record.answers(),
            tabs,
            samples: sampler.end().await?,
            shared,
            begun_at,
            events,
            taken,
            _operators: self.operators,
            goodput,
        };
        Ok((loaded, settled))
    }
}

/// Lets the tabs send once the load begins.
async fn send(tabs: Option<Tabs>, begun: Instant) -> anyhow::Result<Vec<Tab>> {
    let Some(tabs) = tabs else {
        return Ok(Vec::new());
    };
    tokio::time::sleep_until(begun.into()).await;
    tabs.send().await
}

impl Loaded {
    fn taken_applications(&self) -> u64 {
        self.taken.as_ref().map_or(0, |taken| taken.applications)
    }

    /// Returns the promises about the console, where there is one.
    fn of_console(&self, scenario: &Scenario, report: &RunReport, changes: &[usize]) -> Vec<Promise> {
        let shown = scenario.console.as_ref().map(|setting| Shown {
            setting,
            seconds: &report.seconds,
            events: &report.events,
            changes,
            taken: self.taken.as_ref(),
        });
        shown.map(|shown| shown.promises()).unwrap_or_default()
    }

    /// Returns the report without its goals.
    fn report(&self, settled_at: Option<Instant>, seen: &Seen<'_>) -> RunReport {
        let begun = self.shared.record.begun();
        let settled_after =
            settled_at.map_or_else(|| begun.elapsed(), |at| at.saturating_duration_since(begun));
        let mut peaks: BTreeMap<String, u64> = BTreeMap::new();
        for (name, usage) in self.samples.iter().flat_map(|sample| &sample.processes) {
            let peak = peaks.entry(name.clone()).or_default();
            *peak = usage.memory_bytes.max(*peak);
        }
        RunReport {
            description: seen.scenario.description.clone(),
            begun_at: self.begun_at,
            machine: machine(),
            seconds: self.seconds(),
            events: self.events.clone(),
            answers: self.answers.kinds.clone(),
            accepted_latency: self.answers.accepted_latency,
            latency: self.answers.latency,
            sums: seen.audit.sums,
            promises: seen.promises(),
            peak_memory_bytes: peaks,
            answered_after_s: self.answers.last.as_secs_f64(),
            settled_after_s: settled_after.as_secs_f64(),
            ..RunReport::default()
        }
    }

    fn seconds(&self) -> Vec<Second> {
        let (tallies, samples) = (&self.answers.seconds, &self.samples);
        let second = |index: usize| {
            let tally = tallies.get(index).cloned().unwrap_or_default();
            let sample = samples.get(index).cloned().unwrap_or_default();
            Second {
                due: tally.due,
                answers: tally.answers,
                latency: tally.latency,
                backlog_messages: sample.backlog,
                registered: sample.registered,
                spooled: sample.spooled,
                processes: sample.processes,
                operator: sample.operator,
            }
        };
        (0..tallies.len().max(samples.len())).map(second).collect()
    }
}

fn machine() -> Machine {
    Machine {
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        memory_bytes: machine_memory(),
        profile: profile().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Run {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn the_same_run_is_made_again_by_every_option_that_counts() {
        for (given, again) in [
            ("flood", "cargo run --bin loadtests -- run flood --seed 7"),
            (
                "opening-day --speed 100 --scale 0.15 --seed 7 --json /tmp/x",
                "cargo run --bin loadtests -- run opening-day --seed 7 --speed 100 --scale 0.15",
            ),
            (
                "flood --capacity 9300",
                "cargo run --bin loadtests -- run flood --seed 7 --capacity 9300",
            ),
        ] {
            let run = Run::try_parse_from(["run"].into_iter().chain(given.split(' '))).unwrap();
            assert_eq!(run.options.again(7, "debug"), again);
        }
    }
}
