//! From an audience to machines.

use anyhow::Context as _;
use serde::Serialize;

use super::Options;
use super::assumptions::{
    self, Assumption, BROKER_BYTES, BROKER_LOG, BUSY, DATABASE_BYTES, DATABASE_LOG, DATABASE_MEMORY,
    INDEX_MEMORY, LEADER_MESSAGES, MEMBERS, MOST_MESSAGES, SPARE,
};
use super::costs::{Costs, Growth};
use super::curve::Curve;
use super::drain::{Drained, Night, Point};
use crate::page::units::{bytes, count, figure};

/// Most queues of a channel that are tried.
const MOST_SHARDS: u32 = 64;
/// Points of the curve that are kept: enough for a picture.
const POINTS: usize = 600;

/// What an audience needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// What was asked for.
    pub asked: Options,
    /// Everything that is taken for granted.
    pub assumptions: Vec<Assumption>,
    /// Applications of the night.
    pub applications: f64,
    /// Applications of the busiest second.
    pub peak_applications: f64,
    /// Requests of the busiest second.
    pub peak_requests: f64,
    /// Intake processes.
    pub intakes: u32,
    /// Cores that all intakes keep busy in the busiest second.
    pub intake_cores: f64,
    /// The broker.
    pub broker: Broker,
    /// Worker processes.
    pub workers: u32,
    /// Cores that all workers keep busy.
    pub worker_cores: f64,
    /// The database.
    pub database: Database,
    /// How the backlog drains.
    pub drain: Drain,
    /// Cores of all machines in the busiest second, those that stay free included.
    pub all_cores: f64,
    /// Whether one machine is enough for all of it.
    pub fits_one_machine: bool,
    /// What a reader has to decide or to look at.
    pub warnings: Vec<String>,
    /// The night over time.
    pub points: Vec<Point>,
}

/// What the broker needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Broker {
    /// Nodes.
    pub nodes: u32,
    /// Queues of each channel.
    pub shards: u32,
    /// Messages of the busiest second, of both channels.
    pub peak_messages: f64,
    /// The same of the busiest leader.
    pub leader_messages: f64,
    /// Applications of a mean message in the busiest second.
    pub applications_each: f64,
    /// Messages of the whole night.
    pub all_messages: f64,
    /// Cores of each node in the busiest second.
    pub cores_each: f64,
    /// Disk of each node for the planned backlog, in bytes.
    pub disk_planned: f64,
    /// Disk of each node if the database is away all night, in bytes.
    pub disk_without_database: f64,
}

/// What the database needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Database {
    /// Cores, those that stay free included.
    pub cores: u32,
    /// Microseconds of an application at the end of the night.
    pub us_at_end: f64,
    /// Tables and indexes at the end, in bytes.
    pub register_bytes: f64,
    /// Indexes of them.
    pub index_bytes: f64,
    /// Disk, with its write-ahead log, in bytes.
    pub disk: f64,
    /// Write-ahead log of the night, for an archive or a standby, in bytes.
    pub log_bytes: f64,
    /// Memory, in bytes.
    pub memory: f64,
}

/// How the backlog drains.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drain {
    /// Applications a second that have to be registered.
    pub needed: f64,
    /// Applications a second that the plan registers at most.
    pub planned: f64,
    /// Seconds from the opening to the last registration.
    pub done_s: f64,
    /// Seconds from the opening until when it has to be done.
    pub deadline_s: f64,
    /// Most applications that wait.
    pub most_backlog: f64,
    /// Most messages that wait.
    pub most_messages: f64,
    /// Seconds that an application waits at most.
    pub longest_wait_s: f64,
}

impl Plan {
    pub(super) fn make(
        options: &Options,
        curve: Curve,
        costs: &Costs,
        growth: &Growth,
    ) -> anyhow::Result<Self> {
        let peak = curve.peak();
        let intake_cores = peak * options.requests_each * costs.intake_us / 1e6;
        let intakes = whole(intake_cores / BUSY / f64::from(options.machine_cores)).max(options.copies);
        let night = Night {
            curve,
            intermediaries: options.intermediaries,
            intakes,
            shards: 1,
        };
        let night = with_shards(night, peak);
        let rows = options.rows_before as f64 + curve.applications;
        let postgres_us = costs.postgres_us * growth.cost(rows);
        let deadline_s = options.deadline_s();
        let needed = night
            .needed(deadline_s, MOST_MESSAGES as f64)
            .context("no rate registers everything by the deadline: set a later one, or fewer --hours")?;
        let (workers, cores, planned) = registering(options, costs, postgres_us, needed);
        let drained = night.at_rate(planned, deadline_s);
        let broker = broker(&night, options, costs, growth, planned, &drained);
        let database = database(options, cores, postgres_us, growth, rows);
        let worker_cores = planned.min(peak) * costs.worker_us / 1e6;
        let busy = intake_cores
            + worker_cores
            + broker.cores_each * f64::from(broker.nodes)
            + planned.min(peak) * postgres_us / 1e6;
        let mut plan = Self {
            asked: options.clone(),
            assumptions: assumptions::all(options, costs, growth),
            applications: curve.applications,
            peak_applications: peak,
            peak_requests: peak * options.requests_each,
            intakes,
            intake_cores,
            workers,
            worker_cores,
            database,
            drain: Drain {
                needed,
                planned,
                done_s: drained.done_s,
                deadline_s,
                most_backlog: drained.most_backlog,
                most_messages: drained.most_messages,
                longest_wait_s: drained.longest_s,
            },
            all_cores: busy / BUSY,
            fits_one_machine: busy / BUSY <= f64::from(options.machine_cores),
            broker,
            warnings: Vec::new(),
            points: thinned(drained.points),
        };
        plan.warnings = plan.warnings(growth, rows);
        Ok(plan)
    }

    fn warnings(&self, growth: &Growth, rows: f64) -> Vec<String> {
        let mut warnings = Vec::new();
        if rows > growth.most_rows {
            warnings.push(format!(
                "the register ends with {} applications, and {} were measured: beyond them PostgreSQL's cost \
                 is drawn on along the last line",
                figure(rows),
                figure(growth.most_rows)
            ));
        }
        if self.broker.all_messages > MOST_MESSAGES as f64 {
            warnings.push(format!(
                "a night without the database leaves {} messages, and from {} on a queue drains more slowly: \
                 fewer, larger intakes pack more into each",
                figure(self.broker.all_messages),
                count(MOST_MESSAGES)
            ));
        }
        if self.broker.shards > 1 {
            warnings.push(format!(
                "one leader takes {} messages a second: each channel needs {} queues",
                figure(LEADER_MESSAGES),
                self.broker.shards
            ));
        }
        if self.database.memory > 64e9 {
            warnings.push(format!(
                "indexes of {} want a database with {} of memory; with less, each application reads from the \
                 disk",
                bytes(self.database.index_bytes),
                bytes(self.database.memory)
            ));
        }
        warnings.push("reads after the rush (status, portal) are not in the plan".to_owned());
        warnings
    }
}

/// Returns the night with as many queues of a channel as its leaders need.
fn with_shards(night: Night, peak: f64) -> Night {
    let mut sharded = night;
    while sharded.messages_of_a_leader(peak) > LEADER_MESSAGES && sharded.shards < MOST_SHARDS {
        sharded.shards += 1;
    }
    sharded
}

/// Returns workers, cores of the database, and what they register a second.
fn registering(options: &Options, costs: &Costs, postgres_us: f64, needed: f64) -> (u32, u32, f64) {
    let wanted = needed * SPARE;
    // a worker's transactions wait for the database, so it slows down with it
    let slower = (costs.worker_us + costs.postgres_us) / (costs.worker_us + postgres_us);
    let of_worker = costs.worker_per_second * slower;
    let workers = whole(wanted / of_worker).max(options.copies);
    let cores = whole(wanted * postgres_us / 1e6 / BUSY).max(1);
    let of_database = f64::from(cores) * BUSY * 1e6 / postgres_us;
    (workers, cores, of_database.min(f64::from(workers) * of_worker))
}

fn broker(
    night: &Night,
    options: &Options,
    costs: &Costs,
    growth: &Growth,
    planned: f64,
    drained: &Drained,
) -> Broker {
    let peak = night.curve.peak();
    let peak_messages = night.messages(peak);
    let applications_each = peak / peak_messages;
    let registered = planned.min(peak);
    let cores = costs.publish.cores(peak, peak_messages)
        + costs.deliver.cores(registered, registered / applications_each);
    let disk = |applications: f64| applications * growth.message_bytes * BROKER_BYTES + BROKER_LOG;
    Broker {
        nodes: if options.copies > 1 { MEMBERS } else { 1 },
        shards: night.shards,
        peak_messages,
        leader_messages: night.messages_of_a_leader(peak),
        applications_each,
        all_messages: night.all_messages(),
        cores_each: cores,
        disk_planned: disk(drained.most_backlog),
        disk_without_database: disk(night.curve.applications),
    }
}

fn database(options: &Options, cores: u32, us_at_end: f64, growth: &Growth, rows: f64) -> Database {
    let applications = rows - options.rows_before as f64;
    let index_bytes = rows * growth.index_bytes_each;
    Database {
        cores,
        us_at_end,
        register_bytes: rows * growth.bytes_each,
        index_bytes,
        disk: rows * growth.bytes_each * DATABASE_BYTES + DATABASE_LOG,
        log_bytes: applications * growth.log_bytes(rows),
        memory: index_bytes * INDEX_MEMORY + DATABASE_MEMORY,
    }
}

/// Returns the next whole number; one for less than one.
fn whole(number: f64) -> u32 {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the conversion saturates, and people and costs are bounded far below"
    )]
    let whole = number.ceil().max(1.0) as u32;
    whole
}

/// Keeps every so many-th point, and the last.
fn thinned(points: Vec<Point>) -> Vec<Point> {
    let every = points.len().div_ceil(POINTS).max(1);
    let last = points.len().saturating_sub(1);
    let is_kept =
        |(index, point): (usize, Point)| (index.is_multiple_of(every) || index == last).then_some(point);
    points.into_iter().enumerate().filter_map(is_kept).collect()
}
