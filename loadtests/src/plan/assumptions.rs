//! What a plan takes for granted, each with where it comes from.

use serde::Serialize;

use super::Options;
use super::costs::{BrokerCost, Costs, Growth};
use crate::page::units::{bytes, count, figure};
use crate::system::made::Made;

/// Share of the cores of all machines that a plan keeps busy: the rest is for other work, a machine
/// that fails, and costs that are higher than on the machine that measured.
pub(super) const BUSY: f64 = 0.6;
/// How much faster than needed workers and database are planned.
pub(super) const SPARE: f64 = 1.25;
/// Most messages that may wait: with 3 million the drain of a quorum queue begins to slow down, and
/// at 20 million it is an eighth (rabbitmq/rabbitmq-server#9727).
pub(super) const MOST_MESSAGES: u64 = 3_000_000;
/// Messages a second that one leader takes: half of the 10,000 of 16 KB each that were measured on
/// the project's machine.
pub(super) const LEADER_MESSAGES: f64 = 5_000.0;
/// Broker nodes that hold a copy of each message.
pub(super) const MEMBERS: u32 = 3;
/// Bytes on a broker's disk for each byte of a message: segments are removed whole, and indexed.
pub(super) const BROKER_BYTES: f64 = 1.3;
/// Bytes of the broker's write-ahead log, before it is moved to the queues' segments.
pub(super) const BROKER_LOG: f64 = 512e6;
/// Bytes on the database's disk for each byte of tables and indexes: bloat, and room to rebuild an
/// index.
pub(super) const DATABASE_BYTES: f64 = 1.3;
/// The database's `max_wal_size` (docs/PERFORMANCE.md#postgresql).
pub(super) const DATABASE_LOG: f64 = 8e9;
/// Memory of the database for each byte of its indexes, so that they stay in memory.
pub(super) const INDEX_MEMORY: f64 = 1.25;
/// Memory of the database beside.
pub(super) const DATABASE_MEMORY: f64 = 2e9;

/// One assumption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assumption {
    /// What is assumed.
    pub what: String,
    /// Its value.
    pub value: String,
    /// Where it comes from.
    pub from: String,
}

/// Returns all assumptions of a plan, in the order in which it uses them.
pub(super) fn all(options: &Options, costs: &Costs, growth: &Growth) -> Vec<Assumption> {
    let mut all = asked(options);
    all.extend(costs_of(costs));
    all.extend(sizes_of(options, growth));
    all.extend(chosen());
    all
}

fn asked(options: &Options) -> Vec<Assumption> {
    let asked = |what, value| assumption(what, value, "asked for");
    let rush = format!(
        "{} in {} min",
        percent(options.rush_share),
        figure(options.rush_minutes)
    );
    vec![
        asked("people", count(options.people)),
        asked("applications of a person", figure(options.applications_each)),
        asked("requests for each application", figure(options.requests_each)),
        asked("share of intermediaries", percent(options.intermediaries)),
        asked("hours in which they come", figure(options.hours)),
        asked("of them in the rush", rush),
        asked("first second over the rush's mean", figure(options.peak_factor)),
        asked("applications on the register before", count(options.rows_before)),
    ]
}

fn costs_of(costs: &Costs) -> Vec<Assumption> {
    let from = made(&costs.made);
    let measured = |what, value| assumption(what, value, &from);
    let us = |us: f64| format!("{} µs", figure(us));
    let broker = |cost: BrokerCost| {
        format!(
            "{} cores + {} µs",
            figure(cost.base_cores),
            figure(cost.message_us)
        )
    };
    vec![
        measured("intake, of a request", us(costs.intake_us)),
        measured("broker, at least + of a message: in", broker(costs.publish)),
        measured("the same, out", broker(costs.deliver)),
        measured("worker, of an application", us(costs.worker_us)),
        measured("PostgreSQL on an empty register", us(costs.postgres_us)),
        measured(
            "one worker on an empty register",
            format!("{}/s", figure(costs.worker_per_second)),
        ),
    ]
}

fn sizes_of(options: &Options, growth: &Growth) -> Vec<Assumption> {
    let from = made(&growth.made);
    let measured = |what, value| assumption(what, value, &from);
    let rows = options.rows_before as f64 + options.people as f64 * options.applications_each;
    let each = |bytes: f64| format!("{} B", figure(bytes));
    vec![
        measured(
            "PostgreSQL at the end over an empty register",
            format!("{} ×", figure(growth.cost(rows))),
        ),
        measured("a row with all that hangs on it", each(growth.bytes_each)),
        measured("of it indexes", each(growth.index_bytes_each)),
        measured(
            "the database's log of an application at the end",
            each(growth.log_bytes(rows)),
        ),
        measured("an application in a message", each(growth.message_bytes)),
    ]
}

/// Returns what no option and no file changes.
fn chosen() -> Vec<Assumption> {
    let choice = "a choice";
    vec![
        assumption("cores kept busy", percent(BUSY), "a choice: room for a failure"),
        assumption("spare of workers and database", percent(SPARE - 1.0), choice),
        assumption(
            "messages that may wait",
            count(MOST_MESSAGES),
            "rabbitmq/rabbitmq-server#9727",
        ),
        assumption(
            "messages of a leader",
            format!("{}/s", figure(LEADER_MESSAGES)),
            "half of what was measured",
        ),
        assumption(
            "a copy of a message costs what the leader's does",
            "yes".to_owned(),
            "not measured: an upper bound",
        ),
        assumption("disk for a byte of messages", figure(BROKER_BYTES), choice),
        assumption("disk for a byte of the register", figure(DATABASE_BYTES), choice),
        assumption(
            "max_wal_size",
            bytes(DATABASE_LOG),
            "docs/PERFORMANCE.md#postgresql",
        ),
        assumption(
            "memory for a byte of indexes",
            figure(INDEX_MEMORY),
            "a choice: indexes stay in memory",
        ),
    ]
}

fn assumption(what: &str, value: String, from: &str) -> Assumption {
    Assumption {
        what: what.to_owned(),
        value,
        from: from.to_owned(),
    }
}

fn percent(share: f64) -> String {
    format!("{} %", figure(share * 100.0))
}

fn made(made: &Made) -> String {
    format!("`{}` on {}, {}", made.command, made.processor, made.profile)
}
