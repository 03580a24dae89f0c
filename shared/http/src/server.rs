//! The HTTP server of a service, with all that surrounds its routes.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, HttpServer};
use socket2::{Domain, Protocol, Socket, Type};

use crate::config::EdgeConfig;
use crate::edge::{Places, fallback, security_headers, shed};
use crate::health::Health;
use crate::limits::{Limits, tell};
use crate::request::record;

/// Most connections at once on each of the server's threads; one more waits in the system's queue.
const CONNECTIONS: usize = 10_000;
/// Connections that the system keeps waiting until they are accepted (Linux's own limit has this default).
const BACKLOG: i32 = 4096;
/// How long the head of a connection's first request may take.
const HEAD_DEADLINE: Duration = Duration::from_secs(5);
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
    limits: Option<Data<Limits>>,
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
            limits: None,
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

    /// Serves callers from outside: with limits on what each may send.
    #[must_use]
    pub fn with_edge(self, config: &EdgeConfig) -> Self {
        Self {
            limits: Some(Data::new(Limits::new(config))),
            ..self
        }
    }

    /// The address that it listens on.
    ///
    /// # Errors
    /// The system does not know.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves the health pages and `routes` until `stop` ends, then stops accepting and lets the requests in work
    /// end. Every request has its span and its metrics, every answer the security headers; over the bound of
    /// requests in work, one more gets `503`.
    ///
    /// # Errors
    /// The server can't start, or ends by itself, which is a fault.
    pub async fn run(
        self,
        health: Health,
        routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
        stop: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let (places, limits) = (Places::new(), self.limits);
        let threads = self.threads.map_or_else(thread::available_parallelism, Ok)?;
        let server = HttpServer::new(move || {
            App::new()
                .app_data(places.clone())
                .configure(|config| {
                    if let Some(limits) = &limits {
                        config.app_data(limits.clone());
                    }
                })
                .configure(|config| health.configure(config))
                .configure(routes.clone())
                .configure(fallback)
                .wrap(from_fn(tell))
                .wrap(from_fn(shed))
                .wrap(from_fn(record))
                .wrap(security_headers())
        })
        .workers(threads.get())
        // signals have one owner, and it is not the server, which would drop requests in work on SIGINT
        .disable_signals()
        .client_request_timeout(HEAD_DEADLINE)
        .max_connections(CONNECTIONS)
        .shutdown_timeout(SHUTDOWN_DEADLINE.as_secs())
        .listen(self.listener)?
        .run();
        until(server, stop).await
    }
}

/// `TcpListener::bind` alone keeps 128 connections waiting: a crowd that comes back at once would not fit.
fn listen(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    // a restart does not wait for the connections of the process before
    socket.set_reuse_address(true)?;
    socket.bind(&addr.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

async fn until(server: actix_web::dev::Server, stop: impl Future<Output = ()>) -> io::Result<()> {
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
