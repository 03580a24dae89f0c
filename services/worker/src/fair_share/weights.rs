//! The weights of the channels.

use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;

use sportello_domain::{Channel, PerChannel};

/// Ratio of citizens' to intermediaries' applications that are registered while both wait: `4:1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weights(PerChannel<NonZeroU16>);

/// A text that is not a pair of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("weights are two numbers from 1 to {LARGEST}, citizens' and intermediaries', such as 4:1")]
pub struct WeightsError;

const LARGEST: u16 = 1_000;

impl Weights {
    pub(super) fn of(self, channel: Channel) -> u16 {
        self.0[channel].get()
    }
}

impl FromStr for Weights {
    type Err = WeightsError;
    fn from_str(text: &str) -> Result<Self, WeightsError> {
        let weight = |text: &str| {
            let weight: NonZeroU16 = text.trim().parse().map_err(|_| WeightsError)?;
            (weight.get() <= LARGEST).then_some(weight).ok_or(WeightsError)
        };
        let weights: Vec<NonZeroU16> = text.split(':').map(weight).collect::<Result<_, _>>()?;
        if weights.len() == Channel::ALL.len() {
            Ok(Self(PerChannel::from_fn(|channel| weights[channel as usize])))
        } else {
            Err(WeightsError)
        }
    }
}

impl fmt::Display for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weights: Vec<String> = self.0.iter().map(|(_, weight)| weight.to_string()).collect();
        f.write_str(&weights.join(":"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_two_numbers() {
        let weights: Weights = " 4 : 1 ".parse().unwrap();
        assert_eq!(weights.to_string(), "4:1");
        for bad in ["", "4", "4:0", "0:1", "4:1:1", "-4:1", "1001:1", "a:b"] {
            assert_eq!(bad.parse::<Weights>(), Err(WeightsError), "{bad}");
        }
    }
}
