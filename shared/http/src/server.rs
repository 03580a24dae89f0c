//! The HTTP server of a service, with all that surrounds its routes.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use actix_http::HttpServiceBuilder;
use actix_http::error::DispatchError;
use actix_service::{
    IntoServiceFactory as _, ServiceFactoryExt as _, apply_fn_factory, fn_service, map_config,
};
use actix_web::App;
use actix_web::dev::AppConfig;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, ServiceConfig};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::config::EdgeConfig;
use crate::connection::{Connection, TAKEN};
use crate::cors::{Origin, cors};
use crate::edge::{fallback, security_headers};
use crate::health::Health;
use crate::in_work::follow;
use crate::limits::{Limits, tell};
use crate::request::record;
use crate::shed::{Gate, Places};
use crate::tls::{self, TlsError};

/// Most connections at once on each of the server's threads; one more waits in the system's queue.
const CONNECTIONS: usize = 10_000;
/// Connections that the system keeps waiting until they are accepted (Linux's own limit has this default).
const BACKLOG: i32 = 4096;
/// Bytes of a connection that the system keeps unsent before it lets us wait.
const UNSENT: u32 = 64 * 1024;
/// How long the two sides may take to agree on TLS.
const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(5);
/// How long a caller may take to end a connection that is to end, and to send the rest of a body that nobody wants.
const DISCONNECT_DEADLINE: Duration = Duration::from_secs(1);
/// How long requests in work may take to end when the service stops.
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(10);

/// An address that can't be listened on.
#[derive(Debug, thiserror::Error)]
#[error("can't listen on {addr}: {source}")]
pub struct ListenError {
    addr: SocketAddr,
    source: io::Error,
}

/// A server that listens and does not answer yet.
pub struct Server {
    listener: TcpListener,
    threads: Option<NonZeroUsize>,
    edge: Edge,
    crowd: Arc<Notify>,
}

/// What bounds callers from outside; nothing where there are none.
#[derive(Default)]
struct Edge {
    limits: Option<Data<Limits>>,
    origins: Vec<Origin>,
    tls: Option<TlsAcceptor>,
}

impl Server {
    /// Listens on `addr`; port 0 takes a free one.
    ///
    /// # Errors
    /// [`ListenError`], where the address is taken or not this machine's.
    pub fn bind(addr: SocketAddr) -> Result<Self, ListenError> {
        let listener = listen(addr).map_err(|source| ListenError { addr, source })?;
        Ok(Self {
            listener,
            threads: None,
            edge: Edge::default(),
            crowd: Arc::default(),
        })
    }

    /// Serves with so many threads instead of one a core.
    #[must_use]
    pub fn with_threads(self, threads: NonZeroUsize) -> Self {
        Self {
            threads: Some(threads),
            ..self
        }
    }

    /// Serves callers from outside: with limits on what each may send, to pages of these origins, over TLS where
    /// there are files for it.
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

    /// Notified whenever somebody is sent away because the server comes to them too late.
    #[must_use]
    pub fn crowd(&self) -> Arc<Notify> {
        Arc::clone(&self.crowd)
    }

    /// The address that it listens on.
    ///
    /// # Errors
    /// The system does not know.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves the health pages and `routes` until `stop` ends, then stops accepting and lets the requests in work
    /// end. Every request that is let in has its span and its metrics, every answer the security headers; over the bound
    /// of requests in work, and while a thread is late, one more gets `503` and is counted.
    ///
    /// # Errors
    /// The server can't start, or ends by itself, which is a fault.
    pub async fn run(
        self,
        health: Health,
        routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
        stop: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let (places, edge, crowd) = (Places::new(), self.edge, self.crowd);
        let threads = self.threads.map_or_else(thread::available_parallelism, Ok)?;
        let builder = actix_server::Server::build();
        let stopping = builder.graceful_shutdown_signal();
        let service = move || {
            let (health, limits, stopping) = (health.clone(), edge.limits.clone(), stopping.clone());
            let app = App::new()
                .configure(|config| {
                    if let Some(limits) = limits {
                        config.app_data(limits);
                    }
                })
                .configure(|config| health.configure(config))
                .configure(routes.clone())
                .configure(fallback)
                .wrap(from_fn(tell))
                .wrap(cors(&edge.origins))
                .wrap(from_fn(record))
                .wrap(security_headers())
                .into_factory()
                .map_err(|error: actix_web::Error| error.error_response());
            let gate = Gate::new(places.clone(), crowd.clone(), &edge.origins);
            let app = apply_fn_factory(map_config(app, |()| AppConfig::default()), move |request, app| {
                gate.pass(request, app)
            });
            let http = HttpServiceBuilder::default()
                // `Connection` has deadlines of its own for every head
                .client_request_timeout(Duration::ZERO)
                .client_disconnect_timeout(DISCONNECT_DEADLINE)
                .graceful_shutdown_signal(move || {
                    let stopping = stopping.clone();
                    async move { stopping.notified().await }
                })
                .on_connect_ext(|connection: &Connection, data| {
                    data.insert(connection.work().clone());
                })
                .h1(apply_fn_factory(app, follow));
            let tls = edge.tls.clone();
            fn_service(move |stream| accept(stream, tls.clone())).and_then(http)
        };
        let server = builder
            .workers(threads.get())
            // signals have one owner, and it is not the server, which would drop requests in work on SIGINT
            .disable_signals()
            .max_concurrent_connections(CONNECTIONS)
            .shutdown_timeout(SHUTDOWN_DEADLINE.as_secs())
            .listen("http", self.listener, service)?
            .run();
        until(server, stop).await
    }
}

/// Makes a connection of what the system accepted; with TLS, once the two have agreed. Who it is, is not asked.
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

/// `TcpListener::bind` alone keeps 128 connections waiting: a crowd that comes back at once would not fit.
fn listen(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    // a restart does not wait for the connections of the process before
    socket.set_reuse_address(true)?;
    // each connection has it from here: one whose other side is gone, or takes nothing, ends although we wait for it
    socket.set_tcp_user_timeout(Some(TAKEN))?;
    // without it the system lets us write on only after the caller took a third of megabytes, which looks like nothing taken
    socket.set_tcp_notsent_lowat(UNSENT)?;
    // what is ready goes out, and does not wait until the caller has confirmed what went before
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
            Err(io::Error::other("the HTTP server stopped without being told to"))
        }
        () = stop => {
            let ((), ended) = tokio::join!(handle.stop(true), server);
            ended
        }
    }
}
