//! The account that the benefit is paid to.

use iban::{IbanLike as _, ParseIbanError};

use crate::check_letter::check_letter;
use crate::mask::masked_debug;
use crate::text::{Text, error_in_english};

/// An international bank account number (ISO 13616) whose country's structure and check digits hold and, for
/// Italy and San Marino, whose national check letter (CIN) holds too.
#[derive(Clone, PartialEq, Eq)]
pub struct Iban(iban::Iban);
masked_debug!(Iban);

/// Why a text is no IBAN. The texts never repeat what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IbanError {
    /// Length or characters can't be an IBAN's.
    Format,
    /// The two check digits do not fit (ISO 7064, MOD 97-10).
    CheckDigits,
    /// No such country, or not that country's structure.
    Country,
    /// The Italian or Sammarinese check letter does not fit.
    Cin,
}

impl IbanError {
    /// Stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Format => "iban_format",
            Self::CheckDigits => "iban_check_digits",
            Self::Country => "iban_country",
            Self::Cin => "iban_cin",
        }
    }

    /// What is wrong, for a person.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Format => Text::fixed(
                "un IBAN ha due lettere per il paese, due cifre di controllo e fino a 30 lettere e cifre",
                "an IBAN has two letters for the country, two check digits and up to 30 letters and digits",
                "eine IBAN hat zwei Buchstaben für das Land, zwei Prüfziffern und bis zu 30 Buchstaben und Ziffern",
            ),
            Self::CheckDigits => Text::fixed(
                "le cifre di controllo dell'IBAN non corrispondono: forse c'è un errore di battitura",
                "the check digits of the IBAN do not match: check for a typing mistake",
                "die Prüfziffern der IBAN passen nicht: vielleicht ein Tippfehler",
            ),
            Self::Country => Text::fixed(
                "l'IBAN non ha la struttura prevista nel suo paese",
                "the IBAN is not built as its country's are",
                "die IBAN ist nicht so aufgebaut, wie es in ihrem Land vorgesehen ist",
            ),
            Self::Cin => Text::fixed(
                "il quinto carattere dell'IBAN (CIN) non corrisponde al conto: forse c'è un errore di battitura",
                "the fifth character (CIN) of the IBAN does not match the account: check for a typing mistake",
                "das fünfte Zeichen der IBAN (CIN) passt nicht zum Konto: vielleicht ein Tippfehler",
            ),
        }
    }
}
error_in_english!(IbanError);

impl Iban {
    /// Parses an IBAN, ignoring letter case and spaces.
    ///
    /// # Errors
    /// [`IbanError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, IbanError> {
        // 34 characters at most; the rest can only be spaces
        if text.len() > 100 {
            return Err(IbanError::Format);
        }
        let compact: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let iban: iban::Iban = compact.parse().map_err(|error| match error {
            ParseIbanError::InvalidBaseIban {
                source: iban::ParseBaseIbanError::InvalidChecksum,
            } => IbanError::CheckDigits,
            ParseIbanError::InvalidBaseIban { .. } => IbanError::Format,
            ParseIbanError::InvalidBban(_) | ParseIbanError::UnknownCountry(_) => IbanError::Country,
        })?;
        if matches!(iban.country_code(), "IT" | "SM") {
            let (cin, account) = iban.bban().split_at(1);
            if check_letter(account) != cin.chars().next() {
                return Err(IbanError::Cin);
            }
        }
        Ok(Self(iban))
    }

    /// The IBAN in capitals, without spaces. Personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.electronic_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn italian_and_foreign_accounts_are_accepted() {
        for text in [
            "IT60X0542811101000000123456",
            "it60 x054 2811 1010 0000 0123 456",
            "DE44500105175407324931",
        ] {
            assert!(Iban::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn each_mistake_is_told_apart() {
        assert_eq!(Iban::parse(""), Err(IbanError::Format));
        assert_eq!(
            Iban::parse("IT61X0542811101000000123456"),
            Err(IbanError::CheckDigits)
        );
        assert_eq!(
            Iban::parse("XX6012345678901234567890"),
            Err(IbanError::CheckDigits)
        );
        // the check digits fit, the CIN should be X
        assert_eq!(Iban::parse("IT64Y0542811101000000123456"), Err(IbanError::Cin));
        assert_eq!(
            format!("{:?}", Iban::parse("DE44500105175407324931").unwrap()),
            "Iban(***)"
        );
    }
}
