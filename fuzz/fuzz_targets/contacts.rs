//! What is a name, an e-mail address, a telephone number or a reason for an access is the same
//! written the way it is held; identifiers and versions of the catalogue are held as they stand.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sportello_domain::{AccessReason, BenefitId, CatalogueVersion, Email, PersonName, Phone};

fuzz_target!(|text: &str| {
    if let Ok(name) = PersonName::parse(text) {
        assert_eq!(PersonName::parse(name.as_str()), Ok(name));
    }
    if let Ok(email) = Email::parse(text) {
        assert_eq!(Email::parse(email.as_str()), Ok(email));
    }
    if let Ok(phone) = Phone::parse(text) {
        assert_eq!(Phone::parse(phone.as_str()), Ok(phone));
    }
    if let Ok(reason) = AccessReason::of_header(text.as_bytes()) {
        assert_eq!(AccessReason::parse(reason.as_str()), Ok(reason));
    }
    if let Ok(id) = BenefitId::parse(text) {
        assert_eq!(id.as_str(), text);
    }
    if let Ok(version) = CatalogueVersion::parse(text) {
        assert_eq!(version.as_str(), text);
    }
});
