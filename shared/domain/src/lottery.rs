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
    use proptest::prelude::*;
    use uuid::Uuid;

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

    #[test]
    fn turns_are_what_anybody_computes_from_the_published_seed() {
        // int.from_bytes(hashlib.sha256(seed.encode() + uuid.UUID(id).bytes).digest()[:8], "big") >> 1
        for (seed, id, turn) in [
            (
                "",
                "00000000-0000-0000-0000-000000000000",
                1_991_581_145_446_797_034,
            ),
            (
                "",
                "ffffffff-ffff-ffff-ffff-ffffffffffff",
                3_270_548_782_735_632_388,
            ),
            (
                "estrazione pubblica del 5 giugno 2020",
                "018f0000-0000-8000-8000-000000000001",
                7_130_416_361_811_914_130,
            ),
            (
                "città 49-12-77-3-61",
                "6b1d2c3e-4f50-8161-9273-8495a6b7c8d9",
                134_177_312_940_210_247,
            ),
        ] {
            assert_eq!(lottery_turn(seed, id.parse().unwrap()), turn, "{seed} {id}");
        }
    }

    proptest! {
        #[test]
        fn no_turn_is_negative(seed in "\\PC{0,40}", id in any::<u128>()) {
            prop_assert!(lottery_turn(&seed, ApplicationId::from(Uuid::from_u128(id))) >= 0);
        }
    }
}
