//! Reasons for the outcome of an application.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::outcome::UnknownWord;
use crate::text::Text;

/// The reason for an application's outcome. The word is stable, for programs; the text is for the
/// citizen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Registered: no rule stands against it.
    Regular,
    /// Duplicate: an earlier application of the same person for the same benefit stands.
    SamePerson,
    /// Duplicate: an earlier application for the same benefit and the same subject, such as a
    /// child, stands.
    SameSubject,
    /// Incompatible: an earlier application for a benefit that excludes this one stands.
    IncompatibleBenefit,
    /// Reserve or refused: the budget is not enough.
    PastCap,
    /// Refused: received before the benefit opened.
    BeforeOpening,
    /// Refused: received after the benefit closed.
    AfterClosing,
    /// Refused: received outside the daily hours of its channel.
    OutsideWindow,
    /// Conflict: a different content was received earlier under the same idempotency key.
    KeyReused,
    /// Withdrawn by the applicant.
    WithdrawnByApplicant,
    /// Withdrawn by the intermediary that sent it.
    WithdrawnBySubmitter,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 11] = [
        Self::Regular,
        Self::SamePerson,
        Self::SameSubject,
        Self::IncompatibleBenefit,
        Self::PastCap,
        Self::BeforeOpening,
        Self::AfterClosing,
        Self::OutsideWindow,
        Self::KeyReused,
        Self::WithdrawnByApplicant,
        Self::WithdrawnBySubmitter,
    ];

    /// Returns its word in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::SamePerson => "same_person",
            Self::SameSubject => "same_subject",
            Self::IncompatibleBenefit => "incompatible_benefit",
            Self::PastCap => "past_cap",
            Self::BeforeOpening => "before_opening",
            Self::AfterClosing => "after_closing",
            Self::OutsideWindow => "outside_window",
            Self::KeyReused => "key_reused",
            Self::WithdrawnByApplicant => "withdrawn_by_applicant",
            Self::WithdrawnBySubmitter => "withdrawn_by_submitter",
        }
    }

    /// Returns the text for the citizen.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Regular => Text::fixed(
                "La domanda è registrata e sarà esaminata.",
                "The application is registered and will be examined.",
                "Der Antrag ist registriert und wird geprüft.",
            ),
            Self::SamePerson => Text::fixed(
                "Vale la domanda ricevuta prima per la stessa persona e la stessa prestazione.",
                "The application received earlier for the same person and benefit counts.",
                "Es gilt der früher eingegangene Antrag derselben Person für dieselbe Leistung.",
            ),
            Self::SameSubject => Text::fixed(
                "La prestazione è già chiesta da una domanda ricevuta prima, per esempio per lo stesso figlio.",
                "An application received earlier already asks for this benefit, for example for the same child.",
                "Ein früher eingegangener Antrag betrifft bereits dasselbe, zum Beispiel dasselbe Kind.",
            ),
            Self::IncompatibleBenefit => Text::fixed(
                "Vale una domanda ricevuta prima per una prestazione che non si può cumulare con questa.",
                "An application received earlier counts: its benefit can't be combined with this one.",
                "Es gilt ein früher eingegangener Antrag für eine Leistung, die mit dieser nicht vereinbar ist.",
            ),
            Self::PastCap => Text::fixed(
                "Le risorse stanziate non bastano per questa domanda.",
                "The budget is not enough for this application.",
                "Die bereitgestellten Mittel reichen für diesen Antrag nicht aus.",
            ),
            Self::BeforeOpening => Text::fixed(
                "La domanda è arrivata prima dell'apertura dei termini.",
                "The application was received before the benefit opened.",
                "Der Antrag ist vor Beginn der Antragsfrist eingegangen.",
            ),
            Self::AfterClosing => Text::fixed(
                "La domanda è arrivata dopo la chiusura dei termini.",
                "The application was received after the benefit closed.",
                "Der Antrag ist nach Ende der Antragsfrist eingegangen.",
            ),
            Self::OutsideWindow => Text::fixed(
                "La domanda è arrivata fuori dall'orario previsto per questo canale.",
                "The application was received outside the hours of this channel.",
                "Der Antrag ist außerhalb der Zeiten dieses Zugangswegs eingegangen.",
            ),
            Self::KeyReused => Text::fixed(
                "Vale la domanda ricevuta prima con la stessa chiave di invio. \
                 Per inviarne un'altra usa una chiave nuova.",
                "The application received earlier with the same key counts. Use a new key to send another one.",
                "Es gilt der früher eingegangene Antrag mit demselben Schlüssel. \
                 Ein anderer Antrag braucht einen neuen Schlüssel.",
            ),
            Self::WithdrawnByApplicant => Text::fixed(
                "La domanda è stata ritirata dalla persona interessata.",
                "The applicant withdrew the application.",
                "Die antragstellende Person hat den Antrag zurückgezogen.",
            ),
            Self::WithdrawnBySubmitter => Text::fixed(
                "La domanda è stata ritirata dall'intermediario che l'aveva inviata.",
                "The intermediary that sent the application withdrew it.",
                "Die Stelle, die den Antrag übermittelt hat, hat ihn zurückgezogen.",
            ),
        }
    }
}

impl FromStr for Reason {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.as_str() == text)
            .ok_or(UnknownWord("reason"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for reason in Reason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
        }
    }
}
