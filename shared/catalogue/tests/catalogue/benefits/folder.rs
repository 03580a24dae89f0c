use std::path::Path;

use insta::assert_snapshot;
use sportello_catalogue::{BrokenCatalogue, Catalogue};
use sportello_domain::{Application, BenefitId};
use tempfile::TempDir;

use crate::benefits::SCHOOL;

/// A folder with these files.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

/// Another benefit, which excludes those.
pub(crate) fn named(id: &str, incompatible_with: &[&str]) -> String {
    SCHOOL.replacen("school-bonus-2026", id, 1).replacen(
        "incompatible_with = []",
        &format!("incompatible_with = {incompatible_with:?}"),
        1,
    )
}

/// The mistakes of a folder's files, with paths from there.
fn broken(folder: &Path) -> String {
    match Catalogue::load(folder) {
        Ok(_) => panic!("no mistake was found"),
        Err(broken) => broken.to_string().replace(&format!("{}/", folder.display()), ""),
    }
}

#[test]
fn the_files_of_a_folder_are_a_catalogue() {
    let (school, sports) = (
        named("school-bonus-2026", &[]),
        named("sports-bonus", &["school-bonus-2026"]),
    );
    let files = [
        ("school-bonus-2026.toml", school.as_str()),
        ("sports-bonus.toml", &sports),
        ("README.md", "passed over"),
        (".sports-bonus.toml", "passed over"),
    ];
    let folder = folder(&files);
    let catalogue = Catalogue::load(folder.path()).unwrap();
    let ids: Vec<&str> = catalogue
        .benefits()
        .map(|benefit| benefit.id().as_str())
        .collect();
    assert_eq!(ids, ["school-bonus-2026", "sports-bonus"]);
    let id = |text| BenefitId::parse(text).unwrap();
    let (one, other) = (id("school-bonus-2026"), id("sports-bonus"));
    assert!(catalogue.incompatibilities().exclude(&one, &other));
    assert!(catalogue.incompatibilities().exclude(&other, &one));
    assert!(!catalogue.incompatibilities().exclude(&one, &one));
    assert_eq!(catalogue.budget_rules().len(), 4);
    assert_eq!(
        Catalogue::load(folder.path()).unwrap().version(),
        catalogue.version()
    );
}

#[test]
fn an_application_is_for_a_benefit_of_the_catalogue() {
    let folder = folder(&[("school-bonus-2026.toml", SCHOOL)]);
    let catalogue = Catalogue::load(folder.path()).unwrap();
    let mut example = catalogue.benefits().next().unwrap().example();
    let application = |json: &serde_json::Value| Application::parse(json.to_string().as_bytes()).unwrap();
    let benefit = catalogue
        .validate(&application(&example), "2026-09-10T08:00:00Z".parse().unwrap())
        .unwrap();
    assert_eq!(benefit.id().as_str(), "school-bonus-2026");
    example["benefit"] = "moon-bonus".into();
    let violations = catalogue
        .validate(&application(&example), "2026-09-10T08:00:00Z".parse().unwrap())
        .err()
        .unwrap();
    assert_eq!(violations.len(), 1);
    assert_eq!(
        (violations[0].pointer.as_str(), &*violations[0].code),
        ("/benefit", "benefit_unknown")
    );
}

#[test]
fn every_mistake_of_every_file_is_reported() {
    let sports = named("sports-bonus", &["scool-bonus-2026"]);
    let files = [
        ("school-bonus-2026.toml", "id ="),
        ("renamed.toml", SCHOOL),
        ("sports-bonus.toml", sports.as_str()),
    ];
    let folder = folder(&files);
    assert_snapshot!(broken(folder.path()));
}

#[test]
fn what_is_forgotten_while_a_benefit_that_it_excludes_is_open_is_a_mistake() {
    let long_ago = |file: String| {
        file.replace("opens = 2026", "opens = 2006")
            .replace("closes = 2026", "closes = 2006")
            .replace("seed_published_at = 2026", "seed_published_at = 2006")
    };
    let cases: [(&[&str], &[&str]); 2] = [(&[], &["old-bonus"]), (&["school-bonus-2026"], &[])];
    let told = cases.map(|(old, new)| {
        let old = long_ago(named("old-bonus", old));
        let new = named("school-bonus-2026", new);
        let files = [
            ("old-bonus.toml", old.as_str()),
            ("school-bonus-2026.toml", new.as_str()),
        ];
        broken(folder(&files).path())
    });
    assert_snapshot!(told.join("\n"));
}

#[test]
fn a_file_that_is_no_text_is_a_mistake() {
    let folder = folder(&[]);
    std::fs::write(folder.path().join("a.toml"), b"id = \"a\"\nact = \"\xe8\"").unwrap();
    assert_snapshot!(broken(folder.path()));
}

#[test]
fn a_folder_without_benefits_is_no_catalogue() {
    let folder = folder(&[("README.md", "")]);
    assert!(matches!(
        Catalogue::load(folder.path()),
        Err(BrokenCatalogue::Empty(_))
    ));
    let missing = folder.path().join("none");
    assert!(matches!(
        Catalogue::load(&missing),
        Err(BrokenCatalogue::Folder { .. })
    ));
}
