//! The trace of one application runs from its HTTP request through the queue to the commit, and
//! shows nothing of the person.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

use std::process::Command;
use std::time::Duration;

use crate::collector::{Collector, Received, Sent};
use loadtests::people::applications::Applications;
use loadtests::people::contents::content;
use loadtests::proof::register;
use loadtests::system::private_system::PrivateSystem;
use sportello_people::Person;
use sportello_stack::Part;
use sportello_testkit::eventually;

const TRACE: [u8; 16] = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128.to_be_bytes();
const SPAN: [u8; 8] = 0xb7ad_6b71_6920_3331_u64.to_be_bytes();
const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

const SEED: u64 = 20_200_401;
const REGISTERED_WITHIN: Duration = Duration::from_secs(20);
const GRACE: Duration = Duration::from_secs(20);

#[test]
fn a_trace_runs_from_the_request_to_the_commit_and_names_nobody() {
    let collector = Collector::start();
    // the services take the collector's address from the environment, which only a new process can
    // be given
    let sender = Command::new(std::env::current_exe().expect("this program"))
        .args([
            "trace::one_application_is_sent",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url())
        .output()
        .expect("this program runs");
    assert!(
        sender.status.success(),
        "{}",
        String::from_utf8_lossy(&sender.stderr)
    );
    let received = collector.received();
    assert_is_connected(&received);
    let person = Person::invent(SEED, 0);
    let all = format!("{received:?}");
    // the secret part of an address
    for id in ["application_id", "batch_id"] {
        assert!(!all.contains(id), "a span holds an id");
    }
    for item in crate::citizens::personal_data(&content(&person, 0, "trace")) {
        assert!(!all.contains(&item), "a span holds personal data");
    }
}

fn assert_is_connected(received: &Received) {
    // the caller's trace is linked and not followed, whatever its flag says
    assert!(received.of_trace(&TRACE).is_empty());
    let is_linked = |sent: &&Sent| {
        let mut links = sent.span.links.iter();
        links.any(|link| link.trace_id == TRACE && link.span_id == SPAN)
    };
    let request = received
        .spans
        .iter()
        .find(|sent| sent.service == "intake" && is_linked(sent));
    let request = request.expect("a span of intake has a link to the caller's");
    assert!(request.span.parent_span_id.is_empty());
    let trace = &request.span.trace_id;
    let spans = received.of_trace(trace);
    let names: Vec<_> = spans
        .iter()
        .map(|span| (&span.service, &span.span.name))
        .collect();
    let register = spans.iter().find(|span| span.service == "worker");
    let register = register.unwrap_or_else(|| panic!("no span of the worker is in the trace: {names:?}"));
    let mut above = register.span.parent_span_id.clone();
    while above != request.span.span_id {
        let parent = spans.iter().find(|span| span.span.span_id == above);
        above = parent
            .unwrap_or_else(|| panic!("the chain is broken: {names:?}"))
            .span
            .parent_span_id
            .clone();
    }
    // a batch is of many traces: it has one of its own, and a link to each
    let batch = received
        .spans
        .iter()
        .find(|sent| sent.service == "worker" && sent.span.links.iter().any(|link| link.trace_id == *trace));
    let batch = received.of_trace(&batch.expect("the batch has a link to the trace").span.trace_id);
    let commit = batch
        .iter()
        .find(|sent| sent.service == "worker" && sent.span.name == "commit");
    let commit = commit.expect("the batch's trace has a span of the commit");
    assert!(
        register.span.end_time_unix_nano >= commit.span.end_time_unix_nano,
        "it ends after the commit"
    );
}

#[tokio::test]
#[ignore = "the other test runs it, with the address of a collector"]
async fn one_application_is_sent() {
    let system = PrivateSystem::start().await.expect("a private system");
    let applications = Applications::new(SEED, system.mint().expect("its mint"));
    let application = applications.prepare(0).expect("an application");
    let intake = system.url(Part::Intake).expect("its address");
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client
        .post(format!("{intake}/v1/applications"))
        .headers(application.headers);
    let answer = request
        .header("traceparent", TRACEPARENT)
        .body(application.body)
        .send()
        .await;
    assert_eq!(answer.expect("an answer").status(), reqwest::StatusCode::ACCEPTED);

    let mut database = register::connect(&system.database_url())
        .await
        .expect("the database");
    eventually(REGISTERED_WITHIN, async || {
        register::count(&mut database).await.expect("a count") == 1
    })
    .await;
    // what ends in order sends its last spans
    for part in [Part::Intake, Part::Worker(1)] {
        system.process(part).terminate(GRACE).await.expect("it ends");
    }
}
