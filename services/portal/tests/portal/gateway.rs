//! The gateway that is deployed, in front of the portal: what it shows while the portal is away,
//! and what it never keeps.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::{Client, Response, StatusCode};
use sha2::{Digest as _, Sha256};
use sportello_stack::nginx::Nginx;
use sportello_stack::{Gateway, folders, ports};
use sportello_testkit::eventually;
use tempfile::TempDir;

use crate::support::{LANGUAGES, Portal, WITHIN, between};

/// nginx with the deployed configuration.
struct Front {
    url: String,
    client: Client,
    _nginx: Nginx,
    _folder: TempDir,
}

impl Front {
    async fn of(portal: &str, api: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = ports::free_port().unwrap();
        let behind = |url: &str| url.trim_start_matches("http://").to_owned();
        let gateway = Gateway {
            listen: format!("127.0.0.1:{port}"),
            intake: behind(api),
            status: behind(api),
            portal: behind(portal),
        };
        let http = gateway.configuration(&folder.path().join("pages"));
        let nginx = Nginx::start(folder.path(), &http, port).await.unwrap();
        Self {
            url: format!("http://127.0.0.1:{port}"),
            client: Client::builder().no_proxy().build().unwrap(),
            _nginx: nginx,
            _folder: folder,
        }
    }

    async fn get(&self, path: &str) -> Response {
        self.get_with(path, &[]).await
    }

    async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = self.client.get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }
}

/// A stand-in for the portal and the API, which says how long its answers may be kept.
#[derive(Clone)]
struct Upstream {
    cache_control: &'static str,
    seen: Arc<Mutex<Vec<Seen>>>,
    is_failing: Arc<Mutex<bool>>,
}

#[derive(Debug, Clone)]
struct Seen {
    path: String,
    headers: BTreeMap<String, String>,
}

impl Upstream {
    fn new(cache_control: &'static str) -> Self {
        Self {
            cache_control,
            seen: Arc::default(),
            is_failing: Arc::default(),
        }
    }

    fn serve(&self) -> String {
        let upstream = self.clone();
        let answer = move |request: HttpRequest| {
            let answer = upstream.answer(&request);
            async move { answer }
        };
        let app = move || App::new().default_service(web::to(answer.clone()));
        let server = HttpServer::new(app).workers(1).disable_signals();
        let server = server.bind(("127.0.0.1", 0)).unwrap();
        let address = server.addrs()[0];
        tokio::spawn(server.run());
        format!("http://{address}")
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let headers = request.headers().iter();
        let text = |value: &actix_web::http::header::HeaderValue| value.to_str().unwrap().to_owned();
        let headers = headers.map(|(name, value)| (name.to_string(), text(value)));
        let mut seen = self.seen.lock().unwrap();
        seen.push(Seen {
            path: request.path().to_owned(),
            headers: headers.collect(),
        });
        if *self.is_failing.lock().unwrap() {
            return HttpResponse::ServiceUnavailable().body("{}");
        }
        HttpResponse::Ok()
            .insert_header(("cache-control", self.cache_control))
            .body(format!("answer {}", seen.len()))
    }

    fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

/// Nothing listens there.
const NOTHING: &str = "http://127.0.0.1:9";

async fn text(answer: Response) -> String {
    answer.text().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_were_read_stay_while_the_portal_is_dead() {
    let portal = Portal::start().await;
    let front = Front::of(portal.service.url(), NOTHING).await;
    let mut pages = BTreeMap::new();
    for path in portal.every_page().await {
        pages.insert(path.clone(), text(front.get(&path).await).await);
    }
    let asset = "/assets/main.A.css";
    assert_eq!(front.get(asset).await.status(), StatusCode::OK);
    let form = "/data/benefits/indemnity-march-2020.json";
    let known = text(front.get(form).await).await;

    let Portal {
        service,
        folder: _folder,
    } = portal;
    drop(service);
    for (path, known) in pages {
        let answer = front.get(&format!("{path}?from=elsewhere")).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert!(answer.headers().contains_key("content-security-policy"), "{path}");
        assert_eq!(text(answer).await, known, "{path}");
    }
    assert_eq!(front.get(asset).await.status(), StatusCode::OK);
    assert_eq!(text(front.get(form).await).await, known);
    // what is of the moment, and what is for one visitor
    let progress = front.get("/data/progress.json").await;
    assert_eq!(progress.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(progress.headers()["content-type"], "application/problem+json");
    assert_eq!(
        front.get("/callback?code=x").await.status(),
        StatusCode::SERVICE_UNAVAILABLE
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_portal_people_get_a_page_and_programs_a_problem() {
    let front = Front::of(NOTHING, NOTHING).await;
    for path in ["/", "/it/", "/en/benefits/never-read/", "/callback"] {
        let answer = front.get(path).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        let headers = answer.headers();
        assert_eq!(headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(headers["retry-after"], "30");
        assert_eq!(headers["cache-control"], "no-store");
        let page = text(answer).await;
        for language in LANGUAGES {
            assert!(page.contains(&format!("id=\"{language}\"")), "{language}");
        }
        assert!(!page.contains("<script"), "{path}");
    }
    for path in [
        "/assets/form.js",
        "/data/keys.json",
        "/v1/benefits",
        "/v1/progress",
    ] {
        let answer = front.get(path).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(
            answer.headers()["content-type"],
            "application/problem+json",
            "{path}"
        );
        assert_eq!(answer.headers()["retry-after"], "5", "{path}");
    }
}

#[test]
fn the_away_page_has_the_styles_of_its_policy() {
    let folder = folders::workspace().join("deploy/gateway");
    let page = fs::read_to_string(folder.join("away.html")).unwrap();
    let styles = between(&page, "<style>", "</style>").next().unwrap();
    let digest = BASE64_STANDARD.encode(Sha256::digest(styles));
    let template = fs::read_to_string(folder.join("default.conf.template")).unwrap();
    assert!(template.contains(&format!("'sha256-{digest}'")), "{digest}");
    // nothing is asked of the portal, which is away
    assert!(!page.contains("src=") && !page.contains("url("));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_time_is_over_stays_while_the_portal_fails() {
    let portal = Upstream::new("public, max-age=1, stale-if-error=86400");
    let front = Front::of(&portal.serve(), NOTHING).await;
    let first = text(front.get("/it/").await).await;
    // a page is asked for again once its time is over
    eventually(WITHIN, async || text(front.get("/it/").await).await != first).await;

    *portal.is_failing.lock().unwrap() = true;
    let before = portal.count();
    let asked = async || {
        let answer = front.get("/it/").await;
        assert_eq!(answer.status(), StatusCode::OK);
        portal.count() > before
    };
    eventually(WITHIN, asked).await;
    // without a page of before, the gateway's own
    let answer = front.get("/de/").await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(text(answer).await.contains("Wir sind bald wieder da"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_leave_to_stay_does_not() {
    let portal = Upstream::new("no-store");
    let front = Front::of(&portal.serve(), NOTHING).await;
    assert_eq!(front.get("/it/").await.status(), StatusCode::OK);
    *portal.is_failing.lock().unwrap() = true;
    assert_eq!(front.get("/it/").await.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_api_is_kept_whatever_it_allows() {
    let api = Upstream::new("public, max-age=86400, stale-if-error=86400");
    let front = Front::of(NOTHING, &api.serve()).await;
    let paths = [
        "/v1/applications/00000000-0000-8000-8000-000000000000",
        "/v1/tokens/x/applications",
        "/v1/batches/x",
        "/v1/benefits",
        "/v1/progress",
        "/.well-known/jwks.json",
        "/intake/status",
        "/status/status",
    ];
    for headers in [&[("authorization", "Bearer x")][..], &[]] {
        for path in paths {
            let before = api.count();
            let first = text(front.get_with(path, headers).await).await;
            let second = text(front.get_with(path, headers).await).await;
            assert_ne!(first, second, "{path}");
            assert_eq!(api.count(), before + 2, "{path}");
        }
    }
    *api.is_failing.lock().unwrap() = true;
    for path in paths {
        let answer = front.get(path).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_does_not_reach_the_pages_nor_is_its_answer_kept() {
    let portal = Upstream::new("public, max-age=86400");
    let front = Front::of(&portal.serve(), NOTHING).await;
    let personal = [("authorization", "Bearer x"), ("cookie", "id=x")];
    let first = text(front.get_with("/it/", &personal).await).await;
    let second = text(front.get_with("/it/", &personal).await).await;
    assert_ne!(first, second);
    for seen in portal.seen.lock().unwrap().iter() {
        assert!(!seen.headers.contains_key("authorization"), "{}", seen.path);
        assert!(!seen.headers.contains_key("cookie"), "{}", seen.path);
    }
    let plain = text(front.get("/it/").await).await;
    assert_ne!(plain, second);
    assert_eq!(text(front.get("/it/?a=b").await).await, plain);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_browser_gets_the_form_that_it_reads() {
    let portal = Portal::start().await;
    let front = Front::of(portal.service.url(), NOTHING).await;
    for _ in 0..2 {
        for (accepted, coding) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("deflate,gzip", Some("gzip")),
            ("br;q=0", None),
            ("identity", None),
        ] {
            let headers = [("accept-encoding", accepted)];
            let answer = front.get_with("/assets/main.A.css", &headers).await;
            let sent = answer.headers().get("content-encoding");
            assert_eq!(sent.map(|value| value.to_str().unwrap()), coding, "{accepted}");
        }
    }
}
