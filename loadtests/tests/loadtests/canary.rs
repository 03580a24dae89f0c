//! Canaries: marked people go through everything that the system does, well and badly, and none of
//! their marks comes out where personal data must not be: in no log of any process, the broker, the
//! database and nginx among them, in no span, no metric and no problem.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::collector::Collector;
use crate::nginx::BadCache;
use crate::office::{client, get};
use loadtests::people::numbers::italian_iban;
use loadtests::proof::register;
use loadtests::system::private_system::PrivateSystem;
use reqwest::header::CONTENT_TYPE;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use sportello_domain::OrganisationId;
use sportello_people::Mint;
use sportello_people::Person;
use sportello_stack::Part;
use sportello_testkit::eventually;
use sqlx::Executor as _;

const SEED: u64 = 20_200_403;
const SOON: Duration = Duration::from_secs(60);
/// What every marked text holds, besides tax codes and accounts; no log says it by chance.
const MARK: &str = "Zqxcanarino";
const MANDATE: &str = "MANDATO-ZQX/4711";
/// The database refuses applicants of this name.
const REFUSED: &str = "Zqxcanarinorefused";

struct Run {
    system: PrivateSystem,
    mint: Mint,
    collector: Collector,
    cache: BadCache,
    /// Bodies of answers that were no success.
    problems: Vec<String>,
}

impl Run {
    async fn start() -> Self {
        let collector = Collector::start();
        let settings = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url()),
            ("RUST_LOG", "debug"),
        ];
        let system = PrivateSystem::start_with(&settings)
            .await
            .expect("a private system");
        let url = |part| system.url(part).expect("its address");
        let cache = BadCache::start(&url(Part::Intake), &url(Part::Status)).await;
        Self {
            mint: system.mint().expect("its mint"),
            system,
            collector,
            cache,
            problems: Vec::new(),
        }
    }

    /// Applies through nginx; keeps the answer's text where it is a problem.
    async fn sends(
        &mut self,
        path: &str,
        token: &str,
        key: &str,
        body: RequestBody<'_>,
    ) -> (StatusCode, String) {
        let request = client().post(format!("{}{path}", self.cache.url()));
        let request = request.bearer_auth(token).header("Idempotency-Key", key);
        let answer = body.of(request).send().await.expect("an answer");
        self.reads(answer).await
    }

    async fn reads(&mut self, answer: Response) -> (StatusCode, String) {
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        if !status.is_success() {
            self.problems.push(text.clone());
        }
        (status, text)
    }

    async fn applies(&mut self, person: &Person, key: &str, content: &Value) -> (StatusCode, String) {
        let token = self.mint.token(person).expect("a token");
        self.sends("/v1/applications", &token, key, RequestBody::Json(content))
            .await
    }

    async fn registered(&self, count: u64) {
        let mut database = register::connect(&self.system.database_url())
            .await
            .expect("the database");
        eventually(SOON, async || {
            register::count(&mut database).await.expect("a count") == count
        })
        .await;
    }
}

enum RequestBody<'a> {
    Json(&'a Value),
    Lines(String, &'static str),
}

impl RequestBody<'_> {
    fn of(self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Json(content) => request.json(content),
            Self::Lines(text, media_type) => request.header(CONTENT_TYPE, media_type).body(text),
        }
    }
}

fn person(number: u64) -> Person {
    Person::invent(SEED, number)
}

fn content(number: u64, given_name: &str) -> Value {
    json!({
        "benefit": "indemnity-march-2020",
        "category": "professionals",
        "applicant": {
            "tax_code": person(number).tax_code.as_str(),
            "given_name": given_name,
            "family_name": MARK,
            "email": format!("{MARK}.{number}@example.org"),
            "phone": "+390699887766",
            "iban": italian_iban(7_000 + number),
        },
        "answers": { "no_pension": true, "no_citizenship_income": true, "activity": "collaborator" },
    })
}

/// Everything that must not be seen.
fn marks() -> Vec<String> {
    let of_person = |number| {
        [
            person(number).tax_code.as_str().to_owned(),
            italian_iban(7_000 + number),
        ]
    };
    let mut marks: Vec<String> = (0..40).flat_map(of_person).collect();
    marks.extend([MARK, MANDATE, "+390699887766"].map(ToOwned::to_owned));
    marks
}

#[tokio::test(flavor = "multi_thread")]
async fn no_mark_of_anybody_comes_out_where_personal_data_must_not_be() {
    let mut run = Run::start().await;
    citizens_apply_well_and_badly(&mut run).await;
    an_intermediary_sends_many(&mut run).await;
    the_database_refuses_somebody(&mut run).await;
    holders_and_an_operator_read(&mut run).await;
    servers_die_with_work_in_hand(&mut run).await;
    nothing_is_seen(run).await;
}

async fn citizens_apply_well_and_badly(run: &mut Run) {
    for number in 0..10 {
        let (status, _) = run.applies(&person(number), "key", &content(number, MARK)).await;
        assert_eq!(status, StatusCode::ACCEPTED);
    }
    // another content under the same key, and the same person again
    run.applies(&person(0), "key", &content(0, "Zqxcanarino altro"))
        .await;
    run.applies(&person(1), "key-2", &content(1, MARK)).await;
    let mut bad = content(2, MARK);
    bad["applicant"]["iban"] = json!(format!("{}0", italian_iban(7_002)));
    // a mistake names the field; it never repeats the field's value
    bad["applicant"]["shoe_size"] = json!(MARK);
    bad["answers"]["no_pension"] = json!(MARK);
    for content in [
        bad.clone(),
        json!(MARK),
        json!({ "benefit": MARK }),
        content(3, ""),
    ] {
        let (status, _) = run.applies(&person(2), "key-3", &content).await;
        assert!(status.is_client_error(), "{status}");
    }
    // for another person, and without a valid token
    let (status, _) = run.applies(&person(5), "key-4", &content(4, MARK)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let token = run.mint.token(&person(6)).expect("a token") + "A";
    run.sends(
        "/v1/applications",
        &token,
        MARK,
        RequestBody::Json(&content(6, MARK)),
    )
    .await;
    run.registered(11).await;
}

async fn an_intermediary_sends_many(run: &mut Run) {
    let organisation = OrganisationId::parse("patronato-canarino").expect("an organisation");
    let token = run.mint.organisation_token(&organisation).expect("a token");
    let mut lines = String::new();
    for number in 10..20 {
        let mut application = content(number, if number == 15 { "" } else { MARK });
        application["mandate"] = json!(MANDATE);
        lines +=
            &json!({ "idempotency_key": format!("{MARK}-{number}"), "application": application }).to_string();
        lines.push('\n');
    }
    lines += &format!("{{\"idempotency_key\": \"{MARK}\", \"application\": {MARK}\n");
    let (status, answers) = run
        .sends(
            "/v1/batches",
            &token,
            "batch",
            RequestBody::Lines(lines, "application/x-ndjson"),
        )
        .await;
    assert_eq!(status, StatusCode::ACCEPTED);
    // what an intermediary is told of its rows names nobody either
    run.problems.push(answers);
    run.registered(20).await;

    let csv = format!("idempotency_key,/benefit,{MARK}\n{MARK},{MARK},{MARK}\n");
    run.sends(
        "/v1/batches",
        &token,
        "batch-2",
        RequestBody::Lines(csv, "text/csv"),
    )
    .await;
}

/// PostgreSQL would write the whole row into its log.
async fn the_database_refuses_somebody(run: &mut Run) {
    let mut database = register::connect(&run.system.database_url())
        .await
        .expect("the database");
    let constraint =
        format!("alter table applications add constraint canary check (given_name <> '{REFUSED}') not valid");
    database
        .execute(sqlx::AssertSqlSafe(constraint))
        .await
        .expect("a constraint");
    let (status, _) = run.applies(&person(20), "key", &content(20, REFUSED)).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    eventually(SOON, async || {
        let letters = register::dead_letters(&mut database).await;
        letters.is_ok_and(|letters| letters.len() == 1)
    })
    .await;
}

async fn holders_and_an_operator_read(run: &mut Run) {
    let (_, accepted) = run.applies(&person(0), "key", &content(0, MARK)).await;
    let accepted: Value = serde_json::from_str(&accepted).expect("JSON");
    let path = format!("/v1/applications/{}", accepted["id"].as_str().expect("an id"));
    let (holder, stranger) = (
        run.mint.token(&person(0)).expect("a token"),
        run.mint.token(&person(1)).expect("a token"),
    );
    let operator = run.mint.operator_token(MARK).expect("a token");
    let url = run.cache.url().to_owned();
    for token in [&holder, &stranger, &operator] {
        for resource in ["", "/status", "/content", "/accesses"] {
            let answer = get(&url, &format!("{path}{resource}"), token, Some(MARK)).await;
            run.reads(answer).await;
        }
    }
    // not through the cache, which has the holder's answer by now
    let status = run.system.url(Part::Status).expect("its address");
    let request = client()
        .get(format!("{status}{path}/content"))
        .bearer_auth(&operator);
    let answer = request
        .header("Access-Reason", format!("asked by {MARK}"))
        .send()
        .await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(
        answer.text().await.expect("a body").contains(MARK),
        "the marks are where they belong"
    );
    let nonsense = get(
        &status,
        &format!("/v1/applications/{MARK}/content"),
        &holder,
        None,
    )
    .await;
    run.reads(nonsense).await;
}

/// What was in hand is in nobody's last words.
async fn servers_die_with_work_in_hand(run: &mut Run) {
    run.system
        .postgres()
        .process()
        .kill()
        .await
        .expect("PostgreSQL dies");
    for number in 30..35 {
        run.applies(&person(number), "key", &content(number, MARK)).await;
    }
    run.system.start_postgres().await.expect("PostgreSQL starts");
    run.registered(25).await;
    run.system.rabbitmq().kill().await.expect("RabbitMQ dies");
    for number in 35..37 {
        let (status, _) = run.applies(&person(number), "key", &content(number, MARK)).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    }
}

async fn nothing_is_seen(run: Run) {
    let mut places: Vec<(String, String)> = Vec::new();
    for part in [Part::Intake, Part::Status, Part::Worker(1)] {
        let url = run.system.internal_url(part).expect("its address") + "/metrics";
        let metrics = client()
            .get(url)
            .send()
            .await
            .expect("an answer")
            .text()
            .await
            .expect("a body");
        places.push((format!("the metrics of {part}"), metrics));
    }
    // what ends in order sends its last spans
    for part in [Part::Intake, Part::Worker(1), Part::Status] {
        run.system.process(part).terminate(SOON).await.expect("it ends");
    }
    let received = run.collector.received();
    assert!(!received.spans.is_empty(), "there are spans");
    places.push(("a span".to_owned(), format!("{received:?}")));
    places.extend(
        run.problems
            .iter()
            .map(|text| ("a problem".to_owned(), text.clone())),
    );
    let logs = logs(&run.system.folder().join("logs"));
    assert!(logs.len() >= 6, "{logs:?}");
    for log in logs.iter().chain(&run.cache.logs()) {
        let text = String::from_utf8_lossy(&fs::read(log).expect("a log")).into_owned();
        places.push((
            log.file_name().expect("a name").to_string_lossy().into_owned(),
            text,
        ));
    }
    for mark in marks() {
        for (place, text) in &places {
            assert!(!text.contains(&mark), "{place} holds {}", context(text, &mark));
        }
    }
}

fn logs(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).expect("the logs").flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect()
}

/// The people are invented: the line around a mark may be shown.
fn context<'a>(text: &'a str, mark: &str) -> &'a str {
    text.lines().find(|line| line.contains(mark)).unwrap_or_default()
}
