//! The mandate that an intermediary acts with.

use crate::submitter::Channel;
use crate::text::{Text, error_in_english};
use crate::violation::Violation;

/// How an intermediary's own files call the mandate that the applicant gave it (mandato di patrocinio, L. 152/2001,
/// art. 3; delega): 1 to 64 letters, digits, spaces and `- . _ / : #`. Personal data, since it leads to a person.
#[derive(Clone, PartialEq, Eq)]
pub struct Mandate(Box<str>);
crate::mask::masked_debug!(Mandate);

/// A text that is no reference of a mandate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MandateError;

/// Most characters of a reference.
const LIMIT: usize = 64;

impl Mandate {
    /// Parses a reference, without the white space around it.
    ///
    /// # Errors
    /// [`MandateError`] where it is empty, too long or holds other characters.
    pub fn parse(text: &str) -> Result<Self, MandateError> {
        let text = text.trim();
        let allowed = |c: char| c.is_alphanumeric() || " -._/:#".contains(c);
        let fits = (1..=LIMIT).contains(&text.chars().count()) && text.chars().all(allowed);
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(MandateError)
        }
    }

    /// The reference. Personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl MandateError {
    /// Stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        "mandate"
    }

    /// What is wrong, for a person.
    #[must_use]
    pub fn text(self) -> Text {
        Text::fixed(
            "il riferimento di un mandato ha da 1 a 64 lettere, cifre, spazi e - . _ / : #",
            "a mandate's reference has 1 to 64 letters, digits, spaces and - . _ / : #",
            "der Verweis auf eine Vollmacht hat 1 bis 64 Buchstaben, Ziffern, Leerzeichen und - . _ / : #",
        )
    }
}
error_in_english!(MandateError);

/// What is wrong with an application that comes by `channel` with or without a mandate.
pub(crate) fn violation(mandate: Option<&Mandate>, channel: Channel) -> Option<Violation> {
    const NOT_EXPECTED: Text = Text::fixed(
        "chi presenta la domanda per sé non indica alcun mandato",
        "whoever applies for themself names no mandate",
        "wer für sich selbst beantragt, gibt keine Vollmacht an",
    );
    match (channel, mandate) {
        (Channel::Intermediary, None) => Some(Violation::required("/mandate")),
        (Channel::Citizen, Some(_)) => Some(Violation::new("/mandate", "mandate_not_expected", NOT_EXPECTED)),
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
