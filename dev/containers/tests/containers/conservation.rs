//! Four workers, three of them killed while applications arrive.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use sportello_people::{Person, login};

use crate::citizen::{IBAN, ISSUER, SITE, client, wait_for};
use crate::shell::{ran, until};
use crate::system::System;

const WORKERS: usize = 4;
/// Files that the intermediary sends, and rows of each.
const FILES: u64 = 12;
const ROWS: u64 = 250;
const ANSWERED_WITHIN: Duration = Duration::from_secs(120);
const REGISTERED_WITHIN: Duration = Duration::from_secs(60);

/// Every accepted application is on the register once, though three of four workers were killed
/// while they came.
pub fn nothing_is_lost_when_three_of_four_workers_are_killed(system: &System<'_>) {
    system.compose(&[
        "up",
        "--detach",
        "--no-build",
        "--no-recreate",
        "--scale",
        "worker=4",
        "worker",
    ]);
    system.wait_for_healthy("worker", WORKERS);
    let before = registered(system);
    let token = wait_for(login::client_token(ISSUER, login::INTERMEDIARY_CLIENT)).unwrap();
    let accepted = thread::scope(|scope| {
        let load = scope.spawn(|| (0..FILES).map(|file| sent(&token, file)).sum::<u64>());
        until("the load is registered, in part", REGISTERED_WITHIN, || {
            (registered(system) > before).then_some(())
        });
        let others = system.of("worker").into_iter().filter(|one| !one.is_first());
        for worker in others {
            ran(&mut system.engine.docker(&["kill", &worker.id]));
        }
        assert_eq!(system.of("worker").len(), 1);
        load.join().unwrap()
    });
    assert_eq!(accepted, FILES * ROWS);
    until("all of the load is registered", REGISTERED_WITHIN, || {
        (registered(system) >= before + accepted).then_some(())
    });
    let sums = sums(system);
    assert_eq!(registered(system), before + accepted, "{sums}");
    assert!(sums.contains("dead letters: 0 open"), "{sums}");
    println!("four workers, three killed: {accepted} accepted, {accepted} registered");
}

fn sums(system: &System<'_>) -> String {
    system.compose(&["exec", "-T", "--index", "1", "worker", "worker", "sums"])
}

/// Returns how many applications are on the register.
fn registered(system: &System<'_>) -> u64 {
    let sums = sums(system);
    let of_channel = |line: &str| {
        let (_, rest) = line.split_once(": ")?;
        rest.strip_suffix(" applications on the register")?
            .parse::<u64>()
            .ok()
    };
    sums.lines().filter_map(of_channel).sum()
}

/// Sends a file of applications, as an intermediary; returns how many were accepted.
fn sent(token: &str, file: u64) -> u64 {
    let row = |row: u64| {
        let person = Person::invent(2, file * ROWS + row);
        json!({
            "idempotency_key": format!("row-{row}"),
            "application": {
                "benefit": "indemnity-march-2020", "category": "professionals",
                "mandate": format!("M-{file}-{row}"),
                "applicant": {
                    "tax_code": person.tax_code.as_str(), "given_name": person.given_name,
                    "family_name": person.family_name, "iban": IBAN,
                },
                "answers": { "activity": "collaborator", "no_pension": true, "no_citizenship_income": true },
            },
        })
    };
    let rows: String = (0..ROWS).map(|number| format!("{}\n", row(number))).collect();
    // an answer that ends early says why in its last line; the same file again counts once
    until("a file is answered to its end", ANSWERED_WITHIN, || {
        let last = last_line(token, file, rows.clone());
        let accepted = last["batch"]["accepted"].as_u64();
        if accepted.is_none() {
            println!("file {file} is sent again: {last}");
        }
        accepted
    })
}

/// Sends a file; returns the last line of its answer.
fn last_line(token: &str, file: u64, rows: String) -> Value {
    let answer = wait_for(async {
        let request = client()
            .post(format!("{SITE}/v1/batches"))
            .bearer_auth(token)
            .header("Idempotency-Key", format!("file-{file}"))
            .header("Content-Type", "application/x-ndjson")
            .body(rows);
        request.send().await.unwrap().text().await.unwrap()
    });
    let last = answer.trim().lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|_| panic!("no JSON at the end: {last}"))
}
