//! While applications arrive: `kill -9` of RabbitMQ, and a start some seconds later. Where intake
//! has a spool no request fails, everything is registered exactly once, and nothing is left on its
//! disk.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by it")]

use std::sync::Arc;
use std::time::Duration;

use loadtests::http::aside::aside;
use loadtests::http::client::Intake;
use loadtests::http::open_loop::Schedule;
use loadtests::http::persistence::Senders;
use loadtests::people::applications::Applications;
use loadtests::proof::answer::Answer;
use loadtests::proof::ledger::{Ledger, Line};
use loadtests::proof::reconcile::reconcile;
use loadtests::proof::register;
use loadtests::system::backlog::drained;
use loadtests::system::private_system::PrivateSystem;
use sportello_stack::Part;

/// Few enough for a machine on which all servers share two cores with other tests.
const SCHEDULE: Schedule = Schedule {
    rate: 300,
    duration: Duration::from_secs(12),
};
const DRAINED_WITHIN: Duration = Duration::from_secs(120);

#[tokio::test]
async fn no_request_fails_while_rabbitmq_is_away_and_all_is_registered_once() {
    let mut system = PrivateSystem::start_with(&[("SPOOL_FOLDER", "spool")])
        .await
        .unwrap();
    let intake = Intake::at(&system.url(Part::Intake).unwrap()).unwrap();
    let applications = Applications::new(rand::random(), system.mint().unwrap());
    let ledger = Ledger::begin(&system.folder().join("ledger.jsonl")).unwrap();
    let senders = Senders::new(applications, intake, ledger);
    let prepare = |number| senders.applications().prepare(number).unwrap();
    let applications: Vec<_> = SCHEDULE.numbers(0).map(prepare).collect();

    let of_load = Arc::clone(&senders);
    let load = aside(move || async move {
        let arrive = move |application, due| {
            let senders = Arc::clone(&of_load);
            async move { senders.insist(&application, due).await }
        };
        SCHEDULE.run(applications, arrive).await;
        Ok(())
    });
    let killed = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        system.rabbitmq().kill().await?;
        let down = senders.ledger().now();
        tokio::time::sleep(Duration::from_secs(3)).await;
        let spooled = spooled(&system).await;
        system.start_rabbitmq().await?;
        anyhow::Ok((spooled, senders.ledger().now() - down))
    };
    let ((), (in_between, away)) = tokio::try_join!(load, killed).unwrap();
    assert!(
        in_between > 300,
        "{in_between} on the disk while the broker was away"
    );

    let (drained_after, backlog) = drained(&system, SCHEDULE.total(), 0, DRAINED_WITHIN)
        .await
        .unwrap();
    let lines = senders.ledger().read().unwrap();
    let latencies = latencies_if_no_request_failed(&lines);
    let mut database = register::connect(&system.database_url()).await.unwrap();
    let rows = register::rows(&mut database).await.unwrap();
    let result = reconcile(&lines, &rows, senders.applications());
    assert_eq!(result.findings, []);
    let numbers = SCHEDULE.numbers(0);
    assert_eq!(result.accepted(&numbers) as u64, SCHEDULE.total());
    assert_eq!(result.registered(&numbers) as u64, SCHEDULE.total());
    assert_eq!((backlog.queued, backlog.set_aside), (0, 0));
    assert_eq!(spooled(&system).await, 0);

    let at = |percent: usize| latencies[latencies.len() * percent / 100];
    println!(
        "{} requests, none failed, RabbitMQ away for {away:.1?} ({in_between} on the disk before its \
         start): p50 {:.1?}, p99 {:.1?}, most {:.1?}; drained {drained_after:.1?} after the load",
        latencies.len(),
        at(50),
        at(99),
        latencies[latencies.len() - 1],
    );
}

/// Sorted, of all requests; each had its 202.
fn latencies_if_no_request_failed(lines: &[Line]) -> Vec<Duration> {
    let mut latencies = Vec::new();
    for line in lines {
        match line {
            Line::Sent { .. } => {}
            Line::Answered {
                answer, latency_us, ..
            } => {
                assert!(matches!(answer, Answer::Accepted { .. }), "{line:?}");
                latencies.push(Duration::from_micros(*latency_us));
            }
            Line::GivenUp { .. } => panic!("{line:?}"),
        }
    }
    latencies.sort_unstable();
    latencies
}

/// How many applications intake has on its disk.
async fn spooled(system: &PrivateSystem) -> u64 {
    let url = format!("{}/metrics", system.internal_url(Part::Intake).unwrap());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let page = client.get(url).send().await.unwrap().text().await.unwrap();
    let value = |line: &str| {
        let rest = line.strip_prefix("sportello_spool_applications")?;
        rest.rsplit(' ').next()?.parse().ok()
    };
    page.lines().find_map(value).unwrap()
}
