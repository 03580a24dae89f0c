//! The worker does not repeat intake's judgement: a file that became stricter refuses nothing. An
//! application whose benefit has no file any more, or that only a stricter parser refuses, is kept
//! whole and can be sent again.

use std::path::Path;

use serde_json::{Value, json};
use sportello_catalogue::Benefit;
use sportello_domain::{Application, CatalogueVersion, Channel, Content, Outcome, Reason};
use sportello_queue::{Cover, Submission, encode};
use sportello_store::{ContentReader, RegisteredContent};
use worker::Done;

use crate::support::{
    BABY_SITTING, BICYCLE, INDEMNITY, Office, Sent, bicycle, citizen, open, person, settle,
    with_three_bicycles,
};

/// A file that became stricter while an application was in the queue.
struct Stricter {
    /// Where the door would refuse the application now, and by which code.
    refused: (&'static str, &'static str),
    benefit: &'static str,
    content: fn(u32) -> Value,
    change: fn(&str) -> String,
}

const STRICTER: [Stricter; 8] = [
    Stricter {
        refused: ("/answers/no_citizenship_income", "unknown_field"),
        benefit: INDEMNITY,
        content: collaborator,
        change: |file| {
            let file = without(file, "[form.properties.no_citizenship_income]", "# Article 27");
            let file = replaced(&file, r#", "no_citizenship_income"]"#, "]");
            replaced(&file, "\nno_citizenship_income = true", "")
        },
    },
    Stricter {
        refused: ("/answers/activity", "not_allowed"),
        benefit: INDEMNITY,
        content: collaborator,
        change: |file| {
            let file = replaced(
                file,
                r#"["vat_professional", "collaborator"]"#,
                r#"["vat_professional"]"#,
            );
            without(
                &file,
                "enum_labels.collaborator",
                "\n[category.form.properties.vat_number]",
            )
        },
    },
    Stricter {
        refused: ("/answers/vat_number", "required"),
        benefit: INDEMNITY,
        content: collaborator,
        change: |file| replaced(file, r#"["activity"]"#, r#"["activity", "vat_number"]"#),
    },
    Stricter {
        refused: ("/applicant/email", "required"),
        benefit: INDEMNITY,
        content: collaborator,
        change: |file| replaced(file, r#"["iban"]"#, r#"["iban", "email"]"#),
    },
    Stricter {
        refused: ("/answers/activity", "no_collaborators"),
        benefit: INDEMNITY,
        content: collaborator,
        change: |file| replaced(file, "\n[example]", NO_COLLABORATORS),
    },
    Stricter {
        refused: ("/category", "category_unknown"),
        benefit: INDEMNITY,
        content: farm_worker,
        change: |file| without(file, "[[category]]\nid = \"farm-workers\"", "# Article 38"),
    },
    Stricter {
        refused: ("/answers/children/0/given_name", "pattern"),
        benefit: BABY_SITTING,
        content: parent,
        change: |file| {
            replaced(
                file,
                r#"format = "given-name""#,
                "maxLength = 50\npattern = \"^[A-M][a-z]+$\"",
            )
        },
    },
    Stricter {
        refused: ("/answers/amount", "too_large"),
        benefit: BABY_SITTING,
        content: parent,
        change: |file| {
            let file = replaced(file, "maximum = 1000", "maximum = 599");
            replaced(&file, "\namount = 600\n", "\namount = 599\n")
        },
    },
];

const NO_COLLABORATORS: &str = r#"
[[rule]]
code = "no_collaborators"
categories = ["professionals"]
at = "/answers/activity"
check = 'answers.activity != "collaborator"'

[rule.message]
it = "solo professionisti"
en = "professionals only"
de = "nur freiberuflich Tätige"

[example]"#;

fn collaborator(number: u32) -> Value {
    let answers = json!({ "activity": "collaborator", "no_pension": true, "no_citizenship_income": true });
    content(number, INDEMNITY, "professionals", &answers)
}

fn farm_worker(number: u32) -> Value {
    let answers = json!({ "days_2019": 60, "no_pension": true, "no_citizenship_income": true });
    content(number, INDEMNITY, "farm-workers", &answers)
}

fn parent(number: u32) -> Value {
    let answers = json!({
        "amount": 600, "no_parent_at_home": true, "no_leave": true,
        // each parent has another child
        "children": [{ "given_name": "Zeno", "family_name": "Rossi", "tax_code": person(1_000 + number).as_str() }]
    });
    content(number, BABY_SITTING, "private-employees", &answers)
}

fn content(number: u32, benefit: &str, category: &str, answers: &Value) -> Value {
    json!({
        "benefit": benefit,
        "category": category,
        "applicant": {
            "tax_code": person(number).as_str(),
            "given_name": "Mario",
            "family_name": "Rossi",
            "iban": "IT60X0542811101000000123456",
        },
        "answers": answers,
    })
}

/// A content as intake put it into the queue when it had accepted it.
fn accepted(sent: &Sent, content: &str) -> Submission {
    let (submitter, version) = (sent.submitter(), CatalogueVersion::of(b"the file of then"));
    let cover = Cover {
        hours_judged: true,
        ..Cover::new(sent.id(), &submitter, sent.received_at, &version)
    };
    let content = Content::parse(content.as_bytes()).unwrap();
    Submission::new(&cover, content).unwrap().0
}

/// Returns the text with a replacement for a part that it must hold.
fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "the file has no {from}");
    text.replacen(from, to, 1)
}

/// Returns the text without the part from one marker to the next.
fn without(text: &str, from: &str, until: &str) -> String {
    let start = text.find(from).unwrap();
    let end = start + text[start..].find(until).unwrap();
    text[..start].to_owned() + &text[end..]
}

/// Writes a benefit's file, which is to be good.
async fn write(office: &Office, file: &Path, text: &str) {
    std::fs::write(file, text).unwrap();
    office.catalogue.refresh().await;
    let mistakes = Benefit::load(file).err().unwrap_or_default();
    assert!(mistakes.is_empty() && !office.catalogue.broken(), "{mistakes:?}");
}

/// Pointer and code of each violation for which the door would refuse the content now.
fn refused(office: &Office, content: &Value) -> Vec<(String, String)> {
    let application = Application::parse(content.to_string().as_bytes()).unwrap();
    let received_at = "2020-04-01T06:00:00Z".parse().unwrap();
    let judged = office.catalogue.current().validate(&application, received_at);
    let violations = judged.err().unwrap_or_default().into_iter();
    violations
        .map(|violation| (violation.pointer.to_string(), violation.code.into_owned()))
        .collect()
}

async fn read_back(office: &Office, sent: &Sent) -> RegisteredContent {
    let holder = ContentReader::Holder(sent.submitter());
    let content = office.store.content(sent.id(), &holder).await.unwrap();
    content.held().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_older_file_let_in_is_registered_under_a_stricter_one() {
    let office = open().await;
    let mut lane = office.lane(Channel::Citizen);
    for (number, stricter) in (1..).zip(&STRICTER) {
        let (pointer, code) = stricter.refused;
        let (sent, content) = (citizen(number), (stricter.content)(number));
        let file = office.benefits.path().join(stricter.benefit);
        let file = file.with_added_extension("toml");
        let of_then = std::fs::read_to_string(&file).unwrap();
        assert_eq!(refused(&office, &content), [], "{code}");
        let submission = accepted(&sent, &content.to_string());
        office.publisher.publish(submission).await.unwrap();

        write(&office, &file, &(stricter.change)(&of_then)).await;
        assert_eq!(refused(&office, &content), [(pointer.into(), code.into())]);
        let done = settle(&mut lane, 1).await;
        assert_eq!((done.registered, done.dead_lettered), (1, 0), "{code}");
        let found = office.registered(&sent).await.unwrap();
        let decision = (found.outcome, found.reason);
        assert_eq!(decision, (Outcome::Registered, Reason::Regular), "{code}");
        let read = read_back(&office, &sent).await;
        assert_eq!(read.answers, content["answers"], "{code}");
        assert_eq!(read.category.unwrap().as_str(), content["category"], "{code}");
        write(&office, &file, &of_then).await;
    }
    lane.close().await;
    assert_eq!(office.dead_letters().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_whose_benefit_is_gone_is_kept_whole_until_it_is_back() {
    let office = open().await;
    let put_bicycle = async || {
        office.write_benefit(&bicycle(), with_three_bicycles);
        office.catalogue.refresh().await;
    };
    put_bicycle().await;
    let (gone, other) = (citizen(1).asking_for(BICYCLE), citizen(2));
    let message = encode([gone.submission(), other.submission()].iter());
    office.publish_bytes(Channel::Citizen, &message).await;
    std::fs::remove_file(office.benefits.path().join(bicycle().file_name().unwrap())).unwrap();
    office.catalogue.refresh().await;
    let mut lane = office.lane(Channel::Citizen);
    let kept = Done {
        registered: 1,
        dead_lettered: 1,
        ..Done::default()
    };
    assert_eq!(settle(&mut lane, 2).await, kept);
    let envelope = encode([gone.submission()].iter());
    let reason = "benefit bicycle-bonus-2026 is not in the catalogue".to_owned();
    assert_eq!(office.dead_letters().await, [(envelope.clone(), reason)]);

    put_bicycle().await;
    office.publish_bytes(Channel::Citizen, &envelope).await;
    assert_eq!(settle(&mut lane, 1).await.registered, 1);
    lane.close().await;
    let found = office.registered(&gone).await.unwrap();
    assert_eq!(
        (found.outcome, found.reason),
        (Outcome::Registered, Reason::Regular)
    );
    assert_eq!(office.dead_letters().await, []);
}

/// A content that an earlier parser may have accepted: the code by which it is refused now, and its
/// difference.
type Refused = (&'static str, fn(&mut Value));

/// One for each judgement of the parser.
const BY_THE_PARSER: [Refused; 13] = [
    ("identifier", |content| content["benefit"] = json!("600 euro")),
    ("identifier", |content| content["category"] = json!("600 euro")),
    ("mandate", |content| content["mandate"] = json!("<none>")),
    ("tax_code_check_character", |content| {
        content["applicant"]["tax_code"] = json!("RSSMRA80A01H501X");
    }),
    ("name", |content| content["applicant"]["given_name"] = json!("1")),
    ("name", |content| content["applicant"]["family_name"] = json!("")),
    ("single_name", |content| {
        content["applicant"]["single_name"] = json!(true)
    }),
    ("birth_date", |content| {
        content["applicant"]["birth_date"] = json!("1880-01-01");
    }),
    ("email", |content| {
        content["applicant"]["email"] = json!("mario@localhost")
    }),
    ("phone", |content| content["applicant"]["phone"] = json!("112")),
    ("iban_check_digits", |content| {
        content["applicant"]["iban"] = json!("IT61X0542811101000000123456");
    }),
    ("nul_character", |content| {
        content["answers"]["activity"] = json!("\0")
    }),
    ("unexpected", |content| {
        content["applicant"]["nickname"] = json!("Mariolino")
    }),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_only_a_stricter_parser_refuses_is_kept_byte_for_byte() {
    let office = open().await;
    let mut lane = office.lane(Channel::Citizen);
    let submission = |number: u32, change: &dyn Fn(&mut Value)| {
        let mut content = collaborator(number);
        change(&mut content);
        // as its sender wrote it
        accepted(&citizen(number), &format!("{content:#}"))
    };
    let first = submission(1, &|_| ());
    let last = submission(2, &|_| ());
    let refused = (3..).zip(&BY_THE_PARSER);
    let refused: Vec<Submission> = refused
        .map(|(number, (_, change))| submission(number, change))
        .collect();
    let message = encode(std::iter::once(&first).chain(&refused).chain([&last]));
    office.publish_bytes(Channel::Citizen, &message).await;

    let done = settle(&mut lane, 2 + refused.len()).await;
    assert_eq!((done.registered, done.dead_lettered), (2, refused.len()));
    let kept: Vec<(Vec<u8>, String)> = refused
        .iter()
        .zip(&BY_THE_PARSER)
        .map(|(submission, (code, _))| {
            (
                encode([submission].into_iter()),
                format!("the content is not valid: {code}"),
            )
        })
        .collect();
    assert_eq!(office.dead_letters().await, kept);

    // sent again before there is a parser that takes it, it is kept again
    for (envelope, _) in &kept {
        office.publish_bytes(Channel::Citizen, envelope).await;
    }
    let again = settle(&mut lane, kept.len()).await;
    assert_eq!((again.registered, again.dead_lettered), (0, kept.len()));
    assert_eq!(office.dead_letters().await, kept);
    lane.close().await;
    assert_eq!(office.count().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_whom_only_a_stricter_parser_refuses_is_kept_byte_for_byte() {
    let office = open().await;
    let submission = accepted(&citizen(1), &collaborator(1).to_string());
    let message = String::from_utf8(encode([&submission].into_iter())).unwrap();
    let frame = format!(r#""submitter":"{}""#, person(1).as_str());
    let message = replaced(&message, &frame, r#""submitter":"somebody else""#);
    office.publish_bytes(Channel::Citizen, message.as_bytes()).await;
    let mut lane = office.lane(Channel::Citizen);
    assert_eq!(settle(&mut lane, 1).await.dead_lettered, 1);
    lane.close().await;
    let reason = "the submitter is not one of its channel".to_owned();
    assert_eq!(office.dead_letters().await, [(message.into_bytes(), reason)]);
}
