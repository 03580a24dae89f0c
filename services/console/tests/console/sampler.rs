//! The sampler: what can't be read is unknown since then, and is read again when it is back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::{App, HttpResponse, HttpServer, web};
use jiff::Timestamp;
use serde_json::Value;
use sportello_testkit::{Sandbox, eventually, free_port};
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::support::{Console, WITHIN};

/// Any process of the system has health pages and metrics: here another console stands for status.
fn of_status(now: &Value) -> &Value {
    let mut services = now["services"].as_array().unwrap().iter();
    services.find(|service| service["service"] == "status").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_service_is_unknown_since_then() {
    let sandbox = Sandbox::both().await;
    let address = format!("127.0.0.1:{}", free_port());
    let asked = Console::start(&sandbox, &[("INTERNAL_ADDR", &address)]).await;
    let console = Console::beside(&sandbox, &[("STATUS_ADDRS", &address)]).await;
    eventually(WITHIN, async || {
        let now = console.json("/v1/now").await;
        let status = of_status(&now);
        status["version"]["value"] == env!("CARGO_PKG_VERSION") && status["health"].get("value").is_some()
    })
    .await;

    let before = Timestamp::now();
    asked.service.stop().await;
    let since: Timestamp = eventually(WITHIN, async || {
        let now = console.json("/v1/now").await;
        let status = of_status(&now);
        assert!(status["health"].get("value").is_none() || status["health"]["value"].is_string());
        status["version"]["unknown_since"].as_str()?.parse().ok()
    })
    .await;
    assert!(since >= before, "{since} is before {before}");
    // it stays the same instant while it can't be read
    let sample = console.json("/v1/now").await["sample"].as_u64().unwrap();
    eventually(WITHIN, async || {
        let now = console.json("/v1/now").await;
        assert_eq!(of_status(&now)["version"]["unknown_since"], since.to_string());
        now["sample"].as_u64().unwrap() > sample + 1
    })
    .await;

    let _again = Console::beside(&sandbox, &[("INTERNAL_ADDR", &address)]).await;
    eventually(WITHIN, async || {
        let now = console.json("/v1/now").await;
        of_status(&now)["version"].get("value").is_some()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_nobody_audits_is_unknown() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    eventually(WITHIN, async || {
        console.json("/v1/now").await["ledger"]["verdict"]["value"] == "whole"
    })
    .await;
    // the place of an auditor that hangs is taken, and its last round is long ago
    let mut database = PgConnection::connect(sandbox.database_url()).await.unwrap();
    let hang =
        "update ledger_audit set auditor = 1, until = 'infinity', audited_at = now() - interval '1 min'";
    // a round that has begun may end after the first of them
    eventually(WITHIN, async || {
        database.execute(hang).await.unwrap();
        let now = console.json("/v1/now").await;
        let mut channels = now["channels"].as_array().unwrap().iter();
        now["ledger"]["verdict"]["unknown_since"].is_string()
            && channels.all(|channel| channel["outstanding"]["unknown_since"].is_string())
            && now["dead_letters"]["value"] == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_seconds_of_an_hour_and_minutes_of_a_day() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    let history = eventually(WITHIN, async || {
        let history = console.json("/v1/history").await;
        (history["at"].as_array().unwrap().len() > 2).then_some(history)
    })
    .await;
    assert_eq!(history["step_seconds"], 1);
    let points = history["at"].as_array().unwrap().len();
    for column in history["columns"].as_array().unwrap() {
        assert_eq!(column["values"].as_array().unwrap().len(), points, "{column}");
    }
    let yesterday = Timestamp::now() - jiff::SignedDuration::from_hours(20);
    let day = console.json(&format!("/v1/history?from={yesterday}")).await;
    assert_eq!(day["step_seconds"], 60);
    assert_eq!(console.get("/v1/history?from=once").await.status(), 400);
}

/// A worker's page of metrics, on which so many lanes pause for an overload.
fn worker(giving_way: &Arc<AtomicUsize>) -> String {
    let giving_way = web::Data::from(Arc::clone(giving_way));
    let page = async |giving_way: web::Data<AtomicUsize>| {
        let lanes = giving_way.load(Ordering::Relaxed);
        HttpResponse::Ok().body(format!("sportello_worker_giving_way {lanes}\n"))
    };
    let server = HttpServer::new(move || {
        App::new()
            .app_data(giving_way.clone())
            .route("/metrics", web::get().to(page))
    });
    let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0].to_string();
    tokio::spawn(server.run());
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_that_give_way_to_an_overload_are_held_back() {
    let sandbox = Sandbox::both().await;
    let giving_way = Arc::new(AtomicUsize::new(1));
    let console = Console::start(&sandbox, &[("WORKER_ADDRS", &worker(&giving_way))]).await;
    let until = async |held_back: bool| {
        eventually(WITHIN, async || {
            console.json("/v1/now").await["workers"]["held_back"]["value"] == held_back
        })
        .await;
    };
    until(true).await;
    giving_way.store(0, Ordering::Relaxed);
    until(false).await;
}
