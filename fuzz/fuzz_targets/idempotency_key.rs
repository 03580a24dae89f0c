//! What is an idempotency key is one with quotes and white space around it too, and makes the same id.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sportello_domain::{IdSecret, IdempotencyKey, OrganisationId, Submitter};

fuzz_target!(|text: &str| {
    let Ok(key) = IdempotencyKey::parse(text) else {
        return;
    };
    let secret = IdSecret::new(&"s".repeat(32).into()).expect("32 bytes");
    let submitter =
        Submitter::Intermediary(OrganisationId::parse("patronato-aurora").expect("an identifier"));
    let id = secret.application_id(&submitter, &key);
    let again = IdempotencyKey::parse(&format!(" {text}\t")).expect("white space is ignored");
    assert_eq!(secret.application_id(&submitter, &again), id);
    if !text.trim().starts_with('"') {
        let quoted = IdempotencyKey::parse(&format!("\"{}\"", text.trim())).expect("quotes are left out");
        assert_eq!(secret.application_id(&submitter, &quoted), id);
    }
});
