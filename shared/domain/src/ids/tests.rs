use super::*;
use crate::OrganisationId;

fn secret(byte: &str) -> IdSecret {
    IdSecret::new(&byte.repeat(32).into()).unwrap()
}

fn code(text: &str) -> TaxCode {
    TaxCode::parse(text).unwrap()
}

fn mario() -> Submitter {
    Submitter::Citizen(code("RSSMRA80A01H501U"))
}

fn id_of(secret: &IdSecret, submitter: &Submitter, key: &IdempotencyKey) -> ApplicationId {
    secret.application_id(submitter, &code("RSSMRA80A01H501U"), key)
}

#[test]
fn a_retry_has_the_same_id_and_everything_else_another() {
    let key = IdempotencyKey::parse("k-1").unwrap();
    let id = id_of(&secret("a"), &mario(), &key);
    assert_eq!(
        id,
        id_of(&secret("a"), &mario(), &IdempotencyKey::parse("\"k-1\"").unwrap())
    );
    assert_eq!(id.as_uuid().get_version_num(), 8);
    assert_eq!(id.to_string().parse(), Ok(id));

    let other = Submitter::Intermediary(OrganisationId::parse("patronato-aurora").unwrap());
    for different in [
        id_of(&secret("b"), &mario(), &key),
        id_of(&secret("a"), &mario(), &IdempotencyKey::parse("k-2").unwrap()),
        id_of(&secret("a"), &other, &key),
    ] {
        assert_ne!(id, different);
    }
    assert_ne!(secret("a").batch_id(&mario(), &key).as_uuid(), id.as_uuid());
}

#[test]
fn one_key_of_an_intermediary_never_joins_two_people() {
    let (secret, key) = (secret("a"), IdempotencyKey::parse("1").unwrap());
    let aurora = Submitter::Intermediary(OrganisationId::parse("patronato-aurora").unwrap());
    let of = |applicant| secret.application_id(&aurora, &code(applicant), &key);
    assert_ne!(of("RSSMRA80A01H501U"), of("RSSGLI14H52H501D"));
    assert_eq!(of("RSSMRA80A01H501U"), of("rssmra80a01h501u"));
}

#[test]
fn a_holders_tag_holds_for_one_application_only() {
    let key = |k| IdempotencyKey::parse(k).unwrap();
    let secret = secret("a");
    let (one, two) = (
        id_of(&secret, &mario(), &key("1")),
        id_of(&secret, &mario(), &key("2")),
    );
    assert_eq!(secret.holder_tag(one, &mario()), secret.holder_tag(one, &mario()));
    assert_ne!(secret.holder_tag(one, &mario()), secret.holder_tag(two, &mario()));
}

/// An invented tax code; the check letter is that of its number.
fn invented(number: u32) -> TaxCode {
    let first_15 = format!(
        "RSSMRA{:02}A{:02}H{:03}",
        number / 1000 % 100,
        1 + number / 100_000,
        number % 1000
    );
    let check = crate::tax_code::check_character(&first_15).unwrap();
    code(&format!("{first_15}{check}"))
}

#[test]
fn a_person_has_one_shard_and_persons_spread_over_all_evenly() {
    const PERSONS: u32 = 64_000;
    let mut persons = [0_u32; Shard::COUNT as usize];
    for number in 0..PERSONS {
        persons[usize::from(secret("a").shard(&invented(number)).number())] += 1;
    }
    // the standard deviation is 31
    for (shard, persons) in persons.into_iter().enumerate() {
        assert!(
            (840..=1_160).contains(&persons),
            "shard {shard} has {persons} persons"
        );
    }
    let (mario, in_small_letters) = (code("RSSMRA80A01H501U"), code("rssmra80a01h501u"));
    assert_eq!(secret("a").shard(&mario), secret("a").shard(&in_small_letters));
    let moved = (0..1_000).filter(|number| {
        let person = invented(*number);
        secret("a").shard(&person) != secret("b").shard(&person)
    });
    assert!(moved.count() > 900, "the shard needs the secret");
}

#[test]
fn a_header_with_quotes_or_without_is_one_key_and_nothing_else_is_one() {
    let id = |value: &str| {
        let key = IdempotencyKey::parse_header(value);
        key.map(|key| secret("a").batch_id(&mario(), &key))
    };
    assert_eq!(id("018f3c1e"), id("\"018f3c1e\""));
    assert_eq!(id(" k:/=1 "), id("\t\"k:/=1\""));
    assert_eq!(
        id(r#""a\"b\\c,;""#),
        IdempotencyKey::parse(r#"a"b\c,;"#).map(|key| secret("a").batch_id(&mario(), &key))
    );
    let long = "a".repeat(255);
    assert!(id(&format!("\"{long}\"")).is_ok());
    for bad in [
        "",
        "\"\"",
        "a b",
        "\"a b\"",
        "\"a",
        "a\"",
        "\"a\"b",
        "\"a\";b=1",
        "a;b=1",
        "a, b",
        "\"a\", \"b\"",
        "a\\b",
        "(a)",
        "{a}",
        "<a>",
        "a@b",
        "?1",
        r#""a\b""#,
        r#""a\""#,
        "à",
        &format!("a{long}"),
        &format!("\"a{long}\""),
    ] {
        assert_eq!(id(bad), Err(IdempotencyKeyError), "{bad}");
    }
}

#[test]
fn keys_and_secrets_have_bounds() {
    for bad in ["", "\"\"", "a b", "à", &"a".repeat(256)] {
        assert!(IdempotencyKey::parse(bad).is_err(), "{bad}");
    }
    let refused = |secret: String| IdSecret::new(&secret.into()).err();
    assert_eq!(refused("short".into()), Some(IdSecretError::TooShort));
    assert_eq!(refused("Change-Me-".repeat(4)), Some(IdSecretError::Known));
}
