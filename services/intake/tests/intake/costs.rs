//! Cost of one application by stage, without network and broker: a measurement, not a test.
//!
//! `shared/identity/tests/identity/costs.rs` has the token's.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement prints, and stops at what it does not expect"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use secrecy::SecretString;
use sportello_catalogue::Catalogue;
use sportello_domain::{Application, Channel, IdSecret, IdempotencyKey, Receipt, Submitter};
use sportello_queue::{Cover, Submission, encode};
use sportello_receipt::{ReceiptKeys, ReceiptSigner};

const ROUNDS: usize = 501;
const CALLS: u32 = 10;

/// Prints the median duration of a call over rounds.
fn cost<T>(stage: &str, mut call: impl FnMut() -> T) {
    let round = |call: &mut dyn FnMut() -> T| {
        let start = Instant::now();
        for _ in 0..CALLS {
            black_box(call());
        }
        start.elapsed() / CALLS
    };
    let mut rounds: Vec<Duration> = (0..ROUNDS).map(|_| round(&mut call)).collect();
    rounds.sort();
    println!("{stage}: {:?}", rounds[ROUNDS / 2]);
}

/// The stages that need neither token nor broker, in their order, with the example of each shipped
/// benefit.
#[test]
#[ignore = "a measurement: cargo test --workspace --test intake costs -- --ignored --nocapture"]
fn measure_stages() {
    let folder = tempfile::tempdir().unwrap();
    let catalogue = Catalogue::load(&sportello_stack::catalogue::shipped()).unwrap();
    let secret = IdSecret::new(&SecretString::from("0123456789abcdef0123456789abcdef")).unwrap();
    let keys = ReceiptKeys::load(&sportello_testkit::receipt_keys(folder.path())).unwrap();
    let signer = ReceiptSigner::new(keys, "https://intake.example".into());
    let key = IdempotencyKey::parse("018f3c1e-7a4b-7c3d-9e2f-1a2b3c4d5e6f").unwrap();
    for benefit in catalogue.benefits() {
        let body = benefit.example().to_string().into_bytes();
        let (application, content) = Application::parse_sent(&body).unwrap();
        let applicant = &application.applicant.tax_code;
        let submitter = Submitter::Citizen(applicant.clone());
        let id = secret.application_id(&submitter, applicant, &key);
        let now: Timestamp = "2020-04-01T08:00:00.123Z".parse().unwrap();
        let cover = Cover::new(id, &submitter, now, benefit.version());
        let (submission, content_digest) = Submission::new(&cover, content).unwrap();
        let receipt = Receipt {
            application_id: id,
            benefit: benefit.id().clone(),
            received_at: now,
            content_digest,
            holders: vec![secret.holder_tag(id, &submitter)],
        };
        println!("{}, {} bytes", benefit.id(), body.len());
        cost("  body", || Application::parse(&body).unwrap());
        cost("  form and rules", || {
            catalogue.validate(&application, now).unwrap()
        });
        cost("  hours", || benefit.closed(Channel::Citizen, now));
        cost("  warnings", || application.warnings());
        cost("  id and holder", || {
            secret.holder_tag(secret.application_id(&submitter, applicant, &key), &submitter)
        });
        cost("  envelope", || Submission::new(&cover, content).unwrap());
        let message = vec![submission; 32];
        cost("  message of 32", || encode(message.iter()));
        cost("  receipt", || signer.sign(&receipt).unwrap());
    }
}
