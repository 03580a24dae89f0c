//! Numbers of metrics.

/// Returns a counter's value as a whole number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from a float saturates"
)]
pub(super) fn whole(value: f64) -> u64 {
    value as u64
}
