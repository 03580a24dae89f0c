//! Logging of panics.

/// Logs only the place of a panic, since its text may contain personal data.
pub(crate) fn log_place_only() {
    std::panic::set_hook(Box::new(|panic| {
        let (file, line) = panic
            .location()
            .map_or(("unknown", 0), |place| (place.file(), place.line()));
        tracing::error!(file, line, "panic");
    }));
}
