//! A wire that can be broken: a TCP proxy between two parts, on its own thread.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use sportello_stack::{Error, Result, ports};

/// Bytes of one read.
const CHUNK: usize = 16 * 1_024;
/// Chunks on their way in each direction; further senders wait, as with a full socket.
const ON_THE_WAY: usize = 256;
/// Pause between two attempts to listen again.
const PAUSE: Duration = Duration::from_millis(20);

/// How a wire treats its traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Manner {
    /// Passes traffic unchanged.
    #[default]
    Pass,
    /// Resets connections and refuses new ones.
    Cut,
    /// Keeps connections open without traffic, and reports nothing: a partition, as TCP sees it.
    /// Delayed traffic arrives afterwards, in order.
    Silent,
    /// Delays traffic in each direction.
    Slow(Duration),
    /// Limits the bytes a second in each direction of each connection.
    Narrow(u32),
}

/// A proxy between clients of its port on this machine and one server at 127.0.0.1. Dropping it
/// ends it and its connections.
pub struct Proxy {
    port: u16,
    manner: watch::Sender<Manner>,
    stop: Option<watch::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Starts a proxy to the server at this port of 127.0.0.1, which need not listen yet.
    ///
    /// # Errors
    ///
    /// When no port or thread is available.
    pub fn to(server: u16) -> Result<Self> {
        Self::at((Ipv4Addr::LOCALHOST, ports::free_port()?).into(), server)
    }

    /// Starts a proxy at this address of this machine, to the server at this port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When the address or a thread is not available.
    pub fn at(address: SocketAddr, server: u16) -> Result<Self> {
        let (manner, follow) = watch::channel(Manner::Pass);
        let (stop, mut stopped) = watch::channel(());
        let prepare = || {
            let listener = std::net::TcpListener::bind(address)?;
            listener.set_nonblocking(true)?;
            Ok((Builder::new_current_thread().enable_all().build()?, listener))
        };
        let (runtime, listener) = prepare().map_err(Error::io("start a proxy"))?;
        let run = move || {
            runtime.block_on(async {
                let Ok(listener) = TcpListener::from_std(listener) else {
                    return;
                };
                tokio::select! {
                    () = serve(listener, address, (Ipv4Addr::LOCALHOST, server).into(), follow) => {}
                    // an error: the sender was dropped
                    _ = stopped.changed() => {}
                }
            });
        };
        Ok(Self {
            port: address.port(),
            manner,
            stop: Some(stop),
            thread: Some(std::thread::spawn(run)),
        })
    }

    /// Returns its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Sets how it treats traffic, also on existing connections.
    pub fn set(&self, manner: Manner) {
        self.manner.send_replace(manner);
    }

    /// Returns how it treats traffic.
    #[must_use]
    pub fn manner(&self) -> Manner {
        *self.manner.borrow()
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("port", &self.port)
            .field("manner", &self.manner())
            .finish_non_exhaustive()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Accepts connections for ever; listens only while it is not cut.
async fn serve(
    listener: TcpListener,
    address: SocketAddr,
    server: SocketAddr,
    mut manner: watch::Receiver<Manner>,
) {
    let mut connections = JoinSet::new();
    let mut listener = Some(listener);
    loop {
        let Some(open) = &listener else {
            until(&mut manner, |manner| manner != Manner::Cut).await;
            listener = TcpListener::bind(address).await.ok();
            if listener.is_none() {
                sleep(PAUSE).await;
            }
            continue;
        };
        let accepted = tokio::select! {
            accepted = open.accept() => accepted.ok(),
            () = until(&mut manner, |manner| manner == Manner::Cut) => {
                listener = None;
                continue;
            }
        };
        match accepted {
            Some((client, _)) => drop(connections.spawn(carry(client, server, manner.clone()))),
            None => sleep(PAUSE).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

/// Waits for a manner.
async fn until(manner: &mut watch::Receiver<Manner>, wanted: impl Fn(Manner) -> bool) {
    if manner.wait_for(|manner| wanted(*manner)).await.is_err() {
        // the proxy is being dropped
        std::future::pending().await
    }
}

/// Forwards one connection until both sides have ended it, one is reset, or it is cut.
async fn carry(mut client: TcpStream, server: SocketAddr, mut manner: watch::Receiver<Manner>) {
    let _ = client.set_nodelay(true);
    let (there, back) = (manner.clone(), manner.clone());
    let mut until_open = manner.clone();
    let whole = async {
        until(&mut until_open, |manner| manner != Manner::Silent).await;
        let mut server = TcpStream::connect(server).await?;
        let _ = server.set_nodelay(true);
        let result = {
            let (from_client, to_client) = client.split();
            let (from_server, to_server) = server.split();
            tokio::select! {
                result = async { tokio::try_join!(pump(from_client, to_server, there), pump(from_server, to_client, back)) } => result.map(drop),
                () = until(&mut manner, |manner| manner == Manner::Cut) => Err(io::ErrorKind::ConnectionReset.into()),
            }
        };
        if result.is_err() {
            let _ = server.set_zero_linger();
        }
        result
    };
    let result: io::Result<()> = whole.await;
    if result.is_err() {
        // dropping the connection now resets it
        let _ = client.set_zero_linger();
    }
}

/// Forwards one direction to its end.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    manner: watch::Receiver<Manner>,
) -> io::Result<()> {
    let (sender, mut on_the_way) = mpsc::channel::<(Instant, Vec<u8>)>(ON_THE_WAY);
    let mut seen = manner.clone();
    let read = async move {
        loop {
            let mut chunk = vec![0; CHUNK];
            let length = from.read(&mut chunk).await?;
            chunk.truncate(length);
            let delay = match *manner.borrow() {
                Manner::Slow(delay) => delay,
                Manner::Pass | Manner::Cut | Manner::Silent | Manner::Narrow(_) => Duration::ZERO,
            };
            // an empty chunk is the end, which takes as long
            if sender.send((Instant::now() + delay, chunk)).await.is_err() || length == 0 {
                return io::Result::Ok(());
            }
        }
    };
    let write = async move {
        while let Some((due, chunk)) = on_the_way.recv().await {
            if due > Instant::now() {
                sleep_until(due).await;
            }
            until(&mut seen, |manner| manner != Manner::Silent).await;
            if chunk.is_empty() {
                to.shutdown().await?;
                continue;
            }
            to.write_all(&chunk).await?;
            let narrow = *seen.borrow();
            if let Manner::Narrow(bytes) = narrow {
                sleep(Duration::from_secs(1).mul_f64(chunk.len() as f64 / f64::from(bytes.max(1)))).await;
            }
        }
        Ok(())
    };
    tokio::try_join!(read, write).map(drop)
}
