//! An invented run that looks like a real one: an opening day on two cores, during which PostgreSQL
//! is stopped for a fifth of the time and RabbitMQ is killed once.

use std::collections::BTreeMap;

use loadtests::scenario::run_report::{
    AnswerKind, Event, Goal, Latency, Machine, OperatorSecond, Promise, RunReport, Second, Sums, Usage,
};

/// What of the run goes on from one second to the next.
#[derive(Default)]
struct State {
    accepted: u64,
    registered: u64,
    spooled: u64,
    answers: BTreeMap<AnswerKind, u64>,
}

/// A run of this many seconds in which every promise was kept.
pub fn opening_day(seconds: usize) -> RunReport {
    let length = seconds as f64;
    let mut state = State::default();
    let seconds: Vec<_> = (0..seconds)
        .map(|at| second(at as f64, length, &mut state))
        .collect();
    let accepted = state.accepted;
    let mut report = RunReport {
        scenario: "opening-day".to_owned(),
        description: "The arrivals of 1 April 2020, compressed: a rush as the doors open, a long afternoon, and a second \
                      rush after the news. PostgreSQL is away for a fifth of it."
            .to_owned(),
        seed: 20_200_401,
        command: "cargo run --release --bin loadtests -- run opening-day --seed 20200401".to_owned(),
        begun_at: "2026-11-24T08:00:00Z".parse().unwrap(),
        machine: Machine {
            cores: 2,
            memory_bytes: 16_300_000_000,
            profile: "release".to_owned(),
        },
        events: vec![
            event(0.33 * length, "postgres stopped"),
            event(0.53 * length, "postgres started"),
            event(0.70 * length, "rabbitmq killed"),
            event(0.71 * length, "rabbitmq back"),
        ],
        accepted_latency: with_longest(latency(1.9, accepted), &seconds),
        latency: with_longest(latency(2.1, state.answers.values().sum()), &seconds),
        sums: Sums {
            attempted: accepted,
            accepted,
            registered: accepted - 2,
            dead_lettered: 2,
            receipts_checked: accepted / 100,
            statuses_checked: 1_000,
            ..Sums::default()
        },
        promises: promises(),
        goals: goals(accepted as f64 / length),
        peak_memory_bytes: BTreeMap::new(),
        answered_after_s: length * 0.97,
        settled_after_s: length,
        answers: state.answers,
        seconds,
    };
    report.peak_memory_bytes = peaks(&report);
    report
}

fn event(at_s: f64, what: &str) -> Event {
    let what = what.to_owned();
    Event { at_s, what }
}

fn promises() -> Vec<Promise> {
    let kept = |promise: &str| Promise {
        promise: promise.to_owned(),
        kept: true,
        detail: String::new(),
    };
    vec![
        kept("every application with a 202 is registered exactly once, or dead-lettered whole"),
        kept("no request fails while PostgreSQL is away"),
        kept("every answer comes within a second"),
        kept("every receipt is good, and nobody else can use it"),
        kept("the backlog is drained in the end"),
    ]
}

fn goals(rate: f64) -> Vec<Goal> {
    let goal = |name: &str, measured, goal, at_least| Goal {
        name: name.to_owned(),
        measured,
        goal,
        at_least,
    };
    vec![
        goal("applications a second, end to end", rate, 2_000.0, true),
        goal("p99 of accepted in ms", 18.4, 20.0, false),
        goal("intake's peak in MB", 212.0, 200.0, false),
    ]
}

fn peaks(report: &RunReport) -> BTreeMap<String, u64> {
    let mut peaks = BTreeMap::new();
    for (name, usage) in report.seconds.iter().flat_map(|second| &second.processes) {
        let peak: &mut u64 = peaks.entry(name.clone()).or_default();
        *peak = usage.memory_bytes.max(*peak);
    }
    peaks
}

fn second(at: f64, length: f64, state: &mut State) -> Second {
    let day = at / length;
    let noise = noise(at);
    let rush = |middle: f64, width: f64| (-((day - middle) / width).powi(2)).exp();
    let due = (700.0 + 3_900.0 * rush(0.12, 0.09) + 2_600.0 * rush(0.62, 0.12)) * (0.93 + 0.14 * noise);
    let due = if day < 0.97 { due } else { 0.0 };
    let [no_database, no_broker] = [(0.33..0.53).contains(&day), (0.70..0.71).contains(&day)];
    let answers = answers(due, noise, no_broker);
    let accepted = u64::from(answers.get(&AnswerKind::Accepted).copied().unwrap_or_default());
    for (kind, number) in &answers {
        *state.answers.entry(*kind).or_default() += u64::from(*number);
    }
    state.accepted += accepted;
    state.spooled = if no_broker {
        state.spooled + accepted
    } else {
        state.spooled / 4
    };
    let capacity = if no_database || no_broker { 0 } else { 3_600 };
    state.registered = state.accepted.min(state.registered + capacity);
    let backlog = state.accepted - state.registered - state.spooled.min(state.accepted - state.registered);
    Second {
        due: whole(due),
        latency: (due > 0.0).then(|| {
            let slow = if no_broker { 9.0 } else { 1.0 + due / 4_000.0 };
            latency(1.7 * slow * (0.8 + 0.5 * noise), u64::from(whole(due)))
        }),
        answers,
        backlog_messages: (!no_broker).then_some(backlog / 12),
        registered: (!no_database).then_some(state.registered),
        spooled: Some(state.spooled),
        processes: processes(due, noise, [no_database, no_broker], backlog),
        operator: Some(operator(due, backlog, no_database, state)),
    }
}

/// What an operator sees: nothing of the backlog while the database is away.
fn operator(due: f64, backlog: u64, no_database: bool, state: &State) -> OperatorSecond {
    let known = |number: u64| (!no_database).then_some(number);
    let rate = due.max(900.0);
    let workers = 1 + u16::try_from((backlog / 20_000).min(3)).unwrap();
    OperatorSecond {
        arrivals: Some(due),
        settled: (!no_database).then_some(rate),
        outstanding: known(backlog),
        spooled: known(state.spooled),
        answered: known(state.accepted),
        registered: known(state.registered),
        is_whole: (!no_database).then_some(true),
        verdict: (!no_database).then(|| "whole".to_owned()),
        drains_in_s: known(backlog).map(|backlog| [backlog / 4_000, backlog / 3_000]),
        wanted: Some(workers),
        running: Some(workers),
        busy: known(backlog).map(|backlog| if backlog > 0 { workers } else { 0 }),
        outside_accepted: state.accepted,
        outside_registered: known(state.registered),
        ..OperatorSecond::default()
    }
}

fn answers(due: f64, noise: f64, no_broker: bool) -> BTreeMap<AnswerKind, u32> {
    let mut answers = BTreeMap::new();
    let mut put = |kind, number: f64| {
        if number >= 1.0 {
            answers.insert(kind, whole(number));
        }
    };
    put(AnswerKind::Refused, due * 0.02);
    put(AnswerKind::AcceptedAgain, due * 0.03);
    let away = if no_broker { due * 0.3 } else { 0.0 };
    put(AnswerKind::Unavailable, away);
    put(AnswerKind::Broken, if no_broker { 4.0 * noise } else { 0.0 });
    put(AnswerKind::Accepted, due * 0.95 - away);
    answers
}

fn processes(
    due: f64,
    noise: f64,
    [no_database, no_broker]: [bool; 2],
    backlog: u64,
) -> BTreeMap<String, Usage> {
    let load = due / 4_600.0;
    let work = if no_database || backlog == 0 {
        load.min(0.8) * 0.4
    } else {
        0.8
    };
    let work = if no_database { 0.02 } else { work };
    let usage = |cores: f64, megabytes: f64| Usage {
        cores: cores * (0.9 + 0.2 * noise),
        memory_bytes: u64::from(whole(megabytes)) * 1_000_000,
    };
    let mut all = BTreeMap::from([
        ("intake", usage(0.44 * load, 58.0 + 60.0 * load)),
        ("worker-1", usage(0.31 * work, 74.0 + 3.0 * noise)),
        ("status", usage(0.01, 31.0)),
        ("loadtests", usage(0.36 * load + 0.03, 240.0 + 80.0 * load)),
    ]);
    if !no_database {
        all.insert("postgres", usage(0.62 * work, 410.0 + 90.0 * work));
    }
    if !no_broker {
        all.insert(
            "rabbitmq",
            usage(0.28 * load + 0.05, 160.0 + backlog as f64 / 4_000.0),
        );
    }
    all.into_iter()
        .map(|(name, usage)| (name.to_owned(), usage))
        .collect()
}

fn latency(p50_ms: f64, count: u64) -> Latency {
    Latency {
        count,
        p50_ms,
        p90_ms: p50_ms * 2.7,
        p99_ms: p50_ms * 8.2,
        p999_ms: p50_ms * 24.0,
        max_ms: p50_ms * 61.0,
    }
}

fn with_longest(latency: Latency, seconds: &[Second]) -> Latency {
    let longest = seconds.iter().filter_map(|second| second.latency);
    Latency {
        max_ms: longest.map(|latency| latency.max_ms).fold(0.0, f64::max),
        ..latency
    }
}

/// Something between 0 and 1 that looks like chance and is the same each time.
fn noise(at: f64) -> f64 {
    (at * 12.989_8).sin().mul_add(43_758.545, 0.0).rem_euclid(1.0)
}

fn whole(number: f64) -> u32 {
    number.round() as u32
}
