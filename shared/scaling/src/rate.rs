//! Applications a second.

use std::fmt;
use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Applications a second: a finite number, 0 or more.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "f64", into = "f64")]
#[schema(value_type = f64, minimum = 0, example = 212.5)]
pub struct Rate(f64);

impl Rate {
    /// None at all.
    pub const ZERO: Self = Self(0.0);
    /// So few that any worker keeps up: one in ten seconds.
    pub(crate) const FEW: Self = Self(0.1);

    /// Returns the rate, unless the number is negative or not finite.
    #[must_use]
    pub fn per_second(number: f64) -> Option<Self> {
        // -0.0 is nothing, too
        (number.is_finite() && number >= 0.0).then_some(Self(number + 0.0))
    }

    /// Returns the rate of so many applications in so many seconds; 0 for 0 seconds.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a rate is no count")]
    pub fn of(applications: u64, seconds: f64) -> Self {
        Self::per_second(applications as f64 / seconds).unwrap_or_default()
    }

    /// Returns the rate of some of so many equal parts.
    #[must_use]
    pub(crate) fn share(self, some: u16, of: NonZeroU16) -> Self {
        Self(self.0 * f64::from(some) / f64::from(of.get()))
    }

    /// Returns applications a second.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Rate {
    type Error = &'static str;
    fn try_from(number: f64) -> Result<Self, Self::Error> {
        Self::per_second(number).ok_or("a rate is a finite number, 0 or more")
    }
}

impl From<Rate> for f64 {
    fn from(rate: Rate) -> Self {
        rate.0
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = usize::from(self.0 > 0.0 && self.0 < 10.0);
        write!(to, "{:.decimals$}/s", self.0)
    }
}
