//! What is written is read back, and what can't be read is kept.

use proptest::prelude::*;
use serde_json::{Value, json};
use std::ops::Not as _;
use uuid::Uuid;

use sportello_domain::CatalogueVersion;

use super::*;

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn submitters() -> [Submitter; 2] {
    [
        Submitter::Citizen(TaxCode::parse("RSSMRA80A01H501U").unwrap()),
        Submitter::Intermediary(OrganisationId::parse("patronato-aurora").unwrap()),
    ]
}

fn content(answers: &Value) -> Value {
    json!({
        "benefit": "indemnity-march-2020",
        "applicant": { "tax_code": "RSSMRA80A01H501U", "given_name": "Mario", "family_name": "Rossi" },
        "answers": answers,
    })
}

fn submission(body: &str) -> Submission {
    let received_at = Timestamp::UNIX_EPOCH;
    let id = ApplicationId::from(Uuid::from_u128(7));
    let (submitter, version) = (&submitters()[0], CatalogueVersion::of(b""));
    let cover = Cover {
        traceparent: Some(TRACEPARENT),
        ..Cover::new(id, submitter, received_at, &version)
    };
    Submission::new(&cover, Content::parse(body.as_bytes()).unwrap()).unwrap()
}

fn poison(body: impl Into<Bytes>) -> Poison {
    let mut items = decode(&body.into());
    assert_eq!(items.len(), 1);
    items.pop().unwrap().unwrap_err()
}

/// A version 1 envelope with this item, made from one that is right.
fn envelope_with(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut item: Value =
        serde_json::from_slice(&submission(&content(&json!({})).to_string()).encoded).unwrap();
    change(&mut item);
    json!({ "version": 1, "applications": [item] })
        .to_string()
        .into_bytes()
}

#[test]
fn what_was_kept_of_one_is_the_same_again_byte_for_byte() {
    let kept = submission("{ \"n\": 1.50, \"\\u00e8\": \"è\" }");
    let again = Submission::of_item(kept.item()).unwrap();
    assert_eq!(encode([&again].into_iter()), encode([&kept].into_iter()));
    assert_eq!((again.id(), again.channel()), (kept.id(), kept.channel()));
    assert_eq!(again.content_digest(), kept.content_digest());
    assert_eq!(again.traceparent(), Some(TRACEPARENT));
    let cut = kept.item().slice(..kept.len() - 1);
    for other in [cut, Bytes::from_static(b"{}"), Bytes::new()] {
        assert_eq!(Submission::of_item(other).err(), Some(ItemUnreadable));
    }
}

#[test]
fn the_digest_is_of_the_body_without_the_white_space_around_it() {
    let body = "{ \"benefit\" :\t\"x\", \"n\": 1.50, \"\\u00e8\": \"è\" }";
    for around in [body.to_owned(), format!("\n {body}\r\n\t")] {
        let submission = submission(&around);
        assert_eq!(submission.content_digest(), ContentDigest::of(body.as_bytes()));
        let encoded = String::from_utf8(submission.encoded.to_vec()).unwrap();
        assert!(encoded.contains(body), "{encoded}");
    }
}

#[test]
fn one_bad_application_leaves_the_others_of_its_message_alone() {
    let good = submission(&content(&json!({})).to_string());
    let bad = submission("{\"benefit\": \"x\"}");
    let items = decode(&encode([&good, &bad, &good].into_iter()).into());
    assert_eq!(
        items.iter().map(Result::is_ok).collect::<Vec<_>>(),
        [true, false, true]
    );
    assert_eq!(
        items[0].as_ref().unwrap().traceparent.as_deref(),
        Some(TRACEPARENT)
    );

    let bad = items.into_iter().nth(1).unwrap().unwrap_err();
    assert_eq!(bad.id(), Some(good.id()));
    assert_eq!(
        *bad.reason(),
        PoisonReason::Content {
            codes: vec!["required".into()]
        }
    );
    // sent again as it is, it is read as it was
    assert_eq!(poison(bad.envelope()).reason(), bad.reason());
    assert_eq!(poison(bad.envelope()).envelope(), bad.envelope());
}

#[test]
fn every_reason_says_what_is_wrong_and_nothing_of_what_was_there() {
    let cases: [(Vec<u8>, &str); 8] = [
        (b"SECRET".into(), "the envelope can't be read at line 1, column 1"),
        (
            br#"{"version": 1, "applications": "SECRET"}"#.into(),
            "the envelope can't be read at line 1, column 39",
        ),
        (
            br#"{"version": 2, "applications": {"SECRET": 1}}"#.into(),
            "the envelope is of version 2, which this system doesn't read",
        ),
        (
            br#"{"version": 1, "applications": [{"id": "SECRET"}]}"#.into(),
            "the application's frame can't be read at line 1, column 15",
        ),
        (
            envelope_with(|item| item["submitter"] = json!("SECRET")),
            "the submitter is not one of its channel",
        ),
        (
            envelope_with(|item| item["content"]["benefit"] = json!("SECRET")),
            "the content doesn't have the digest that it was accepted with",
        ),
        (
            envelope_with(|item| item["content_digest"] = json!("SECRET")),
            "the content doesn't have the digest that it was accepted with",
        ),
        (
            encode([&submission(r#"{"benefit": "SECRET", "SECRET": 1}"#)].into_iter()),
            "the content is not valid: unexpected",
        ),
    ];
    for (body, reason) in cases {
        let poison = poison(body.clone());
        assert_eq!(poison.reason().to_string(), reason);
        assert!(!format!("{poison:?}").contains("SECRET"));
        let kept = String::from_utf8(poison.envelope()).unwrap();
        assert!(
            body.windows(6).all(|part| part != b"SECRET") || kept.contains("SECRET"),
            "{kept}"
        );
    }
}

fn answers() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[^\\x00]{0,12}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 12, 3, |inner| {
        prop::collection::vec(inner, 0..3).prop_map(Value::from)
    });
    prop::collection::hash_map("[^\\x00]{1,8}", value, 0..4)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
}

prop_compose! {
    fn posted()(answers in answers(), before in "[ \\t\\r\\n]{0,3}", after in "[ \\t\\r\\n]{0,3}", pretty: bool) -> String {
        let content = content(&answers);
        let json = if pretty { format!("{content:#}") } else { content.to_string() };
        format!("{before}{json}{after}")
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        bodies in prop::collection::vec((posted(), any::<u128>(), 0i64..4_000_000_000, any::<bool>()), 1..5),
    ) {
        let submissions: Vec<_> = bodies.iter().map(|(body, id, second, citizen)| {
            let received_at = Timestamp::from_second(*second).unwrap();
            let id = ApplicationId::from(Uuid::from_u128(*id));
            let submitter = &submitters()[usize::from(*citizen)];
            let version = CatalogueVersion::of(b"");
            let batch = citizen.not().then(|| BatchRow { id: Uuid::from_u128(9).into(), row: 7 });
            let opened_by_operator = second % 2 == 0;
            let cover = Cover { batch, opened_by_operator, ..Cover::new(id, submitter, received_at, &version) };
            let (application, content) = Application::parse_sent(body.as_bytes()).unwrap();
            let submission = Submission::new(&cover, content).unwrap();
            let accepted = AcceptedApplication {
                id,
                submitter: submitter.clone(),
                received_at,
                content_digest: ContentDigest::of(body.trim_ascii().as_bytes()),
                validated_with: version.clone(),
                opened_by_operator,
                batch,
                application,
            };
            (submission, accepted)
        }).collect();
        let encoded: Bytes = encode(submissions.iter().map(|(submission, _)| submission)).into();
        let read = decode(&encoded);
        prop_assert_eq!(read.len(), submissions.len());
        for (read, (submission, accepted)) in read.into_iter().zip(&submissions) {
            let read = read.unwrap();
            prop_assert_eq!(&read.application, accepted);
            prop_assert_eq!(read.envelope(), encode(std::iter::once(submission)));
        }
    }

    #[test]
    fn any_bytes_are_read_or_kept(body in prop::collection::vec(any::<u8>(), 0..64)) {
        let body = Bytes::from(body);
        for item in decode(&body) {
            prop_assert_eq!(item.unwrap_err().envelope(), body.to_vec());
        }
    }
}
