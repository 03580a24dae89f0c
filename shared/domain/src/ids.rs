//! Ids that are deterministic, so that a retry makes the same one, and that nobody else can compute.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use crate::submitter::Submitter;

/// Fewest bytes of the secret: as many as the digest has (RFC 2104, section 3).
const SECRET_BYTES: usize = 32;

/// A text that is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is a UUID")]
pub struct IdError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The id as a UUID.
            #[must_use]
            pub fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl From<Uuid> for $name {
            /// Takes an id that this system made before, as the database and the queue hand it back.
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self).map_err(|_| IdError)
            }
        }
    };
}

id! {
    /// An application's id: a UUID version 8 (RFC 9562, section 5.8) made by [`IdSecret::application_id`].
    ApplicationId
}
id! {
    /// A batch's id: a UUID version 8 (RFC 9562, section 5.8) made by [`IdSecret::batch_id`].
    BatchId
}

/// The key that the sender chooses for one application and sends again with every retry of it
/// (draft-ietf-httpapi-idempotency-key-header): 1 to 255 visible ASCII characters.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyKey(Box<str>);
crate::mask::masked_debug!(IdempotencyKey);

/// A text that is no idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key has 1 to 255 visible ASCII characters; a random UUID is a good one")]
pub struct IdempotencyKeyError;

impl IdempotencyKey {
    /// Parses a header's value, with or without the double quotes of an RFC 9651 string.
    ///
    /// # Errors
    /// [`IdempotencyKeyError`] where it is empty, too long or holds other characters.
    pub fn parse(text: &str) -> Result<Self, IdempotencyKeyError> {
        let text = text.trim();
        let text = text
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(text);
        let fits = (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(IdempotencyKeyError)
        }
    }
}

/// What a receipt carries in place of its holder's name: only who has the secret and knows the holder can
/// compute it. Unpadded base64url of 32 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HolderTag(String);

/// The secret that all intake and status processes share.
#[derive(Clone)]
pub struct IdSecret {
    mac: Hmac<Sha256>,
}

/// A secret of fewer than 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret for ids has fewer than {SECRET_BYTES} bytes; make one with `openssl rand -hex 32`")]
pub struct SecretTooShort;

impl IdSecret {
    /// Takes the secret's bytes as they are configured.
    ///
    /// # Errors
    /// [`SecretTooShort`] under 32 bytes.
    pub fn new(secret: &SecretString) -> Result<Self, SecretTooShort> {
        let bytes = secret.expose_secret().as_bytes();
        if bytes.len() < SECRET_BYTES {
            return Err(SecretTooShort);
        }
        let mac = Hmac::new_from_slice(bytes).map_err(|_| SecretTooShort)?;
        Ok(Self { mac })
    }

    /// The id of what `submitter` sends under `key`: the same for every retry, another for everybody else.
    #[must_use]
    pub fn application_id(&self, submitter: &Submitter, key: &IdempotencyKey) -> ApplicationId {
        ApplicationId(self.id("submit_application", submitter, key))
    }

    /// The id of the batch that `submitter` sends under `key`: the same for every retry, another for everybody else.
    #[must_use]
    pub fn batch_id(&self, submitter: &Submitter, key: &IdempotencyKey) -> BatchId {
        BatchId(self.id("submit_batch", submitter, key))
    }

    fn id(&self, operation: &str, submitter: &Submitter, key: &IdempotencyKey) -> Uuid {
        let mac = self.digest(&[
            operation,
            submitter.channel().as_str(),
            submitter.as_str(),
            &key.0,
        ]);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&mac[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }

    /// The tag by which `holder` is known on the receipt of the application or batch `id`.
    #[must_use]
    pub fn holder_tag(&self, id: impl Into<Uuid>, holder: &Submitter) -> HolderTag {
        let mac = self.digest(&[
            "holder",
            &id.into().to_string(),
            holder.channel().as_str(),
            holder.as_str(),
        ]);
        HolderTag(BASE64_URL_SAFE_NO_PAD.encode(mac))
    }

    /// HMAC-SHA-256 over the parts, each behind its length so that no two lists of parts look the same.
    fn digest(&self, parts: &[&str]) -> [u8; 32] {
        let mut mac = self.mac.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for IdSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdSecret(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OrganisationId, TaxCode};

    fn secret(byte: &str) -> IdSecret {
        IdSecret::new(&byte.repeat(32).into()).unwrap()
    }

    fn mario() -> Submitter {
        Submitter::Citizen(TaxCode::parse("RSSMRA80A01H501U").unwrap())
    }

    #[test]
    fn a_retry_has_the_same_id_and_everything_else_another() {
        let key = IdempotencyKey::parse("k-1").unwrap();
        let id = secret("a").application_id(&mario(), &key);
        assert_eq!(
            id,
            secret("a").application_id(&mario(), &IdempotencyKey::parse("\"k-1\"").unwrap())
        );
        assert_eq!(id.as_uuid().get_version_num(), 8);
        assert_eq!(id.to_string().parse(), Ok(id));

        let other = Submitter::Intermediary(OrganisationId::parse("patronato-aurora").unwrap());
        for different in [
            secret("b").application_id(&mario(), &key),
            secret("a").application_id(&mario(), &IdempotencyKey::parse("k-2").unwrap()),
            secret("a").application_id(&other, &key),
        ] {
            assert_ne!(id, different);
        }
        assert_ne!(secret("a").batch_id(&mario(), &key).as_uuid(), id.as_uuid());
    }

    #[test]
    fn a_holders_tag_holds_for_one_application_only() {
        let key = |k| IdempotencyKey::parse(k).unwrap();
        let secret = secret("a");
        let (one, two) = (
            secret.application_id(&mario(), &key("1")),
            secret.application_id(&mario(), &key("2")),
        );
        assert_eq!(secret.holder_tag(one, &mario()), secret.holder_tag(one, &mario()));
        assert_ne!(secret.holder_tag(one, &mario()), secret.holder_tag(two, &mario()));
    }

    #[test]
    fn keys_and_secrets_have_bounds() {
        for bad in ["", "\"\"", "a b", "à", &"a".repeat(256)] {
            assert!(IdempotencyKey::parse(bad).is_err(), "{bad}");
        }
        assert!(IdSecret::new(&"short".into()).is_err());
    }
}
