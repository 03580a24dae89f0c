//! The commands of `docs/runbooks`, run as they stand there.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use sportello_stack::{Part, folders};
use tokio::process::Command;

use crate::alerts::stage::Stage;
use crate::system::private_system::programs;

/// Runs each block that is marked `sh`, with the variables that the page names.
///
/// # Errors
/// A command fails.
pub(super) async fn run(stage: &mut Stage) -> anyhow::Result<()> {
    let variables = variables(stage)?;
    for (place, commands) in blocks()? {
        let output = Command::new("sh")
            .args(["-euc", &commands])
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .output()
            .await?;
        ensure!(
            output.status.success(),
            "{place} ({}):\n{commands}\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

/// Returns the blocks of all pages, each with its page and line.
fn blocks() -> anyhow::Result<Vec<(String, String)>> {
    let mut pages: Vec<PathBuf> = fs::read_dir(folders::workspace().join("docs/runbooks"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<_>>()?;
    pages.sort();
    let mut blocks = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page)?;
        let mut lines = text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            if line.trim() != "```sh" {
                continue;
            }
            let block = lines.by_ref().take_while(|(_, line)| line.trim() != "```");
            let commands: Vec<&str> = block.map(|(_, line)| line).collect();
            blocks.push((format!("{}:{}", page.display(), number + 1), commands.join("\n")));
        }
    }
    ensure!(!blocks.is_empty(), "the runbooks have no commands");
    Ok(blocks)
}

fn variables(stage: &mut Stage) -> anyhow::Result<Vec<(&'static str, String)>> {
    let (console, token) = stage.console.session();
    let system = &mut stage.scene.system;
    let management = system.rabbitmq().management_url();
    let internal = |part| system.internal_url(part).context("a part has no address");
    let path = std::env::var("PATH").unwrap_or_default();
    Ok(vec![
        ("CONSOLE_URL", console),
        ("TOKEN", token),
        ("INTAKE_INTERNAL_URL", internal(Part::Intake)?),
        ("STATUS_INTERNAL_URL", internal(Part::Status)?),
        ("WORKER_INTERNAL_URL", internal(Part::Worker(1))?),
        ("CONSOLE_INTERNAL_URL", internal(Part::Console)?),
        ("MANAGEMENT_URL", management),
        ("PROMETHEUS_URL", stage.monitoring.prometheus_url()),
        ("ALERTMANAGER_URL", stage.monitoring.alertmanager_url()),
        ("DATABASE_URL", system.database_url()),
        ("AMQP_URL", system.amqp_url()),
        ("PATH", format!("{}:{path}", programs()?.display())),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runbooks_have_commands() {
        let blocks = blocks().unwrap();
        assert!(blocks.len() > 15 && blocks.iter().all(|(_, commands)| !commands.is_empty()));
    }
}
