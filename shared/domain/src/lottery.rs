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
