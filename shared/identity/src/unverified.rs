//! What a token says of itself before anything is checked: enough to choose the key, and trusted for nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::config::asymmetric;
use crate::error::TokenError;

/// Bytes of a token; real ones have one or two thousand.
const SIZE_LIMIT: usize = 8 * 1024;

/// The parts of a token that choose its key.
#[derive(Debug)]
pub(crate) struct Unverified {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<String>,
    pub(crate) issuer: String,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Payload {
    iss: Option<String>,
}

impl Unverified {
    pub(crate) fn parse(token: &str) -> Result<Self, TokenError> {
        if token.len() > SIZE_LIMIT {
            return Err(TokenError::Malformed);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Malformed);
        };
        let header: Header = decode(header)?;
        let algorithm = asymmetric(&header.alg).ok_or(TokenError::AlgorithmNotAllowed)?;
        // extensions that must be understood (RFC 7515, section 4.1.11), and none is understood here
        if header.crit.is_some() {
            return Err(TokenError::Malformed);
        }
        if header.typ.as_deref().is_some_and(|typ| !is_access_token(typ)) {
            return Err(TokenError::WrongType);
        }
        let payload: Payload = decode(payload)?;
        let issuer = payload
            .iss
            .ok_or_else(|| TokenError::MissingClaim("iss".to_owned()))?;
        Ok(Self {
            algorithm,
            kid: header.kid,
            issuer,
        })
    }
}

/// RFC 9068, section 2.1, and what issuers wrote before it.
fn is_access_token(typ: &str) -> bool {
    ["at+jwt", "application/at+jwt", "jwt"]
        .iter()
        .any(|known| typ.eq_ignore_ascii_case(known))
}

fn decode<T: DeserializeOwned>(part: &str) -> Result<T, TokenError> {
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)?;
    serde_json::from_slice(&json).map_err(|_| TokenError::Malformed)
}
