//! A signed token, parsed once into its claims and its signed part. Before [`Token::verified`], its
//! content serves only to choose the key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::config::asymmetric;
use crate::error::TokenError;
use crate::keys::Key;

/// Most bytes of a token; real ones have one or two thousand.
const SIZE_LIMIT: usize = 8 * 1024;

/// A JWS in compact form (RFC 7515, section 3.1), not verified yet.
pub(crate) struct Token<'a> {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<String>,
    claims: Value,
    signed: &'a str,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<serde::de::IgnoredAny>,
}

impl<'a> Token<'a> {
    pub(crate) fn parse(token: &'a str) -> Result<Self, TokenError> {
        if token.len() > SIZE_LIMIT {
            return Err(TokenError::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        let header: Header = decode(header)?;
        let algorithm = asymmetric(&header.alg).ok_or(TokenError::AlgorithmNotAllowed)?;
        // critical extensions (RFC 7515, section 4.1.11); this service supports none
        if header.crit.is_some() {
            return Err(TokenError::Malformed);
        }
        if header.typ.as_deref().is_some_and(|typ| !is_access_token(typ)) {
            return Err(TokenError::WrongType);
        }
        let claims: Value = decode(payload)?;
        Ok(Self {
            algorithm,
            kid: header.kid,
            claims,
            signed,
            signature: decode_text(signature)?,
        })
    }

    /// Returns the issuer that the token claims, unverified.
    pub(crate) fn issuer(&self) -> Result<&str, TokenError> {
        match self.claims.as_object().ok_or(TokenError::Malformed)?.get("iss") {
            None | Some(Value::Null) => Err(TokenError::MissingClaim("iss".to_owned())),
            Some(issuer) => issuer.as_str().ok_or(TokenError::Malformed),
        }
    }

    /// Returns the claims if the signature was made with this key.
    pub(crate) fn verified(self, key: &Key) -> Result<Value, TokenError> {
        key.verify(self.algorithm, self.signed.as_bytes(), &self.signature)?;
        Ok(self.claims)
    }
}

/// Whether `typ` is that of RFC 9068, section 2.1, or an older one that issuers use.
fn is_access_token(typ: &str) -> bool {
    ["at+jwt", "application/at+jwt", "jwt"]
        .iter()
        .any(|known| typ.eq_ignore_ascii_case(known))
}

fn decode<T: DeserializeOwned>(part: &str) -> Result<T, TokenError> {
    let json = String::from_utf8(decode_text(part)?).map_err(|_| TokenError::Malformed)?;
    serde_json::from_str(&json).map_err(|_| TokenError::Malformed)
}

fn decode_text(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)
}
