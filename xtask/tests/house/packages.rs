//! Debian's packages, as manifests, units and settings describe them. What they do on a machine is
//! tested in `dev/containers/tests/machine`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::MetadataCommand;
use serde_json::Value;

/// Where units are installed.
const UNITS: &str = "usr/lib/systemd/system/";
/// Seconds in which the slowest service ends by itself: a worker.
const LONGEST_END: u32 = 25;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Source and destination of every file of every package, and the package.
fn assets() -> Vec<(String, String, String)> {
    let manifest = root().join("Cargo.toml");
    let metadata = MetadataCommand::new()
        .manifest_path(manifest)
        .no_deps()
        .exec()
        .unwrap();
    let mut assets = Vec::new();
    for package in metadata.packages {
        let deb = &package.metadata["deb"];
        let variants = deb["variants"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(_, variant)| variant);
        for deb in variants.chain([deb]).filter(|deb| deb.is_object()) {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            for asset in deb["assets"].as_array().unwrap() {
                assets.push((text(&asset[0]), text(&asset[1]), text(&deb["name"])));
            }
        }
    }
    assets
}

/// Name and text of every unit.
fn units() -> Vec<(String, String)> {
    let folder = root().join("deploy/systemd");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let units = files.filter(|path| path.extension().is_some_and(|extension| extension == "service"));
    units
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// The values of a setting of a unit.
fn values<'a>(unit: &'a str, setting: &str) -> Vec<&'a str> {
    let lines = unit.lines().filter_map(|line| line.split_once('='));
    lines
        .filter(|(name, _)| *name == setting)
        .map(|(_, value)| value)
        .collect()
}

#[test]
fn each_unit_is_in_one_package_with_its_hardening() {
    let assets = assets();
    for (unit, _) in units() {
        let owners = |destination: &str, source: &str| {
            let found = assets
                .iter()
                .filter(|(from, to, _)| to == destination && from.ends_with(source));
            found.map(|(_, _, package)| package.as_str()).collect::<Vec<_>>()
        };
        let own = owners(UNITS, &format!("deploy/systemd/{unit}"));
        let hardening = format!("{UNITS}{unit}.d/50-hardening.conf");
        let hardened = owners(&hardening, "deploy/systemd/hardening.conf");
        assert_eq!((own.len(), &own), (1, &hardened), "{unit}");
    }
}

#[test]
fn units_name_credentials_and_settings_that_packages_explain() {
    let page = fs::read_to_string(root().join("deploy/packages/credentials-README")).unwrap();
    let explained = page
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    let explained: BTreeSet<&str> = explained.collect();
    let units = units();
    let mut named = BTreeSet::new();
    for (unit, text) in &units {
        for credential in values(text, "LoadCredential") {
            let (id, file) = credential.split_once(':').unwrap();
            assert!(text.contains(&format!("=%d/{id}")), "{unit} uses no {id}");
            named.insert(file.strip_prefix("/etc/sportello/credentials/").unwrap());
        }
        for file in values(text, "EnvironmentFile") {
            let asset = file.trim_start_matches('/').rsplit('/').next().unwrap();
            let source = root().join("deploy/packages/etc").join(asset);
            assert!(source.is_file(), "{unit} reads {file}, which no package has");
        }
    }
    assert_eq!(
        named, explained,
        "credentials of units, and those of credentials-README"
    );
}

#[test]
fn settings_of_packages_are_those_of_the_services() {
    let page = fs::read_to_string(root().join("docs/OPERATIONS.md")).unwrap();
    for entry in fs::read_dir(root().join("deploy/packages/etc")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines().map(|line| line.trim_start_matches('#')) {
            let Some((name, _)) = line.split_once('=') else {
                continue;
            };
            let is_setting = name.chars().all(|one| one.is_ascii_uppercase() || one == '_');
            let is_known = page.contains(&format!("`{name}`"));
            assert!(
                !is_setting || is_known,
                "{}: {name} is no setting",
                path.display()
            );
        }
    }
}

#[test]
fn units_wait_longer_than_services_take_to_end() {
    for (unit, text) in units() {
        if let ["oneshot"] = values(&text, "Type")[..] {
            continue;
        }
        assert_eq!(values(&text, "Type"), ["notify"], "{unit}");
        let seconds: u32 = values(&text, "TimeoutStopSec")[0].parse().unwrap();
        assert!(seconds > LONGEST_END, "{unit} is killed after {seconds} s");
    }
}

#[test]
fn the_hand_for_systemd_scales_the_unit_that_is_packaged() {
    let settings = fs::read_to_string(root().join("shared/scaling/src/settings.rs")).unwrap();
    assert!(
        settings.contains("\"sportello-worker\""),
        "the default of WORKER_HAND_NAME"
    );
    assert!(
        units()
            .iter()
            .any(|(name, _)| name == "sportello-worker@.service")
    );
    let rule = fs::read_to_string(root().join("deploy/systemd/50-sportello-workers.rules")).unwrap();
    assert!(rule.contains("^sportello-worker@"), "{rule}");
    for (unit, text) in units() {
        let user = values(&text, "User");
        let may_scale = ["sportello-console.service", "sportello-agent.service"].contains(&unit.as_str());
        assert_eq!(
            user == ["sportello-console"],
            may_scale,
            "{unit} runs as {user:?}"
        );
    }
}
