//! The letters that a name gives to a code (D.M. 23 December 1976, arts. 2 and 3).

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::structure::is_vowel;

/// The three letters of a family name: consonants, then vowels, then `X`.
///
/// Nothing where the name can't be compared: it has letters that are not Latin, or none.
pub(super) fn family_name_letters(name: &str) -> Option<[u8; 3]> {
    let (consonants, vowels) = consonants_and_vowels(name)?;
    Some(three(consonants, vowels))
}

/// The three letters of a given name: as of a family name, but of four or more consonants the second is left out.
pub(super) fn given_name_letters(name: &str) -> Option<[u8; 3]> {
    let (mut consonants, vowels) = consonants_and_vowels(name)?;
    if consonants.len() > 3 {
        consonants.remove(1);
    }
    Some(three(consonants, vowels))
}

fn three(consonants: Vec<u8>, vowels: Vec<u8>) -> [u8; 3] {
    let mut letters = [b'X'; 3];
    for (place, letter) in letters.iter_mut().zip(consonants.into_iter().chain(vowels)) {
        *place = letter;
    }
    letters
}

fn consonants_and_vowels(name: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let letters = latin_letters(name)?;
    let (vowels, consonants): (Vec<u8>, Vec<u8>) = letters.into_iter().partition(|letter| is_vowel(*letter));
    (!vowels.is_empty() || !consonants.is_empty()).then_some((consonants, vowels))
}

/// The letters A to Z of a name, accents folded; apostrophes, blanks, hyphens and the like are left out.
/// Nothing where a letter is of another script.
fn latin_letters(name: &str) -> Option<Vec<u8>> {
    // most names have nothing to fold
    if name.is_ascii() {
        let letters = name.bytes().filter(u8::is_ascii_alphabetic);
        return Some(letters.map(|letter| letter.to_ascii_uppercase()).collect());
    }
    let mut letters = Vec::new();
    for c in name.nfkd() {
        if c.is_ascii_alphabetic() {
            letters.push(c.to_ascii_uppercase() as u8);
        } else if let Some(folded) = without_decomposition(c) {
            letters.extend_from_slice(folded.as_bytes());
        } else if c.is_alphabetic() && !is_combining_mark(c) && !is_apostrophe(c) {
            return None;
        }
    }
    Some(letters)
}

/// Latin letters that Unicode does not take apart.
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

    fn family(name: &str) -> Option<String> {
        family_name_letters(name).map(|letters| String::from_utf8(letters.to_vec()).unwrap())
    }

    fn given(name: &str) -> Option<String> {
        given_name_letters(name).map(|letters| String::from_utf8(letters.to_vec()).unwrap())
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
