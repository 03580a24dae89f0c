//! The digits of a person's code, which omocodia (D.M. 23 December 1976, art. 6) may replace by
//! letters.

/// The positions (from 0) that hold digits, which omocodia may replace by letters.
pub(super) const DIGIT_POSITIONS: [usize; 7] = [6, 7, 9, 10, 12, 13, 14];
/// Omocodia: the letter that stands for each digit, 0 first.
pub(super) const OMOCODIA: &[u8; 10] = b"LMNPQRSTUV";

/// Returns the number of two characters, which may be omocodia's letters.
pub(super) fn two_digits(code: &[u8], index: usize) -> Option<i8> {
    Some(10 * digit(*code.get(index)?)? + digit(*code.get(index + 1)?)?)
}

/// Returns the digit of a byte, which may be one of omocodia's letters.
pub(super) fn digit(byte: u8) -> Option<i8> {
    match byte {
        b'0'..=b'9' => i8::try_from(byte - b'0').ok(),
        _ => (0..)
            .zip(OMOCODIA)
            .find(|(_, written)| **written == byte)
            .map(|(digit, _)| digit),
    }
}
