//! Only the intermediary that sent a batch sees its outcome.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use sportello_domain::{
    AcceptedApplication, ApplicationId, BatchId, BatchParts, BatchReceipt, BatchRow, Disposal,
    IdempotencyKey, Reason, Submitter,
};
use sportello_people::Mint;
use sportello_people::Person;
use sportello_testkit::{Sandbox, eventually};

use crate::support::{Answer, Status, intermediary, people};

const AURORA: &str = "patronato-aurora";
const EARLY: &str = "2020-04-01T06:00:00Z";
const LATE: &str = "2020-04-01T08:00:00Z";
/// Limit for events on a busy machine; shorter than status waits for the database.
const SOON: Duration = Duration::from_secs(9);

/// A batch of one intermediary.
struct Batch<'a> {
    status: &'a Status,
    sender: Submitter,
    id: BatchId,
}

impl<'a> Batch<'a> {
    fn new(status: &'a Status) -> Self {
        let sender = intermediary(AURORA);
        let key = IdempotencyKey::parse("batch-1").unwrap();
        Self {
            status,
            id: status.secret.batch_id(&sender, &key),
            sender,
        }
    }

    /// The application for a person in a row.
    fn row(&self, row: u32, person: &Person) -> AcceptedApplication {
        let key = format!("row-{row}");
        let (application, _) = self.status.sent_by(&self.sender, person, &key, LATE);
        AcceptedApplication {
            batch: Some(BatchRow { id: self.id, row }),
            ..application
        }
    }

    /// Its receipt, as intake signs it for this holder.
    fn receipt_for(&self, holder: &Submitter, accepted: u32) -> String {
        self.signed(holder, accepted, None)
    }

    fn signed(&self, holder: &Submitter, accepted: u32, parts: Option<BatchParts>) -> String {
        let receipt = BatchReceipt {
            batch_id: self.id,
            received_at: LATE.parse().unwrap(),
            rows: accepted + 1,
            accepted,
            parts,
            holders: vec![self.status.secret.holder_tag(self.id, holder)],
        };
        self.status.signer.sign_batch(&receipt).unwrap()
    }

    fn receipt(&self, accepted: u32) -> String {
        self.receipt_for(&self.sender, accepted)
    }

    fn path(&self) -> String {
        format!("/v1/batches/{}", self.id)
    }

    fn errors(&self) -> String {
        format!("{}/errors", self.path())
    }
}

fn token(status: &Status, sender: &Submitter) -> String {
    let Submitter::Intermediary(organisation) = sender else {
        unreachable!("only intermediaries send batches")
    };
    let mint = Mint::open(status.issuer.folder()).unwrap();
    mint.organisation_token(organisation).unwrap()
}

/// The rows of an answer in lines of JSON.
fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    let lines = answer.body.lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receipt_shows_it_queued_and_the_register_what_became_of_it() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let batch = Batch::new(&status);
    let (aurora, receipt) = (token(&status, &batch.sender), batch.receipt(3));
    let with_receipt = [("Receipt", receipt.as_str())];

    let counted = status.ask(&aurora, &batch.path(), &with_receipt).await;
    assert_eq!(counted.headers["cache-control"], "no-store");
    let expected = json!({
        "id": batch.id, "accepted": 3, "queued": 3,
        "registered": 0, "duplicate": 0, "incompatible": 0, "reserve": 0, "refused": 0,
        "conflict": 0, "withdrawn": 0, "repeated": 0, "dead_lettered": 0
    });
    assert_eq!((counted.status.as_u16(), counted.json()), (200, expected));
    let errors = status.ask(&aurora, &batch.errors(), &with_receipt).await;
    assert_eq!((errors.status.as_u16(), lines(&errors)), (200, vec![]));

    // the second has applied herself, earlier
    let (anna, bruno) = people();
    let (herself, _) = status.sent_by(&Submitter::Citizen(bruno.tax_code.clone()), &bruno, "k", EARLY);
    let rows = [batch.row(1, &anna), batch.row(2, &bruno)];
    status.register_all(&[&rows[..], &[herself]].concat()).await;
    let counted = status.ask(&aurora, &batch.path(), &with_receipt).await.json();
    let told: BTreeMap<String, Value> = serde_json::from_value(counted).unwrap();
    assert_eq!(
        (
            &told["accepted"],
            &told["queued"],
            &told["registered"],
            &told["duplicate"]
        ),
        (&json!(3), &json!(1), &json!(1), &json!(1))
    );
    let without = status.ask(&aurora, &batch.path(), &[]).await.json();
    assert_eq!(
        (
            without.get("accepted"),
            without.get("queued"),
            &without["duplicate"]
        ),
        (None, None, &json!(1))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receipt_of_parts_shows_the_batch_and_that_of_all_counts_it() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let batch = Batch::new(&status);
    let aurora = token(&status, &batch.sender);
    let parts = |first, last, end| {
        let parts = BatchParts {
            first,
            last,
            end,
            first_row: first,
            last_row: last,
        };
        batch.signed(&batch.sender, 3, Some(parts))
    };
    let asked = async |receipt: &str| {
        let answer = status.ask(&aurora, &batch.path(), &[("Receipt", receipt)]).await;
        assert_eq!(answer.status, 200);
        let counted = answer.json();
        let shown = |name: &str| counted.get(name).and_then(Value::as_u64);
        (shown("accepted"), shown("queued"), shown("registered"))
    };
    let (anna, _) = people();
    for registered in [0, 1] {
        for some in [parts(1, 2, false), parts(2, 3, true), parts(2, 2, false)] {
            assert_eq!(asked(&some).await, (None, None, Some(registered)));
        }
        let all = asked(&parts(1, 3, true)).await;
        assert_eq!(all, (Some(3), Some(3 - registered), Some(registered)));
        status.register(&batch.row(1, &anna)).await;
    }
}

/// Five rows, the first person in three of them, of which one stands.
async fn with_two_duplicates(batch: &Batch<'_>) -> (Person, Vec<AcceptedApplication>) {
    let people = [0, 1, 0, 2, 0].map(|number| Person::invent(3, number));
    let rows: Vec<_> = (1..)
        .zip(&people)
        .map(|(row, person)| batch.row(row, person))
        .collect();
    batch.status.register_all(&rows).await;
    let [first, ..] = people;
    (first, rows)
}

/// The rows that a list has, and the application of each.
fn listed(told: &[Value], rows: &[AcceptedApplication]) -> Vec<(usize, ApplicationId)> {
    let row = |line: &Value| usize::try_from(line["row"].as_u64().unwrap()).unwrap();
    told.iter()
        .map(|line| (row(line), rows[row(line) - 1].id))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_stand_is_listed_in_order_without_personal_data() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let batch = Batch::new(&status);
    let (person, rows) = with_two_duplicates(&batch).await;
    let in_english = [("Accept-Language", "en")];
    let errors = status
        .ask(&token(&status, &batch.sender), &batch.errors(), &in_english)
        .await;
    assert_eq!(errors.headers["cache-control"], "no-store");
    assert!(
        errors.headers["vary"]
            .to_str()
            .unwrap()
            .contains("Authorization, Accept, ")
    );
    assert_eq!(
        errors.headers["content-disposition"],
        format!("attachment; filename=\"errors-{}.ndjson\"", batch.id)
    );
    let told = lines(&errors);
    let listed = listed(&told, &rows);
    let numbers: Vec<_> = listed.iter().map(|(row, _)| *row).collect();
    assert!([[1, 3], [1, 5], [3, 5]].contains(&numbers.try_into().unwrap()));
    for (line, (row, id)) in told.iter().zip(listed) {
        let expected = json!({
            "row": row, "id": id, "status": "duplicate", "reason": "same_person",
            "explanation": Reason::SamePerson.text().en
        });
        assert_eq!(line, &expected);
    }
    for personal in [person.tax_code.as_str(), person.family_name, "PA-2020/7"] {
        assert!(!errors.body.contains(personal) && !status.service.log().contains(personal));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn as_a_table_the_list_has_the_same_rows_and_each_read_of_it_is_recorded() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let batch = Batch::new(&status);
    let (_, rows) = with_two_duplicates(&batch).await;
    let aurora = token(&status, &batch.sender);
    let mut listed = listed(&lines(&status.ask(&aurora, &batch.errors(), &[]).await), &rows);

    let as_table = [
        ("Accept", "text/csv, application/x-ndjson;q=0.5"),
        ("Accept-Language", "de"),
    ];
    let table = status.ask(&aurora, &batch.errors(), &as_table).await;
    let media_type = table.headers["content-type"].to_str().unwrap();
    assert!(media_type.starts_with("text/csv"), "{media_type}");
    let head = "row,id,status,reason,explanation\r\n".to_owned();
    let expected = listed.iter().fold(head, |table, (row, id)| {
        let text = Reason::SamePerson.text().de;
        format!("{table}{row},{id},duplicate,same_person,\"{text}\"\r\n")
    });
    assert_eq!(table.body, expected);

    // the applications that stand were not shown
    let mut journal = status.journal().await;
    journal.sort_by_key(|entry| entry.application_id);
    listed.sort_by_key(|(_, id)| *id);
    let read: Vec<_> = journal.iter().map(|entry| entry.application_id).collect();
    let expected: Vec<_> = listed.iter().flat_map(|(_, id)| [*id.as_uuid(); 2]).collect();
    assert_eq!(read, expected);
    for entry in &journal {
        assert_eq!(
            (&*entry.role, &*entry.reader, &*entry.operation),
            ("submitter", AURORA, "list")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn for_anybody_else_it_does_not_exist() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let batch = Batch::new(&status);
    let (anna, _) = people();
    let application = batch.row(1, &anna);
    status.register_all(std::slice::from_ref(&application)).await;
    let (aurora, receipt) = (token(&status, &batch.sender), batch.receipt(1));
    assert_eq!(status.ask(&aurora, &batch.path(), &[]).await.status, 200);

    let borea = intermediary("caf-borea");
    let operator = Mint::open(status.issuer.folder()).unwrap();
    let operator = operator.operator_token("olga").unwrap();
    let applicant = status.issuer.token(&anna);
    let nobodys = "/v1/batches/018f0000-0000-8000-8000-000000000000".to_owned();
    let expected = status.ask(&token(&status, &borea), &nobodys, &[]).await;
    assert_eq!(expected.status, 404);
    for token in [&token(&status, &borea), &applicant, &operator] {
        for path in [batch.path(), batch.errors()] {
            for headers in [&[][..], &[("Receipt", receipt.as_str())]] {
                let answer = status.ask(token, &path, headers).await;
                assert_eq!(
                    (answer.status, answer.body),
                    (expected.status, expected.body.clone())
                );
            }
        }
    }
    // nor is a batch the caller's by another's receipt, by that of an application, or by an id that
    // is none
    let (_, of_application) = status.sent_by(&batch.sender, &anna, "row-1", LATE);
    for receipt in [batch.receipt_for(&borea, 1), of_application, "a.b.c".to_owned()] {
        let headers = [("Receipt", receipt.as_str())];
        for path in [
            nobodys.clone(),
            format!("{nobodys}/errors"),
            "/v1/batches/x".to_owned(),
        ] {
            let answer = status.ask(&aurora, &path, &headers).await;
            assert_eq!(
                (answer.status, answer.body),
                (expected.status, expected.body.clone())
            );
        }
    }
    let anonymous = status.service.get(&batch.path()).await;
    assert_eq!(anonymous.status(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_comes_whole_and_in_order() {
    const ROWS: u32 = 4_500;
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let batch = Batch::new(&status);
    // all for one person: one stands
    let anna = Person::invent(3, 1);
    let rows: Vec<_> = (1..=ROWS).map(|row| batch.row(row, &anna)).collect();
    for part in rows.chunks(1_500) {
        status.register_all(part).await;
    }
    let aurora = token(&status, &batch.sender);
    let counted = status.ask(&aurora, &batch.path(), &[]).await.json();
    assert_eq!(
        (&counted["registered"], &counted["duplicate"]),
        (&json!(1), &json!(ROWS - 1))
    );
    let errors = status.ask(&aurora, &batch.errors(), &[]).await;
    let listed: Vec<u64> = lines(&errors)
        .iter()
        .map(|line| line["row"].as_u64().unwrap())
        .collect();
    assert_eq!(listed.len(), usize::try_from(ROWS).unwrap() - 1);
    assert!(listed.is_sorted_by(|one, next| one < next));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_kept_any_more_is_neither_counted_nor_queued_nor_listed() {
    for then in [Disposal::Pseudonymise, Disposal::Purge] {
        let sandbox = Sandbox::database().await;
        let status = Status::start(sandbox.database_url()).await;
        let batch = Batch::new(&status);
        let anna = Person::invent(3, 1);
        status
            .register_all(&[batch.row(1, &anna), batch.row(2, &anna)])
            .await;
        status.forget(then).await;
        let (aurora, receipt) = (token(&status, &batch.sender), batch.receipt(3));
        let with_receipt = [("Receipt", receipt.as_str())];
        for path in [batch.path(), batch.errors()] {
            let answer = status.ask(&aurora, &path, &with_receipt).await;
            assert_eq!(answer.status, 404, "{path}");
        }
        // one that comes later is all that there is
        let bruno = Person::invent(3, 2);
        status.register(&batch.row(3, &bruno)).await;
        let counted = status.ask(&aurora, &batch.path(), &with_receipt).await.json();
        let expected = json!({
            "id": batch.id, "registered": 1, "duplicate": 0, "incompatible": 0, "reserve": 0, "refused": 0,
            "conflict": 0, "withdrawn": 0, "repeated": 0, "dead_lettered": 0
        });
        assert_eq!(counted, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_that_reads_two_batches_waits_with_a_third_and_others_do_not() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let batch = Batch::new(&status);
    let (aurora, borea) = (
        token(&status, &batch.sender),
        token(&status, &intermediary("patronato-borea")),
    );
    let path = batch.path();
    let ask = async |token: &str| status.ask(token, &path, &[]).await;
    let (mut locking, mut looking) = (status.connection().await, status.connection().await);
    // so that the reader of a batch goes on reading it
    sqlx::raw_sql("begin; lock table batch_rows in access exclusive mode")
        .execute(&mut locking)
        .await
        .unwrap();
    let mut are_reading = async |wanted: i64| {
        let waiting = "select count(*) from pg_stat_activity
                       where wait_event_type = 'Lock' and datname = current_database()";
        eventually(SOON, async || {
            let reading: i64 = sqlx::query_scalar(waiting).fetch_one(&mut looking).await.unwrap();
            reading == wanted
        })
        .await;
    };
    let one_more = async {
        are_reading(2).await;
        let third = ask(&aurora).await;
        assert_eq!(third.status, 429);
        assert_eq!(third.headers["retry-after"], "1");
        let others = ask(&borea);
        let end = async {
            are_reading(3).await;
            sqlx::raw_sql("rollback").execute(&mut locking).await.unwrap();
        };
        tokio::join!(others, end).0
    };
    let (first, second, others) = tokio::join!(ask(&aurora), ask(&aurora), one_more);
    // none of them has such a batch
    assert_eq!([first.status, second.status, others.status], [404; 3]);
    assert_eq!(ask(&aurora).await.status, 404);
}
