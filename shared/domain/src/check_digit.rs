//! The check digit that VAT numbers and provisional tax codes share (D.M. 23 December 1976).

/// Whether the last of these digits is the right check digit: digits in odd places count once,
/// those in even places twice (minus 9 if over 9), and the sum is a multiple of ten. False if all
/// digits are zero.
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
