//! What is a VAT number is the same one written the way it is held.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sportello_domain::VatNumber;

fuzz_target!(|text: &str| {
    if let Ok(parsed) = VatNumber::parse(text) {
        assert_eq!(VatNumber::parse(parsed.as_str()).as_ref(), Ok(&parsed));
        assert!(parsed.as_str().len() == 11 && parsed.as_str().bytes().all(|b| b.is_ascii_digit()));
    }
});
