//! Bills of materials in CycloneDX's form, one a service.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::recipe::Recipe;
use crate::command::hidden;

/// Writes `sportello-SERVICE_VERSION.cdx.json` of each service.
///
/// # Errors
///
/// cargo-cyclonedx fails.
pub fn write(recipe: &Recipe, services: &[&str], cargo_cyclonedx: &Path, release: &Path) -> Result<()> {
    // it writes beside each manifest of the workspace, and tells the folder
    let folder = format!("{}/", recipe.source.display());
    for service in services {
        let crate_folder = recipe.source.join("services").join(service);
        let mut cyclonedx = recipe.command(cargo_cyclonedx);
        cyclonedx
            .args([
                "cyclonedx",
                "--quiet",
                "--format",
                "json",
                "--override-filename",
                "sbom",
            ])
            .arg("--manifest-path")
            .arg(crate_folder.join("Cargo.toml"));
        hidden(&mut cyclonedx)?;
        let written = crate_folder.join("sbom.json");
        let bill = fs::read_to_string(&written)
            .with_context(|| format!("cargo-cyclonedx wrote no {}", written.display()))?;
        let name = format!("sportello-{service}_{}.cdx.json", recipe.version);
        fs::write(release.join(name), bill.replace(&folder, "/sportello/"))?;
    }
    Ok(())
}
