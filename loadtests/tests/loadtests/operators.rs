//! What operators see and do while processes come, go and are killed.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use loadtests::people::contents::indemnity;
use loadtests::proof::register;
use loadtests::system::private_system::PrivateSystem;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use sportello_people::{Mint, Person};
use sportello_stack::Part;
use sportello_testkit::eventually;

const SEED: u64 = 26;
/// For whatever must happen on a busy machine, with a worker that waits a minute for a file.
const SOON: Duration = Duration::from_secs(180);
const GRACE: Duration = Duration::from_secs(30);
const INDEMNITY: &str = "indemnity-march-2020";
/// A benefit that is not there when a worker reads its applications.
const PASSING: &str = "indemnity-of-a-day";
const LETTERS: u64 = 60;
const REASON: &str = "a rehearsal with kills";

struct Office {
    system: PrivateSystem,
    mint: Mint,
    client: Client,
}

impl Office {
    async fn open() -> Self {
        let system = PrivateSystem::start_with_console()
            .await
            .expect("a private system");
        Self {
            mint: system.mint().expect("its mint"),
            client: Client::builder().no_proxy().build().expect("a client"),
            system,
        }
    }

    fn url(&self, part: Part, path: &str) -> String {
        self.system.url(part).expect("its address") + path
    }

    /// Each of these people applies, and is accepted.
    async fn apply(&self, benefit: &str, numbers: std::ops::Range<u64>) {
        for number in numbers {
            let person = Person::invent(SEED, number);
            let mut content = indemnity(&person, number, &format!("operators-{number}"));
            content["benefit"] = benefit.into();
            let request = self.client.post(self.url(Part::Intake, "/v1/applications"));
            let request = request
                .bearer_auth(self.mint.token(&person).expect("a token"))
                .header("Idempotency-Key", format!("operators-{number}"))
                .json(&content);
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::ACCEPTED);
        }
    }

    /// What the console answers an operator; `None` while it does not.
    async fn console(&self, method: Method, path: &str, body: Option<Value>) -> Option<Value> {
        let token = self.mint.operator_token("olga").expect("a token");
        let request = self.client.request(method, self.url(Part::Console, path));
        let request = request.bearer_auth(token);
        let request = match body {
            Some(body) => request
                .header("Idempotency-Key", REASON.replace(' ', "-"))
                .json(&body),
            None => request,
        };
        let answer = request.send().await.ok()?;
        let status = answer.status();
        let answer: Value = answer.json().await.ok()?;
        // before its first second a console knows nothing
        let is_early = status == StatusCode::SERVICE_UNAVAILABLE;
        assert!(is_early || status.is_success(), "{path}: {answer}");
        status.is_success().then_some(answer)
    }

    async fn now(&self) -> Option<Now> {
        self.console(Method::GET, "/v1/now", None).await.map(Now)
    }

    async fn stop(&self, part: Part) {
        self.system.process(part).terminate(GRACE).await.expect("it ends");
    }

    async fn kill(&self, part: Part) {
        self.system.process(part).kill().await.expect("it is killed");
    }

    async fn start(&mut self, part: Part) {
        self.system.start_part(part).await.expect("it starts");
    }

    async fn registered(&self) -> u64 {
        let url = self.system.database_url();
        let mut database = register::connect(&url).await.expect("the database");
        register::count(&mut database).await.expect("a count")
    }

    /// Writes the file of the passing benefit, or removes it, and waits until intake knows.
    async fn passing(&self, is_there: bool) {
        let file = |id: &str| -> PathBuf {
            let folder = self.system.catalogue_folder();
            folder.join(id).with_added_extension("toml")
        };
        if is_there {
            let text = fs::read_to_string(file(INDEMNITY)).expect("a benefit");
            let id = |id: &str| format!("id = \"{id}\"");
            fs::write(file(PASSING), text.replace(&id(INDEMNITY), &id(PASSING))).expect("a file");
        } else {
            fs::remove_file(file(PASSING)).expect("its file");
        }
        let url = self.url(Part::Intake, &format!("/v1/benefits/{PASSING}"));
        eventually(SOON, async || {
            let answer = self.client.get(&url).send().await;
            answer.is_ok_and(|answer| answer.status().is_success() == is_there)
        })
        .await;
    }
}

/// A second of the console.
struct Now(Value);

impl Now {
    fn of(list: &Value) -> &Value {
        let mut items = list.as_array().expect("a list").iter();
        items
            .find(|item| item["channel"] == "citizen")
            .unwrap_or(&Value::Null)
    }

    fn citizens(&self) -> &Value {
        Self::of(&self.0["channels"])
    }

    fn sums(&self) -> &Value {
        Self::of(&self.0["ledger"]["equations"])
    }

    fn indemnity(&self) -> &Value {
        let mut benefits = self.0["benefits"].as_array().expect("a list").iter();
        benefits
            .find(|benefit| benefit["benefit"] == INDEMNITY)
            .unwrap_or(&Value::Null)
    }

    /// How many applications of the indemnity wait.
    fn waiting(&self) -> Option<u64> {
        self.indemnity()["outstanding"]["value"].as_u64()
    }

    /// How many applications of the indemnity have an outcome.
    fn decided(&self) -> Option<u64> {
        let outcomes = self.indemnity()["outcomes"]["value"].as_array()?.iter();
        outcomes.map(|outcome| outcome["applications"].as_u64()).sum()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_worker_the_console_shows_backlog_and_age() {
    let mut office = Office::open().await;
    office.stop(Part::Worker(1)).await;
    office.apply(INDEMNITY, 0..40).await;
    eventually(SOON, async || {
        let now = office.now().await?;
        let citizens = now.citizens();
        let age = citizens["oldest_age_seconds"]["value"].as_f64()?;
        let is_there = citizens["outstanding"]["value"] == 40 && now.waiting() == Some(40);
        (is_there && age > 0.0).then_some(())
    })
    .await;

    // the auditor may die, and another goes on
    office.start(Part::Worker(1)).await;
    let mut sent = 40;
    for killed in [Part::Console, Part::Worker(1), Part::Console] {
        office.apply(INDEMNITY, sent..sent + 20).await;
        sent += 20;
        office.kill(killed).await;
        office.apply(INDEMNITY, sent..sent + 20).await;
        sent += 20;
        office.start(killed).await;
    }
    let now = eventually(SOON, async || {
        let now = office.now().await?;
        let is_done = now.citizens()["outstanding"]["value"] == 0 && now.sums()["confirmed"] == sent;
        (is_done && now.waiting() == Some(0) && now.decided() == Some(sent)).then_some(now)
    })
    .await;
    // nothing counted twice
    let sums = now.sums();
    assert_eq!(office.registered().await, sent);
    assert_eq!((&sums["new"], &sums["lost"]), (&sent.into(), &0.into()), "{sums}");
    let sum = |names: &[&str]| -> u64 { names.iter().filter_map(|name| sums[*name].as_u64()).sum() };
    assert_eq!(
        sum(&["confirmed", "unconfirmed", "unnumbered", "repeated"]),
        sum(&["new", "existing", "withdrawals", "dead", "outstanding", "lost"]),
        "{sums}"
    );
}

/// Has so many dead letters of a benefit that is there again.
async fn with_letters() -> Office {
    let mut office = Office::open().await;
    office.stop(Part::Worker(1)).await;
    office.passing(true).await;
    office.apply(PASSING, 0..LETTERS).await;
    office.passing(false).await;
    office.start(Part::Worker(1)).await;
    eventually(SOON, async || {
        let now = office.now().await?;
        (now.0["dead_letters"]["value"] == LETTERS).then_some(())
    })
    .await;
    office.passing(true).await;
    office
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_killed_in_a_bulk_requeue_goes_on_after_its_start() {
    let mut office = with_letters().await;
    let wanted = json!({
        "which": { "filter": {} }, "count": LETTERS, "per_second": 10, "reason": REASON,
    });
    let job = office
        .console(Method::POST, "/v1/requeue-jobs", Some(wanted))
        .await;
    let id = job.expect("a job")["job"].as_str().expect("an id").to_owned();
    let path = format!("/v1/requeue-jobs/{id}");
    for settled in [15, 35] {
        eventually(SOON, async || {
            let job = office.console(Method::GET, &path, None).await?;
            assert_eq!(job["state"], "running", "{job}");
            (job["settled"].as_u64()? >= settled).then_some(())
        })
        .await;
        office.kill(Part::Console).await;
        office.start(Part::Console).await;
    }
    let job = eventually(SOON, async || {
        let job = office.console(Method::GET, &path, None).await?;
        (job["state"] != "running").then_some(job)
    })
    .await;
    assert_eq!(
        (&job["state"], &job["settled"]),
        (&"done".into(), &LETTERS.into()),
        "{job}"
    );
    let letters = format!("{path}/letters?limit=100");
    let letters = office
        .console(Method::GET, &letters, None)
        .await
        .expect("letters");
    let letters = letters["items"].as_array().expect("a list").clone();
    assert_eq!(letters.len() as u64, LETTERS);
    assert!(
        letters.iter().all(|letter| letter["result"] == "settled"),
        "{letters:?}"
    );

    // once on the register; at most the letter that was in hand at a kill was on its way twice
    assert_eq!(office.registered().await, LETTERS);
    let sums = eventually(SOON, async || {
        let sums = office.now().await?.sums().clone();
        (sums["new"] == LETTERS).then_some(sums)
    })
    .await;
    assert!(
        sums["existing"].as_u64().is_some_and(|twice| twice <= 2),
        "{sums}"
    );
}
