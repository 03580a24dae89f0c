//! What is a tax code is the same one written the way it is held, and its ages make sense.
#![no_main]

use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use sportello_domain::TaxCode;

fuzz_target!(|text: &str| {
    let Ok(code) = TaxCode::parse(text) else { return };
    assert_eq!(TaxCode::parse(code.as_str()).as_ref(), Ok(&code));
    let today = date(2026, 1, 1);
    assert_eq!(code.birth_date_until(today).is_none(), code.is_provisional());
    let age = code.age_on(today, today);
    assert_eq!(age.is_none(), code.is_provisional());
    assert!(age.is_none_or(|age| (0..=100).contains(&age)));
});
