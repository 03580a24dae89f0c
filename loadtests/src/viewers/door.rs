//! A door in front of the broker's metrics that counts who comes through.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::Context as _;
use reqwest::Client;

struct Behind {
    client: Client,
    origin: String,
    requests: Arc<AtomicU64>,
}

/// Passes requests on, and counts them. Ends when it is dropped.
pub(super) struct Door {
    address: String,
    requests: Arc<AtomicU64>,
    handle: ServerHandle,
}

impl Door {
    /// Opens a door to the broker whose metrics are at this address.
    pub(super) fn to(metrics: &str) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?.to_string();
        let requests = Arc::<AtomicU64>::default();
        let behind = Data::new(Behind {
            client: Client::builder().no_proxy().build()?,
            origin: metrics.trim_end_matches("/metrics").to_owned(),
            requests: Arc::clone(&requests),
        });
        let app = move || {
            let routes = web::route().to(pass_on);
            App::new().app_data(behind.clone()).default_service(routes)
        };
        let server = HttpServer::new(app).workers(1).disable_signals().listen(listener);
        let server = server.context("open a door to the broker")?.run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self {
            address,
            requests,
            handle,
        })
    }

    /// Returns host and port.
    pub(super) fn address(&self) -> String {
        self.address.clone()
    }

    /// Returns how many requests came through.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        drop(tokio::spawn(self.handle.stop(false)));
    }
}

async fn pass_on(request: HttpRequest, behind: Data<Behind>) -> HttpResponse {
    behind.requests.fetch_add(1, Ordering::Relaxed);
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let answer = behind.client.get(format!("{}{path}", behind.origin)).send().await;
    let body = match answer.and_then(reqwest::Response::error_for_status) {
        Ok(answer) => answer.bytes().await,
        Err(error) => Err(error),
    };
    match body {
        Ok(body) => HttpResponse::Ok().content_type("text/plain").body(body),
        Err(_) => HttpResponse::BadGateway().finish(),
    }
}
