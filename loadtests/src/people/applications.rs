//! Invented applications for loads: the same seed and number always give the same one.

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use sportello_people::Mint;
use sportello_people::Person;

use crate::people::contents::content;
use crate::people::mix::{Kind, Mix};

/// From this number on, applications are rows of batches. Single ones are fewer, so no person
/// applies twice.
pub const BATCHES: u64 = 10_000_000;

/// Makes applications: each of another citizen, unless a mix says otherwise.
pub struct Applications {
    seed: u64,
    mint: Mint,
    mix: Mix,
}

/// A prepared application, which can be sent repeatedly.
#[derive(Clone)]
pub struct Prepared {
    /// Its number.
    pub number: u64,
    /// Its idempotency key.
    pub key: String,
    /// The key, and a bearer token valid for an hour.
    pub headers: HeaderMap,
    /// JSON of about half a kilobyte.
    pub body: Bytes,
}

impl Applications {
    /// Makes applications of this seed's people, whose tokens this mint signs.
    #[must_use]
    pub fn new(seed: u64, mint: Mint) -> Self {
        Self {
            seed,
            mint,
            mix: Mix::default(),
        }
    }

    /// Adds other kinds of applicants; rows of batches stay unmixed.
    #[must_use]
    pub fn mixed(self, mix: Mix) -> Self {
        Self { mix, ..self }
    }

    /// Returns the kind of the application with this number.
    #[must_use]
    pub fn kind(&self, number: u64) -> Kind {
        if number < BATCHES {
            self.mix.kind(number)
        } else {
            Kind::Citizen
        }
    }

    /// Returns the mix of applicants.
    #[must_use]
    pub fn mix(&self) -> Mix {
        self.mix
    }

    /// Returns the mint that signs their tokens.
    #[must_use]
    pub fn mint(&self) -> &Mint {
        &self.mint
    }

    /// Prepares the application with this number. Takes about 65 µs, mostly for the token's
    /// signature, so prepare a load before it begins.
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

    /// Returns the idempotency key of an application. The applicant's e-mail address begins with
    /// it, so a row of the database shows its application, whatever the answer was.
    #[must_use]
    pub fn key(&self, number: u64) -> String {
        match number.checked_sub(BATCHES) {
            Some(row) => format!("load-{:016x}-b{row}", self.seed),
            None => format!("load-{:016x}-{number}", self.seed),
        }
    }

    /// Returns the number of the application with this key.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<u64> {
        let last = key.rsplit('-').next()?;
        let number = match last.strip_prefix('b') {
            Some(row) => BATCHES.checked_add(row.parse().ok()?)?,
            None => last.parse().ok()?,
        };
        (self.key(number) == key).then_some(number)
    }

    /// Returns the applicant.
    #[must_use]
    pub fn person(&self, number: u64) -> Person {
        let index = match self.kind(number) {
            Kind::Duplicate { of } => of,
            Kind::Citizen | Kind::Intermediary | Kind::Invalid(_) => number,
        };
        Person::invent(self.seed, index)
    }
}

#[cfg(test)]
mod tests {
    use sportello_domain::Application;

    use super::*;

    fn applications() -> (tempfile::TempDir, Applications) {
        let folder = tempfile::tempdir().unwrap();
        let mint = Mint::open(folder.path()).unwrap();
        (folder, Applications::new(7, mint))
    }

    #[test]
    fn they_are_valid_and_have_about_half_a_kilobyte() {
        let (_folder, applications) = applications();
        for number in (0..40).chain([12_345, 5_350_000]) {
            let body = applications.prepare(number).unwrap().body;
            assert!((300..1_000).contains(&body.len()), "{}", body.len());
            let application = Application::parse(&body).unwrap();
            assert_eq!(
                application.applicant.tax_code,
                applications.person(number).tax_code
            );
        }
    }

    #[test]
    fn a_key_leads_back_to_its_number_and_no_other_does() {
        let (_folder, applications) = applications();
        for number in [42, BATCHES, BATCHES + 42] {
            assert_eq!(applications.number(&applications.key(number)), Some(number));
        }
        for other in [
            "",
            "42",
            "load-0000000000000008-42",
            "load-0000000000000007-042",
            "load-0000000000000007-b042",
            "load-0000000000000007-10000042",
        ] {
            assert_eq!(applications.number(other), None, "{other}");
        }
    }
}
