//! Shared start and end of a service's `main`.

use std::fmt::Display;
use std::process::ExitCode;

use sportello_telemetry::Metrics;

/// Runs `work` on a runtime of several threads, with telemetry set up before and flushed after.
/// Core dumps are off, since contents and keys are in memory. Logs an error with all its causes,
/// and returns exit code 1 for it.
pub fn run_process<E: Display>(
    service: &'static str,
    work: impl AsyncFnOnce(Metrics) -> Result<(), E>,
) -> ExitCode {
    if let Err(error) = nix::sys::prctl::set_dumpable(false) {
        return refuse(&format!("cannot switch off core dumps: {error}"));
    }
    let telemetry = match sportello_telemetry::init(service) {
        Ok(telemetry) => telemetry,
        Err(error) => return refuse(&error),
    };
    let ended = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime
            .block_on(work(telemetry.metrics()))
            .map_err(|error| format!("{error:#}")),
        Err(error) => Err(format!("cannot start the runtime: {error}")),
    };
    if let Err(error) = &ended {
        tracing::error!(error, "{service} stops after an error");
    }
    telemetry.shutdown();
    if ended.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[expect(clippy::print_stderr, reason = "there is no log yet")]
fn refuse(error: &dyn Display) -> ExitCode {
    eprintln!("{error}");
    ExitCode::FAILURE
}
