//! The chart in four sets of values.

use std::env;
use std::fs;

use crate::helm::{SETS, cluster, render, root};
use crate::{rules, schemas};

/// Sets that are committed as they are rendered, for people without Helm.
const COMMITTED: [&str; 2] = ["standard", "spool"];

#[test]
fn every_set_fits_the_schemas_of_four_versions() {
    for set in SETS {
        let judged = schemas::judge(&cluster(set));
        assert_eq!(judged.refused, [""; 0], "{set}");
        for skipped in judged.skipped {
            eprintln!("no schema at hand: {skipped} of {set}");
        }
    }
}

#[test]
fn every_set_keeps_the_rules() {
    for set in SETS {
        assert_eq!(rules::judge(&cluster(set)), [""; 0], "{set}");
    }
}

/// `WRITE_DOCS=1` in the environment writes the files instead.
#[test]
fn rendered_manifests_are_fresh() {
    for set in COMMITTED {
        let path = format!("deploy/kubernetes/{set}.yaml");
        let begin = format!(
            "# helm template sportello deploy/helm/sportello --namespace sportello --values deploy/helm/values/{set}.yaml\n"
        );
        let rendered = begin + &render(Some(set), &[]).unwrap();
        if env::var_os("WRITE_DOCS").is_some() {
            fs::write(root().join(&path), &rendered).unwrap();
        }
        let committed = fs::read_to_string(root().join(&path)).unwrap_or_default();
        assert!(
            committed == rendered,
            "{path} is not what the chart renders: run `WRITE_DOCS=1 cargo xtask test rendered_manifests` and commit it"
        );
    }
}

#[test]
fn without_secrets_and_addresses_nothing_is_rendered() {
    let said = render(None, &[]).unwrap_err();
    for missing in ["existingSecret", "repository", "portal"] {
        assert!(said.contains(missing), "{missing}: {said}");
    }
}

#[test]
fn two_renderings_are_the_same() {
    // a generated password or a date would differ
    assert!(render(Some("standard"), &[]).unwrap() == render(Some("standard"), &[]).unwrap());
}

#[test]
fn another_version_makes_another_job() {
    let names = |cluster: &crate::cluster::Cluster| {
        let jobs = cluster.of_kind("Job").map(|job| job["metadata"]["name"].to_string());
        jobs.collect::<Vec<_>>()
    };
    let before = names(&cluster("standard"));
    let after = render(Some("standard"), &["image.tag=9.9.9"]).unwrap();
    let after = names(&crate::cluster::Cluster::parse(&after));
    assert_eq!(before.len(), 2);
    assert!(before.iter().all(|name| !after.contains(name)), "{before:?} {after:?}");
}
