//! `portal render`: the same site as files.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::support::{Behind, LANGUAGES, Portal, assets_in};

/// Runs `portal render` with the catalogue and assets of a running portal.
fn render(portal: &Portal, into: &Path) -> std::process::Output {
    // no service listens there
    let away = ("INTAKE_INTERNAL_URL", "http://127.0.0.1:9");
    rendering(portal, into).envs([away]).output().unwrap()
}

fn rendering(portal: &Portal, into: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portal"));
    command
        .arg("render")
        .arg(into)
        .env("CATALOGUE", portal.folder.path().join("catalogue"))
        .env("ASSETS", assets_in(&portal.folder))
        .env("PUBLIC_URL", "https://sportello.example")
        .env("ISSUER", "https://login.example/oidc");
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rendered_folder_holds_what_is_served() {
    let portal = Portal::start().await;
    let folder = tempfile::tempdir().unwrap();
    let output = render(&portal, folder.path());
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let file = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();

    let mut compared = BTreeSet::new();
    for path in portal.every_page().await {
        // the numbers on it are those of the moment
        if !LANGUAGES.iter().any(|language| path == progress(language)) {
            assert_eq!(
                file(&format!("{}index.html", &path[1..])),
                portal.page(&path).await,
                "{path}"
            );
            compared.insert(path);
        }
    }
    assert_eq!(compared.len(), 14 * LANGUAGES.len());
    assert_eq!(file("index.html"), portal.page("/").await);
    assert_eq!(file("callback/index.html"), portal.page("/callback").await);
    let form = "data/benefits/indemnity-march-2020.json";
    assert_eq!(file(form), portal.page(&format!("/{form}")).await);
    assert_eq!(file("sitemap.xml"), portal.page("/sitemap.xml").await);
    assert_eq!(
        file("404.html"),
        portal.service.get("/nowhere").await.text().await.unwrap()
    );
    assert_eq!(file("assets/main.A.css"), "main.css of A");
    assert_eq!(file("assets/main.A.css.br"), "brotli main.css");
    assert!(folder.path().join("it/index.html.gz").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rendered_folder_holds_receipt_keys_new_or_kept() {
    let behind = Behind::default();
    let keys = json!({ "keys": [{ "kty": "OKP", "kid": "k1" }] });
    behind.set("/.well-known/jwks.json", 200, &keys);
    let url = behind.serve();
    let portal = Portal::start().await;
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept.json");
    for into in ["intake answers", "intake is away"] {
        let into = folder.path().join(into);
        let settings = [
            ("INTAKE_INTERNAL_URL", url.as_str()),
            ("KEYS_KEPT", kept.to_str().unwrap()),
        ];
        let output = rendering(&portal, &into).envs(settings).output().unwrap();
        assert!(output.status.success());
        let written = fs::read_to_string(into.join("data/keys.json")).unwrap();
        assert_eq!(written, keys.to_string());
        let check = fs::read_to_string(into.join("de/pruefen/index.html")).unwrap();
        assert!(check.contains(&written));
        behind.fail();
    }
}

fn progress(language: &str) -> &'static str {
    match language {
        "it" => "/it/andamento/",
        "en" => "/en/progress/",
        _ => "/de/stand/",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalogue_with_a_mistake_is_not_rendered() {
    let portal = Portal::start().await;
    portal.add_benefit("broken-2020", "id = 'broken-2020'");
    let folder = tempfile::tempdir().unwrap();
    let output = render(&portal, folder.path());
    assert!(!output.status.success());
    let told = [output.stdout, output.stderr].concat();
    assert!(String::from_utf8_lossy(&told).contains("broken-2020.toml"));
    assert!(!folder.path().join("it").exists());
}
