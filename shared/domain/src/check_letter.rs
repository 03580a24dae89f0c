//! The check letter that the tax code and the Italian bank account share.
//!
//! Both weigh the characters in odd positions by a table and those in even positions by their rank,
//! and take the sum modulo 26 (D.M. 23 December 1976, art. 5 for the tax code; ABI's CIN for the
//! account).

/// Weights of the ranks 0 to 25 in odd positions. The rank of a digit is its value; `A` has rank 0.
const ODD: [u32; 26] = [
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];

/// Returns the check letter of `text`; `None` if a character is neither `0`–`9` nor `A`–`Z`.
pub(crate) fn check_letter(text: &str) -> Option<char> {
    let mut sum = 0;
    for (index, byte) in text.bytes().enumerate() {
        let rank = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A',
            _ => return None,
        };
        // positions count from one: index 0 is odd
        sum += if index % 2 == 0 {
            ODD[usize::from(rank)]
        } else {
            u32::from(rank)
        };
    }
    char::from_u32(u32::from(b'A') + sum % 26)
}
