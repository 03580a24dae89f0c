//! Invented bank accounts and VAT numbers with valid check digits.

/// Bank and branch of every account.
const BANK: &str = "0542811101";
/// Weights of the digits in odd positions, for the check letter of an account (ABI's CIN).
const ODD: [u64; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
/// Number of accounts: an account number has twelve digits.
const ACCOUNTS: u64 = 1_000_000_000_000;
/// Code of the office of Rome, in every VAT number.
const OFFICE: u64 = 58;
/// Number of businesses: their part of a VAT number has seven digits, and is not zero.
const BUSINESSES: u64 = 9_999_999;

/// Returns a valid IBAN (ISO 13616) of an Italian account with this number.
#[must_use]
pub fn italian_iban(account: u64) -> String {
    let account = format!("{BANK}{:012}", account % ACCOUNTS);
    let sum: u64 = digits(&account)
        .enumerate()
        .map(|(index, digit)| weight(index, digit))
        .sum();
    let letter = sum % 26;
    // ISO 7064, MOD 97-10, over the account, then "IT00" as numbers; a letter counts from 10 for A
    let remainder = digits(&account).fold(10 + letter, |rest, digit| (rest * 10 + digit) % 97);
    let remainder = (remainder * 1_000_000 + 182_900) % 97;
    let letter = char::from(b'A' + u8::try_from(letter).unwrap_or_default());
    format!("IT{:02}{letter}{account}", 98 - remainder)
}

/// Returns a valid VAT number (partita IVA) of the business with this number.
#[must_use]
pub fn vat_number(business: u64) -> String {
    let first_ten = format!("{:07}{OFFICE:03}", 1 + business % BUSINESSES);
    let sum: u64 = digits(&first_ten)
        .enumerate()
        .map(|(index, digit)| doubled(index, digit))
        .sum();
    format!("{first_ten}{}", (10 - sum % 10) % 10)
}

fn digits(text: &str) -> impl Iterator<Item = u64> {
    text.bytes().map(|byte| u64::from(byte - b'0'))
}

/// Returns the weight of a digit in the check letter: positions count from one, so index 0 is odd.
fn weight(index: usize, digit: u64) -> u64 {
    if index.is_multiple_of(2) {
        ODD.get(usize::try_from(digit).unwrap_or_default())
            .copied()
            .unwrap_or_default()
    } else {
        digit
    }
}

/// Luhn's formula: doubles every second digit, and adds the digits of the result.
fn doubled(index: usize, digit: u64) -> u64 {
    match (index.is_multiple_of(2), digit) {
        (true, digit) => digit,
        (false, 0..=4) => 2 * digit,
        (false, _) => 2 * digit - 9,
    }
}

#[cfg(test)]
mod tests {
    use sportello_domain::Iban;

    use super::*;

    #[test]
    fn accounts_are_valid_and_different() {
        assert_eq!(italian_iban(123_456), "IT60X0542811101000000123456");
        for number in 0..1_000 {
            assert!(Iban::parse(&italian_iban(number * 7_919)).is_ok());
        }
    }

    #[test]
    fn a_vat_number_has_the_digit_that_checks_it() {
        assert_eq!(vat_number(1_234_566), "12345670587");
    }
}
