//! Signals between processes over the broker, beside the applications: channel settings, overload,
//! and the broker's time.
//!
//! A signal never holds an application or personal data, and no application waits for a signal.

mod broadcast;
mod broker_clock;
mod channel_settings;
mod metrics;
mod overload;

pub use broker_clock::BrokerClock;
pub use channel_settings::{ChannelSettings, KnownSetting, SetError, SettingAuthor};
pub use overload::{Overload, OverloadReporter};
