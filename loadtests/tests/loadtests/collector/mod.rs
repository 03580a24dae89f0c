//! An OTLP/HTTP receiver of traces (OpenTelemetry Protocol 1.x, binary protobuf).

#![allow(dead_code, reason = "each test uses some of it")]

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer, web};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

/// A batch of many applications is not larger.
const LARGEST: usize = 16 << 20;

/// A span and the service that sent it.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) service: String,
    pub(crate) span: Span,
}

/// Everything that came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Received {
    pub(crate) resources: Vec<Resource>,
    pub(crate) spans: Vec<Sent>,
}

impl Received {
    pub(crate) fn of_trace(&self, trace: &[u8]) -> Vec<&Sent> {
        self.spans
            .iter()
            .filter(|sent| sent.span.trace_id == trace)
            .collect()
    }

    fn add(&mut self, request: ExportTraceServiceRequest) {
        for spans in request.resource_spans {
            let resource = spans.resource.unwrap_or_default();
            let service = service(&resource);
            self.resources.push(resource);
            let spans = spans.scope_spans.into_iter().flat_map(|scope| scope.spans);
            self.spans.extend(spans.map(|span| Sent {
                service: service.clone(),
                span,
            }));
        }
    }
}

fn service(resource: &Resource) -> String {
    let name = resource
        .attributes
        .iter()
        .find(|attribute| attribute.key == "service.name");
    match name.and_then(|name| name.value.as_ref()?.value.as_ref()) {
        Some(Value::StringValue(name)) => name.clone(),
        _ => String::new(),
    }
}

/// Listens until the process ends.
pub(crate) struct Collector {
    url: String,
    received: Arc<Mutex<Received>>,
}

impl Collector {
    pub(crate) fn start() -> Self {
        let received = Arc::new(Mutex::new(Received::default()));
        let (state, (started, address)) = (Data::from(Arc::clone(&received)), channel());
        std::thread::spawn(move || {
            let server = HttpServer::new(move || {
                App::new()
                    .app_data(state.clone())
                    .app_data(web::PayloadConfig::new(LARGEST))
                    .route("/v1/traces", web::post().to(receive))
            });
            let server = server
                .workers(1)
                .disable_signals()
                .bind(("127.0.0.1", 0))
                .expect("a free port");
            started.send(server.addrs()[0]).expect("the test waits");
            actix_web::rt::System::new()
                .block_on(server.run())
                .expect("it listens");
        });
        let address = address.recv().expect("it listens");
        Self {
            url: format!("http://{address}"),
            received,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn received(&self) -> Received {
        self.received.lock().expect("no handler panicked").clone()
    }
}

async fn receive(received: Data<Mutex<Received>>, body: Bytes) -> HttpResponse {
    match ExportTraceServiceRequest::decode(body) {
        Ok(request) => {
            received.lock().expect("no handler panicked").add(request);
            HttpResponse::Ok().content_type("application/x-protobuf").finish()
        }
        Err(_) => HttpResponse::BadRequest().finish(),
    }
}
