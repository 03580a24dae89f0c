//! The live stream: a snapshot, then a frame a second, whatever is in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer, web};
use reqwest::{Method, Response};
use serde_json::Value;
use sportello_testkit::{Sandbox, eventually};

use crate::support::{Console, WITHIN};

/// Reads events of a stream: name and data.
struct Events {
    answer: Response,
    text: String,
}

impl Events {
    async fn of(console: &Console, url: &str) -> Self {
        let token = console.issuer.operator_token("olga");
        let client = console.service.client();
        let answer = client
            .get(format!("{url}/v1/live"))
            .bearer_auth(token)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        Self {
            answer,
            text: String::new(),
        }
    }

    /// Waits for the next event; `None` at the end.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
                if let (Some(name), Some(data)) = (field("event: "), field("data: ")) {
                    let data: Value = serde_json::from_str(data).unwrap();
                    assert_eq!(field("id: "), Some(data["sample"].to_string().as_str()));
                    return Some((name.to_owned(), data));
                }
                continue;
            }
            let chunk = self.answer.chunk().await.ok().flatten()?;
            self.text += std::str::from_utf8(&chunk).unwrap();
        }
    }
}

async fn shows_seconds(console: &Console, url: &str) {
    let mut events = Events::of(console, url).await;
    let (name, first) = events.next().await.unwrap();
    assert_eq!(name, "snapshot");
    let mut last = first["sample"].as_u64().unwrap();
    for _ in 0..3 {
        let (name, frame) = tokio::time::timeout(WITHIN, events.next())
            .await
            .unwrap()
            .unwrap();
        let sample = frame["sample"].as_u64().unwrap();
        assert!(name == "frame" && sample > last, "{name} {sample} after {last}");
        last = sample;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_begins_with_a_snapshot_and_goes_on_each_second() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    let answer = console.get("/v1/live").await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["x-accel-buffering"], "no");
    shows_seconds(&console, console.service.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_passes_an_nginx_with_its_defaults() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    let nginx = Nginx::before(console.service.url());
    eventually(WITHIN, async || {
        let answer = console
            .service
            .client()
            .get(format!("{}/status", nginx.url))
            .send()
            .await;
        answer.is_ok_and(|answer| answer.status() == 200)
    })
    .await;
    shows_seconds(&console, &nginx.url).await;
}

/// nginx with nothing but its defaults; ended when dropped.
struct Nginx {
    process: std::process::Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Nginx {
    fn before(console: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = sportello_testkit::free_port();
        let server = format!("server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {console}; }} }}");
        let configuration = sportello_stack::nginx::configuration(folder.path(), &server);
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, configuration).unwrap();
        let mut command = std::process::Command::new(sportello_stack::nginx::program());
        command.arg("-p").arg(folder.path()).arg("-c").arg(&file);
        let process = command
            .arg("-e")
            .arg(folder.path().join("error.log"))
            .spawn()
            .unwrap();
        Self {
            process,
            url: format!("http://127.0.0.1:{port}"),
            _folder: folder,
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_when_the_console_stops() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    let mut events = Events::of(&console, console.service.url()).await;
    events.next().await.unwrap();
    let begun = Instant::now();
    let ended = async {
        while tokio::time::timeout(WITHIN, events.next())
            .await
            .unwrap()
            .is_some()
        {}
        begun.elapsed()
    };
    let (ended, ()) = tokio::join!(ended, console.service.stop());
    assert!(ended < Duration::from_secs(3), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_has_so_many_streams_and_no_more() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[("STREAMS_PER_OPERATOR", "2")]).await;
    let open = async |operator: &str| {
        let request = console.request(Method::GET, "/v1/live", operator);
        request.send().await.unwrap()
    };
    let (one, _two) = (open("olga").await, open("olga").await);
    assert_eq!(open("olga").await.status(), 429);
    assert_eq!(open("anna").await.status(), 200);
    drop(one);
    eventually(WITHIN, async || open("olga").await.status() == 200).await;
}

/// Counts how often it is scraped.
fn scraped() -> (String, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = web::Data::from(Arc::clone(&count));
    let server = HttpServer::new(move || {
        App::new().app_data(counted.clone()).route(
            "/metrics",
            web::get().to(async |count: web::Data<AtomicUsize>| {
                count.fetch_add(1, Ordering::Relaxed);
                HttpResponse::Ok().body("")
            }),
        )
    });
    let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0].to_string();
    tokio::spawn(server.run());
    (address, count)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_viewers_make_one_scrape_a_second() {
    let sandbox = Sandbox::both().await;
    let (address, count) = scraped();
    let settings = [
        ("STATUS_ADDRS", address.as_str()),
        ("STREAMS_PER_OPERATOR", "300"),
    ];
    let console = Console::start(&sandbox, &settings).await;
    let mut viewers = Vec::new();
    for _ in 0..200 {
        viewers.push(Events::of(&console, console.service.url()).await);
    }
    let sample = async || console.json("/v1/now").await["sample"].as_u64().unwrap();
    let (before, scrapes) = (sample().await, count.load(Ordering::Relaxed));
    let begun = Instant::now();
    // every viewer sees seconds go by
    for viewer in &mut viewers {
        let (_, first) = tokio::time::timeout(WITHIN, viewer.next())
            .await
            .unwrap()
            .unwrap();
        let (_, later) = tokio::time::timeout(WITHIN, viewer.next())
            .await
            .unwrap()
            .unwrap();
        assert!(later["sample"].as_u64() > first["sample"].as_u64());
    }
    eventually(WITHIN, async || sample().await > before + 3).await;
    let seconds = usize::try_from(begun.elapsed().as_secs()).unwrap() + 2;
    let made = count.load(Ordering::Relaxed) - scrapes;
    assert!(made <= seconds, "{made} scrapes in {seconds} s");
}
