//! `loadtests -- page`: makes a page of the figures of an earlier run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use crate::scenario::run_report::RunReport;

/// Options of `page`.
#[derive(Debug, Args)]
pub struct Options {
    /// Figures of a run, as `run` writes them with `--json`.
    file: PathBuf,
    /// File for the page. By default beside the figures, with the ending `.html`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Options {
    /// Makes options for this file, with the page beside it.
    #[must_use]
    pub fn of(file: &Path) -> Self {
        Self {
            file: file.to_owned(),
            out: None,
        }
    }
}

/// Reads the figures and writes the page. Returns the text for the terminal.
///
/// # Errors
/// The figures can't be read, or the page can't be written.
pub fn run(options: &Options) -> anyhow::Result<String> {
    let file = options.file.display();
    let bytes = fs::read(&options.file).with_context(|| format!("read {file}"))?;
    let report: RunReport =
        serde_json::from_slice(&bytes).with_context(|| format!("{file} holds no figures of a run"))?;
    let out = options
        .out
        .clone()
        .unwrap_or_else(|| options.file.with_extension("html"));
    write(&report, &out)?;
    Ok(format!(
        "{}\nthe page is {}\n",
        super::text(&report),
        out.display()
    ))
}

/// Writes the report's page into this file.
///
/// # Errors
/// The page can't be written.
pub fn write(report: &RunReport, file: &Path) -> anyhow::Result<()> {
    fs::write(file, super::html(report)).with_context(|| format!("write {}", file.display()))
}
