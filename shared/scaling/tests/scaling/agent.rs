//! The agent, on a server that stands in for the console.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use sportello_scaling::hand::WantedWorkers;
use sportello_scaling::{Agent, AgentError, Hand, HandError, Observed, Step};
use tokio::time::timeout;

/// Longer than any stop of the server takes.
const SOON: Duration = Duration::from_secs(30);

/// A hand that does at once what it is asked for.
struct Obedient(Arc<Mutex<u16>>);

impl Hand for Obedient {
    fn observe(&self) -> BoxFuture<'_, Result<Observed, HandError>> {
        Box::pin(async { Ok(Observed::count(*self.0.lock().unwrap())) })
    }

    fn scale_to<'a>(&'a self, wanted: u16, _: &'a Observed) -> BoxFuture<'a, Result<(), HandError>> {
        *self.0.lock().unwrap() = wanted;
        Box::pin(async { Ok(()) })
    }
}

async fn wanted(request: HttpRequest) -> HttpResponse {
    match request
        .headers()
        .get("authorization")
        .map(|value| value.as_bytes())
    {
        Some(b"Bearer good") => HttpResponse::Ok().json(WantedWorkers { wanted: 4 }),
        _ => HttpResponse::Unauthorized().finish(),
    }
}

async fn elsewhere() -> &'static str {
    "{}"
}

fn console() -> (ServerHandle, String) {
    let server = HttpServer::new(|| {
        App::new()
            .route("/v1/workers/wanted", web::get().to(wanted))
            .route("/elsewhere", web::get().to(elsewhere))
    });
    let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    (handle, address)
}

fn agent(url: &str, token: &str, workers: &Arc<Mutex<u16>>) -> Agent {
    let hand = Obedient(Arc::clone(workers));
    Agent::new(url, SecretString::from(token), Box::new(hand)).unwrap()
}

#[tokio::test]
async fn an_agent_carries_out_what_the_console_wants() {
    let (console, address) = console();
    let workers = Arc::new(Mutex::new(1));
    let wanted = format!("{address}/v1/workers/wanted");
    let good = agent(&wanted, "good", &workers);
    let ordered = Step::Ordered { from: Some(1), to: 4 };
    assert_eq!(good.step().await, Ok(ordered));
    assert_eq!(good.step().await, Ok(Step::Kept(4)));

    // whatever goes wrong, the number stays
    let refused = agent(&wanted, "other", &workers).step().await;
    assert_eq!(refused, Err(AgentError::Token(401)));
    let elsewhere = agent(&format!("{address}/elsewhere"), "good", &workers)
        .step()
        .await;
    assert!(
        matches!(elsewhere, Err(AgentError::Answer { status: 200, .. })),
        "{elsewhere:?}"
    );
    console.stop(false).await;
    // an open connection may be answered once more while the server's threads end
    let unless_kept = async || loop {
        match good.step().await {
            Ok(Step::Kept(4)) => tokio::task::yield_now().await,
            other => return other,
        }
    };
    let away = timeout(SOON, unless_kept()).await.unwrap();
    assert!(matches!(away, Err(AgentError::Unanswered { .. })), "{away:?}");
    assert_eq!(*workers.lock().unwrap(), 4);
}

#[test]
fn keda_reads_the_field_that_the_console_answers_with() {
    let answer = serde_json::to_value(WantedWorkers { wanted: 4 }).unwrap();
    let manifest = include_str!("../../../../deploy/kubernetes/standard.yaml");
    let line = manifest
        .lines()
        .find_map(|line| line.trim().strip_prefix("valueLocation: "));
    let field = line.unwrap().trim_matches('"');
    assert_eq!(answer[field], 4);
    assert!(
        manifest.contains("targetValue: \"1\""),
        "one worker for each that is wanted"
    );
}
