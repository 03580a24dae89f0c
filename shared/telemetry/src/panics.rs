//! What a panic may say.

/// Logs where a panic happened and not its text, which may hold what a person sent.
pub(crate) fn log_place_only() {
    std::panic::set_hook(Box::new(|panic| {
        let (file, line) = panic
            .location()
            .map_or(("unknown", 0), |place| (place.file(), place.line()));
        tracing::error!(file, line, "panic");
    }));
}
