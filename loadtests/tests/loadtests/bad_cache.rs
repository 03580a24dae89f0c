//! On 1 April 2020 a cache in front of the site showed citizens other people's files. Here a real
//! nginx, set up as badly as that one, stands in front of everything, and nobody gets anything of
//! anybody else's.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

use std::collections::HashMap;

use crate::nginx::BadCache;
use crate::office::{Accepted, Office, get};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::{StreamExt as _, stream};
use loadtests::people::contents::content;
use reqwest::StatusCode;
use sha2::{Digest as _, Sha256};
use sportello_people::Person;

const CITIZENS: u64 = 300;
const AT_ONCE: usize = 48;
const SEED: u64 = 20_200_402;

/// A citizen who applies and reads through the cache.
struct Citizen {
    person: Person,
    token: String,
    number: u64,
}

/// An answer from the cache, and its address.
struct Seen {
    path: String,
    body: String,
}

impl Citizen {
    fn new(office: &Office, number: u64) -> Self {
        let person = Person::invent(SEED, number);
        Self {
            token: office.issuer.token(&person),
            person,
            number,
        }
    }

    /// The address of one's own list.
    fn list(&self) -> String {
        let hash = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&self.token));
        format!("/v1/tokens/{hash}/applications")
    }

    /// Everything that one's portal does: applies, asks what became of it, reads one's own. Each
    /// address is read twice, so that the second answer is the cache's.
    async fn day(self, office: &Office, cache: &str) -> (Self, Accepted, Vec<Seen>) {
        let content = content(&self.person, self.number, &format!("cached-{}", self.number));
        let key = format!("key-{}", self.number);
        let accepted = office.apply(cache, &self.token, &key, &content).await;
        let application = format!("/v1/applications/{}", accepted.id);
        let mut seen = vec![self.sees(cache, format!("{application}/status"), &accepted).await];
        office.is_decided(&self.token, &accepted).await;
        let addresses = [
            application.clone(),
            format!("{application}/content"),
            format!("{application}/accesses"),
            self.list(),
        ];
        for address in addresses.iter().chain(&addresses) {
            seen.push(self.sees(cache, address.clone(), &accepted).await);
        }
        // addresses that anyone could guess
        for address in [
            "/v1/applications",
            "/v1/tokens",
            "/v1/tokens/me/applications",
            "/v1/batches",
        ] {
            seen.push(self.sees(cache, address.to_owned(), &accepted).await);
        }
        (self, accepted, seen)
    }

    async fn sees(&self, cache: &str, path: String, accepted: &Accepted) -> Seen {
        let answer = get(cache, &path, &self.token, Some(&accepted.receipt)).await;
        let body = answer.text().await.expect("a body");
        Seen { path, body }
    }
}

#[tokio::test]
async fn no_answer_crosses_from_one_citizen_to_another_through_a_cache_that_ignores_everything() {
    let office = Office::open().await;
    let cache = BadCache::start(office.intake.url(), office.status.url()).await;
    let days = spend(&office, cache.url()).await;

    let owners: HashMap<&str, u64> = days
        .iter()
        .flat_map(|(citizen, accepted, _)| {
            [citizen.person.tax_code.as_str(), &accepted.id].map(|mark| (mark, citizen.number))
        })
        .collect();
    assert_eq!(
        owners.len() as u64,
        2 * CITIZENS,
        "an answer to one was given to another"
    );
    for (citizen, accepted, seen) in &days {
        for Seen { path, body } in seen {
            for mark in marks(body) {
                let owner = owners.get(mark).copied().unwrap_or(citizen.number);
                assert_eq!(owner, citizen.number, "{path} shows somebody else's");
            }
        }
        let own = seen
            .iter()
            .filter(|seen| seen.body.contains(&accepted.id))
            .count();
        assert!(own >= 6, "their own was shown to them {own} times");
    }
    the_cache_is_as_bad_as_it_can_be(&office, cache.url(), &days[0], &days[1].0).await;
}

/// Everybody's day, many at once.
async fn spend(office: &Office, cache: &str) -> Vec<(Citizen, Accepted, Vec<Seen>)> {
    let days = (0..CITIZENS).map(|number| Citizen::new(office, number).day(office, cache));
    stream::iter(days).buffer_unordered(AT_ONCE).collect().await
}

/// Ids and tax codes in a text, among other words.
fn marks(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .filter(|word| matches!(word.len(), 16 | 36))
}

/// The test would show nothing through a cache that asks the service each time: this one gives a
/// stranger what it holds under an address. So what saves everybody is that nobody knows another's
/// address.
async fn the_cache_is_as_bad_as_it_can_be(
    office: &Office,
    cache: &str,
    (_, accepted, _): &(Citizen, Accepted, Vec<Seen>),
    stranger: &Citizen,
) {
    let path = format!("/v1/applications/{}", accepted.id);
    let from_cache = get(cache, &path, &stranger.token, None).await;
    assert_eq!(from_cache.status(), StatusCode::OK);
    assert_eq!(from_cache.headers()["x-cache"], "HIT");
    let from_service = get(office.status.url(), &path, &stranger.token, None).await;
    assert_eq!(from_service.status(), StatusCode::NOT_FOUND);
}
