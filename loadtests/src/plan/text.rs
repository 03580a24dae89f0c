//! The plan for a terminal.

use std::fmt::Write as _;

use super::curve::{HOUR, MINUTE};
use super::sizing::Plan;
use crate::page::units::{bytes, count, duration, figure};

/// Name, value and how it follows.
pub(super) type Row = (&'static str, String, String);

/// Returns the plan as a table, with every assumption below.
#[must_use]
pub(super) fn text(plan: &Plan) -> String {
    let mut text = format!("{}\n\n", title(plan));
    for (name, value, how) in rows(plan) {
        line(&mut text, name, &value, &how);
    }
    text += "\nLook at\n";
    for warning in &plan.warnings {
        // writing to a string does not fail
        let _ = writeln!(text, "  - {warning}");
    }
    text += "\nAssumed\n";
    for assumption in &plan.assumptions {
        line(&mut text, &assumption.what, &assumption.value, &assumption.from);
    }
    text
}

/// Returns what is planned, in a sentence.
pub(super) fn title(plan: &Plan) -> String {
    format!(
        "{} applications from {} on, registered by {}",
        whole(plan.applications),
        plan.asked.opens.strftime("%H:%M"),
        plan.asked.registered_by.strftime("%H:%M"),
    )
}

/// Returns the plan's rows.
pub(super) fn rows(plan: &Plan) -> Vec<Row> {
    let mut rows = arrivals(plan);
    rows.extend(processes(plan));
    rows.extend(disks(plan));
    rows
}

fn arrivals(plan: &Plan) -> Vec<Row> {
    let (broker, drain) = (&plan.broker, &plan.drain);
    vec![
        (
            "busiest second",
            format!("{} applications", whole(plan.peak_applications)),
            format!("{} requests", whole(plan.peak_requests)),
        ),
        (
            "messages then",
            format!("{}/s", whole(broker.peak_messages)),
            format!("{} applications in each", figure(broker.applications_each)),
        ),
        (
            "registering",
            format!("{}/s", whole(drain.planned)),
            format!("{}/s would just do", whole(drain.needed)),
        ),
        (
            "all registered at",
            time_of_day(plan, drain.done_s),
            format!("{} after the opening", duration(drain.done_s)),
        ),
        (
            "most that waits",
            format!("{} applications", whole(drain.most_backlog)),
            format!(
                "in {} messages, for {} at most",
                whole(drain.most_messages),
                duration(drain.longest_wait_s)
            ),
        ),
    ]
}

fn processes(plan: &Plan) -> Vec<Row> {
    let (broker, database) = (&plan.broker, &plan.database);
    let busy = |cores: f64| format!("{} cores busy at the peak", figure(cores));
    vec![
        ("intakes", count(plan.intakes.into()), busy(plan.intake_cores)),
        (
            "broker nodes",
            count(broker.nodes.into()),
            format!(
                "{} each, {} queues a channel",
                busy(broker.cores_each),
                broker.shards
            ),
        ),
        ("workers", count(plan.workers.into()), busy(plan.worker_cores)),
        (
            "database",
            format!("{} cores", count(database.cores.into())),
            format!(
                "{} µs an application at the end, memory {}",
                figure(database.us_at_end),
                bytes(database.memory)
            ),
        ),
        (
            "all machines",
            format!("{} cores", figure(plan.all_cores)),
            if plan.fits_one_machine {
                format!("one machine with {} cores is enough", plan.asked.machine_cores)
            } else {
                format!("more than one machine with {} cores", plan.asked.machine_cores)
            },
        ),
    ]
}

fn disks(plan: &Plan) -> Vec<Row> {
    let (broker, database) = (&plan.broker, &plan.database);
    vec![
        (
            "disk of a broker node",
            bytes(broker.disk_without_database),
            format!(
                "if nothing drains all night; {} as planned",
                bytes(broker.disk_planned)
            ),
        ),
        (
            "disk of the database",
            bytes(database.disk),
            format!(
                "tables and indexes {}, of it indexes {}",
                bytes(database.register_bytes),
                bytes(database.index_bytes)
            ),
        ),
        (
            "log of the database",
            bytes(database.log_bytes),
            "in the whole night, for an archive or a standby".to_owned(),
        ),
    ]
}

fn line(text: &mut String, name: &str, value: &str, how: &str) {
    // writing to a string does not fail
    let _ = writeln!(text, "{name:<56} {value:>22}  {how}");
}

fn whole(number: f64) -> String {
    figure(number.round())
}

/// Returns the time of day of an instant after the opening.
fn time_of_day(plan: &Plan, after_s: f64) -> String {
    let opens = plan.asked.opens;
    let at_s = f64::from(opens.hour()) * HOUR + f64::from(opens.minute()) * MINUTE + after_s;
    let day_s = at_s.rem_euclid(24.0 * HOUR);
    format!(
        "{:02.0}:{:02.0}",
        (day_s / HOUR).floor(),
        (day_s % HOUR / MINUTE).floor()
    )
}
