//! `cargo xtask logs`.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;

use super::places;

const BETWEEN_LOOKS: Duration = Duration::from_millis(300);

/// Options of `logs`.
#[derive(Debug, Args)]
pub struct Options {
    /// postgres, rabbitmq, identity-provider, intake, worker-1, status ...
    service: String,
    /// Follow the log
    #[arg(long, short)]
    follow: bool,
}

/// Prints the log file, and follows it with `--follow`.
pub async fn run(options: &Options) -> Result<()> {
    let path = places::system()?.log(&options.service.to_lowercase().replace("postgresql", "postgres"));
    let mut file = File::open(&path).with_context(|| names(&path))?;
    loop {
        if let Err(error) = io::copy(&mut file, &mut io::stdout()) {
            // the reader closed the pipe: `cargo xtask logs intake | head`
            return if error.kind() == io::ErrorKind::BrokenPipe {
                Ok(())
            } else {
                Err(error.into())
            };
        }
        if !options.follow {
            return Ok(());
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

fn names(path: &Path) -> String {
    let entries = path
        .parent()
        .and_then(|folder| fs::read_dir(folder).ok())
        .into_iter()
        .flatten()
        .flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".log")?.to_owned()))
        .collect();
    names.sort();
    format!("no log {}; there are: {}", path.display(), names.join(", "))
}
