//! Errors of parsing a tax code.

use crate::text::{Text, error_in_english};

/// Why a text is not a tax code. The texts never repeat what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxCodeError {
    /// Neither 16 nor 11 characters.
    Length,
    /// A character is not allowed in its position.
    Character {
        /// Position of the first wrong character, from 1.
        position: usize,
    },
    /// The first three letters can't come from a family name.
    FamilyName,
    /// Letters 4 to 6 can't come from a given name.
    GivenName,
    /// The ninth character is not a month.
    Month,
    /// Characters 10 and 11 are not a day of that month.
    Day,
    /// The last character does not match the others: usually a typing mistake.
    CheckCharacter,
}

impl TaxCodeError {
    /// Returns the stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "tax_code_length",
            Self::Character { .. } => "tax_code_character",
            Self::FamilyName => "tax_code_family_name",
            Self::GivenName => "tax_code_given_name",
            Self::Month => "tax_code_month",
            Self::Day => "tax_code_day",
            Self::CheckCharacter => "tax_code_check_character",
        }
    }

    /// Returns the text for people: what is wrong.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Length => Text::fixed(
                "il codice fiscale ha 16 caratteri, o 11 cifre se è provvisorio",
                "a tax code has 16 characters, or 11 digits if it is provisional",
                "die Steuernummer (codice fiscale) hat 16 Zeichen oder, wenn sie vorläufig ist, 11 Ziffern",
            ),
            Self::Character { position } => Text::of(
                format!("il carattere {position} del codice fiscale non è ammesso in quella posizione"),
                format!("character {position} of the tax code is not allowed in that position"),
                format!("das Zeichen {position} der Steuernummer ist an dieser Stelle nicht zulässig"),
            ),
            Self::FamilyName => Text::fixed(
                "i caratteri da 1 a 3 del codice fiscale non possono venire da un cognome: \
                 forse c'è un errore di battitura",
                "characters 1 to 3 of the tax code can't come from a family name: check for a typing mistake",
                "die Zeichen 1 bis 3 der Steuernummer können von keinem Nachnamen kommen: vielleicht ein Tippfehler",
            ),
            Self::GivenName => Text::fixed(
                "i caratteri da 4 a 6 del codice fiscale non possono venire da un nome: \
                 forse c'è un errore di battitura",
                "characters 4 to 6 of the tax code can't come from a given name: check for a typing mistake",
                "die Zeichen 4 bis 6 der Steuernummer können von keinem Vornamen kommen: vielleicht ein Tippfehler",
            ),
            Self::Month => Text::fixed(
                "il carattere 9 del codice fiscale non è la lettera di un mese",
                "character 9 of the tax code is not the letter of a month",
                "das Zeichen 9 der Steuernummer ist nicht der Buchstabe eines Monats",
            ),
            Self::Day => Text::fixed(
                "i caratteri 10 e 11 del codice fiscale non sono un giorno di quel mese",
                "characters 10 and 11 of the tax code are not a day of that month",
                "die Zeichen 10 und 11 der Steuernummer sind kein Tag dieses Monats",
            ),
            Self::CheckCharacter => Text::fixed(
                "l'ultimo carattere del codice fiscale non corrisponde agli altri: forse c'è un errore di battitura",
                "the last character of the tax code does not match the others: check for a typing mistake",
                "das letzte Zeichen der Steuernummer passt nicht zu den anderen: vielleicht ein Tippfehler",
            ),
        }
    }
}
error_in_english!(TaxCodeError);
