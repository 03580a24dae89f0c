//! The mandate of an intermediary.

use utoipa::ToSchema;

use crate::clean::{clean, with_plain_dashes};
use crate::submitter::Channel;
use crate::text::{Text, error_in_english};
use crate::violation::Violation;

/// The reference in an intermediary's files to the mandate that the applicant gave it (mandato di
/// patrocinio, L. 152/2001, art. 3; delega): 1 to 64 letters, digits, spaces and `- . _ / : #`.
/// Personal data, since it identifies a person.
#[derive(Clone, PartialEq, Eq, ToSchema)]
#[schema(
    value_type = String,
    description = "The mandate's name in the intermediary's own files: required of an intermediary, absent where a \
                   citizen applies.",
    example = "PA-2020/000123",
    min_length = 1,
    max_length = 64
)]
pub struct Mandate(Box<str>);
crate::mask::masked_debug!(Mandate);

/// The error for a text that is not a mandate reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MandateError;

/// Most characters of a reference.
const LIMIT: usize = 64;

impl Mandate {
    /// Parses a reference, without the white space around it and invisible characters; dashes
    /// become `-`.
    ///
    /// # Errors
    /// [`MandateError`] if it is empty, too long or contains other characters.
    pub fn parse(text: &str) -> Result<Self, MandateError> {
        let clean = clean(text);
        let text = with_plain_dashes(clean.trim());
        let allowed = |c: char| c.is_alphanumeric() || " -._/:#".contains(c);
        let fits = (1..=LIMIT).contains(&text.chars().count()) && text.chars().all(allowed);
        if fits {
            Ok(Self(text.into_owned().into()))
        } else {
            Err(MandateError)
        }
    }

    /// Returns the reference. Personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl MandateError {
    /// Returns the stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        "mandate"
    }

    /// Returns the text for people: what is wrong.
    #[must_use]
    pub fn text(self) -> Text {
        Text::fixed(
            "il riferimento di un mandato ha da 1 a 64 lettere, cifre, spazi e - . _ / : #",
            "a mandate reference has 1 to 64 letters, digits, spaces and - . _ / : #",
            "der Verweis auf eine Vollmacht hat 1 bis 64 Buchstaben, Ziffern, Leerzeichen und - . _ / : #",
        )
    }
}
error_in_english!(MandateError);

/// Checks that an application has a mandate exactly if its channel needs one.
pub(crate) fn violation(mandate: Option<&Mandate>, channel: Channel) -> Option<Violation> {
    const NOT_EXPECTED: Text = Text::fixed(
        "se presenti la domanda per te, lascia vuoto questo campo",
        "if you apply for yourself, leave this field empty",
        "bei einem Antrag für sich selbst bleibt dieses Feld leer",
    );
    match (channel, mandate) {
        (Channel::Intermediary, None) => Some(Violation::required(["mandate"])),
        (Channel::Citizen, Some(_)) => {
            Some(Violation::new(["mandate"], "mandate_not_expected", NOT_EXPECTED))
        }
        (Channel::Intermediary, Some(_)) | (Channel::Citizen, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_what_files_are_called_by() {
        for good in ["1", "PA-2020/000123", " Del. n. 7:3_b #1 ", &"à".repeat(64)] {
            assert_eq!(Mandate::parse(good).unwrap().as_str(), good.trim());
        }
        for bad in ["", "  ", "a\nb", "a\0", "<a>", &"a".repeat(65)] {
            assert_eq!(Mandate::parse(bad), Err(MandateError), "{bad:?}");
        }
        assert!(!format!("{:?}", Mandate::parse("PA-2020").unwrap()).contains("PA"));
    }

    #[test]
    fn an_intermediary_needs_one_and_a_citizen_has_none() {
        let mandate = Mandate::parse("PA-1").unwrap();
        let code = |mandate, channel| violation(mandate, channel).map(|violation| violation.code);
        assert_eq!(code(None, Channel::Citizen), None);
        assert_eq!(code(Some(&mandate), Channel::Intermediary), None);
        assert_eq!(code(None, Channel::Intermediary).as_deref(), Some("required"));
        assert_eq!(
            code(Some(&mandate), Channel::Citizen).as_deref(),
            Some("mandate_not_expected")
        );
    }
}
