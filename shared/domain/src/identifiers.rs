//! Short identifiers of benefits, categories and organisations.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::text::{Text, error_in_english};

/// The error for a text that is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentifierError;

impl IdentifierError {
    /// Returns the stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        "identifier"
    }

    /// Returns the text for people: what is wrong.
    #[must_use]
    pub fn text(self) -> Text {
        Text::fixed(
            "un identificativo ha da 1 a 64 lettere minuscole, cifre e trattini singoli, e inizia con una lettera",
            "an identifier has 1 to 64 lower-case letters, digits and single hyphens, and begins with a letter",
            "ein Bezeichner hat 1 bis 64 Kleinbuchstaben, Ziffern und einzelne Bindestriche und beginnt mit einem \
             Buchstaben",
        )
    }
}
error_in_english!(IdentifierError);

fn check(text: &str) -> Result<(), IdentifierError> {
    let words_fit = text
        .split('-')
        .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
    let fits = text.len() <= 64 && words_fit && text.starts_with(|c: char| c.is_ascii_lowercase());
    if fits { Ok(()) } else { Err(IdentifierError) }
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// 1 to 64 lower-case letters, digits and single hyphens, beginning with a letter.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(
            as = Id,
            value_type = String,
            description = "An identifier of the catalogue.",
            max_length = 64,
            pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
        )]
        pub struct $name(Box<str>);

        impl $name {
            /// Parses an identifier without trimming or folding it.
            ///
            /// # Errors
            /// [`IdentifierError`] if it is not an identifier.
            pub fn parse(text: &str) -> Result<Self, IdentifierError> {
                check(text)?;
                Ok(Self(text.into()))
            }

            /// Returns the identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdentifierError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdentifierError;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }
    };
}

identifier! {
    /// A benefit, such as `indemnity-march-2020`: a file of the catalogue.
    BenefitId
}
identifier! {
    /// A category of applicants within a benefit, such as `self-employed`.
    CategoryId
}
identifier! {
    /// An intermediary's organisation (patronato, CAF, labour consultant), as its token names it.
    OrganisationId
}

/// The version of a benefit's file in the catalogue: the first 16 hexadecimal digits of the file's
/// SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CatalogueVersion(Box<str>);

/// The error for a text that is not a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a version of a benefit's file has 16 lower-case hexadecimal digits")]
pub struct CatalogueVersionError;

impl CatalogueVersion {
    /// Returns the version of a file with this content.
    #[must_use]
    pub fn of(file: &[u8]) -> Self {
        let digest = Sha256::digest(file);
        let hexadecimal: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self(hexadecimal.into())
    }

    /// Parses a version.
    ///
    /// # Errors
    /// [`CatalogueVersionError`] if it is not a version.
    pub fn parse(text: &str) -> Result<Self, CatalogueVersionError> {
        let digits = text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if text.len() == 16 && digits {
            Ok(Self(text.into()))
        } else {
            Err(CatalogueVersionError)
        }
    }

    /// Returns the digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CatalogueVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for CatalogueVersion {
    type Error = CatalogueVersionError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<CatalogueVersion> for String {
    fn from(version: CatalogueVersion) -> Self {
        version.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_plain_lower_case_words() {
        for good in ["a", "indemnity-march-2020", &"a".repeat(64)] {
            assert_eq!(BenefitId::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "-a",
            "a-",
            "a--b",
            "A",
            "2020",
            "a b",
            "a_b",
            "à",
            &"a".repeat(65),
        ] {
            assert_eq!(BenefitId::parse(bad), Err(IdentifierError), "{bad}");
        }
    }
}
