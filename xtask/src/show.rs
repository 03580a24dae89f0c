//! The addresses of what runs.

use anyhow::Result;
use sportello_local::{Part, System};

use crate::places;

/// Prints `KEY=value` lines, for scripts.
pub fn addresses() -> Result<()> {
    for (key, value) in pairs(&places::system()?) {
        println!("{key}={value}");
    }
    Ok(())
}

/// The addresses for people.
pub fn summary(system: &System) -> String {
    let lines: Vec<String> = pairs(system)
        .into_iter()
        .map(|(key, value)| format!("  {key:<13} {value}\n"))
        .collect();
    format!(
        "\nSportello runs, with {} worker(s):\n\n{}\n\
         The benefits are the files in the last of these: what you change or put there counts within a second or two.\n",
        system.workers(),
        lines.concat()
    )
}

fn pairs(system: &System) -> Vec<(&'static str, String)> {
    let parts = [
        ("INTAKE_URL", Part::Intake),
        ("STATUS_URL", Part::Status),
        ("IDENTITY_URL", Part::IdentityProvider),
    ];
    let mut pairs: Vec<(&str, String)> = parts
        .into_iter()
        .filter_map(|(key, part)| Some((key, system.url(part)?)))
        .collect();
    pairs.push(("DATABASE_URL", system.database_url()));
    pairs.push(("AMQP_URL", system.amqp_url()));
    pairs.push(("CATALOGUE", system.catalogue_folder().display().to_string()));
    pairs
}
