use std::time::Duration;

use sportello_catalogue::LiveCatalogue;
use sportello_testkit::eventually;
use tempfile::TempDir;

use crate::benefits::SCHOOL;
use crate::benefits::folder::{folder, named};

const LIMIT: Duration = Duration::from_secs(30);

fn started() -> (TempDir, LiveCatalogue) {
    let folder = folder(&[("school-bonus-2026.toml", SCHOOL)]);
    let live = LiveCatalogue::start(folder.path().to_owned()).unwrap();
    (folder, live)
}

fn write(folder: &TempDir, name: &str, content: &str) {
    std::fs::write(folder.path().join(name), content).unwrap();
}

fn title(live: &LiveCatalogue) -> String {
    let current = live.current();
    let benefit = current.benefits().next().unwrap();
    benefit.title().en.clone().into_owned()
}

fn ids(live: &LiveCatalogue) -> Vec<String> {
    let current = live.current();
    current
        .benefits()
        .map(|benefit| benefit.id().to_string())
        .collect()
}

#[tokio::test]
async fn a_change_is_taken_without_being_asked_for() {
    let (folder, live) = started();
    let before = live.current();
    write(
        &folder,
        "school-bonus-2026.toml",
        &SCHOOL.replacen("School bonus", "Book bonus", 1),
    );
    eventually(LIMIT, async || title(&live) == "Book bonus").await;
    assert_ne!(live.current().version(), before.version());
    assert!(!live.broken());
}

#[tokio::test]
async fn a_broken_file_leaves_the_catalogue_before_it_until_it_is_mended() {
    let (folder, live) = started();
    let before = live.current();
    write(&folder, "school-bonus-2026.toml", &SCHOOL[..SCHOOL.len() / 2]);
    eventually(LIMIT, async || live.broken()).await;
    assert_eq!(live.current().version(), before.version());
    write(
        &folder,
        "school-bonus-2026.toml",
        &SCHOOL.replacen("School bonus", "Book bonus", 1),
    );
    eventually(LIMIT, async || !live.broken()).await;
    assert_eq!(title(&live), "Book bonus");
}

#[tokio::test]
async fn files_come_and_go() {
    let (folder, live) = started();
    write(
        &folder,
        "sports-bonus.toml",
        &named("sports-bonus", &["school-bonus-2026"]),
    );
    live.refresh().await;
    assert_eq!(ids(&live), ["school-bonus-2026", "sports-bonus"]);
    // who is excluded must be there
    std::fs::remove_file(folder.path().join("school-bonus-2026.toml")).unwrap();
    live.refresh().await;
    assert!(live.broken());
    assert_eq!(ids(&live), ["school-bonus-2026", "sports-bonus"]);
    write(&folder, "sports-bonus.toml", &named("sports-bonus", &[]));
    live.refresh().await;
    assert!(!live.broken());
    assert_eq!(ids(&live), ["sports-bonus"]);
}

#[tokio::test]
async fn a_change_of_the_same_length_at_the_same_moment_is_seen() {
    let (folder, live) = started();
    for title_now in ["Bonus of day 1", "Bonus of day 2", "Bonus of day 3"] {
        write(
            &folder,
            "school-bonus-2026.toml",
            &SCHOOL.replacen("School bonus", title_now, 1),
        );
        live.refresh().await;
        assert_eq!(title(&live), title_now);
    }
}

#[tokio::test]
async fn without_its_folder_the_catalogue_stays() {
    let (folder, live) = started();
    let away = folder.path().with_extension("away");
    std::fs::rename(folder.path(), &away).unwrap();
    live.refresh().await;
    assert!(live.broken());
    assert_eq!(ids(&live), ["school-bonus-2026"]);
    std::fs::rename(&away, folder.path()).unwrap();
    live.refresh().await;
    assert!(!live.broken());
}

#[tokio::test]
async fn a_broken_catalogue_does_not_start() {
    let folder = folder(&[("school-bonus-2026.toml", "")]);
    assert!(LiveCatalogue::start(folder.path().to_owned()).is_err());
}
