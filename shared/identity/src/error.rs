//! Why a token is refused, in texts that contain nothing secret.

/// Why a bearer token is refused. The texts repeat nothing of the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a signed JWT: not three parts, not JSON, too long, or with an unknown critical header.
    #[error("the bearer token is not a signed JWT")]
    Malformed,
    /// A JWT of another kind (header `typ`), such as a logout token.
    #[error("the bearer token is a JWT, but not an access token")]
    WrongType,
    /// Unsigned, signed with a shared secret, or signed with an algorithm that is not pinned for
    /// its issuer or key.
    #[error("the bearer token is signed with an algorithm that is not allowed")]
    AlgorithmNotAllowed,
    /// Its issuer has no key with this id.
    #[error("the bearer token is signed with a key that its issuer does not publish")]
    UnknownKey,
    /// The signature does not match.
    #[error("the signature of the bearer token does not match")]
    BadSignature,
    /// Past its `exp`.
    #[error("the bearer token has expired: log in again")]
    Expired,
    /// Before its `nbf`.
    #[error("the bearer token is not valid yet: check the clock")]
    NotYetValid,
    /// Not from an issuer that this service trusts.
    #[error("the issuer of the bearer token is not trusted here")]
    WrongIssuer,
    /// Its issuer may not speak for this caller; the text names the kind of caller.
    #[error("the issuer of the bearer token may not issue tokens for {0}")]
    NotForIssuer(&'static str),
    /// For another service; also the error for an id token.
    #[error("the bearer token is for another audience")]
    WrongAudience,
    /// The login was weaker than this service requires.
    #[error("the login behind the bearer token is too weak: log in with a higher level")]
    AcrTooLow,
    /// A required claim is missing or has the wrong type.
    #[error("the bearer token lacks the claim {0}")]
    MissingClaim(String),
    /// Its tax code is invalid.
    #[error("the tax code in the bearer token is not valid")]
    InvalidTaxCode,
    /// Its organisation is not a valid identifier.
    #[error("the organisation in the bearer token is not a valid identifier")]
    InvalidOrganisation,
    /// No valid keys of the issuer are known yet: the caller may try again.
    #[error("the keys of the token's issuer have not been received yet: try again")]
    KeysUnavailable,
}

impl TokenError {
    /// Returns the stable code for programs and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::WrongType => "wrong_type",
            Self::AlgorithmNotAllowed => "algorithm_not_allowed",
            Self::UnknownKey => "unknown_key",
            Self::BadSignature => "bad_signature",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::WrongIssuer => "wrong_issuer",
            Self::NotForIssuer(_) => "not_for_issuer",
            Self::WrongAudience => "wrong_audience",
            Self::AcrTooLow => "acr_too_low",
            Self::MissingClaim(_) => "missing_claim",
            Self::InvalidTaxCode => "invalid_tax_code",
            Self::InvalidOrganisation => "invalid_organisation",
            Self::KeysUnavailable => "keys_unavailable",
        }
    }

    /// Whether the same token may be accepted later, since the error is not the caller's.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        *self == Self::KeysUnavailable
    }
}
