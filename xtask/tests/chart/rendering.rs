//! The chart in four sets of values.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::cluster::Cluster;
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
    let names = |cluster: &Cluster| {
        let jobs = cluster
            .of_kind("Job")
            .map(|job| job["metadata"]["name"].to_string());
        jobs.collect::<Vec<_>>()
    };
    let before = names(&cluster("standard"));
    let after = render(Some("standard"), &["image.tag=9.9.9"]).unwrap();
    let after = names(&Cluster::parse(&after));
    assert_eq!(before.len(), 2);
    assert!(
        before.iter().all(|name| !after.contains(name)),
        "{before:?} {after:?}"
    );
}

/// A volume whose pod is no more holds accepted applications, and nothing else says so.
#[test]
fn the_spools_alert_names_a_volume_without_a_pod() {
    let cluster = cluster("spool");
    let rule = cluster.of_kind("PrometheusRule").next().unwrap();
    let annotations = &rule["spec"]["groups"][0]["rules"][0]["annotations"];
    let filled = |name: &str| {
        let text = annotations[name].as_str().unwrap();
        text.replace("{{ $labels.persistentvolumeclaim }}", "spool-sportello-intake-2")
    };
    let claim = |number: u8| {
        format!("namespace=\"sportello\",persistentvolumeclaim=\"spool-sportello-intake-{number}\"")
    };
    let series = |name: String| json!({ "series": name, "values": "1+0x60" });
    let fired = json!([{
        "exp_labels": {
            "severity": "page",
            "namespace": "sportello",
            "persistentvolumeclaim": "spool-sportello-intake-2",
        },
        "exp_annotations": { "summary": filled("summary"), "action": filled("action") },
    }]);
    let name = "SpoolVolumeWithoutPod";
    let test = json!({
        "rule_files": ["spool-rules.yml"],
        "evaluation_interval": "1m",
        "tests": [{
            "interval": "1m",
            "input_series": [
                series(format!("kube_persistentvolumeclaim_info{{{}}}", claim(0))),
                series(format!("kube_persistentvolumeclaim_info{{{}}}", claim(2))),
                series("kube_persistentvolumeclaim_info{namespace=\"sportello\",persistentvolumeclaim=\"another-7\"}".to_owned()),
                series(format!("kube_pod_spec_volumes_persistentvolumeclaims_info{{{},pod=\"sportello-intake-0\"}}", claim(0))),
            ],
            "alert_rule_test": [
                { "eval_time": "10m", "alertname": name, "exp_alerts": [] },
                { "eval_time": "20m", "alertname": name, "exp_alerts": fired },
            ],
        }],
    });
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::write(folder.join("spool-rules.yml"), rule["spec"].to_string()).unwrap();
    fs::write(folder.join("spool-test.yml"), test.to_string()).unwrap();
    let promtool = Command::new("promtool")
        .args(["test", "rules", "spool-test.yml"])
        .current_dir(folder)
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&promtool.stdout).into_owned() + &String::from_utf8_lossy(&promtool.stderr);
    assert!(promtool.status.success(), "{said}");
}
