//! The trace of a request goes on in the worker.

use std::sync::{Arc, Mutex};

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use sportello_domain::Channel;
use tracing::Dispatch;
use tracing_subscriber::layer::SubscriberExt as _;
use worker::Step;

use crate::support::{citizen, open};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const REQUEST: &str = "b7ad6b7169203331";

#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_is_registered_in_the_trace_of_its_request() {
    let kept = Kept::default();
    let tracers = SdkTracerProvider::builder()
        .with_simple_exporter(kept.clone())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(tracers.tracer("test"));
    // With one subscriber alone, `tracing` asks the thread that comes first to a span whether it is
    // wanted, for all threads. Another test's thread, which has no subscriber, would say no.
    let _second = Dispatch::new(tracing_subscriber::registry());
    // for this thread, which polls the test and with it the lane
    let _subscriber = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));

    let office = open().await;
    let traced = citizen(1).traced(&format!("00-{TRACE}-{REQUEST}-01"));
    office.publisher.publish(traced).await.unwrap();
    // a request whose trace is not kept has no span here either
    let unkept = citizen(2).traced(&format!("00-{TRACE}-{REQUEST}-00"));
    office.publisher.publish(unkept).await.unwrap();
    let mut lane = office.lane(Channel::Citizen);
    while office.count().await < 2 {
        assert!(matches!(lane.step().await, Step::Done(_)));
    }
    lane.close().await;

    let spans = kept.0.lock().unwrap();
    let named = |name: &str| spans.iter().filter(|span| span.name == name).collect::<Vec<_>>();
    let registered = named("register");
    assert_eq!(registered.len(), 1);
    assert_eq!(registered[0].span_context.trace_id().to_string(), TRACE);
    assert_eq!(registered[0].parent_span_id.to_string(), REQUEST);
    let batches = named("batch");
    let mut links = batches.iter().flat_map(|batch| batch.links.iter());
    assert!(links.any(|link| link.span_context.trace_id().to_string() == TRACE));
    let commits = named("commit");
    assert!(!commits.is_empty());
    let of_a_batch = |commit: &&SpanData| {
        batches
            .iter()
            .any(|batch| batch.span_context.trace_id() == commit.span_context.trace_id())
    };
    assert!(commits.iter().all(of_a_batch));
    assert!(
        commits
            .iter()
            .any(|commit| commit.end_time <= registered[0].end_time)
    );
}
