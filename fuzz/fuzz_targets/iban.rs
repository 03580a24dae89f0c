//! What is an IBAN is the same one written the way it is held.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sportello_domain::Iban;

fuzz_target!(|text: &str| {
    if let Ok(parsed) = Iban::parse(text) {
        assert_eq!(Iban::parse(parsed.as_str()).as_ref(), Ok(&parsed));
        assert!(parsed.as_str().len() <= 34 && parsed.as_str().bytes().all(|b| b.is_ascii_alphanumeric()));
    }
});
