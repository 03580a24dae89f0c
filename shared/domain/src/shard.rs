//! The part of all persons that an applicant belongs to.

/// One of 64 parts of all persons, of about the same size. [`IdSecret::shard`] computes it: the
/// same for each application of a person, and known to nobody without the secret.
///
/// [`IdSecret::shard`]: crate::IdSecret::shard
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(u8);

impl Shard {
    /// How many there are: as many as a channel may have queues.
    pub const COUNT: u8 = 64;

    /// Makes the shard of this number, modulo 64.
    #[must_use]
    pub fn of_number(number: u8) -> Self {
        Self(number % Self::COUNT)
    }

    /// Returns its number, from 0.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }
}
