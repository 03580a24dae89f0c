//! The portal's process with stand-ins for its assets and for the services behind it.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::Value;
use sportello_testkit::{Service, eventually};
use tempfile::TempDir;

pub(crate) const WITHIN: Duration = Duration::from_secs(20);

pub(crate) const LANGUAGES: [&str; 3] = ["it", "en", "de"];

/// The pages in Italian, of the shipped catalogue.
pub(crate) const PLACES: [&str; 15] = [
    "/it/",
    "/it/verifica/",
    "/it/domande/",
    "/it/patronati/",
    "/it/andamento/",
    "/it/aiuto/",
    "/it/privacy/",
    "/it/accessibilita/",
    "/it/note-legali/",
    "/it/prestazioni/indemnity-march-2020/",
    "/it/prestazioni/indemnity-march-2020/domanda/",
    "/it/prestazioni/baby-sitting-bonus-2020/",
    "/it/prestazioni/baby-sitting-bonus-2020/domanda/",
    "/it/prestazioni/parental-leave-2020/",
    "/it/prestazioni/parental-leave-2020/domanda/",
];

/// The portal's process in a folder of its own.
pub(crate) struct Portal {
    pub(crate) service: Service,
    pub(crate) folder: TempDir,
}

impl Portal {
    /// Starts it with the shipped catalogue, open today, and no service behind it.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts it with these settings too.
    pub(crate) async fn start_with(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_build(&assets_in(&folder), "A");
        Self::start_in(folder, settings).await
    }

    /// Starts it in a folder with assets.
    pub(crate) async fn start_in(folder: TempDir, settings: &[(&str, &str)]) -> Self {
        let (assets, kept) = (assets_in(&folder), folder.path().join("kept"));
        let mut variables = variables(&assets);
        variables.push(("ASSETS_KEPT", kept.to_str().unwrap()));
        variables.extend(settings);
        let service = Service::start(env!("CARGO_BIN_EXE_portal"), folder.path(), &variables).await;
        Self {
            service: service.ready().await,
            folder,
        }
    }

    /// Returns the text of a page that exists.
    pub(crate) async fn page(&self, path: &str) -> String {
        let answer = self.service.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.page(path).await).unwrap()
    }

    /// Returns the paths of every page in every language.
    pub(crate) async fn every_page(&self) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        for place in PLACES {
            let config = config(&self.page(place).await);
            let languages = config["languages"].as_object().unwrap();
            assert_eq!(languages.len(), LANGUAGES.len(), "{place}");
            paths.extend(languages.values().map(|path| path.as_str().unwrap().to_owned()));
        }
        paths
    }

    /// Puts a file into the catalogue at once.
    pub(crate) fn add_benefit(&self, id: &str, file: &str) {
        let catalogue = self.folder.path().join("catalogue");
        let whole = catalogue.join(".new");
        fs::write(&whole, file).unwrap();
        fs::rename(whole, catalogue.join(format!("{id}.toml"))).unwrap();
    }

    /// Waits until a path answers with a status.
    pub(crate) async fn until(&self, path: &str, status: u16) {
        eventually(WITHIN, async || self.service.get(path).await.status() == status).await;
    }
}

/// The settings without which the portal does not start.
fn variables(assets: &Path) -> Vec<(&'static str, &str)> {
    vec![
        ("LISTEN", "127.0.0.1:0"),
        ("ASSETS", assets.to_str().unwrap()),
        ("PUBLIC_URL", "https://sportello.example"),
        ("ISSUER", "https://login.example/oidc"),
        // no service listens there
        ("INTAKE_INTERNAL_URL", "http://127.0.0.1:9"),
        ("STATUS_INTERNAL_URL", "http://127.0.0.1:9"),
    ]
}

pub(crate) fn assets_in(folder: &TempDir) -> PathBuf {
    folder.path().join("dist")
}

/// Writes a build's assets, with its mark in names and contents, as the build of `web/` does.
pub(crate) fn write_build(folder: &Path, mark: &str) {
    let new = folder.with_extension("new");
    fs::create_dir_all(&new).unwrap();
    let mut names = serde_json::Map::new();
    let scripts = ["form", "check", "applications", "desk", "notice", "callback"];
    let scripts = scripts.map(|name| format!("{name}.js"));
    let others = ["main.css", "icons.svg", "titillium-400.woff2"].map(str::to_owned);
    for name in scripts.iter().chain(&others) {
        let (stem, ending) = name.split_once('.').unwrap();
        let hashed = format!("{stem}.{mark}.{ending}");
        fs::write(new.join(&hashed), format!("{name} of {mark}")).unwrap();
        fs::write(new.join(format!("{hashed}.br")), format!("brotli {name}")).unwrap();
        fs::write(new.join(format!("{hashed}.gz")), format!("gzip {name}")).unwrap();
        names.insert(name.clone(), hashed.into());
    }
    fs::write(new.join("manifest.json"), Value::from(names).to_string()).unwrap();
    let _ = fs::remove_dir_all(folder);
    fs::rename(new, folder).unwrap();
}

/// Returns what a page tells its scripts.
pub(crate) fn config(page: &str) -> Value {
    let (_, rest) = page
        .split_once(r#"<script type="application/json" id="config" data-element="config">"#)
        .unwrap();
    let (text, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(text).unwrap()
}

/// Returns what stands between two texts, at each place.
pub(crate) fn between<'t>(text: &'t str, start: &'t str, end: &'t str) -> impl Iterator<Item = &'t str> {
    let rests = text.split(start).skip(1);
    rests.filter_map(move |rest| rest.split_once(end).map(|(found, _)| found))
}

/// A stand-in for intake and status: answers each path as it was last set.
#[derive(Clone, Default)]
pub(crate) struct Behind {
    answers: Arc<Mutex<HashMap<String, (u16, String)>>>,
}

impl Behind {
    /// Sets the answer at a path.
    pub(crate) fn set(&self, path: &str, status: u16, body: &Value) {
        let mut answers = self.answers.lock().unwrap();
        answers.insert(path.to_owned(), (status, body.to_string()));
    }

    /// Answers `503` everywhere.
    pub(crate) fn fail(&self) {
        self.answers.lock().unwrap().clear();
    }

    /// Serves it, and returns its address.
    pub(crate) fn serve(&self) -> String {
        let behind = self.clone();
        let answer = move |request: HttpRequest| {
            let found = behind.answers.lock().unwrap().get(request.path()).cloned();
            async move {
                let (status, body) = found.unwrap_or((503, "{}".to_owned()));
                HttpResponse::build(status.try_into().unwrap()).body(body)
            }
        };
        let app = move || App::new().default_service(web::to(answer.clone()));
        let server = HttpServer::new(app).workers(1).disable_signals();
        let server = server.bind(("127.0.0.1", 0)).unwrap();
        let address = server.addrs()[0];
        tokio::spawn(server.run());
        format!("http://{address}")
    }
}
