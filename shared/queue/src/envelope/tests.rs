//! Written envelopes are read back, and unreadable ones are kept.

use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::iter::empty;
use std::ops::Not as _;
use uuid::Uuid;

use sportello_domain::{CatalogueVersion, Content, Withdrawal};

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
    with_digest(body).0
}

fn with_digest(body: &str) -> (Submission, ContentDigest) {
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
    let Decoded {
        received, mut poison, ..
    } = decode(&body.into()).unwrap();
    assert_eq!((received.len(), poison.len()), (0, 1));
    poison.pop().unwrap()
}

/// A version 1 envelope with this item, made from one that is right.
fn envelope_with(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut item: Value =
        serde_json::from_slice(submission(&content(&json!({})).to_string()).encoded()).unwrap();
    change(&mut item);
    json!({ "version": 1, "applications": [item] })
        .to_string()
        .into_bytes()
}

#[test]
fn what_the_door_let_in_is_judged_also_where_an_older_intake_said_so() {
    for name in ["hours_judged", "opened_by_operator"] {
        for said in [true, false] {
            let body = envelope_with(|item| item[name] = said.into());
            let read = decode(&body.into()).unwrap();
            assert_eq!(read.received[0].application.hours_judged, said, "{name}");
        }
    }
}

#[test]
fn what_was_kept_of_one_is_the_same_again_byte_for_byte() {
    let kept = submission("{ \"n\": 1.50, \"\\u00e8\": \"è\" }");
    let again = Submission::of_item(kept.item()).unwrap();
    assert_eq!(encode([&again].into_iter()), encode([&kept].into_iter()));
    assert_eq!((again.id(), again.channel()), (kept.id(), kept.channel()));
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
        let (submission, digest) = with_digest(&around);
        assert_eq!(digest, ContentDigest::of(body.as_bytes()));
        let encoded = String::from_utf8(submission.encoded().to_vec()).unwrap();
        assert!(encoded.contains(body), "{encoded}");
    }
}

#[test]
fn one_bad_application_leaves_the_others_of_its_message_alone() {
    let good = submission(&content(&json!({})).to_string());
    let bad = submission("{\"benefit\": \"x\"}");
    let decoded = decode(&encode([&good, &bad, &good].into_iter()).into()).unwrap();
    assert_eq!((decoded.received.len(), decoded.poison.len()), (2, 1));
    assert_eq!(decoded.received[0].traceparent.as_deref(), Some(TRACEPARENT));

    let bad = &decoded.poison[0];
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
fn an_application_is_cut_out_whole_however_its_message_is_written() {
    let items = [1, 2].map(|number| {
        let content = format!("{:#}", content(&json!({ "number": number, "text": "},{\"]}" })));
        String::from_utf8(submission(&content).encoded().to_vec()).unwrap()
    });
    let [one, two] = &items;
    // a field after the content, and the content before all others
    let trailing = one
        .replace(r#""channel":"citizen","#, "")
        .replace("}}", r#"},"channel":"citizen"}"#);
    let (head, content) = two.split_once(r#","content":"#).unwrap();
    let leading = format!(
        r#"{{"content":{},{}}}"#,
        content.strip_suffix('}').unwrap(),
        &head[1..]
    );
    for [one, two] in [
        [one, two],
        [&trailing, two],
        [one, &leading],
        [&leading, &trailing],
    ] {
        for (before, between, after) in [
            (r#"{"version":1,"applications":["#, ",", "]}"),
            (r#"{"version":1,"applications":["#, " , ", "\n]}"),
            (r#"{"version":1,"applications":[ "#, ",", "]}"),
            (r#"{"applications":["#, ",", r#"],"version":1}"#),
            (r#"{"version":2,"applications":["#, ",", r#"],"withdrawals":[]}"#),
        ] {
            let decoded = decode(&format!("{before}{one}{between}{two}{after}").into()).unwrap();
            assert!(decoded.poison.is_empty());
            let cut: Vec<Vec<u8>> = decoded.received.iter().map(Received::envelope).collect();
            let alone = [one, two].map(|item| wrap([item.as_bytes()].into_iter(), empty()));
            assert_eq!(cut, alone);
        }
    }
}

#[test]
fn every_reason_says_what_is_wrong_and_nothing_of_what_was_there() {
    let bodies: [Vec<u8>; 8] = [
        b"SECRET".into(),
        br#"{"version": 1, "applications": "SECRET"}"#.into(),
        br#"{"version": 0, "applications": {"SECRET": 1}}"#.into(),
        br#"{"version": 1, "applications": [{"id": "SECRET"}]}"#.into(),
        envelope_with(|item| item["submitter"] = json!("SECRET")),
        envelope_with(|item| item["content"]["benefit"] = json!("SECRET")),
        envelope_with(|item| item["content_digest"] = json!("SECRET")),
        encode([&submission(r#"{"benefit": "SECRET", "SECRET": 1}"#)].into_iter()),
    ];
    let reasons = bodies.map(|body| {
        let poison = poison(body.clone());
        assert!(!format!("{poison:?}").contains("SECRET"));
        let kept = String::from_utf8(poison.envelope()).unwrap();
        assert!(
            body.windows(6).all(|part| part != b"SECRET") || kept.contains("SECRET"),
            "{kept}"
        );
        poison.reason().to_string()
    });
    assert_snapshot!(reasons.join("\n"));
}

fn withdrawals() -> [Withdrawal; 2] {
    submitters().map(|by| Withdrawal {
        application_id: ApplicationId::from(Uuid::from_u128(8)),
        by,
        requested_at: "2020-04-02T06:00:00.123Z".parse().unwrap(),
    })
}

#[test]
fn a_withdrawal_is_read_back_and_needs_a_newer_reader() {
    let application = submission(&content(&json!({})).to_string());
    for withdrawal in withdrawals() {
        let sent = Submission::withdrawal(&withdrawal, Some(TRACEPARENT)).unwrap();
        let kept = Submission::of_item(sent.item()).unwrap();
        let id_and_channel = (withdrawal.application_id, withdrawal.by.channel());
        assert_eq!((kept.id(), kept.channel()), id_and_channel);
        let alone: Bytes = encode([&kept].into_iter()).into();
        let mixed: Bytes = encode([&sent, &application, &kept].into_iter()).into();
        for body in [&alone, &mixed] {
            assert_eq!(decode_up_to(1, body).err(), Some(NewerVersion(2)));
        }
        let decoded = decode(&mixed).unwrap();
        assert_eq!((decoded.received.len(), decoded.poison.len()), (1, 0));
        for found in decoded.withdrawals {
            assert_eq!(found.withdrawal, withdrawal);
            assert_eq!(found.envelope(), alone.to_vec());
        }
    }
}

#[test]
fn a_withdrawal_that_is_none_is_kept_alone() {
    let good = Submission::withdrawal(&withdrawals()[0], None).unwrap();
    let body = String::from_utf8(encode([&good].into_iter())).unwrap();
    let bad = body.replace("RSSMRA80A01H501U", "SECRET");
    let mixed = body.replace("]}", ",{\"id\": \"SECRET\"}]}");
    for (body, withdrawals) in [(bad, 0), (mixed, 1)] {
        let decoded = decode(&body.into()).unwrap();
        assert_eq!(decoded.withdrawals.len(), withdrawals);
        let poison = &decoded.poison[0];
        assert!(!format!("{poison:?} {}", poison.reason()).contains("SECRET"));
        let again = decode(&poison.envelope().into()).unwrap();
        assert_eq!(again.poison[0].envelope(), poison.envelope());
    }
}

#[test]
fn an_envelope_of_a_newer_version_is_left_to_a_newer_reader() {
    let newer = NEWEST_VERSION + 1;
    for body in [
        json!({ "version": newer, "applications": [] }),
        json!({ "version": newer, "applications": [{ "of": "another form" }] }),
        json!({ "version": newer, "items": 7 }),
    ] {
        let body = Bytes::from(body.to_string());
        assert_eq!(decode(&body).err(), Some(NewerVersion(newer)));
    }
    let today: Bytes = encode([&submission("{}")].into_iter()).into();
    assert_eq!(decode_up_to(0, &today).err(), Some(NewerVersion(1)));
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
    fn posted()(
        answers in answers(),
        before in "[ \\t\\r\\n]{0,3}",
        after in "[ \\t\\r\\n]{0,3}",
        pretty: bool,
    ) -> String {
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
            let hours_judged = second % 2 == 0;
            let cover = Cover { batch, hours_judged, ..Cover::new(id, submitter, received_at, &version) };
            let (application, content) = Application::parse_sent(body.as_bytes()).unwrap();
            let (submission, _) = Submission::new(&cover, content).unwrap();
            let accepted = AcceptedApplication {
                id,
                submitter: submitter.clone(),
                received_at,
                content_digest: ContentDigest::of(body.trim_ascii().as_bytes()),
                validated_with: version.clone(),
                hours_judged,
                batch,
                application,
            };
            (submission, accepted)
        }).collect();
        let encoded: Bytes = encode(submissions.iter().map(|(submission, _)| submission)).into();
        let read = decode(&encoded).unwrap();
        prop_assert_eq!((read.received.len(), read.poison.len()), (submissions.len(), 0));
        for (read, (submission, accepted)) in read.received.into_iter().zip(&submissions) {
            prop_assert_eq!(&read.application, accepted);
            prop_assert_eq!(read.envelope(), encode(std::iter::once(submission)));
        }
    }

    #[test]
    fn any_bytes_are_read_or_kept(body in prop::collection::vec(any::<u8>(), 0..64)) {
        let body = Bytes::from(body);
        let decoded = decode(&body).unwrap();
        prop_assert!(decoded.received.is_empty());
        for poison in decoded.poison {
            prop_assert_eq!(poison.envelope(), body.to_vec());
        }
    }
}
