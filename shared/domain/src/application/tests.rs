use super::*;
use proptest::prelude::*;
use serde_json::json;

fn valid() -> Value {
    json!({
        "benefit": "indemnity-march-2020",
        "category": "self-employed",
        "applicant": {
            "tax_code": "RSSMRA80A01H501U",
            "given_name": "Mario",
            "family_name": "Rossi",
            "email": "mario.rossi@example.org",
            "iban": "IT60X0542811101000000123456",
        },
        "answers": { "vat_number": "12345670157" },
    })
}

fn violations(content: &str) -> Vec<(String, String)> {
    let violations = Application::parse(content.as_bytes()).unwrap_err();
    assert!(!violations.is_empty());
    violations
        .into_iter()
        .map(|v| (v.pointer.to_string(), v.code.into_owned()))
        .collect()
}

#[test]
fn a_valid_content_is_parsed() {
    let application = Application::parse(valid().to_string().as_bytes()).unwrap();
    assert_eq!(application.benefit.as_str(), "indemnity-march-2020");
    assert_eq!(application.applicant.tax_code.as_str(), "RSSMRA80A01H501U");
    let shown = format!("{application:?}");
    for personal in ["RSSMRA", "Mario", "Rossi", "mario", "IT60", "1234567"] {
        assert!(!shown.contains(personal), "{shown}");
    }
}

#[test]
fn every_violation_is_reported_at_once() {
    assert_eq!(
        violations(r#"{"applicant": {"tax_code": "X", "given_name": "Anna", "iban": "IT"}}"#),
        [
            ("/benefit".into(), "required".into()),
            ("/applicant/tax_code".into(), "tax_code_length".into()),
            ("/applicant/family_name".into(), "required".into()),
            ("/applicant/iban".into(), "iban_format".into()),
        ]
    );
}

#[test]
fn a_mandate_that_is_not_there_is_left_out() {
    let mut content = valid();
    content["mandate"] = json!(null);
    assert_eq!(
        violations(&content.to_string()),
        [("/mandate".into(), "unexpected".into())]
    );
    content["mandate"] = json!("PA-2020/000123");
    let application = Application::parse(content.to_string().as_bytes()).unwrap();
    assert_eq!(application.mandate.unwrap().as_str(), "PA-2020/000123");
}

#[test]
fn a_person_with_one_name_says_so() {
    let mut content = valid();
    let applicant = content["applicant"].as_object_mut().unwrap();
    applicant.remove("given_name");
    applicant.insert("tax_code".into(), json!("NGXXXX80A01Z251V"));
    applicant.insert("family_name".into(), json!("Ng"));
    assert_eq!(
        violations(&content.to_string()),
        [("/applicant/given_name".into(), "required".into())]
    );
    for given_name in [None, Some(json!(null)), Some(json!("")), Some(json!(" \u{200b}"))] {
        content["applicant"]["single_name"] = json!(true);
        if let Some(given_name) = given_name {
            content["applicant"]["given_name"] = given_name;
        }
        let application = Application::parse(content.to_string().as_bytes()).unwrap();
        assert_eq!(application.applicant.given_name, None);
        assert_eq!(application.applicant.family_name.as_str(), "Ng");
        assert_eq!(application.warnings(), []);
    }
    // the code may have the name in place of the given name, but not another person's name
    for (tax_code, warned) in [
        ("XXXNGX80A01Z251X", false),
        ("XXXYLM80A01Z251M", true),
        ("RSSMRA80A01H501U", true),
    ] {
        content["applicant"]["tax_code"] = json!(tax_code);
        let application = Application::parse(content.to_string().as_bytes()).unwrap();
        let warned: Vec<_> = warned.then_some("/applicant/family_name").into_iter().collect();
        let told: Vec<_> = application
            .warnings()
            .into_iter()
            .map(|v| v.pointer.to_string())
            .collect();
        assert_eq!(told, warned, "{tax_code}");
    }
    content["applicant"]["given_name"] = json!("Anna");
    assert_eq!(
        violations(&content.to_string()),
        [("/applicant/given_name".into(), "single_name".into())]
    );
    content["applicant"]["single_name"] = json!(false);
    content["applicant"]["given_name"] = json!("");
    assert_eq!(
        violations(&content.to_string()),
        [("/applicant/given_name".into(), "name".into())]
    );
}

#[test]
fn a_key_that_comes_twice_is_refused_wherever_it_stands() {
    let content = valid().to_string();
    for (twice, pointer) in [
        (r#"{"a": 1, "a": 1}"#, "/answers/a"),
        (r#"{"a": 1, "\u0061": 2}"#, "/answers/a"),
        (r#"{"a": {"b/c": 1, "b/c": []}}"#, "/answers/a/b~1c"),
        (
            r#"{"a": [{}, {"b": [{"c": null, "d": 1, "c": null}]}]}"#,
            "/answers/a/1/b/0/c",
        ),
    ] {
        let content = content.replace(r#"{"vat_number":"12345670157"}"#, twice);
        assert_eq!(violations(&content), [(pointer.to_owned(), "unexpected".into())]);
        assert_eq!(Answered::read(content.as_bytes()), None);
    }
    for (once, twice, pointer) in [
        (r#""category":"#, r#""category":"x","category":"#, "/category"),
        (
            r#""given_name":"#,
            r#""given_name":"x","given_name":"#,
            "/applicant/given_name",
        ),
        (r#""answers":"#, r#""answers":{},"answers":"#, "/answers"),
    ] {
        let content = content.replace(once, twice);
        assert_eq!(violations(&content), [(pointer.to_owned(), "unexpected".into())]);
    }
}

#[test]
fn what_nobody_sees_in_answers_is_dropped() {
    let mut content = valid();
    content["benefit"] = json!("\u{feff}indemnity-march-2020 ");
    content["category"] = json!("self\u{2011}employed\u{200b}");
    content["answers"] = json!({ "a": ["Nicolo\u{300}\u{202e}", { "b": "x\u{ad}\\" }] });
    let json = content.to_string();
    let (application, sent) = Application::parse_sent(json.as_bytes()).unwrap();
    assert_eq!(
        application.answers.as_json(),
        &json!({ "a": ["Nicolò", { "b": "x\\" }] })
    );
    assert_eq!(application.benefit.as_str(), "indemnity-march-2020");
    assert_eq!(application.category.unwrap().as_str(), "self-employed");
    assert_eq!(sent.as_bytes(), json.as_bytes());
}

#[test]
fn a_birthday_of_another_century_or_not_written_as_a_date_is_refused() {
    for birth_date in ["2999-01-01", "01/01/1980"] {
        let mut content = valid();
        content["applicant"]["birth_date"] = json!(birth_date);
        assert_eq!(
            violations(&content.to_string()),
            [("/applicant/birth_date".into(), "birth_date".into())]
        );
    }
}

#[test]
fn names_and_birthday_that_the_tax_code_contradicts_are_warnings() {
    let warnings = |given_name: &str, family_name: &str, birth_date: &str| -> Vec<String> {
        let mut content = valid();
        content["applicant"]["given_name"] = json!(given_name);
        content["applicant"]["family_name"] = json!(family_name);
        content["applicant"]["birth_date"] = json!(birth_date);
        let application = Application::parse(content.to_string().as_bytes()).unwrap();
        let shown = format!("{application:?}");
        assert!(!shown.contains("1980"), "{shown}");
        let warnings = application.warnings().into_iter();
        warnings.map(|v| format!("{} {}", v.pointer, v.code)).collect()
    };
    assert_eq!(warnings("Mario", "Rossi", "1980-01-01"), [""; 0]);
    assert_eq!(warnings("màrio", "ROSSI", "1980-01-01"), [""; 0]);
    assert_eq!(warnings("李", "Росси", "1980-01-01"), [""; 0]);
    assert_eq!(
        warnings("Anna", "Bianchi", "1980-10-01"),
        [
            "/applicant/given_name name_mismatch",
            "/applicant/family_name name_mismatch",
            "/applicant/birth_date birth_date_mismatch",
        ]
    );
}

#[test]
fn a_code_that_spells_a_name_in_another_way_is_no_warning() {
    // Ö as O and as OE; Č written and left out
    for (tax_code, family_name) in [
        ("ZOXMRA80A01H501S", "Öz"),
        ("ZOEMRA80A01H501C", "Öz"),
        ("CKOMRA80A01H501I", "Čok"),
        ("KOXMRA80A01H501X", "Čok"),
    ] {
        let mut content = valid();
        content["applicant"]["tax_code"] = json!(tax_code);
        content["applicant"]["family_name"] = json!(family_name);
        let application = Application::parse(content.to_string().as_bytes()).unwrap();
        assert_eq!(application.warnings(), [], "{tax_code}");
    }
}

#[test]
fn a_code_of_a_body_and_an_account_outside_sepa_are_warnings() {
    let mut content = valid();
    for (tax_code, iban, told) in [
        (
            "80012345676",
            "IT60X0542811101000000123456",
            vec!["tax_code_of_a_body"],
        ),
        (
            "97103880585",
            "TR330006100519786457841326",
            vec!["tax_code_of_a_body", "iban_outside_sepa"],
        ),
        ("12345678903", "DE44500105175407324931", vec![]),
    ] {
        content["applicant"]["tax_code"] = json!(tax_code);
        content["applicant"]["iban"] = json!(iban);
        let application = Application::parse(content.to_string().as_bytes()).unwrap();
        let codes: Vec<_> = application.warnings().into_iter().map(|v| v.code).collect();
        assert_eq!(codes, told, "{tax_code}");
    }
}

#[test]
fn what_is_not_such_json_is_refused_with_its_place() {
    assert_eq!(violations("{"), [(String::new(), "not_json".into())]);
    assert_eq!(violations("[]x"), [(String::new(), "unexpected".into())]);
    assert_eq!(
        violations(r#"["indemnity-march-2020", null, {}, {}]"#),
        [(String::new(), "unexpected".into())]
    );
    let mut list = valid();
    list["applicant"] = json!(["RSSMRA80A01H501U", "Mario", "Rossi", null, null, null]);
    assert_eq!(
        violations(&list.to_string()),
        [("/applicant".into(), "unexpected".into())]
    );
    assert_eq!(
        violations(&format!("{} x", valid())),
        [(String::new(), "not_json".into())]
    );
    let mut unknown = valid();
    unknown["applicant"]["shoe/size"] = json!(42);
    assert_eq!(
        violations(&unknown.to_string()),
        [("/applicant/shoe~1size".into(), "unexpected".into())]
    );
    let mut number = valid();
    number["applicant"]["tax_code"] = json!(42);
    assert_eq!(
        violations(&number.to_string()),
        [("/applicant/tax_code".into(), "unexpected".into())]
    );
}

#[test]
fn a_nul_character_is_refused_wherever_it_stands() {
    for answers in [
        json!({"a": "x\0"}),
        json!({"a": [{"b": "\0"}]}),
        json!({"a\0": 1}),
    ] {
        let mut content = valid();
        content["answers"] = answers;
        assert_eq!(
            violations(&content.to_string()),
            [("/answers/a".into(), "nul_character".into())]
        );
    }
    let mut name = valid();
    name["applicant"]["given_name"] = json!("Ma\0rio");
    assert_eq!(
        violations(&name.to_string()),
        [("/applicant/given_name".into(), "name".into())]
    );
}

#[test]
fn messages_never_repeat_what_was_sent() {
    let mut content = valid();
    content["applicant"]["tax_code"] = json!("SECRETSECRET");
    content["applicant"]["iban"] = json!("SECRETSECRET");
    content["applicant"]["email"] = json!("SECRETSECRET");
    let told = format!(
        "{:?}",
        Application::parse(content.to_string().as_bytes()).unwrap_err()
    );
    assert!(!told.contains("SECRET"));
    content["applicant"] = json!("SECRETSECRET");
    let told = format!(
        "{:?}",
        Application::parse(content.to_string().as_bytes()).unwrap_err()
    );
    assert!(!told.contains("SECRET"));
}

proptest! {
    #[test]
    fn any_bytes_are_parsed_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Application::parse(&bytes);
    }
}
