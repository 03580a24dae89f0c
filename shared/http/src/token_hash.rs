//! A hash of the access token, for addresses that belong to one caller.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::bearer::token;
use crate::problem::Problem;

/// The SHA-256 of the request's access token in unpadded base64url, the `ath` of RFC 9449, section
/// 4.2. In an address it stands for the caller: only the caller can compute it, it is unique, and
/// it does not reveal a person.
///
/// The token may be invalid: [`Bearer`](crate::Bearer) verifies it.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenHash(String);

impl TokenHash {
    /// Whether a segment of the address is this hash.
    #[must_use]
    pub fn is(&self, segment: &str) -> bool {
        self.0 == segment
    }

    fn of(token: &str) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token)))
    }
}

impl FromRequest for TokenHash {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(token(request).map(Self::of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_rfc_9449() {
        // the example of section 7.1
        let hash = TokenHash::of("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU");
        assert!(hash.is("fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"));
        assert!(!hash.is("fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo="));
    }
}
