//! Cleans texts that were typed or pasted.
//!
//! Text copied from word processors, chat programs and web pages contains invisible characters.
//! Each parser of this crate cleans its text first, so that two texts that look equal are equal.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

/// Returns the text in normalisation form C (UAX #15), without invisible characters.
///
/// Keeps white space; the caller trims it after this.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    let is_clean =
        text.is_ascii() || (!text.contains(is_invisible) && is_nfc_quick(text.chars()) == IsNormalized::Yes);
    if is_clean {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|c| !is_invisible(*c)).nfc().collect())
    }
}

/// Whether a character has no width and no meaning in a form: soft hyphen, zero-width space, word
/// joiner, byte order mark, and all that turn the direction of text (UAX #9, section 2). The
/// joiners of Persian and Indic scripts do not count.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'
        | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Whether a character is not allowed in a text of one line: a control character or a line
/// separator.
pub(crate) fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Returns a code in its stored form: clean, without white space and joiners, dashes as `-`, ASCII
/// letters in capitals.
pub(crate) fn compact(code: &str) -> String {
    let mut compact: String = if code.is_ascii() {
        code.split_ascii_whitespace().collect()
    } else {
        clean(code).chars().filter_map(in_code).collect()
    };
    compact.make_ascii_uppercase();
    compact
}

/// Returns the form in which subjects are compared: that of a code, with every letter in capitals.
#[must_use]
pub fn folded(text: &str) -> String {
    let compact = compact(text);
    if compact.is_ascii() {
        compact
    } else {
        compact.chars().flat_map(char::to_uppercase).nfc().collect()
    }
}

/// Returns the text with each dash of Unicode as `-`.
pub(crate) fn with_plain_dashes(text: &str) -> Cow<'_, str> {
    if text.contains(is_unicode_dash) {
        Cow::Owned(text.replace(is_unicode_dash, "-"))
    } else {
        Cow::Borrowed(text)
    }
}

fn in_code(c: char) -> Option<char> {
    match c {
        // zero-width non-joiner and joiner
        '\u{200c}' | '\u{200d}' => None,
        _ if c.is_whitespace() => None,
        _ if is_unicode_dash(c) => Some('-'),
        _ => Some(c),
    }
}

/// Hyphens, dashes and the minus sign, which programs put in place of `-`.
fn is_unicode_dash(c: char) -> bool {
    matches!(
        c,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Email, Iban, Mandate, PersonName, Phone, Subject, TaxCode, VatNumber};

    const INVISIBLE: [char; 18] = [
        '\u{ad}', '\u{61c}', '\u{200b}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}',
        '\u{202d}', '\u{202e}', '\u{2060}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}', '\u{feff}',
        '\u{feff}', '\u{200b}',
    ];

    /// The text with invisible characters at some places, in normalisation form D.
    fn pasted(text: &str, places: &[(usize, usize)]) -> String {
        let mut characters: Vec<char> = text.nfd().collect();
        for (place, which) in places {
            characters.insert(place % (characters.len() + 1), INVISIBLE[which % INVISIBLE.len()]);
        }
        characters.into_iter().collect()
    }

    /// The stored form of a text in each kind of field.
    fn parsed(kind: &str, text: &str) -> Option<String> {
        Some(match kind {
            "tax code" => TaxCode::parse(text).ok()?.as_str().to_owned(),
            "vat number" => VatNumber::parse(text).ok()?.as_str().to_owned(),
            "iban" => Iban::parse(text).ok()?.as_str().to_owned(),
            "e-mail" => Email::parse(text).ok()?.as_str().to_owned(),
            "phone" => Phone::parse(text).ok()?.as_str().to_owned(),
            "mandate" => Mandate::parse(text).ok()?.as_str().to_owned(),
            "name" => PersonName::parse(text).ok()?.as_str().to_owned(),
            _ => Subject::of(text).as_str().to_owned(),
        })
    }

    const FIELDS: [(&str, &str); 8] = [
        ("tax code", "RSSMRA80A01H501U"),
        ("vat number", "12345670157"),
        ("iban", "IT60X0542811101000000123456"),
        ("e-mail", "nicolò.rossi@example.org"),
        ("phone", "+390612345678"),
        ("mandate", "Società n. 7/à"),
        ("name", "Nicolò Müller"),
        ("subject", "ÀB-12"),
    ];

    #[test]
    fn text_that_is_clean_is_not_copied() {
        for text in ["", "Mario Rossi", "Nicolò", "李", "علی\u{200c}رضا"] {
            assert!(
                matches!(clean(text), Cow::Borrowed(same) if same == text),
                "{text}"
            );
        }
        assert_eq!(clean("\u{feff}Ni\u{ad}colo\u{200b}\u{300}\u{202e}"), "Nicolò");
    }

    #[test]
    fn a_dash_of_unicode_is_a_dash() {
        for dash in ['-', '‐', '‑', '–', '—', '−', '－'] {
            assert_eq!(Subject::of(&format!("pa{dash}1")).as_str(), "PA-1");
            assert_eq!(Mandate::parse(&format!("PA{dash}1")).unwrap().as_str(), "PA-1");
            assert_eq!(
                Phone::parse(&format!("06 1234{dash}5678")).unwrap().as_str(),
                "0612345678"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_pasted_is_what_is_typed(places in proptest::collection::vec((0_usize..60, 0_usize..18), 0..6)) {
            for (kind, text) in FIELDS {
                let pasted = pasted(text, &places);
                let held = parsed(kind, &pasted);
                prop_assert_eq!(held.as_deref(), Some(text), "{} {:?}", kind, pasted);
            }
        }

        #[test]
        fn clean_text_stays_as_it_is(text in "\\PC{0,30}|[a-z\u{300}\u{ad}\u{200b}\u{202e}àé]{0,30}") {
            let once = clean(&text).into_owned();
            prop_assert!(!once.contains(is_invisible));
            prop_assert!(once.nfc().eq(once.chars()));
            prop_assert_eq!(clean(&once), once.as_str());
            prop_assert_eq!(folded(&folded(&text)), folded(&text));
        }
    }
}
