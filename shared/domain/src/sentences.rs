//! Every sentence of this crate for citizens, in all languages.

use std::collections::{BTreeMap, HashSet};

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::{
    Application, Channel, ChannelSetting, IbanError, Language, Mandate, Reason, TaxCodeError, Text,
    VatNumberError, Violation, mandate,
};

/// Returns the sentences by code, and checks that none is in two languages.
fn shown(sentences: impl IntoIterator<Item = (String, Text)>) -> String {
    let by_code: BTreeMap<String, Text> = sentences.into_iter().collect();
    let shown = by_code.into_iter().map(|(code, text)| {
        let languages = Language::ALL.map(|language| text.in_language(language));
        assert_eq!(HashSet::from(languages).len(), 3, "{code}");
        format!("{code}\n  {}", languages.join("\n  "))
    });
    Vec::from_iter(shown).join("\n\n")
}

fn refused(content: &Value) -> Vec<Violation> {
    Application::parse(content.to_string().as_bytes()).unwrap_err()
}

fn applicant(tax_code: &str, iban: &str) -> Value {
    json!({
        "tax_code": tax_code, "given_name": "Anna", "family_name": "Bianchi", "birth_date": "1990-01-01",
        "iban": iban,
    })
}

fn violations() -> Vec<Violation> {
    let wrong = json!({
        "benefit": "NO",
        "category": "NO",
        "mandate": "<a>",
        "applicant": {
            "tax_code": "RSSMRA80A01H501X", "given_name": "", "family_name": "1", "birth_date": "1980",
            "email": "x", "phone": "x", "iban": "x",
        },
        "answers": { "text": "\0" },
    });
    let mut single_name =
        json!({ "benefit": "a", "applicant": applicant("X", "IT60X0542811101000000123456") });
    single_name["applicant"]["single_name"] = json!(true);
    let of_mandate = mandate::violation(Some(&Mandate::parse("PA-1").unwrap()), Channel::Citizen);
    let setting = ChannelSetting::parse(br#"{"position": "ajar", "reason": "short"}"#).unwrap_err();
    [
        refused(&wrong),
        refused(&single_name),
        refused(&json!([])),
        setting,
    ]
    .into_iter()
    .flatten()
    .chain(of_mandate)
    .chain(Application::parse(b"{").unwrap_err())
    .collect()
}

fn warnings() -> Vec<Violation> {
    let warnings = [
        ("RSSMRA80A01H501U", "IT60X0542811101000000123456"),
        ("97103880585", "TR330006100519786457841326"),
    ];
    let warnings = warnings.map(|(tax_code, iban)| {
        let content = json!({ "benefit": "a", "applicant": applicant(tax_code, iban), "answers": {} });
        let application = Application::parse(content.to_string().as_bytes()).unwrap();
        application.warnings()
    });
    warnings.concat()
}

#[test]
fn violations_are_reported_in_three_languages() {
    let violations = [violations(), warnings()].concat();
    let mut sentences: Vec<(String, Text)> = violations
        .into_iter()
        .map(|violation| (violation.code.into_owned(), violation.message))
        .collect();
    for error in [
        TaxCodeError::Length,
        TaxCodeError::Character { position: 7 },
        TaxCodeError::FamilyName,
        TaxCodeError::GivenName,
        TaxCodeError::Month,
        TaxCodeError::Day,
        TaxCodeError::CheckCharacter,
    ] {
        sentences.push((error.code().to_owned(), error.text()));
    }
    for error in [
        VatNumberError::Length,
        VatNumberError::Character { position: 7 },
        VatNumberError::Holder,
        VatNumberError::Office,
        VatNumberError::CheckDigit,
    ] {
        sentences.push((error.code().to_owned(), error.text()));
    }
    for error in [
        IbanError::Format,
        IbanError::CheckDigits,
        IbanError::Country,
        IbanError::Cin,
    ] {
        sentences.push((error.code().to_owned(), error.text()));
    }
    assert_snapshot!(shown(sentences));
}

#[test]
fn reasons_are_reported_in_three_languages() {
    let reasons = Reason::ALL.map(|reason| (reason.as_str().to_owned(), reason.text()));
    assert_snapshot!(shown(reasons));
}
