//! What is an application is the same one written anew from what was read; what is none says why,
//! at a place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use sportello_domain::{Application, JsonPointer};

fuzz_target!(|content: &[u8]| {
    match Application::parse(content) {
        Ok(application) => {
            let written = written(&application).to_string();
            assert_eq!(Application::parse(written.as_bytes()).as_ref(), Ok(&application));
            assert!(
                application
                    .warnings()
                    .iter()
                    .all(|warning| warning.pointer.as_str().starts_with("/applicant/"))
            );
            assert!(!format!("{application:?}").contains(application.applicant.tax_code.as_str()));
        }
        Err(violations) => {
            assert!(!violations.is_empty());
            for violation in violations {
                assert!(JsonPointer::parse(violation.pointer.as_str()).is_ok());
                assert!(!violation.code.is_empty() && !violation.message.it.is_empty());
            }
        }
    }
});

fn written(application: &Application) -> Value {
    let applicant = &application.applicant;
    json!({
        "benefit": application.benefit.as_str(),
        "category": application.category.as_ref().map(|category| category.as_str()),
        "applicant": {
            "tax_code": applicant.tax_code.as_str(),
            "given_name": applicant.given_name.as_str(),
            "family_name": applicant.family_name.as_str(),
            "birth_date": applicant.birth_date.map(|date| date.to_string()),
            "email": applicant.email.as_ref().map(|email| email.as_str()),
            "phone": applicant.phone.as_ref().map(|phone| phone.as_str()),
            "iban": applicant.iban.as_ref().map(|iban| iban.as_str()),
        },
        "answers": application.answers.as_json(),
    })
}
