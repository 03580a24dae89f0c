//! Invented applications, as many as a load needs: the same seed and number always give the same one.

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use sportello_local::mint::Mint;
use sportello_local::people::Person;

/// Bank and branch of every account.
const BANK: &str = "0542811101";
/// Weights of the digits in odd positions, for the check letter of an account (ABI's CIN).
const ODD: [u64; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
/// An account number has twelve digits.
const ACCOUNTS: u64 = 1_000_000_000_000;

/// Makes applications, each of another citizen.
pub struct Applications {
    seed: u64,
    mint: Mint,
}

/// An application that is ready to be sent, again and again.
#[derive(Clone)]
pub struct Prepared {
    /// Its number.
    pub number: u64,
    /// Its idempotency key.
    pub key: String,
    /// The key, and a bearer token that is good for an hour.
    pub headers: HeaderMap,
    /// JSON of about 1 kB.
    pub body: Bytes,
}

impl Applications {
    /// Applications of the people of this seed, whose tokens this mint signs.
    #[must_use]
    pub fn new(seed: u64, mint: Mint) -> Self {
        Self { seed, mint }
    }

    /// The application with this number. Takes about 65 µs, most of it for the token's signature, so that a load
    /// had better be prepared before it begins.
    ///
    /// # Errors
    /// Its token can't be signed.
    pub fn prepare(&self, number: u64) -> anyhow::Result<Prepared> {
        let person = self.person(number);
        let key = self.key(number);
        let body = content(&person, number, &key).to_string().into();
        let authorization = format!("Bearer {}", self.mint.token(&person)?);
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, HeaderValue::try_from(authorization)?),
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (
                HeaderName::from_static("idempotency-key"),
                HeaderValue::try_from(&key)?,
            ),
        ]);
        Ok(Prepared {
            number,
            key,
            headers,
            body,
        })
    }

    /// The idempotency key of an application. Its answers hold it too, as `reference`: so a row of the database
    /// tells which application it is, whatever became of the answer.
    #[must_use]
    pub fn key(&self, number: u64) -> String {
        format!("load-{:016x}-{number}", self.seed)
    }

    /// The number of the application with this key.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<u64> {
        let number = key.rsplit('-').next()?.parse().ok()?;
        (self.key(number) == key).then_some(number)
    }

    /// Whose application it is.
    #[must_use]
    pub fn person(&self, number: u64) -> Person {
        Person::invent(self.seed, number)
    }
}

/// A self-employed person's application for the indemnity of March 2020; the number makes e-mail address and account.
#[must_use]
pub fn content(person: &Person, number: u64, reference: &str) -> Value {
    json!({
        "benefit": "indemnity-march-2020",
        "category": "self-employed",
        "applicant": {
            "tax_code": person.tax_code.as_str(),
            "given_name": person.given_name,
            "family_name": person.family_name,
            "email": format!("applicant.{number}@example.org"),
            "iban": italian_iban(number),
        },
        "answers": {
            "reference": reference,
            "vat_number": format!("{:011}", 12_345_000_000 + number % 1_000_000_000),
            "pension_fund": "artisans and traders",
            "registered_since": "2014-09-01",
            "activity": "Repair of footwear and leather goods, and retail trade in accessories, on own account",
            "place_of_business": {
                "street": "Via Giuseppe Garibaldi 118, scala B, interno 7",
                "postal_code": "00153",
                "town": "Roma",
                "province": "RM"
            },
            "declarations": [
                "I was enrolled in the fund named above on 23 February 2020 and paid what was due to it",
                "I receive no direct pension and was not enrolled in any other mandatory scheme on that day",
                "I do not receive the citizens' income, and have asked for no other indemnity for this month",
                "I have read how my data are used and that false statements are punished by law"
            ]
        }
    })
}

/// A valid IBAN (ISO 13616) of an Italian account with this number.
fn italian_iban(account: u64) -> String {
    let account = format!("{BANK}{:012}", account % ACCOUNTS);
    let digits = account.bytes().map(|byte| u64::from(byte - b'0'));
    let sum: u64 = digits
        .enumerate()
        .map(|(index, digit)| weight(index, digit))
        .sum();
    let letter = sum % 26;
    // ISO 7064, MOD 97-10, over the account, then "IT00" as numbers; a letter counts from 10 for A
    let remainder = account.bytes().fold(10 + letter, |rest, byte| {
        (rest * 10 + u64::from(byte - b'0')) % 97
    });
    let remainder = (remainder * 1_000_000 + 182_900) % 97;
    let letter = char::from(b'A' + u8::try_from(letter).unwrap_or_default());
    format!("IT{:02}{letter}{account}", 98 - remainder)
}

/// What a digit counts for in the check letter: positions count from one, so index 0 is odd.
fn weight(index: usize, digit: u64) -> u64 {
    if index.is_multiple_of(2) {
        ODD.get(usize::try_from(digit).unwrap_or_default())
            .copied()
            .unwrap_or_default()
    } else {
        digit
    }
}

#[cfg(test)]
mod tests {
    use sportello_domain::{Application, Iban};

    use super::*;

    fn applications() -> (tempfile::TempDir, Applications) {
        let folder = tempfile::tempdir().unwrap();
        let mint = Mint::open(folder.path()).unwrap();
        (folder, Applications::new(7, mint))
    }

    #[test]
    fn they_are_valid_and_have_about_a_kilobyte() {
        let (_folder, applications) = applications();
        for number in [0, 1, 12_345, 5_350_000] {
            let body = applications.prepare(number).unwrap().body;
            assert!((900..1_200).contains(&body.len()), "{}", body.len());
            let application = Application::parse(&body).unwrap();
            assert_eq!(
                application.applicant.tax_code,
                applications.person(number).tax_code
            );
        }
    }

    #[test]
    fn accounts_are_valid_and_different() {
        assert_eq!(italian_iban(123_456), "IT60X0542811101000000123456");
        for number in 0..1_000 {
            assert!(Iban::parse(&italian_iban(number * 7_919)).is_ok());
        }
    }

    #[test]
    fn a_key_leads_back_to_its_number_and_no_other_does() {
        let (_folder, applications) = applications();
        assert_eq!(applications.number(&applications.key(42)), Some(42));
        for other in ["", "42", "load-0000000000000008-42", "load-0000000000000007-042"] {
            assert_eq!(applications.number(other), None, "{other}");
        }
    }
}
