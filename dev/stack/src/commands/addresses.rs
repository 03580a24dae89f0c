//! The addresses of the running system.

use anyhow::Result;
use sportello_stack::{Part, System};

use super::places;

/// Prints `KEY=value` lines, for scripts.
pub fn print() -> Result<()> {
    for (key, value) in pairs(&places::system()?) {
        println!("{key}={value}");
    }
    Ok(())
}

/// Returns the addresses as a text for people.
pub fn summary(system: &System) -> String {
    let lines: Vec<String> = pairs(system)
        .into_iter()
        .map(|(key, value)| format!("  {key:<19} {value}\n"))
        .collect();
    format!(
        "\nSportello runs, with {} worker(s). Open {} in a browser, and apply as an invented person;\n\
         or {}, and watch as an invented operator.\n\n{}\n\
         The last of these is the folder of the benefits' files: a change there takes effect within two seconds.\n",
        system.workers(),
        system.url(Part::Gateway).unwrap_or_default(),
        system.console_url().unwrap_or_default(),
        lines.concat()
    )
}

fn pairs(system: &System) -> Vec<(&'static str, String)> {
    let parts = [
        ("PORTAL_URL", Part::Gateway),
        ("INTAKE_URL", Part::Intake),
        ("STATUS_URL", Part::Status),
        ("IDENTITY_URL", Part::IdentityProvider),
    ];
    let mut pairs: Vec<(&str, String)> = parts
        .into_iter()
        .filter_map(|(key, part)| Some((key, system.url(part)?)))
        .collect();
    pairs.extend(system.console_url().map(|url| ("CONSOLE_URL", url)));
    let internal = [
        ("INTAKE_INTERNAL_URL", Part::Intake),
        ("STATUS_INTERNAL_URL", Part::Status),
        ("WORKER_INTERNAL_URL", Part::Worker(1)),
        ("CONSOLE_INTERNAL_URL", Part::Console),
    ];
    pairs.extend(
        internal
            .into_iter()
            .filter_map(|(key, part)| Some((key, system.internal_url(part)?))),
    );
    pairs.push(("DATABASE_URL", system.database_url()));
    pairs.push(("AMQP_URL", system.amqp_url()));
    pairs.push(("CATALOGUE", system.catalogue_folder().display().to_string()));
    pairs
}
