//! The check digit that VAT numbers and provisional tax codes share (D.M. 23 December 1976).

/// Whether the last of these digits checks the others: the digits in odd places count as they are, those in even
/// places twice (less 9 where that passes 9), and the sum is a multiple of ten. Digits that are all zero check nothing.
pub(crate) fn check_digit_fits(digits: &str) -> bool {
    let mut sum = 0;
    for (index, byte) in digits.bytes().enumerate() {
        if !byte.is_ascii_digit() {
            return false;
        }
        let value = u32::from(byte - b'0');
        // places count from one: index 0 is odd
        let weighed = if index % 2 == 0 { value } else { 2 * value };
        sum += if weighed > 9 { weighed - 9 } else { weighed };
    }
    sum > 0 && sum % 10 == 0
}
