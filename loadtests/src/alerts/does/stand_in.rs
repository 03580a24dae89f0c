//! A process that reports a number by its metrics, for an alert that no fault of a part raises.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::Task;

/// Metrics like an intake's that answered without a confirm.
pub(in crate::alerts) struct StandIn {
    address: String,
    answered: Arc<AtomicU64>,
    _server: Task,
}

impl StandIn {
    pub(in crate::alerts) async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let answered = Arc::<AtomicU64>::default();
        let shown = Arc::clone(&answered);
        let server = tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                tokio::spawn(answer(caller, Arc::clone(&shown)));
            }
        });
        Ok(Self {
            address,
            answered,
            _server: Task(server),
        })
    }

    /// Returns host and port.
    pub(in crate::alerts) fn address(&self) -> String {
        self.address.clone()
    }

    /// Reports so many applications.
    pub(super) fn report(&self, applications: u64) {
        self.answered.store(applications, Ordering::Relaxed);
    }
}

/// Answers whatever is asked with the metrics, and closes.
async fn answer(mut caller: TcpStream, answered: Arc<AtomicU64>) {
    let applications = answered.load(Ordering::Relaxed);
    let page = format!("sportello_queue_answered_without_confirm{{channel=\"citizen\"}} {applications}\n");
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\n";
    let answer = format!("{head}Content-Length: {}\r\n\r\n{page}", page.len());
    let mut request = [0; 4_096];
    // Prometheus asks again
    let _ = caller.read(&mut request).await;
    let _ = caller.write_all(answer.as_bytes()).await;
}
