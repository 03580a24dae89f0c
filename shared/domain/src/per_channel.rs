//! One value for each channel.

use std::ops::{Index, IndexMut};

use crate::Channel;

/// One value for each channel, so that a new channel is added only to [`Channel`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PerChannel<T>([T; Channel::ALL.len()]);

impl<T> PerChannel<T> {
    /// Makes the value of each channel.
    #[must_use]
    pub fn from_fn(make: impl FnMut(Channel) -> T) -> Self {
        Self(Channel::ALL.map(make))
    }

    /// Returns the channels with their values, in the order of [`Channel::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Channel, &T)> {
        Channel::ALL.into_iter().zip(&self.0)
    }
}

impl<T> Index<Channel> for PerChannel<T> {
    type Output = T;

    fn index(&self, channel: Channel) -> &T {
        &self.0[channel as usize]
    }
}

impl<T> IndexMut<Channel> for PerChannel<T> {
    fn index_mut(&mut self, channel: Channel) -> &mut T {
        &mut self.0[channel as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_channel_has_a_value_of_its_own() {
        let mut words = PerChannel::from_fn(Channel::as_str);
        for channel in Channel::ALL {
            assert_eq!(words[channel], channel.as_str());
        }
        words[Channel::Citizen] = "changed";
        let all: Vec<_> = words.iter().collect();
        assert_eq!(
            all,
            [
                (Channel::Citizen, &"changed"),
                (Channel::Intermediary, &"intermediary")
            ]
        );
    }
}
