//! The structure of a person's code.

use super::birth::Birth;
use super::digits::{DIGIT_POSITIONS, digit};
use super::{PERSONAL, TaxCodeError, check_character};

/// The position (from 0) of the letter of the place of birth.
const PLACE: usize = 11;

/// Checks 16 characters in capitals.
pub(super) fn check(code: &str) -> Result<(), TaxCodeError> {
    if let Some(index) = code.chars().position(|c| !c.is_ascii_alphanumeric()) {
        return Err(TaxCodeError::Character { position: index + 1 });
    }
    let code = code.as_bytes();
    if let Some(index) = (0..PERSONAL).find(|&index| !stands(code, index)) {
        return Err(TaxCodeError::Character { position: index + 1 });
    }
    if !comes_from_a_name(&code[..3]) {
        return Err(TaxCodeError::FamilyName);
    }
    if !comes_from_a_name(&code[3..6]) {
        return Err(TaxCodeError::GivenName);
    }
    Birth::read(code)?;
    let (first_15, last) = code.split_at(PERSONAL - 1);
    let expected = std::str::from_utf8(first_15).ok().and_then(check_character);
    if expected == last.first().copied().map(char::from) {
        Ok(())
    } else {
        Err(TaxCodeError::CheckCharacter)
    }
}

fn stands(code: &[u8], index: usize) -> bool {
    let byte = code[index];
    match index {
        // a town of the land register's list (A to M), or Z and a country
        PLACE => matches!(byte, b'A'..=b'M' | b'Z'),
        _ if DIGIT_POSITIONS.contains(&index) => digit(byte).is_some(),
        _ => byte.is_ascii_uppercase(),
    }
}

/// Whether three letters can come from a name: consonants, then vowels, then `X` where the name is
/// shorter (D.M. 23 December 1976, arts. 2 and 3). `X` may be a consonant of the name too.
fn comes_from_a_name(letters: &[u8]) -> bool {
    let rest = letters
        .iter()
        .skip_while(|letter| !is_vowel(**letter))
        .skip_while(|letter| is_vowel(**letter));
    rest.into_iter().all(|letter| *letter == b'X')
}

pub(super) fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'A' | b'E' | b'I' | b'O' | b'U')
}
