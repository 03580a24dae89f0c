//! Progress on long steps.

use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

const TICK: Duration = Duration::from_millis(100);

/// Does one step with a spinner beside its name, and leaves a line with its duration.
pub async fn step<T>(name: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    let spinner = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg} ({elapsed})") {
        spinner.set_style(style);
    }
    spinner.set_message(name.to_owned());
    spinner.enable_steady_tick(TICK);
    let started = Instant::now();
    let result = work.await;
    spinner.finish_and_clear();
    let mark = if result.is_ok() { '✓' } else { '✗' };
    eprintln!("  {mark} {name} ({:.1} s)", started.elapsed().as_secs_f32());
    result
}
