//! The committed description of the queries is what the database says of them.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use sportello_testkit::Sandbox;

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_prepared_queries_are_fresh() {
    let sandbox = Sandbox::database().await;
    let folder = tempfile::tempdir().unwrap();
    let store = Path::new(env!("CARGO_MANIFEST_DIR"));
    let prepared = Command::new(store.join("prepare.sh"))
        .arg(folder.path())
        .env("DATABASE_URL", sandbox.database_url())
        .output()
        .unwrap();
    assert!(
        prepared.status.success(),
        "{}",
        String::from_utf8_lossy(&prepared.stderr)
    );
    let fresh = files(folder.path());
    assert!(!fresh.is_empty());
    assert!(
        files(&store.join(".sqlx")) == fresh,
        "shared/store/.sqlx is stale: run shared/store/prepare.sh with DATABASE_URL naming an empty database"
    );
}
