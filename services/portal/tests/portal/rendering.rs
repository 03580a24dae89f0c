//! `portal render`: the same site as files.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{LANGUAGES, Portal, assets_in};

/// Runs `portal render` with the catalogue and assets of a running portal.
fn render(portal: &Portal, into: &Path) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_portal"))
        .arg("render")
        .arg(into)
        .env("CATALOGUE", portal.folder.path().join("catalogue"))
        .env("ASSETS", assets_in(&portal.folder))
        .env("PUBLIC_URL", "https://sportello.example")
        .env("ISSUER", "https://login.example/oidc")
        .output()
        .unwrap()
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
