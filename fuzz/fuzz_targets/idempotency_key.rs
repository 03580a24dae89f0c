//! What is an idempotency key is one with quotes and white space around it too, and makes the same
//! id.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sportello_domain::{IdSecret, IdempotencyKey, OrganisationId, Submitter, TaxCode};

fuzz_target!(|text: &str| {
    let Ok(key) = IdempotencyKey::parse(text) else {
        return;
    };
    // of a header: the same key, wherever it is one
    if let Ok(of_header) = IdempotencyKey::parse_header(text) {
        assert!(IdempotencyKey::parse_header(&format!(" {text}\t")).is_ok_and(|again| again == of_header));
    }
    let secret = IdSecret::new(&"s".repeat(32).into()).expect("32 bytes");
    let submitter =
        Submitter::Intermediary(OrganisationId::parse("patronato-aurora").expect("an identifier"));
    let applicant = TaxCode::parse("RSSMRA80A01H501U").expect("a tax code");
    let id = secret.application_id(&submitter, &applicant, &key);
    let again = IdempotencyKey::parse(&format!(" {text}\t")).expect("white space is ignored");
    assert_eq!(secret.application_id(&submitter, &applicant, &again), id);
    if !text.trim().starts_with('"') {
        let quoted = IdempotencyKey::parse(&format!("\"{}\"", text.trim())).expect("quotes are left out");
        assert_eq!(secret.application_id(&submitter, &applicant, &quoted), id);
    }
});
