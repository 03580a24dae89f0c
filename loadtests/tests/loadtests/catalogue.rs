//! A new decree is a new file: put into the folder of a running system, it is validated against,
//! decided by and shown, without a build and without a restart. A file with a mistake changes
//! nothing, and everybody hears of it.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use loadtests::proof::register;
use loadtests::system::private_system::PrivateSystem;
use reqwest::{Client, Response, StatusCode, redirect};
use serde_json::{Value, json};
use sportello_domain::CatalogueVersion;
use sportello_people::Mint;
use sportello_people::Person;
use sportello_stack::{Identity, Part};
use sportello_testkit::eventually;
use uuid::Uuid;

const BENEFIT: &str = "bicycle-bonus-2026";
const FILE: &str = include_str!("catalogue/bicycle-bonus-2026.toml");
const SEED: u64 = 20_260_101;
const SOON: Duration = Duration::from_secs(30);

/// A running system, and an ordinary caller.
struct Office {
    system: PrivateSystem,
    mint: Mint,
    client: Client,
}

struct Accepted {
    id: Uuid,
    location: String,
    receipt: String,
}

impl Office {
    async fn open() -> Self {
        let system = PrivateSystem::start().await.expect("a private system");
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none());
        Self {
            mint: system.mint().expect("its mint"),
            client: client.build().expect("a client"),
            system,
        }
    }

    fn file(&self) -> PathBuf {
        self.system
            .catalogue_folder()
            .join(BENEFIT)
            .with_added_extension("toml")
    }

    fn url(&self, part: Part, path: &str) -> String {
        self.system.url(part).expect("its address") + path
    }

    async fn get(&self, part: Part, path: &str) -> Value {
        let request = self.client.get(self.url(part, path));
        request
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON")
    }

    async fn apply(&self, number: u64, answers: &Value) -> Response {
        let person = Person::invent(SEED, number);
        let content = json!({
            "benefit": BENEFIT,
            "applicant": {
                "tax_code": person.tax_code.as_str(),
                "given_name": person.given_name,
                "family_name": person.family_name,
                "iban": "IT60X0542811101000000123456",
            },
            "answers": answers,
        });
        let request = self.client.post(self.url(Part::Intake, "/v1/applications"));
        let request = request
            .bearer_auth(self.mint.token(&person).expect("a token"))
            .header("Idempotency-Key", format!("key-{number}"))
            .json(&content);
        request.send().await.expect("an answer")
    }

    /// Pointer and code of each violation of these answers.
    async fn violations(&self, answers: &Value) -> Vec<(String, String)> {
        let answer = self.apply(0, answers).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let problem: Value = answer.json().await.expect("a problem");
        let text = |violation: &Value, field: &str| violation[field].as_str().expect(field).to_owned();
        let violations = problem["violations"].as_array().expect("violations");
        let mut violations: Vec<_> = violations
            .iter()
            .map(|violation| (text(violation, "pointer"), text(violation, "code")))
            .collect();
        violations.sort();
        violations
    }

    /// Applies with good answers, and is accepted.
    async fn accepted(&self, number: u64) -> Accepted {
        let answer = self.apply(number, &answers()).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        Accepted::read(answer).await
    }

    /// Applies, and waits until it is decided on.
    async fn is_decided(&self, number: u64) -> (Uuid, Value) {
        let accepted = self.accepted(number).await;
        let view = self.decision(number, &accepted).await;
        (accepted.id, view)
    }

    /// Waits until it is decided on.
    async fn decision(&self, number: u64, accepted: &Accepted) -> Value {
        let token = self.mint.token(&Person::invent(SEED, number)).expect("a token");
        let ask = async |url: &str| {
            let request = self.client.get(url).bearer_auth(&token);
            request
                .header("Receipt", &accepted.receipt)
                .send()
                .await
                .expect("an answer")
        };
        let decided = eventually(SOON, async || {
            let answer = ask(&accepted.location).await;
            (answer.status() == StatusCode::SEE_OTHER).then(|| location(&answer))
        });
        ask(&decided.await).await.json().await.expect("JSON")
    }

    /// The version of the benefit's file that intake shows.
    async fn version(&self) -> Option<String> {
        let benefits = self.get(Part::Intake, "/v1/benefits").await;
        let items = benefits["items"].as_array().expect("items");
        let item = items.iter().find(|item| item["id"] == BENEFIT)?;
        Some(item["version"].as_str().expect("a version").to_owned())
    }

    async fn catalogue_check(&self, part: Part) -> Value {
        self.get(part, "/status").await["checks"]["catalogue"]["status"].clone()
    }

    /// What the metrics say.
    async fn counts_as_broken(&self, part: Part) -> bool {
        let url = self.system.internal_url(part).expect("its address") + "/metrics";
        let request = self.client.get(url);
        let text = request
            .send()
            .await
            .expect("an answer")
            .text()
            .await
            .expect("text");
        let gauge = text
            .lines()
            .find(|line| line.starts_with("sportello_catalogue_broken"))
            .expect("the gauge");
        gauge.ends_with(" 1")
    }

    fn processes(&self) -> Vec<Option<Identity>> {
        let parts = [Part::Intake, Part::Worker(1), Part::Status];
        parts.map(|part| self.system.process(part).identity()).to_vec()
    }
}

impl Accepted {
    async fn read(answer: Response) -> Self {
        let location = location(&answer);
        let body: Value = answer.json().await.expect("JSON");
        let text = |name: &str| body[name].as_str().expect(name).to_owned();
        Self {
            id: text("id").parse().expect("an id"),
            location,
            receipt: text("receipt"),
        }
    }
}

fn location(answer: &Response) -> String {
    answer.headers()["location"]
        .to_str()
        .expect("an address")
        .to_owned()
}

fn answers() -> Value {
    json!({
        "kind": "cargo", "amount": 500, "bought_new": true,
        "invoices": [{ "shop": "12345670587", "date": "2026-02-14", "total": 1_499.9 }]
    })
}

fn version(file: &str) -> String {
    CatalogueVersion::of(file.as_bytes()).to_string()
}

/// The versions that validated and decided, as the register has them.
async fn versions(office: &Office, id: Uuid) -> (String, String) {
    let mut database = register::connect(&office.system.database_url())
        .await
        .expect("the database");
    let query = sqlx::query_as("select validated_with, decided_with from applications where id = $1");
    query.bind(id).fetch_one(&mut database).await.expect("its row")
}

#[tokio::test]
async fn a_fourth_benefit_is_a_file_in_the_folder_of_a_running_system() {
    let office = Office::open().await;
    let processes = office.processes();
    let unknown = [("/benefit".to_owned(), "benefit_unknown".to_owned())];
    assert_eq!(office.violations(&answers()).await, unknown);
    assert_eq!(office.version().await, None);

    fs::write(office.file(), FILE).expect("the new file");
    eventually(SOON, async || office.version().await == Some(version(FILE))).await;
    wrong_answers_are_refused_where_they_are_wrong(&office).await;
    let (id, view) = office.is_decided(1).await;
    assert_eq!(view["status"], "registered");
    assert_eq!(view["catalogue_version"], version(FILE).as_str());
    assert_eq!(view["amount"].as_f64(), Some(500.0));
    assert_eq!(versions(&office, id).await, (version(FILE), version(FILE)));

    a_mistake_changes_nothing(&office).await;
    let mended = FILE.to_owned() + "\n# looked at again\n";
    fs::write(office.file(), &mended).expect("the mended file");
    eventually(SOON, async || office.version().await == Some(version(&mended))).await;
    for part in [Part::Intake, Part::Worker(1)] {
        eventually(SOON, async || office.catalogue_check(part).await == "pass").await;
        // the page of metrics may be a second old
        eventually(SOON, async || !office.counts_as_broken(part).await).await;
    }
    let (id, _) = office.is_decided(3).await;
    assert_eq!(versions(&office, id).await, (version(&mended), version(&mended)));
    assert_eq!(office.processes(), processes, "nothing was started anew");
}

#[tokio::test]
async fn what_came_while_it_was_open_is_registered_after_the_file_closed_it() {
    let mut office = Office::open().await;
    fs::write(office.file(), FILE).expect("the new file");
    eventually(SOON, async || office.version().await == Some(version(FILE))).await;
    let worker = Part::Worker(1);
    office
        .system
        .process(worker)
        .terminate(SOON)
        .await
        .expect("it ends");
    let accepted = office.accepted(1).await;

    // it closed before the application came, as the file has it now
    let closed = FILE.replace("closes = 2100-01-01", "closes = 2026-01-02");
    assert_ne!(closed, FILE);
    fs::write(office.file(), &closed).expect("the file that closes it");
    eventually(SOON, async || office.version().await == Some(version(&closed))).await;
    assert_eq!(office.apply(2, &answers()).await.status(), StatusCode::FORBIDDEN);

    office.system.start_part(worker).await.expect("it starts");
    let view = office.decision(1, &accepted).await;
    assert_eq!(
        (&view["status"], &view["reason"]),
        (&json!("registered"), &json!("regular"))
    );
    let by_both = (version(FILE), version(&closed));
    assert_eq!(versions(&office, accepted.id).await, by_both);
}

async fn wrong_answers_are_refused_where_they_are_wrong(office: &Office) {
    let mut wrong = answers();
    wrong["amount"] = 501.into();
    wrong["invoices"][0]["shop"] = "12345670588".into();
    wrong["colour"] = "red".into();
    wrong.as_object_mut().expect("an object").remove("kind");
    let violations = office.violations(&wrong).await;
    let pointers: Vec<_> = violations.iter().map(|(pointer, _)| pointer.as_str()).collect();
    let expected = [
        "/answers/amount",
        "/answers/colour",
        "/answers/invoices/0/shop",
        "/answers/kind",
    ];
    assert_eq!(pointers, expected);

    let mut against_a_rule = answers();
    against_a_rule["invoices"][0]["date"] = "2025-12-31".into();
    let too_early = (
        "/answers/invoices/0/date".to_owned(),
        "invoice_before_2026".to_owned(),
    );
    assert_eq!(office.violations(&against_a_rule).await, [too_early]);
}

/// The previous file stays in use, and the services report that an operator must look.
async fn a_mistake_changes_nothing(office: &Office) {
    fs::write(
        office.file(),
        FILE.replace("one_per", "once_per").replace("[form]", "[from]"),
    )
    .expect("a mistake");
    for part in [Part::Intake, Part::Worker(1)] {
        eventually(SOON, async || office.catalogue_check(part).await == "warn").await;
        eventually(SOON, async || office.counts_as_broken(part).await).await;
    }
    assert_eq!(office.version().await, Some(version(FILE)));
    let (id, view) = office.is_decided(2).await;
    assert_eq!(view["status"], "registered");
    assert_eq!(versions(office, id).await, (version(FILE), version(FILE)));
}
