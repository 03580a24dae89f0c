//! The shipped benefits judge any application: every violation has a place, a code and texts.
#![no_main]

use std::sync::LazyLock;

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use sportello_catalogue::Benefit;
use sportello_domain::Application;

static BENEFITS: LazyLock<[Benefit; 3]> = LazyLock::new(|| {
    [
        include_str!("../../catalogue/baby-sitting-bonus-2020.toml"),
        include_str!("../../catalogue/indemnity-march-2020.toml"),
        include_str!("../../catalogue/parental-leave-2020.toml"),
    ]
    .map(|file| Benefit::parse(file).ok().expect("a shipped benefit"))
});

fuzz_target!(|content: &[u8]| {
    let Ok(application) = Application::parse(content) else {
        return;
    };
    let received_at = Timestamp::UNIX_EPOCH;
    for benefit in &*BENEFITS {
        for violation in benefit.validate(&application, received_at) {
            assert!(violation.pointer.as_str().starts_with('/') && !violation.code.is_empty());
            assert!(!violation.message.it.is_empty() && !violation.message.de.is_empty());
        }
    }
});
