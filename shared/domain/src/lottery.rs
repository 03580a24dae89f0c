//! The order of a lottery.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::ids::ApplicationId;

/// The prefix of the digest, so that a ticket equals no other digest.
const LABEL: &str = "sportello lottery ticket";

/// An application's ticket in a lottery: SHA-256 over the ASCII bytes of `sportello lottery ticket`
/// followed by the id's 16 bytes. Written as 64 hexadecimal digits.
///
/// A ticket may be published. It does not reveal the id, which is the unguessable part of the
/// application's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LotteryTicket([u8; 32]);

impl LotteryTicket {
    /// Returns the ticket of an application. It is fixed by the receipt, for every order of a
    /// benefit.
    #[must_use]
    pub fn of(id: ApplicationId) -> Self {
        let digest = Sha256::new()
            .chain_update(LABEL)
            .chain_update(id.as_uuid().as_bytes());
        Self(digest.finalize().into())
    }

    /// Returns the ticket's turn in the lottery drawn with a published seed: the lowest comes
    /// first.
    ///
    /// The turn is the first eight bytes of SHA-256 over the seed's UTF-8 bytes followed by the
    /// ticket's 32 bytes, read as a number (big-endian) without its lowest bit. With the seed and
    /// the tickets, any person can repeat the draw.
    #[must_use]
    pub fn turn(self, seed: &str) -> i64 {
        let digest = Sha256::new().chain_update(seed.as_bytes()).chain_update(self.0);
        let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = digest.finalize().into();
        // the shift clears the sign bit
        (u64::from_be_bytes([a, b, c, d, e, f, g, h]) >> 1).cast_signed()
    }
}

impl fmt::Display for LotteryTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    /// Tickets and turns that the few lines of Python in `docs/CATALOGUE.md` compute.
    #[test]
    fn anybody_can_draw_again_from_the_seed_and_the_tickets() {
        for (id, seed, ticket, turn) in [
            (
                "018f3d2e-7b1a-8c4d-9e5f-0123456789ab",
                "Lotto 2026-12-31: 4 18 33 57 90",
                "9c5162db71263a47b20304b03b2eee52a5822923e639b8b4827bca6d14fbdb07",
                5_394_861_143_061_220_301,
            ),
            (
                "ffffffff-ffff-8fff-bfff-ffffffffffff",
                "Lotto 2026-12-31: 4 18 33 57 90",
                "66a0ea0e115bad4dbe17375ea68ebe50d6a7d86f98f59e11e8faf973aea496a8",
                8_183_313_288_533_367,
            ),
            (
                "00000000-0000-0000-0000-000000000000",
                "",
                "24bcdd4faeefd56bb9da2810c9a8737c9edd0b5e5ab4c8786b3dc3a99a805520",
                7_360_134_544_745_470_631,
            ),
            (
                "6b1d2c3e-4f50-8161-9273-8495a6b7c8d9",
                "città 49-12-77-3-61",
                "f481403c8b57cee16bc783ded92cbffca74c09ff0d17b38d41cdcf56da4269cb",
                68_098_657_436_398_887,
            ),
        ] {
            let drawn = LotteryTicket::of(id.parse().unwrap());
            assert_eq!((drawn.to_string().as_str(), drawn.turn(seed)), (ticket, turn));
        }
    }

    proptest! {
        #[test]
        fn no_turn_is_negative(seed in "\\PC{0,40}", id in any::<u128>()) {
            let ticket = LotteryTicket::of(ApplicationId::from(Uuid::from_u128(id)));
            prop_assert!(ticket.turn(&seed) >= 0);
        }
    }
}
