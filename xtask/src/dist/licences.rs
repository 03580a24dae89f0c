//! The licences of all dependencies, with their texts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::packages::{PAGES_BILL, PORTAL_WEB};
use super::recipe::Recipe;

/// Beginnings of the names of files with a licence's text, in capitals.
const TEXTS: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE"];

/// A dependency.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Dependency {
    name: String,
    version: String,
    licence: String,
    folder: PathBuf,
}

/// Lists what the services are built from: crates, and packages of the portal's scripts.
///
/// # Errors
///
/// A dependency names no licence.
pub fn list(recipe: &Recipe, services: &[&str]) -> Result<String> {
    let mut dependencies = crates(&metadata(recipe)?, services)?;
    dependencies.extend(scripts(&recipe.source.join(PORTAL_WEB))?);
    let mut text = String::from(
        "Sportello is under EUPL-1.2. Its programs and pages contain the following, each under its\n\
         own licence. The texts follow, as their authors publish them.\n\n",
    );
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for dependency in &dependencies {
        let name = format!("{} {}", dependency.name, dependency.version);
        writeln!(text, "{name}: {}", dependency.licence)?;
        for file in texts_in(&dependency.folder)? {
            texts.entry(file).or_default().insert(name.clone());
        }
    }
    for (licence, names) in texts {
        let names: Vec<String> = names.into_iter().collect();
        write!(
            text,
            "\n{}\n{}\n\n{}\n",
            "-".repeat(80),
            names.join(", "),
            licence.trim()
        )?;
    }
    Ok(text)
}

fn metadata(recipe: &Recipe) -> Result<Value> {
    let rustc = recipe.command("rustc").arg("-vV").output()?;
    let rustc = String::from_utf8_lossy(&rustc.stdout).into_owned();
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: "));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = recipe
        .command(cargo)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--filter-platform",
        ])
        .arg(host.context("rustc names no host")?)
        .output()?;
    if !output.status.success() {
        bail!(
            "cargo metadata failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Returns the crates that the services are built with, without those of this project. What only
/// tests need is not among them.
fn crates(metadata: &Value, services: &[&str]) -> Result<BTreeSet<Dependency>> {
    let nodes = by_id(&metadata["resolve"]["nodes"]);
    let packages = by_id(&metadata["packages"]);
    let is_service = |package: &&Value| {
        package["source"].is_null() && services.iter().any(|service| package["name"] == *service)
    };
    let roots = packages.values().copied().filter(is_service);
    let mut waiting: Vec<&str> = roots.filter_map(|package| package["id"].as_str()).collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if seen.insert(id) {
            let dependencies = nodes.get(id).and_then(|node| node["deps"].as_array());
            let dependencies = dependencies.into_iter().flatten();
            let shipped = dependencies.filter(is_shipped);
            waiting.extend(shipped.filter_map(|dependency| dependency["pkg"].as_str()));
        }
    }
    let shipped = seen.into_iter().map(|id| packages[id]);
    shipped
        .filter(|package| !package["source"].is_null())
        .map(of_crate)
        .collect()
}

fn by_id(list: &Value) -> BTreeMap<&str, &Value> {
    let items = list.as_array().into_iter().flatten();
    items
        .filter_map(|item| Some((item["id"].as_str()?, item)))
        .collect()
}

fn is_shipped(dependency: &&Value) -> bool {
    let kinds = dependency["dep_kinds"].as_array();
    kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"] != "dev"))
}

fn of_crate(package: &Value) -> Result<Dependency> {
    let manifest = package["manifest_path"].as_str().unwrap_or_default();
    read(package, Path::new(manifest).parent().unwrap_or(Path::new("")))
}

/// Returns the packages whose code or styles the portal's pages contain, as their build found.
fn scripts(folder: &Path) -> Result<BTreeSet<Dependency>> {
    let bill: Value = serde_json::from_slice(&fs::read(folder.join(PAGES_BILL))?)?;
    let components = bill["components"].as_array().into_iter().flatten();
    components
        .map(|component| {
            let name = component["name"].as_str().context("a package has no name")?;
            let folder = folder.join("node_modules").join(name);
            let package = fs::read(folder.join("package.json"))
                .with_context(|| format!("the package {name} is not installed"))?;
            read(&serde_json::from_slice(&package)?, &folder)
        })
        .collect()
}

/// Reads name, version and licence, which cargo and npm call the same.
fn read(package: &Value, folder: &Path) -> Result<Dependency> {
    let text = |field: &str| package[field].as_str().map(str::to_owned);
    let name = text("name").context("a dependency has no name")?;
    let licence = text("license").with_context(|| format!("{name} names no licence"))?;
    Ok(Dependency {
        version: text("version").unwrap_or_default(),
        licence,
        folder: folder.to_owned(),
        name,
    })
}

fn texts_in(folder: &Path) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_uppercase();
        if TEXTS.iter().any(|text| name.starts_with(text)) && entry.file_type()?.is_file() {
            let bytes = fs::read(entry.path())?;
            texts.push(String::from_utf8_lossy(&bytes).replace('\r', ""));
        }
    }
    texts.sort();
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_only_tests_need_is_in_no_list() {
        let package = |id: &str, source: Value| {
            json!({
                "id": id, "name": id, "version": "1.0.0", "license": "MIT", "source": source,
                "manifest_path": format!("/{id}/Cargo.toml"),
            })
        };
        let needs = |id: &str, kind: Value| json!({ "pkg": id, "dep_kinds": [{ "kind": kind }] });
        let metadata = json!({
            "packages": [
                package("intake", Value::Null), package("domain", Value::Null),
                package("serde", json!("registry")), package("insta", json!("registry")),
                package("cc", json!("registry")),
            ],
            "resolve": { "nodes": [
                { "id": "intake", "deps": [
                    needs("domain", Value::Null), needs("insta", json!("dev")), needs("cc", json!("build")),
                ] },
                { "id": "domain", "deps": [needs("serde", Value::Null)] },
            ] },
        });
        let found = crates(&metadata, &["intake"]).unwrap();
        let names: Vec<&str> = found.iter().map(|crate_| crate_.name.as_str()).collect();
        assert_eq!(names, ["cc", "serde"]);
    }
}
