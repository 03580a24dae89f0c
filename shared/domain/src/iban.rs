//! The account to which the benefit is paid.

use iban::{IbanLike as _, ParseIbanError};

use crate::check_letter::check_letter;
use crate::clean::compact;
use crate::mask::masked_debug;
use crate::text::{Text, error_in_english};

/// The countries of SEPA as IBANs name them: Guernsey, Jersey and the Isle of Man are GB there,
/// France's territories FR.
const SEPA: [&str; 42] = [
    "AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI", "GR",
    "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT", "NL", "NO", "PL",
    "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA",
];

/// An international bank account number (ISO 13616) with the structure of its country and valid
/// check digits; for Italy and San Marino, also with a valid national check letter (CIN).
#[derive(Clone, PartialEq, Eq)]
pub struct Iban(iban::Iban);
masked_debug!(Iban);

/// Why a text is not an IBAN. The texts never repeat what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IbanError {
    /// The length or the characters are not those of an IBAN.
    Format,
    /// The two check digits do not match (ISO 7064, MOD 97-10).
    CheckDigits,
    /// The country does not exist, or its IBANs have another structure.
    Country,
    /// The Italian or Sammarinese check letter does not match.
    Cin,
}

impl IbanError {
    /// Returns the stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Format => "iban_format",
            Self::CheckDigits => "iban_check_digits",
            Self::Country => "iban_country",
            Self::Cin => "iban_cin",
        }
    }

    /// Returns the text for people: what is wrong.
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
                "the IBAN does not have the structure that its country uses",
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
    /// Parses an IBAN, ignoring letter case, spaces and invisible characters.
    ///
    /// # Errors
    /// [`IbanError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, IbanError> {
        // at most 34 characters; the rest can only be spaces and invisible characters
        if text.len() > 8 * 34 {
            return Err(IbanError::Format);
        }
        let compact = compact(text);
        let iban: iban::Iban = compact.parse().map_err(|error| match error {
            ParseIbanError::InvalidBaseIban {
                source: iban::ParseBaseIbanError::InvalidChecksum,
            } => IbanError::CheckDigits,
            ParseIbanError::InvalidBaseIban { .. } => IbanError::Format,
            ParseIbanError::InvalidBban(_) | ParseIbanError::UnknownCountry(_) => IbanError::Country,
        })?;
        // 00, 01 and 99 also leave the right remainder, but ISO 13616 never assigns them
        if !(2..=98).contains(&iban.check_digits()) {
            return Err(IbanError::CheckDigits);
        }
        if matches!(iban.country_code(), "IT" | "SM") {
            let (cin, account) = iban.bban().split_at(1);
            if check_letter(account) != cin.chars().next() {
                return Err(IbanError::Cin);
            }
        }
        Ok(Self(iban))
    }

    /// Whether the account is in a country of the Single Euro Payments Area (European Payments
    /// Council, EPC409-09, edition of 2025): elsewhere a credit transfer in euro may not arrive.
    #[must_use]
    pub fn is_in_sepa(&self) -> bool {
        SEPA.contains(&self.0.country_code())
    }

    /// Returns the IBAN in capitals, without spaces. Personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.electronic_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The examples of the SWIFT registry and of ABI; invented accounts for Italy and San Marino.
    const VALID: [&str; 14] = [
        "IT60X0542811101000000123456",
        "IT68F03069016301ABC0D5678EF",
        "SM88X0542811101000000123456",
        "SM35B0606709800000000270100",
        "DE44500105175407324931",
        "AT611904300234573201",
        "CH9300762011623852957",
        "FR1420041010050500013M02606",
        "ES9121000418450200051332",
        "GB29NWBK60161331926819",
        "VA59001123000012345678",
        "MT84MALT011000012345MTLCAST001S",
        "RO49AAAA1B31007593840000",
        "NO9386011117947",
    ];

    #[test]
    fn accounts_of_several_countries_are_held_in_capitals_without_spaces() {
        for text in VALID {
            let fours: Vec<&str> = text
                .as_bytes()
                .chunks(4)
                .map(|c| std::str::from_utf8(c).unwrap())
                .collect();
            let spaced = format!(" {}\t", fours.join(" "));
            for written in [text.to_owned(), text.to_lowercase(), spaced] {
                assert_eq!(Iban::parse(&written).unwrap().as_str(), text, "{written}");
            }
        }
    }

    #[test]
    fn an_account_is_in_sepa_or_not() {
        for text in VALID {
            assert!(Iban::parse(text).unwrap().is_in_sepa(), "{text}");
        }
        for text in [
            "TR330006100519786457841326",
            "AE070331234567890123456",
            "IL620108000000099999999",
        ] {
            assert!(!Iban::parse(text).unwrap().is_in_sepa(), "{text}");
        }
    }

    #[test]
    fn each_mistake_is_distinguished() {
        for (text, error) in [
            ("", IbanError::Format),
            ("IT", IbanError::Format),
            ("60X0542811101000000123456", IbanError::Format),
            ("IT6OX0542811101000000123456", IbanError::Format),
            ("IT60-X0542811101000000123456", IbanError::Format),
            ("IT60X05428111010000001234５6", IbanError::Format),
            (&"1".repeat(35), IbanError::Format),
            (&"1".repeat(1_000_000), IbanError::Format),
            ("IT61X0542811101000000123456", IbanError::CheckDigits),
            ("IT60X0542811101000000123465", IbanError::CheckDigits),
            ("XX6012345678901234567890", IbanError::CheckDigits),
            // the check digits fit, but there is no such country, or its accounts have another
            // length or other letters
            ("XX0912345678901234567890", IbanError::Country),
            ("DE595001051754073249", IbanError::Country),
            ("IT90X054281110100000012345", IbanError::Country),
            ("DE1950010517540732493A", IbanError::Country),
            // the check digits fit, the CIN should be X and B
            ("IT64Y0542811101000000123456", IbanError::Cin),
            ("SM31A0606709800000000270100", IbanError::Cin),
        ] {
            assert_eq!(Iban::parse(text), Err(error), "{text:.30}");
        }
        let shown = format!("{:?}", Iban::parse("DE44500105175407324931").unwrap());
        assert_eq!(shown, "Iban(***)");
    }

    /// ISO 7064, MOD 97-10, digit by digit: what the two check digits of this account must be.
    fn check_digits(country: &str, account: &str) -> u32 {
        let moved = format!("{account}{country}00");
        98 - moved.chars().fold(0, |rest, c| {
            let value = c.to_digit(36).unwrap();
            (rest * if value > 9 { 100 } else { 10 } + value) % 97
        })
    }

    fn italian(country: &str, account: &str) -> String {
        let bban = format!("{}{account}", check_letter(account).unwrap());
        format!("{country}{:02}{bban}", check_digits(country, &bban))
    }

    #[test]
    fn check_digits_that_nobody_computes_are_refused() {
        // 97 less or more leaves the same remainder; ISO 13616 gives 02 to 98
        let mut tried = 0;
        for account in 0..1000 {
            let account = format!("0542811101{account:012}");
            let good = italian("IT", &account);
            let digits: i32 = good[2..4].parse().unwrap();
            for other in [digits - 97, digits + 97] {
                if (0..100).contains(&other) {
                    let bad = format!("IT{other:02}{}", &good[4..]);
                    assert_eq!(Iban::parse(&bad), Err(IbanError::CheckDigits), "{bad}");
                    tried += 1;
                }
            }
        }
        assert!(tried > 0);
    }

    proptest! {
        #[test]
        fn a_wrong_or_a_swapped_character_is_noticed(
            account in "[0-9]{10}[0-9A-Z]{12}",
            country in prop_oneof![Just("IT"), Just("SM")],
            index in 2_usize..27,
            other in "[0-9A-Z]",
        ) {
            let good = italian(country, &account);
            prop_assert!(Iban::parse(&good).is_ok());
            let mut wrong = good.clone().into_bytes();
            wrong[index] = other.as_bytes()[0];
            let mut swapped = good.clone().into_bytes();
            swapped.swap(index, index - 1);
            for mistake in [wrong, swapped] {
                // a letter for a digit may go unnoticed: 1B and B1 are the same number
                let kinds = |text: &[u8]| text.iter().map(u8::is_ascii_digit).collect::<Vec<_>>();
                if mistake != good.as_bytes() && kinds(&mistake) == kinds(good.as_bytes()) {
                    prop_assert!(Iban::parse(std::str::from_utf8(&mistake).unwrap()).is_err());
                }
            }
        }

        #[test]
        fn any_text_is_parsed_or_refused(text in "\\PC{0,40}|(IT|DE|SM|XX)[0-9A-Z ]{10,34}") {
            if let Ok(iban) = Iban::parse(&text) {
                prop_assert_eq!(Iban::parse(iban.as_str()), Ok(iban));
            }
        }
    }
}
