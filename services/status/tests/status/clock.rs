//! Whose clock is right.

use std::time::Duration;

use serde_json::Value;
use sportello_faults::FakeClock;
use sportello_testkit::{Issuer, Sandbox, eventually};

use crate::support::{Status, people};

const SOON: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_differs_from_the_databases_is_warned_of_and_stops_nothing() {
    let sandbox = Sandbox::database().await;
    let issuer = Issuer::new();
    let clock = FakeClock::at(&issuer.folder().join("clock")).unwrap();
    let settings = clock.environment();
    let settings = settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let settings: Vec<_> = settings.collect();
    let status = Status::start_with(sandbox.database_url(), issuer, &settings).await;
    let (anna, _) = people();
    let (application, _) = status.application(&anna, "k-1");
    status.register(&application).await;
    let warns = async || {
        let page: Value = status.service.get("/status").await.json().await.unwrap();
        page["checks"]["clock"]["status"] == "warn"
    };
    assert!(!warns().await);
    for seconds in [20, -20] {
        clock.jump(seconds).unwrap();
        eventually(SOON, warns).await;
        assert_eq!(status.service.get("/readyz").await.status(), 200);
        let answer = status.get(&anna, &application.id.to_string(), None).await;
        assert_eq!(answer.status(), 200);
        clock.jump(0).unwrap();
        eventually(SOON, async || !warns().await).await;
    }
    status.service.stop().await;
}
