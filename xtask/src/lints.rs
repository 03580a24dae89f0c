//! Lints in the build itself. Cargo calls this program in place of rustc for crates of the
//! workspace, and it calls Clippy beside rustc: no second build, and what runs is what rustc made.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode, Output};
use std::thread;

use anyhow::{Context, Result, anyhow};

/// Says that cargo runs this program as a wrapper.
const MARK: &str = "SPORTELLO_LINTS";

/// Every lint is an error. The separator is Clippy's own.
const LINTS: (&str, &str) = ("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");

/// Makes a cargo command lint what it builds.
///
/// # Errors
///
/// This program's own path is not known.
pub fn lint(cargo: &mut Command) -> Result<&mut Command> {
    let this = std::env::current_exe().context("this program's own path")?;
    Ok(cargo
        .env("RUSTC_WORKSPACE_WRAPPER", this)
        .env(MARK, "1")
        // one crate is compiled twice at a time, and nobody edits in between
        .env("CARGO_INCREMENTAL", "0")
        .env(LINTS.0, LINTS.1))
}

/// Returns the compiler and its arguments where cargo called this program as a wrapper.
pub fn wrapped() -> Option<Vec<OsString>> {
    std::env::var_os(MARK)?;
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let stem = Path::new(arguments.first()?).file_stem()?.to_owned();
    (stem == "rustc").then_some(arguments)
}

/// Compiles a crate, and lints it at the same time.
///
/// # Errors
///
/// A compiler can't be started.
pub fn compile(arguments: &[OsString]) -> Result<ExitCode> {
    let (compiler, rest) = arguments.split_first().context("the compiler is not named")?;
    let lints = Lints::of(arguments);
    let (status, linted) = thread::scope(|scope| {
        let linted = lints.map(|lints| scope.spawn(move || lints.run()));
        let mut rustc = Command::new(compiler);
        rustc.args(rest);
        if linted.is_some() {
            // Clippy shows them already
            rustc.arg("--cap-lints=allow");
        }
        let status = rustc.status();
        (status, linted.map(thread::ScopedJoinHandle::join))
    });
    let mut is_good = status.context("rustc can't be started")?.success();
    if let Some(linted) = linted {
        let output = linted.map_err(|_panic| anyhow!("a thread has ended"))??;
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        is_good &= output.status.success();
    }
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Clippy on one crate: it checks, and leaves no file that cargo or rustc would look at.
struct Lints(Command);

impl Lints {
    /// Returns nothing where no crate is compiled: cargo also asks for the version, for instance.
    fn of(arguments: &[OsString]) -> Option<Self> {
        let out = arguments.iter().position(|it| it == "--out-dir")? + 1;
        let mut clippy = Command::new("clippy-driver");
        for (index, argument) in arguments.iter().enumerate() {
            clippy.arg(match argument.to_str() {
                _ if index == out => Path::new(argument).join("lints").into(),
                Some(text) if text.starts_with("--emit=") => "--emit=metadata".into(),
                // no message about files, which are for cargo
                Some(text) if text.starts_with("--json=") => text.replace(",artifacts", "").into(),
                _ => argument.clone(),
            });
        }
        Some(Self(clippy))
    }

    fn run(mut self) -> Result<Output> {
        let output = self.0.output();
        output.context("clippy-driver can't be started: install the component clippy")
    }
}
