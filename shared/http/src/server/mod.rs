//! The HTTP server of a service, around its routes.
//!
//! # Why actix-web's own server is not enough
//!
//! actix-web bounds the time of a connection's first head, its idle time, and the size of a body
//! that a handler reads. It leaves three things to a gateway, and one caller without a token can
//! use each of them to fill the memory or block a thread:
//!
//! - **Pipelined requests.** HTTP/1.1 pipelining lets a caller send thousands of requests and read
//!   no answer; the dispatcher parses them all and keeps every answer. [`connection`] sits between
//!   the socket and the dispatcher: it hands over one request at a time, and reads on once the
//!   answer before is sent. [`message`] finds where one request ends; it reads framing only.
//! - **Heads, bodies and answers without end.** Each head, each body that no handler reads and each
//!   answer that no caller takes has a [`deadline`], not only the first of a connection.
//! - **Overload.** A server thread answers in the order of arrival. When its queue is longer than
//!   callers wait, every answer is late and all the work is lost. [`queue_delay`] estimates the
//!   wait of a new request, and [`shed`] answers `503` before any work is done for it.
//!   [`in_flight`] holds the state of a request that handler, connection and shedding share.
//!
//! `tests/edge/` shows each bound on a real connection (`pipelining`, `bounds`, `shed`). The bounds
//! also hold behind a gateway, for the requests that pass it.

mod connection;
mod deadline;
mod in_flight;
mod message;
mod queue_delay;
mod shed;
mod tls;

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpServiceBuilder, Request, Response};
use actix_server::GracefulShutdownSignal;
use actix_service::{
    IntoServiceFactory as _, Service as _, ServiceFactory, ServiceFactoryExt as _, apply_fn_factory,
    fn_service, map_config,
};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, HttpResponse};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::config::EdgeConfig;
use crate::cors::{Origin, cors};
use crate::edge::{fallback, security_headers};
use crate::health::Health;
use crate::limits::{Limits, add_headers};
use crate::request::record;

use connection::{Connection, TAKEN};
use in_flight::follow;
use shed::{Gate, Places};
pub use tls::TlsError;

/// Most connections at once on each of the server's threads; one more waits in the system's queue.
const CONNECTIONS: usize = 10_000;
/// Connections that the system queues until they are accepted (the default of Linux's own limit).
const BACKLOG: i32 = 4096;
/// Unsent bytes of a connection above which the system makes us wait.
const UNSENT: u32 = 64 * 1024;
/// Bytes of answers that are buffered before they are sent.
const WRITE_BUFFER: usize = 16 * 1024;
/// How long the two sides may take to agree on TLS.
const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(5);
/// How long a caller may take to close a connection that must end, and to send the rest of an
/// unwanted body.
const DISCONNECT_DEADLINE: Duration = Duration::from_secs(1);
/// How long requests in flight may take to end when the service stops.
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(10);

/// The error for an address on which the server can't listen.
#[derive(Debug, thiserror::Error)]
#[error("can't listen on {addr}: {source}")]
pub struct ListenError {
    addr: SocketAddr,
    source: io::Error,
}

/// A server that listens but does not answer yet.
pub struct Server {
    public: Option<TcpListener>,
    internal: TcpListener,
    threads: Option<NonZeroUsize>,
    edge: Edge,
    overload: Arc<Notify>,
}

/// Limits, origins and TLS for callers from outside; empty by default.
#[derive(Clone, Default)]
struct Edge {
    limits: Option<Data<Limits>>,
    origins: Vec<Origin>,
    tls: Option<TlsAcceptor>,
}

impl Server {
    /// Listens on `addr` for callers, and on `internal` for operators; port 0 takes a free port.
    ///
    /// # Errors
    /// [`ListenError`], where an address is taken or not this machine's.
    pub fn bind(addr: SocketAddr, internal: SocketAddr) -> Result<Self, ListenError> {
        let public = Some(listen(addr)?);
        let server = Self::bind_internal(internal)?;
        Ok(Self { public, ..server })
    }

    /// Listens on `internal` alone.
    ///
    /// # Errors
    /// [`ListenError`], where the address is taken or not this machine's.
    pub fn bind_internal(internal: SocketAddr) -> Result<Self, ListenError> {
        Ok(Self {
            public: None,
            internal: listen(internal)?,
            threads: None,
            edge: Edge::default(),
            overload: Arc::default(),
        })
    }

    /// Sets the number of threads; the default is one per core.
    #[must_use]
    pub fn with_threads(self, threads: NonZeroUsize) -> Self {
        Self {
            threads: Some(threads),
            ..self
        }
    }

    /// Serves callers from outside: with limits on what each may send, to pages of these origins,
    /// over TLS where there are files for it. The internal address stays as it is.
    ///
    /// # Errors
    /// [`TlsError`] says which file can't be used.
    pub fn with_edge(self, config: &EdgeConfig) -> Result<Self, TlsError> {
        let files = config.tls_certificate.as_ref().zip(config.tls_key.as_ref());
        let tls = files.map(|(certificates, key)| tls::acceptor(certificates, key));
        let edge = Edge {
            limits: Some(Data::new(Limits::new(config))),
            origins: config.cors_origins.clone(),
            tls: tls.transpose()?,
        };
        Ok(Self { edge, ..self })
    }

    /// Returns the signal that is notified of each request shed because its thread is late.
    #[must_use]
    pub fn overload(&self) -> Arc<Notify> {
        Arc::clone(&self.overload)
    }

    /// Returns the address for callers; the internal address if there is no other.
    ///
    /// # Errors
    /// The system does not know.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.public.as_ref().unwrap_or(&self.internal).local_addr()
    }

    /// Returns the address of the health pages and metrics.
    ///
    /// # Errors
    /// The system does not know.
    pub fn internal_address(&self) -> io::Result<SocketAddr> {
        self.internal.local_addr()
    }

    /// Serves `routes` and `/status` to callers, and all health pages at the internal address,
    /// until `stop` ends. Then it stops accepting and lets the requests in flight end.
    ///
    /// Every admitted request has a span and metrics, every answer the security headers. Over the
    /// bound of requests in flight, and while a thread is late, a surplus request gets `503` and is
    /// counted. The internal address sheds no requests.
    ///
    /// # Errors
    /// The server can't start, or ends by itself, which is a fault.
    pub async fn run(
        self,
        health: Health,
        routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
        stop: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let threads = self.threads.map_or_else(thread::available_parallelism, Ok)?;
        let mut builder = actix_server::Server::build()
            .workers(threads.get())
            // `shutdown_signal` owns signals: the server would drop requests in flight on SIGINT
            .disable_signals()
            .max_concurrent_connections(CONNECTIONS)
            .shutdown_timeout(SHUTDOWN_DEADLINE.as_secs());
        let stopping = builder.graceful_shutdown_signal();
        if let Some(listener) = self.public {
            let (health, stopping) = (health.clone(), stopping.clone());
            let (edge, places, overload) = (self.edge, Places::new(), self.overload);
            builder = builder.listen("http", listener, move || {
                let gate = Gate::new(places.clone(), overload.clone(), &edge.origins);
                let app = public_app(&health, &edge, routes.clone());
                let app = apply_fn_factory(app, move |request, app| gate.pass(request, app));
                connections(app, edge.tls.clone(), stopping.clone())
            })?;
        }
        builder = builder.listen("internal", self.internal, move || {
            let app = internal_app(&health);
            let app = apply_fn_factory(app, |request, app| {
                let answer = app.call(request);
                async move { answer.await.map(Response::from) }
            });
            connections(app, None, stopping.clone())
        })?;
        until(builder.run(), stop).await
    }
}

/// Builds the app for callers, for one thread.
fn public_app<R: Fn(&mut ServiceConfig)>(
    health: &Health,
    edge: &Edge,
    routes: R,
) -> impl ServiceFactory<
    Request,
    Config = (),
    Response = ServiceResponse<impl MessageBody + use<R>>,
    Error = HttpResponse,
    InitError = (),
> + use<R> {
    let app = App::new()
        .configure(|config| {
            if let Some(limits) = &edge.limits {
                config.app_data(limits.clone());
            }
        })
        .configure(|config| health.configure_public(config))
        .configure(routes)
        .configure(fallback)
        .wrap(from_fn(add_headers))
        .wrap(cors(&edge.origins))
        .wrap(from_fn(record))
        .wrap(security_headers())
        .into_factory()
        .map_err(|error: actix_web::Error| error.error_response());
    map_config(app, |()| AppConfig::default())
}

/// Builds the app for operators, for one thread.
fn internal_app(
    health: &Health,
) -> impl ServiceFactory<
    Request,
    Config = (),
    Response = ServiceResponse<impl MessageBody + use<>>,
    Error = HttpResponse,
    InitError = (),
> + use<> {
    let app = App::new()
        .configure(|config| health.configure_internal(config))
        .configure(fallback)
        .wrap(security_headers())
        .into_factory()
        .map_err(|error: actix_web::Error| error.error_response());
    map_config(app, |()| AppConfig::default())
}

/// Reads requests from accepted connections and passes them to `app`.
fn connections<S, B>(
    app: S,
    tls: Option<TlsAcceptor>,
    stopping: GracefulShutdownSignal,
) -> impl ServiceFactory<TcpStream, Config = ()>
where
    S: ServiceFactory<Request, Config = (), Response = Response<B>, Error = HttpResponse, InitError = ()>
        + 'static,
    S::Service: 'static,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    let http = HttpServiceBuilder::default()
        // `Connection` has deadlines of its own for every head
        .client_request_timeout(Duration::ZERO)
        .client_disconnect_timeout(DISCONNECT_DEADLINE)
        .h1_write_buffer_size(WRITE_BUFFER)
        .graceful_shutdown_signal(move || {
            let stopping = stopping.clone();
            async move { stopping.notified().await }
        })
        .on_connect_ext(|connection: &Connection, data| {
            data.insert(connection.work().clone());
        })
        .h1(apply_fn_factory(app, follow));
    fn_service(move |stream| accept(stream, tls.clone())).and_then(http)
}

/// Wraps an accepted stream in a [`Connection`], after the handshake if TLS is on. Leaves out the
/// peer's address.
async fn accept(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
) -> Result<(Connection, Option<SocketAddr>), DispatchError> {
    let connection = match tls {
        None => Connection::new(stream),
        Some(tls) => {
            let agreed = timeout(HANDSHAKE_DEADLINE, tls.accept(stream)).await;
            Connection::new(agreed.map_err(io::Error::from)??)
        }
    };
    Ok((connection, None))
}

fn listen(addr: SocketAddr) -> Result<TcpListener, ListenError> {
    listener(addr).map_err(|source| ListenError { addr, source })
}

/// Makes a listener with a longer queue than `TcpListener::bind`, whose 128 waiting connections are
/// too few when many callers come back at once.
fn listener(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    // a restart need not wait for the connections of the previous process
    socket.set_reuse_address(true)?;
    // accepted connections inherit it: one whose peer is gone, or reads nothing, ends although we
    // wait for it
    socket.set_tcp_user_timeout(Some(TAKEN))?;
    // without it the system lets us write on only after the caller has read a third of megabytes,
    // which looks as if it read nothing
    socket.set_tcp_notsent_lowat(UNSENT)?;
    // send ready bytes at once, without waiting for the acknowledgement of earlier ones
    socket.set_tcp_nodelay(true)?;
    socket.bind(&addr.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

async fn until(server: actix_server::Server, stop: impl Future<Output = ()>) -> io::Result<()> {
    let handle = server.handle();
    tokio::pin!(server);
    tokio::select! {
        ended = &mut server => {
            ended?;
            Err(io::Error::other("the HTTP server stopped by itself"))
        }
        () = stop => {
            let ((), ended) = tokio::join!(handle.stop(true), server);
            ended
        }
    }
}
