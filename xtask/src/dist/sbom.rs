//! Bills of materials in CycloneDX's form, one a service and one of the pages.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::packages::{PAGES_BILL, PORTAL_WEB};
use super::recipe::Recipe;
use crate::command::hidden;

/// Writes `sportello-SERVICE_VERSION.cdx.json` of each service, and of the pages.
///
/// # Errors
///
/// cargo-cyclonedx fails, or the pages were not built.
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
        let bill = bill.replace(&folder, "/sportello/");
        fs::write(release.join(name(service, recipe)), bill)?;
    }
    let pages = recipe.source.join(PORTAL_WEB).join(PAGES_BILL);
    fs::copy(&pages, release.join(name("pages", recipe)))
        .with_context(|| format!("the build of the pages wrote no {}", pages.display()))?;
    Ok(())
}

fn name(part: &str, recipe: &Recipe) -> String {
    format!("sportello-{part}_{}.cdx.json", recipe.version)
}
