//! Deterministic ids: a retry makes the same id, and no one without the secret can compute it.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use crate::clean::clean;
use crate::shard::Shard;
use crate::submitter::Submitter;
use crate::tax_code::TaxCode;

/// Fewest bytes of the secret: the length of the digest (RFC 2104, section 3).
const SECRET_BYTES: usize = 32;
/// Few enough for a small printed code, more than anybody can guess.
const HOLDER_TAG_CHARACTERS: usize = 22;

/// The error for a text that is not an id.
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
            /// Returns the id as a UUID.
            #[must_use]
            pub fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl From<Uuid> for $name {
            /// Makes an id from one that this system stored in the database or the queue.
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
    /// An application's id: a UUID version 8 (RFC 9562, section 5.8) made by
    /// [`IdSecret::application_id`].
    ApplicationId
}
id! {
    /// A batch's id: a UUID version 8 (RFC 9562, section 5.8) made by [`IdSecret::batch_id`].
    BatchId
}
id! {
    /// A dead letter's id: a random UUID that the database makes.
    LetterId
}
id! {
    /// The id of a job that sends dead letters again: a random UUID that its caller makes, so that
    /// a repeated request makes no second job.
    RequeueJobId
}

/// The key that the sender chooses for one application and sends again with every retry of it
/// (draft-ietf-httpapi-idempotency-key-header): 1 to 255 visible ASCII characters.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(Box<str>);
crate::mask::masked_debug!(IdempotencyKey);

/// The error for a text that is not an idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key has 1 to 255 visible ASCII characters, such as a random UUID")]
pub struct IdempotencyKeyError;

impl IdempotencyKey {
    /// Parses the value of the header `Idempotency-Key`: a string in double quotes (RFC 9651,
    /// section 3.3.3) or the same characters without them, which make the same key. Bare, it is a
    /// token (RFC 9651, section 3.3.4), which may begin with a digit, as a UUID may, and have `=`,
    /// as base64 has.
    ///
    /// # Errors
    /// [`IdempotencyKeyError`] if it is neither, or not 1 to 255 visible ASCII characters.
    pub fn parse_header(value: &str) -> Result<Self, IdempotencyKeyError> {
        let value = value.trim_matches([' ', '\t']);
        match value.strip_prefix('"') {
            Some(string) => Self::checked(&unquoted(string).ok_or(IdempotencyKeyError)?),
            None if value.bytes().all(is_in_token) => Self::checked(value),
            None => Err(IdempotencyKeyError),
        }
    }

    /// Parses a row's key. Ignores invisible characters, and double quotes around it, which a
    /// spreadsheet may add.
    ///
    /// # Errors
    /// [`IdempotencyKeyError`] if it is empty, too long or contains other characters.
    pub fn parse(text: &str) -> Result<Self, IdempotencyKeyError> {
        let text = clean(text);
        let text = text.trim();
        let text = text
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(text);
        Self::checked(text)
    }

    fn checked(text: &str) -> Result<Self, IdempotencyKeyError> {
        let fits = (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(IdempotencyKeyError)
        }
    }
}

/// Whether a bare key may contain it: a character of tokens (RFC 9651, section 3.3.4, and RFC 9110,
/// section 5.6.2), or `=`.
fn is_in_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:/=".contains(&byte)
}

/// Returns the content of a quoted string, given without its first quote.
fn unquoted(string: &str) -> Option<String> {
    let mut text = String::new();
    let mut characters = string.chars();
    loop {
        match characters.next()? {
            '"' => return characters.next().is_none().then_some(text),
            '\\' => text.push(
                characters
                    .next()
                    .filter(|escaped| ['"', '\\'].contains(escaped))?,
            ),
            character => text.push(character),
        }
    }
}

/// A tag on a receipt in place of its holder's name. Computing it needs the secret and the holder.
/// The first 22 characters of the base64url of an HMAC, which are 132 bits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HolderTag(String);

impl HolderTag {
    /// Whether this tag of a receipt is the computed one. Earlier receipts have all of the HMAC.
    #[must_use]
    pub fn is(&self, computed: &Self) -> bool {
        self.0.starts_with(&computed.0)
    }
}

/// The secret that all intake and status processes share.
#[derive(Clone)]
pub struct IdSecret {
    mac: Hmac<Sha256>,
}

/// Why a secret is refused. Never shows the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdSecretError {
    /// Fewer than 32 bytes.
    #[error("the secret for ids has fewer than {SECRET_BYTES} bytes; make one with `openssl rand -hex 32`")]
    TooShort,
    /// It is a published example.
    #[error("the secret for ids is a published example; make one with `openssl rand -hex 32`")]
    Known,
}

impl IdSecret {
    /// Makes the secret from its configured text.
    ///
    /// # Errors
    /// [`IdSecretError`] if it has fewer than 32 bytes, or is a placeholder such as `change-me`.
    pub fn new(secret: &SecretString) -> Result<Self, IdSecretError> {
        let secret = secret.expose_secret();
        if secret.len() < SECRET_BYTES {
            return Err(IdSecretError::TooShort);
        }
        if ["change-me", "change_me", "changeme"]
            .iter()
            .any(|known| secret.to_ascii_lowercase().contains(known))
        {
            return Err(IdSecretError::Known);
        }
        let mac = Hmac::new_from_slice(secret.as_bytes()).map_err(|_| IdSecretError::TooShort)?;
        Ok(Self { mac })
    }

    /// Returns the id of the application that `submitter` sends for `applicant` under `key`: the
    /// same for every retry.
    ///
    /// An intermediary's key is specific to an applicant, so that one key never joins two people.
    #[must_use]
    pub fn application_id(
        &self,
        submitter: &Submitter,
        applicant: &TaxCode,
        key: &IdempotencyKey,
    ) -> ApplicationId {
        let applicant = match submitter {
            // the citizen is the applicant
            Submitter::Citizen(_) => None,
            Submitter::Intermediary(_) => Some(applicant.as_str()),
        };
        let parts = sender_parts("submit_application", submitter, key);
        let mac = self.digest(parts.into_iter().chain(applicant));
        ApplicationId(uuid_of(mac))
    }

    /// Returns the id of the batch that `submitter` sends under `key`: the same for every retry,
    /// another for each other submitter.
    #[must_use]
    pub fn batch_id(&self, submitter: &Submitter, key: &IdempotencyKey) -> BatchId {
        BatchId(uuid_of(self.digest(sender_parts("submit_batch", submitter, key))))
    }

    /// Returns a mark of a row's key, for finding repeated keys in a batch. Senders can't predict
    /// collisions.
    #[must_use]
    pub fn row_mark(&self, submitter: &Submitter, key: &IdempotencyKey) -> u64 {
        let (high, low) = uuid_of(self.digest(sender_parts("row", submitter, key))).as_u64_pair();
        high ^ low
    }

    /// Returns the tag of `holder` on the receipt of the application or batch `id`.
    #[must_use]
    pub fn holder_tag(&self, id: impl Into<Uuid>, holder: &Submitter) -> HolderTag {
        let mac = self.digest([
            "holder",
            &id.into().to_string(),
            holder.channel().as_str(),
            holder.as_str(),
        ]);
        let mut tag = BASE64_URL_SAFE_NO_PAD.encode(mac);
        tag.truncate(HOLDER_TAG_CHARACTERS);
        HolderTag(tag)
    }

    /// Returns the shard of an applicant: the same for every application of the person.
    #[must_use]
    pub fn shard(&self, applicant: &TaxCode) -> Shard {
        let [first, ..] = self.digest(["shard", applicant.as_str()]);
        Shard::of_number(first)
    }

    /// HMAC-SHA-256 over the parts, each behind its length so that no two lists of parts look the
    /// same.
    fn digest<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> [u8; 32] {
        let mut mac = self.mac.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }
}

fn sender_parts<'a>(operation: &'a str, submitter: &'a Submitter, key: &'a IdempotencyKey) -> [&'a str; 4] {
    [
        operation,
        submitter.channel().as_str(),
        submitter.as_str(),
        &key.0,
    ]
}

fn uuid_of(mac: [u8; 32]) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&mac[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

impl fmt::Debug for IdSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdSecret(***)")
    }
}

#[cfg(test)]
mod tests;
