//! The frame of a service's `main`.

use std::fmt::Display;
use std::process::ExitCode;

use sportello_telemetry::Metrics;

/// Runs `service` to its end: telemetry first, then `work` on a runtime of several threads, the last spans
/// sent when both are gone. An error is logged, with all its causes, and makes the exit code 1.
pub fn run_process<E: Display>(
    service: &'static str,
    work: impl AsyncFnOnce(Metrics) -> Result<(), E>,
) -> ExitCode {
    let telemetry = match sportello_telemetry::init(service) {
        Ok(telemetry) => telemetry,
        Err(error) => return refuse(&error),
    };
    let ended = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime
            .block_on(work(telemetry.metrics()))
            .map_err(|error| format!("{error:#}")),
        Err(error) => Err(format!("the runtime can't start: {error}")),
    };
    if let Err(error) = &ended {
        tracing::error!(error, "{service} ends");
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
