//! A test server with its own routes.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{hint, io, thread};

use actix_web::web::{Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use sportello_http::{Check, EdgeConfig, Health, Problem, Server, read_body};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;

/// Time limit for each step; the machine may be busy.
pub const WITHIN: Duration = Duration::from_secs(180);
/// Most bytes of a body.
pub const BODY_LIMIT: usize = 64 * 1024;

/// A server that runs until it is dropped.
pub struct Running {
    pub address: SocketAddr,
    /// The address of the health pages.
    pub internal: SocketAddr,
    /// How often the health check ran.
    pub looked: Arc<AtomicUsize>,
    /// Streams of `/endless` that are being sent.
    pub endless: Arc<AtomicUsize>,
    /// Notified of each request that is shed because its thread is late.
    pub overload: Arc<Notify>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

pub fn plain() -> EdgeConfig {
    EdgeConfig {
        citizen_requests_per_minute: 0,
        organisation_requests_per_minute: 0,
        operator_requests_per_minute: 0,
        citizen_requests_at_once: 0,
        organisation_requests_at_once: 0,
        operator_requests_at_once: 0,
        cors_origins: Vec::new(),
        tls_certificate: None,
        tls_key: None,
    }
}

impl Running {
    pub fn start(config: &EdgeConfig) -> Self {
        Self::of(listening(config))
    }

    /// Starts with a single thread, so that one busy request delays all others.
    pub fn start_on_one_thread(config: &EdgeConfig) -> Self {
        Self::of(listening(config).with_threads(NonZeroUsize::MIN))
    }

    fn of(server: Server) -> Self {
        let (address, overload) = (server.address().unwrap(), server.overload());
        let internal = server.internal_address().unwrap();
        let looked = Arc::new(AtomicUsize::new(0));
        let look = looked.clone();
        let check = Check::new("looked", move || {
            look.fetch_add(1, Ordering::SeqCst);
            async { Ok(()) }
        });
        let endless = Arc::new(AtomicUsize::new(0));
        let counted = Data::new(endless.clone());
        let routes = move |config: &mut ServiceConfig| {
            config.app_data(counted.clone()).configure(routes);
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let run = async {
            let stopped = async { stopped.await.unwrap_or_default() };
            server.run(Health::new(vec![check], None), routes, stopped).await
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .worker_threads(1)
            .build()
            .unwrap();
        Self {
            address,
            internal,
            looked,
            endless,
            overload,
            stop: Some(stop),
            thread: Some(thread::spawn(move || runtime.block_on(run))),
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    pub async fn assert_it_answers_others(&self) {
        let answer = exchange(
            &mut self.connect().await,
            "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
        let ended = self.thread.take().unwrap().join();
        if !thread::panicking() {
            ended.unwrap().unwrap();
        }
    }
}

fn listening(config: &EdgeConfig) -> Server {
    let any = "127.0.0.1:0".parse().unwrap();
    let server = Server::bind(any, any).unwrap();
    server.with_edge(config).unwrap()
}

struct Counted(Data<Arc<AtomicUsize>>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn routes(config: &mut ServiceConfig) {
    config
        .route("/hello", web::get().to(async || "hello"))
        .route(
            "/refuse",
            web::post().to(async || Err::<&str, _>(Problem::RoleNotAllowed)),
        )
        .route("/busy", web::get().to(busy))
        .route("/echo", web::get().to(echo))
        .route("/echo", web::post().to(echo))
        .route("/large", web::get().to(async || Bytes::from_static(&LARGE)))
        .route("/stream", web::get().to(stream_of_two))
        .route("/hold", web::post().to(hold))
        .route("/long", web::post().to(long))
        .route("/count", web::post().to(count))
        .route("/endless", web::get().to(endless));
}

/// Keeps its thread busy for the requested time.
async fn busy(request: HttpRequest) -> &'static str {
    let milliseconds = request.query_string().parse().unwrap();
    let (started, asked) = (Instant::now(), Duration::from_millis(milliseconds));
    while started.elapsed() < asked {
        hint::spin_loop();
    }
    "done"
}

/// The answer of `/large`.
static LARGE: [u8; 1 << 20] = [b'y'; 1 << 20];

/// Answers with the request's query string in a header.
async fn echo(request: HttpRequest, _body: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("x-echo", request.query_string()))
        .finish()
}

async fn stream_of_two() -> HttpResponse {
    let parts = ["one, ", "two"].map(|part| Ok::<_, io::Error>(Bytes::from(part)));
    HttpResponse::Ok().streaming(stream::iter(parts))
}

/// Neither reads the body nor answers.
async fn hold(_unread: Payload) -> &'static str {
    std::future::pending().await
}

/// Reads a body of any length.
async fn long(mut payload: Payload) -> String {
    let mut length = 0;
    while let Some(chunk) = payload.next().await {
        length += chunk.unwrap().len();
    }
    format!("{length} bytes")
}

async fn count(payload: Payload) -> Result<String, Problem> {
    let body = read_body(payload, BODY_LIMIT, WITHIN).await?;
    Ok(format!("{} bytes", body.len()))
}

async fn endless(streams: Data<Arc<AtomicUsize>>) -> HttpResponse {
    streams.fetch_add(1, Ordering::SeqCst);
    let counted = Counted(streams);
    let chunks = stream::repeat_with(move || {
        let _held = &counted;
        Ok::<_, io::Error>(Bytes::from_static(&[b'x'; 65_536]))
    });
    HttpResponse::Ok().streaming(chunks)
}

/// Sends the whole request, and reads an answer with its body.
pub async fn exchange(connection: &mut TcpStream, request: impl AsRef<[u8]>) -> String {
    connection.write_all(request.as_ref()).await.unwrap();
    answer(connection).await
}

/// Reads one answer with its body, or up to the end of the connection.
pub async fn answer(connection: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut space = [0; 4096];
    while !is_whole(&text) {
        let read = timeout(WITHIN, connection.read(&mut space)).await.unwrap();
        match read.unwrap_or_else(|error| panic!("{error} after {text:?}")) {
            0 => break,
            length => text += std::str::from_utf8(&space[..length]).unwrap(),
        }
    }
    text
}

fn is_whole(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let head = head.to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| body.len() >= length.parse::<usize>().unwrap())
}

/// Sends one `drop` after another, five per second, until the server ends the connection. Returns
/// how many it sent.
pub async fn drip_until_it_ends(connection: &mut TcpStream, drop: &[u8]) -> usize {
    let mut space = [0; 4096];
    let dripping = async {
        for drops in 0.. {
            let heard = timeout(Duration::from_millis(200), connection.read(&mut space)).await;
            if matches!(heard, Ok(Ok(0) | Err(_))) || connection.write_all(drop).await.is_err() {
                return drops;
            }
        }
        unreachable!("nobody counts so far")
    };
    timeout(WITHIN, dripping).await.expect("the server ends it")
}
