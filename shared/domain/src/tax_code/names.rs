//! The letters that a name gives to a code (D.M. 23 December 1976, arts. 2 and 3).

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::structure::is_vowel;

/// How letters beyond A to Z were spelt when a code was issued.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// Without their signs: Ö is O.
    Plain,
    /// As passports and foreign registers write them: Ö is OE (ICAO Doc 9303, part 3, section 6).
    Transcribed,
    /// Left out, as in codes from before 2011.
    LeftOut,
}

const SPELLINGS: [Spelling; 3] = [Spelling::Plain, Spelling::Transcribed, Spelling::LeftOut];

/// Returns the three letters that a family name may give, in each spelling: consonants, then
/// vowels, then `X`.
///
/// Empty if the name can't be compared: it has letters that are not Latin, or no letters.
pub(super) fn family_name_letters(name: &str) -> Vec<[u8; 3]> {
    spelt(name, three)
}

/// Returns the three letters that a given name may give: as for a family name, but without the
/// second of four or more consonants.
pub(super) fn given_name_letters(name: &str) -> Vec<[u8; 3]> {
    spelt(name, |mut consonants, vowels| {
        if consonants.len() > 3 {
            consonants.remove(1);
        }
        three(consonants, vowels)
    })
}

/// Applies `letters` to a name in each spelling.
fn spelt(name: &str, letters: impl Fn(Vec<u8>, Vec<u8>) -> [u8; 3]) -> Vec<[u8; 3]> {
    let spellings = if name.is_ascii() {
        &SPELLINGS[..1]
    } else {
        &SPELLINGS[..]
    };
    let parts = spellings
        .iter()
        .filter_map(|spelling| consonants_and_vowels(name, *spelling));
    parts
        .map(|(consonants, vowels)| letters(consonants, vowels))
        .collect()
}

fn three(consonants: Vec<u8>, vowels: Vec<u8>) -> [u8; 3] {
    let mut letters = [b'X'; 3];
    for (place, letter) in letters.iter_mut().zip(consonants.into_iter().chain(vowels)) {
        *place = letter;
    }
    letters
}

fn consonants_and_vowels(name: &str, spelling: Spelling) -> Option<(Vec<u8>, Vec<u8>)> {
    let letters = latin_letters(name, spelling)?;
    let (vowels, consonants): (Vec<u8>, Vec<u8>) = letters.into_iter().partition(|letter| is_vowel(*letter));
    (!vowels.is_empty() || !consonants.is_empty()).then_some((consonants, vowels))
}

/// Returns the letters A to Z of a name, without apostrophes, blanks and hyphens; `None` if a
/// letter is of another script.
fn latin_letters(name: &str, spelling: Spelling) -> Option<Vec<u8>> {
    let mut letters = Vec::new();
    for c in name.nfc() {
        if c.is_ascii() {
            letters.extend(c.is_ascii_alphabetic().then_some(c));
            continue;
        }
        let plain = without_signs(c)?;
        letters.extend(match (spelling, transcribed(c)) {
            (Spelling::LeftOut, _) => Vec::new(),
            (Spelling::Transcribed, Some(two)) => two.chars().collect(),
            (Spelling::Transcribed, None) | (Spelling::Plain, _) => plain,
        });
    }
    Some(
        letters
            .into_iter()
            .map(|letter| letter.to_ascii_uppercase() as u8)
            .collect(),
    )
}

/// The letters A to Z that a character is without its signs. Nothing where it is a letter of
/// another script.
fn without_signs(c: char) -> Option<Vec<char>> {
    let mut letters = Vec::new();
    for part in std::iter::once(c).nfkd() {
        if part.is_ascii_alphabetic() {
            letters.push(part);
        } else if let Some(folded) = without_decomposition(part) {
            letters.extend(folded.chars());
        } else if part.is_alphabetic() && !is_combining_mark(part) && !is_apostrophe(part) {
            return None;
        }
    }
    Some(letters)
}

/// Returns the two letters that stand for a letter with a sign.
fn transcribed(c: char) -> Option<&'static str> {
    match c {
        'ä' | 'Ä' => Some("AE"),
        'ö' | 'Ö' | 'ø' | 'Ø' => Some("OE"),
        'ü' | 'Ü' => Some("UE"),
        'å' | 'Å' => Some("AA"),
        _ => None,
    }
}

/// Returns the letters for a Latin letter that Unicode does not decompose.
fn without_decomposition(c: char) -> Option<&'static str> {
    match c {
        'ß' | 'ẞ' => Some("SS"),
        'æ' | 'Æ' => Some("AE"),
        'œ' | 'Œ' => Some("OE"),
        'ø' | 'Ø' => Some("O"),
        'ł' | 'Ł' => Some("L"),
        'đ' | 'Đ' | 'ð' | 'Ð' => Some("D"),
        'ħ' | 'Ħ' => Some("H"),
        'þ' | 'Þ' => Some("TH"),
        'ı' => Some("I"),
        _ => None,
    }
}

/// The modifier letters that are written for an apostrophe; Unicode counts them as letters.
fn is_apostrophe(c: char) -> bool {
    matches!(c, '\u{2b9}'..='\u{2bf}' | '\u{2c8}' | '\u{2ee}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(letters: &[[u8; 3]]) -> Option<String> {
        let letters = letters.first()?;
        Some(String::from_utf8(letters.to_vec()).unwrap())
    }

    fn family(name: &str) -> Option<String> {
        first(&family_name_letters(name))
    }

    fn given(name: &str) -> Option<String> {
        first(&given_name_letters(name))
    }

    #[test]
    fn letters_beyond_a_to_z_are_spelt_in_three_ways() {
        for (name, letters) in [
            ("Rossi", ["RSS"].as_slice()),
            ("Öz", &["ZOX", "ZOE", "ZXX"]),
            ("Ümit", &["MTU", "MTU", "MTI"]),
            ("Götz", &["GTZ", "GTZ", "GTZ"]),
            ("Mär", &["MRA", "MRA", "MRX"]),
            ("Lü", &["LUX", "LUE", "LXX"]),
            ("Čok", &["CKO", "CKO", "KOX"]),
            ("Niccolò", &["NCC", "NCC", "NCC"]),
            ("È", &["EXX", "EXX"]),
        ] {
            let found = family_name_letters(name);
            let found: Vec<&str> = found
                .iter()
                .map(|three| std::str::from_utf8(three).unwrap())
                .collect();
            assert_eq!(found, letters, "{name}");
        }
    }

    #[test]
    fn family_names_give_consonants_then_vowels_then_x() {
        for (name, letters) in [
            ("Rossi", "RSS"),
            ("Bianchi", "BNC"),
            ("Riva", "RVI"),
            ("Aita", "TAI"),
            ("Re", "REX"),
            ("Fo", "FOX"),
            ("O", "OXX"),
            ("Y", "YXX"),
            ("Ng", "NGX"),
            ("Aiello", "LLA"),
            ("De Luca", "DLC"),
            ("D'Amico", "DMC"),
            ("D’Amico", "DMC"),
            ("Dʼamico", "DMC"),
            ("Nicolò", "NCL"),
            ("Müller-Ödön", "MLL"),
            ("Große", "GRS"),
            ("Łuk", "LKU"),
            ("Ñuñez", "NNZ"),
            ("Æbø", "BAE"),
        ] {
            assert_eq!(family(name).as_deref(), Some(letters), "{name}");
        }
    }

    #[test]
    fn given_names_of_four_consonants_leave_out_the_second() {
        for (name, letters) in [
            ("Mario", "MRA"),
            ("Marco", "MRC"),
            ("Gianfranco", "GFR"),
            ("Roberto", "RRT"),
            ("Maria Luisa", "MLS"),
            ("Niccolò", "NCL"),
            ("Anna", "NNA"),
            ("Ada", "DAA"),
            ("Io", "IOX"),
            ("Jürgen", "JGN"),
        ] {
            assert_eq!(given(name).as_deref(), Some(letters), "{name}");
        }
    }

    #[test]
    fn a_decomposed_accent_is_the_same_accent() {
        assert_eq!(family("Nicolo\u{300}"), family("Nicolò"));
    }

    #[test]
    fn names_in_other_scripts_are_not_compared() {
        for name in ["李", "Иванов", "Ελένη", "محمد", "Anna 李", "''", ""] {
            assert_eq!(family(name), None, "{name}");
            assert_eq!(given(name), None, "{name}");
        }
    }
}
