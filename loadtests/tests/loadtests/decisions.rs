//! Ten thousand people apply twice each for the same benefit, once themselves and once through an
//! intermediary. In whatever order the two queues hold their applications, and however they fall to
//! four workers, the earliest stands.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]
#![allow(
    clippy::print_stdout,
    reason = "says how long it took, and the seed that repeats it"
)]

use std::collections::HashMap;
use std::process::Command;
use std::time::{Duration, Instant};

use jiff::{Timestamp, ToSpan as _};
use loadtests::people::contents::indemnity;
use loadtests::proof::register;
use loadtests::system::private_system::programs;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use sportello_domain::{
    ApplicationId, CatalogueVersion, Content, IdSecret, IdempotencyKey, OrganisationId, Submitter,
};
use sportello_people::Person;
use sportello_queue::{Cover, Publisher, PublisherConfig, Status, Submission};
use sportello_testkit::{Account, Sandbox, Service, eventually};
use tempfile::TempDir;
use tokio::task::JoinSet;
use uuid::Uuid;

const PEOPLE: u64 = 10_000;
const WORKERS: usize = 4;
/// Applications that are on their way into the broker at once.
const AT_ONCE: usize = 2_000;
const SOON: Duration = Duration::from_secs(30);
const DRAINED_WITHIN: Duration = Duration::from_secs(120);

/// One of a person's two applications.
#[derive(Clone)]
struct Application {
    id: ApplicationId,
    received_at: Timestamp,
    submission: Submission,
}

/// What the register says: outcome, reason, and the application that stands instead.
type Decision = (String, String, Option<Uuid>);

#[tokio::test(flavor = "multi_thread")]
async fn of_two_applications_of_a_person_the_earliest_stands_in_whatever_order_they_come() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let pairs = applications(seed);
    let expected: HashMap<Uuid, Decision> = pairs.iter().flat_map(decisions).collect();
    for round in 0..2 {
        let mut order: Vec<_> = pairs.iter().flatten().cloned().collect();
        order.shuffle(&mut StdRng::seed_from_u64(seed ^ round));
        let decided = decide(order).await;
        assert_eq!(decided.len(), expected.len(), "seed {seed}");
        let wrong: Vec<_> = decided
            .iter()
            .filter(|(id, decision)| expected.get(id) != Some(decision))
            .collect();
        assert!(
            wrong.is_empty(),
            "seed {seed}: {} wrong, such as {:?}",
            wrong.len(),
            wrong[0]
        );
    }
}

/// Two applications of each person, received within the same seconds; every tenth person's at the
/// same instant.
fn applications(seed: u64) -> Vec<[Application; 2]> {
    let secret = IdSecret::new(&"s".repeat(32).into()).expect("a secret");
    let opening: Timestamp = "2020-04-01T06:00:00Z".parse().expect("an instant");
    let mut random = StdRng::seed_from_u64(seed);
    let people = 0..PEOPLE;
    people
        .map(|number| {
            let person = Person::invent(seed, number);
            let mut received_at = || opening + random.random_range(0..10_000).milliseconds();
            let (first, second) = (received_at(), received_at());
            let second = if number % 10 == 0 { first } else { second };
            let themselves = Submitter::Citizen(person.tax_code.clone());
            let intermediary = OrganisationId::parse("patronato-aurora").expect("an organisation");
            [
                (themselves, first),
                (Submitter::Intermediary(intermediary), second),
            ]
            .map(|(submitter, received_at)| application(&secret, &submitter, received_at, &person, number))
        })
        .collect()
}

fn application(
    secret: &IdSecret,
    submitter: &Submitter,
    received_at: Timestamp,
    person: &Person,
    number: u64,
) -> Application {
    let key = IdempotencyKey::parse(&format!("key-{number}")).expect("a key");
    let id = secret.application_id(submitter, &person.tax_code, &key);
    let content = indemnity(person, number, "decisions").to_string();
    let version = CatalogueVersion::of(b"");
    let submission = Submission::new(
        &Cover::new(id, submitter, received_at, &version),
        Content::parse(content.as_bytes()).expect("JSON"),
    );
    Application {
        id,
        received_at,
        submission: submission.expect("an item").0,
    }
}

/// What must be decided on a person's applications.
fn decisions(pair: &[Application; 2]) -> [(Uuid, Decision); 2] {
    let [one, other] = pair;
    let one_is_first = (one.received_at, one.id) < (other.received_at, other.id);
    let (winner, loser) = if one_is_first { (one, other) } else { (other, one) };
    let (winner, loser) = (*winner.id.as_uuid(), *loser.id.as_uuid());
    [
        (winner, ("registered".into(), "regular".into(), None)),
        (loser, ("duplicate".into(), "same_person".into(), Some(winner))),
    ]
}

/// Has four new workers decide on the applications, which come in this order.
async fn decide(applications: Vec<Application>) -> HashMap<Uuid, Decision> {
    let sandbox = Sandbox::both().await;
    prepare("migrate", "DATABASE_URL", sandbox.database_url());
    prepare("topology", "AMQP_URL", sandbox.amqp_url());
    let mut workers = Vec::new();
    for _ in 0..WORKERS {
        workers.push(Worker::start(&sandbox).await);
    }
    let wanted = applications.len() as u64;
    let began = Instant::now();
    publish(sandbox.amqp_url(), applications).await;
    println!("published after {:.1} s", began.elapsed().as_secs_f32());
    let mut database = register::connect(sandbox.database_url())
        .await
        .expect("the database");
    eventually(DRAINED_WITHIN, async || {
        register::count(&mut database).await.expect("a count") == wanted
    })
    .await;
    println!("decided after {:.1} s", began.elapsed().as_secs_f32());
    for worker in workers {
        worker.service.stop().await;
    }
    let rows: Vec<(Uuid, String, String, Option<Uuid>)> = sqlx::query_as(
        "select lost.id, lost.outcome, lost.reason, standing.id
             from applications as lost left join applications as standing
                 on standing.benefit = lost.barring_benefit and standing.tax_code = lost.barring_subject
                 and standing.reason in ('regular', 'past_cap')",
    )
    .fetch_all(&mut database)
    .await
    .expect("the register");
    rows.into_iter()
        .map(|(id, outcome, reason, stands)| (id, (outcome, reason, stands)))
        .collect()
}

struct Worker {
    service: Service,
    _folder: TempDir,
}

impl Worker {
    async fn start(sandbox: &Sandbox) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (broker, database) = (
            sandbox.amqp_url_of(Account::Worker),
            sandbox.database_url_of(Account::Worker),
        );
        let variables = [
            ("AMQP_URL", &*broker),
            ("DATABASE_URL", &*database),
            ("RUST_LOG", "warn,worker=info"),
        ];
        let program = programs().expect("the services").join("worker");
        let service = Service::start(program.to_str().expect("a path"), folder.path(), &variables).await;
        Self {
            service: service.ready().await,
            _folder: folder,
        }
    }
}

/// Runs a command of the worker's as an administrator.
fn prepare(command: &str, setting: &str, url: &str) {
    let mut worker = Command::new(programs().expect("the services").join("worker"));
    let done = worker.arg(command).env(setting, url).status();
    assert!(done.expect("the worker").success());
}

/// As intake would, many at once, so that they share messages.
async fn publish(amqp_url: &str, applications: Vec<Application>) {
    let config = PublisherConfig {
        deadline: SOON,
        ..PublisherConfig::new(amqp_url.parse().expect("an address"), "test")
    };
    let publisher = Publisher::start(config);
    eventually(SOON, async || publisher.status() == Status::Connected).await;
    let mut publishing = JoinSet::new();
    for application in applications {
        if publishing.len() == AT_ONCE {
            confirmed(publishing.join_next().await);
        }
        let publisher = publisher.clone();
        publishing.spawn(async move { publisher.publish(application.submission).await });
    }
    while let Some(published) = publishing.join_next().await {
        confirmed(Some(published));
    }
}

fn confirmed<E: std::fmt::Debug>(published: Option<Result<Result<(), E>, tokio::task::JoinError>>) {
    published.expect("one").expect("no panic").expect("a confirm");
}
