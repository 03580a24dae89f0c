//! The order in which a lottery draws.

use sha2::{Digest as _, Sha256};

use crate::ids::ApplicationId;

/// The turn of an application in the lottery drawn with a published seed: the lowest comes first.
///
/// It is the first eight bytes of SHA-256 over the seed's UTF-8 bytes followed by the id's 16 bytes, read as a number
/// (big-endian) without its lowest bit, so that anybody who has the seed and the ids can draw it again.
#[must_use]
pub fn lottery_turn(seed: &str, id: ApplicationId) -> i64 {
    let digest = Sha256::new()
        .chain_update(seed.as_bytes())
        .chain_update(id.as_uuid().as_bytes())
        .finalize();
    digest
        .iter()
        .take(8)
        .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte))
        .checked_shr(1)
        .and_then(|number| i64::try_from(number).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The turns that the few lines of Python in `docs/CATALOGUE.md` compute.
    #[test]
    fn anybody_can_draw_again() {
        for (id, turn) in [
            ("018f3d2e-7b1a-8c4d-9e5f-0123456789ab", 75_606_826_692_482_462),
            ("ffffffff-ffff-8fff-bfff-ffffffffffff", 1_481_658_367_811_212_948),
            ("00000000-0000-8000-8000-000000000000", 5_676_968_788_841_912_695),
        ] {
            let id: ApplicationId = id.parse().unwrap();
            assert_eq!(lottery_turn("Lotto 2026-12-31: 4 18 33 57 90", id), turn);
        }
    }
}
