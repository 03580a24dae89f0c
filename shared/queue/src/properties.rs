//! Properties and headers of messages.

use lapin::BasicProperties;

/// W3C trace context of the span that a message belongs to, as a long string.
pub(crate) const TRACEPARENT: &str = "traceparent";
/// Number of applications in the envelope.
pub(crate) const APPLICATIONS: &str = "applications";
/// Why a message was dead-lettered.
pub(crate) const REASON: &str = "reason";
/// The same as a word of `DeadLetterReason`.
pub(crate) const REASON_CODE: &str = "reason_code";
/// Id of the dead letter that a message is of which is sent again, or that came back as this one.
pub(crate) const LETTER: &str = "dead_letter";
/// When it was dead-lettered, RFC 3339.
pub(crate) const DEAD_LETTERED_AT: &str = "dead_lettered_at";
/// Id of the application that was dead-lettered, where it is known.
pub(crate) const APPLICATION_ID: &str = "application_id";

/// Delivery mode 2 of AMQP 0-9-1: survives a restart of the broker.
const PERSISTENT: u8 = 2;
/// Delivery mode 1: does not.
pub const TRANSIENT: u8 = 1;

/// A persistent message that holds an envelope.
pub(crate) fn persistent() -> BasicProperties {
    of_type("applications")
}

/// A persistent JSON message of this type.
#[must_use]
pub fn of_type(name: &str) -> BasicProperties {
    BasicProperties::default()
        .with_delivery_mode(PERSISTENT)
        .with_content_type("application/json".into())
        .with_type(name.into())
        .with_app_id("sportello".into())
}
