//! Contenders with their own process: `loadtests contender …`.

use std::io::Write as _;

use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer, dev, web};
use anyhow::Context as _;
use clap::Subcommand;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use lapin::Confirmation;
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};

use super::bare_worker;
use super::broker::{Broker, NAIVE, quorum_queue};
use crate::system::serve::until_input_ends;

/// The contender of a process. `AMQP_URL` names the broker, `DATABASE_URL` the database.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum ContenderProcess {
    /// Parse the body and answer.
    Http,
    /// Publish the body to a queue, and answer after the confirm.
    Naive,
    /// Consume, insert, acknowledge.
    Worker,
}

impl ContenderProcess {
    /// Works until its input ends.
    ///
    /// # Errors
    /// The contender fails.
    pub async fn run(self) -> anyhow::Result<()> {
        // as many threads as in the services
        let run = move || {
            Builder::new_multi_thread()
                .enable_all()
                .build()?
                .block_on(async move {
                    tokio::select! {
                        ended = self.work() => ended,
                        ended = until_input_ends() => ended,
                    }
                })
        };
        tokio::task::spawn_blocking(run).await?
    }

    async fn work(self) -> anyhow::Result<()> {
        match self {
            Self::Http => http().await,
            Self::Naive => naive().await,
            Self::Worker => bare_worker::run().await,
        }
    }
}

/// Reads an environment variable.
pub(super) fn setting(name: &str) -> anyhow::Result<String> {
    std::env::var(name).with_context(|| format!("{name} is not set"))
}

/// Reports to the parent process that this one is ready.
pub(super) fn say(what: &str) -> std::io::Result<()> {
    let mut output = std::io::stdout();
    writeln!(output, "{what}")?;
    output.flush()
}

async fn http() -> anyhow::Result<()> {
    let app = || App::new().route("/v1/applications", web::post().to(parse));
    let server = HttpServer::new(app).bind("127.0.0.1:0")?;
    serve(server.addrs(), server.disable_signals().run()).await
}

async fn serve(addresses: Vec<std::net::SocketAddr>, server: dev::Server) -> anyhow::Result<()> {
    say(&addresses.first().context("no address")?.to_string())?;
    Ok(server.await?)
}

async fn parse(body: Bytes) -> HttpResponse {
    match serde_json::from_slice::<Value>(&body) {
        Ok(_) => accepted(),
        Err(_) => HttpResponse::BadRequest().finish(),
    }
}

fn accepted() -> HttpResponse {
    HttpResponse::Accepted().json(json!({ "accepted": true }))
}

struct Job {
    body: Bytes,
    confirmed: oneshot::Sender<bool>,
}

async fn naive() -> anyhow::Result<()> {
    let broker = Broker::connect(&setting("AMQP_URL")?).await?;
    quorum_queue(&broker, NAIVE).await?;
    broker.select_confirms().await?;
    let (jobs, queue) = mpsc::unbounded_channel();
    let owner = tokio::spawn(own(broker, queue));
    let jobs = Data::new(jobs);
    let app = move || {
        App::new()
            .app_data(jobs.clone())
            .route("/v1/applications", web::post().to(enqueue))
    };
    let server = HttpServer::new(app).bind("127.0.0.1:0")?;
    let addresses = server.addrs();
    tokio::select! {
        ended = serve(addresses, server.disable_signals().run()) => ended,
        _ = owner => anyhow::bail!("the publisher has ended"),
    }
}

async fn enqueue(body: Bytes, jobs: Data<mpsc::UnboundedSender<Job>>) -> HttpResponse {
    let (confirmed, answer) = oneshot::channel();
    let sent = jobs.send(Job { body, confirmed });
    match (sent, answer.await) {
        (Ok(()), Ok(true)) => accepted(),
        _ => HttpResponse::ServiceUnavailable().finish(),
    }
}

/// Publishes each body as its own message. Only this task uses the channel: confirms get mixed up
/// on a channel that several tasks share.
async fn own(broker: Broker, mut jobs: mpsc::UnboundedReceiver<Job>) {
    let mut confirms = FuturesUnordered::new();
    loop {
        tokio::select! {
            Some(job) = jobs.recv() => {
                let Job { body, confirmed } = job;
                let publish = broker.publish("", NAIVE, body, 1);
                confirms.push(async move { (publish.await, confirmed) });
            }
            Some((outcome, confirmed)) = confirms.next() => {
                // the caller may have gone
                let _ = confirmed.send(matches!(outcome, Ok(Confirmation::Ack(None))));
            }
            else => return,
        }
    }
}
