//! The program.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use lapin::options::QueueDeleteOptions;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sportello_domain::{Channel, Disposal, Outcome};
use sportello_faults::FakeClock;
use sportello_testkit::{Account, Sandbox, eventually, free_port};
use sqlx::Executor as _;

use crate::retention::with_retention;
use crate::support::{
    BABY_SITTING, BICYCLE, LOCK, Office, SOON, bicycle, citizen, open, refused, settle, with_three_bicycles,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_worker");

/// A process that is killed when the test ends before it does.
pub(crate) struct Process {
    child: Child,
    health: String,
    log: Arc<Mutex<String>>,
}

pub(crate) fn command(office: &Office) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .env("AMQP_URL", office.sandbox.amqp_url_of(Account::Worker))
        .env("DATABASE_URL", Account::Worker.address(&office.database_url))
        .env("CATALOGUE", office.benefits.path());
    command
        .env("RUST_LOG", "info")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Process {
    fn start(office: &Office) -> Self {
        Self::start_with(office, [("WORKER_RETENTION_SECONDS", "3600")])
    }

    /// With these settings too.
    pub(crate) fn start_with(
        office: &Office,
        settings: impl IntoIterator<Item = (impl AsRef<OsStr>, impl AsRef<OsStr>)>,
    ) -> Self {
        let addr = format!("127.0.0.1:{}", free_port());
        let mut command = command(office);
        command.env("INTERNAL_ADDR", &addr).envs(settings);
        let mut child = command.spawn().unwrap();
        let (log, output) = (Arc::new(Mutex::new(String::new())), child.stdout.take().unwrap());
        let lines = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                lines.lock().unwrap().push_str(&(line.unwrap() + "\n"));
            }
        });
        Self {
            child,
            health: format!("http://{addr}"),
            log,
        }
    }

    pub(crate) async fn says(&self, words: &str) {
        eventually(SOON, async || self.log.lock().unwrap().contains(words)).await;
    }

    pub(crate) async fn is_ready(&self) -> bool {
        self.get("/readyz")
            .await
            .is_ok_and(|answer| answer.status() == 200)
    }

    /// Whether a check of the status page warns.
    pub(crate) async fn warns(&self, check: &str) -> bool {
        let (_, page) = self.page("/status").await;
        let page: serde_json::Value = serde_json::from_str(&page).unwrap();
        page["checks"][check]["status"] == "warn"
    }

    pub(crate) async fn page(&self, path: &str) -> (u16, String) {
        let answer = self.get(path).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn get(&self, path: &str) -> reqwest::Result<reqwest::Response> {
        let client = reqwest::Client::builder().no_proxy().timeout(SOON).build()?;
        client.get(format!("{}{path}", self.health)).send().await
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    async fn ended(&mut self) -> Option<i32> {
        eventually(SOON, async || self.child.try_wait().unwrap())
            .await
            .code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // it may have ended
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sigterm_the_batch_in_hand_is_settled() {
    let office = open().await;
    let mut process = Process::start(&office);
    eventually(SOON, async || process.is_ready().await).await;

    let mut other = office.connection().await;
    other.execute(LOCK).await.unwrap();
    office.publish([citizen(1)]).await;
    let mut observer = office.connection().await;
    office.somebody_waits(&mut observer).await;
    process.signal(Signal::SIGTERM);
    process.says("stopping: settling").await;
    other.execute("rollback").await.unwrap();

    assert_eq!(process.ended().await, Some(0));
    assert!(
        office.registered(&citizen(1)).await.is_some(),
        "{}",
        process.log.lock().unwrap()
    );
    office.assert_drained(Channel::Citizen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    let office = open().await;
    let mut process = Process::start(&office);
    eventually(SOON, async || process.is_ready().await).await;
    let mut other = office.connection().await;
    other.execute(LOCK).await.unwrap();
    office.publish([citizen(1)]).await;
    let mut observer = office.connection().await;
    office.somebody_waits(&mut observer).await;
    process.signal(Signal::SIGTERM);
    process.says("stopping: settling").await;
    process.signal(Signal::SIGTERM);
    assert_eq!(process.ended().await, Some(1));
    other.execute("rollback").await.unwrap();

    let mut lane = office.lane(Channel::Citizen);
    lane.step().await;
    assert_eq!(office.count().await, 1);
    lane.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_schema_it_ends_and_says_what_to_do() {
    let office = open().await;
    office
        .connection()
        .await
        .execute("drop table _sqlx_migrations")
        .await
        .unwrap();
    let output = command(&office)
        .env("INTERNAL_ADDR", "127.0.0.1:0")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output).contains("run `worker migrate`"),
        "{}",
        text(&output)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_need_only_the_database() {
    let sandbox = Sandbox::database().await;
    for _ in 0..2 {
        let mut command = Command::new(PROGRAM);
        command
            .env_remove("AMQP_URL")
            .env("DATABASE_URL", sandbox.database_url())
            .arg("migrate");
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    }
    let nowhere = format!("postgres://sportello:secret@127.0.0.1:{}/sportello", free_port());
    let output = Command::new(PROGRAM)
        .env("DATABASE_URL", nowhere)
        .arg("migrate")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("worker migrate: ") && !text(&output).contains("secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_command_declares_the_topology_and_a_worker_waits_for_it() {
    let office = open().await;
    let (connection, amqp) = office.operator().await;
    amqp.queue_delete("applications.intermediary".into(), QueueDeleteOptions::default())
        .await
        .unwrap();
    connection.close(200, "done".into()).await.unwrap();
    let mut process = Process::start(&office);
    process
        .says("applications.intermediary is missing at the broker")
        .await;
    assert!(!process.is_ready().await);

    let topology = |url: &str| {
        let mut command = Command::new(PROGRAM);
        command
            .env_remove("DATABASE_URL")
            .env("AMQP_URL", url)
            .arg("topology");
        command.output().unwrap()
    };
    let forbidden = topology(&office.sandbox.amqp_url_of(Account::Worker));
    assert_eq!(forbidden.status.code(), Some(1));
    assert!(
        text(&forbidden).contains("may not declare applications"),
        "{}",
        text(&forbidden)
    );
    for _ in 0..2 {
        let declared = topology(office.sandbox.amqp_url());
        assert_eq!(declared.status.code(), Some(0), "{}", text(&declared));
    }
    eventually(SOON, async || process.is_ready().await).await;
    process.signal(Signal::SIGTERM);
    assert_eq!(process.ended().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_settings_are_reported_all_at_once() {
    let output = Command::new(PROGRAM)
        .env_remove("AMQP_URL")
        .env_remove("DATABASE_URL")
        .env_remove("CATALOGUE")
        .output()
        .unwrap();
    let text = text(&output);
    assert!(
        text.contains("AMQP_URL") && text.contains("DATABASE_URL") || text.contains("--amqp-url"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_page_counts_what_was_done() {
    let office = open().await;
    let mut process = Process::start(&office);
    eventually(SOON, async || process.is_ready().await).await;
    office.publish([citizen(1), refused(2)]).await;
    eventually(SOON, async || {
        let page = process.page("/metrics").await.1;
        page.contains("sportello_worker_registered_total{channel=\"citizen\",outcome=\"registered\"")
            && page.lines().any(|line| {
                line.starts_with(
                    "sportello_worker_dead_lettered_total{channel=\"citizen\",reason=\"refused\"",
                ) && line.ends_with(" 1")
            })
            && page.contains("sportello_worker_registration_delay_seconds_bucket")
    })
    .await;
    let log = process.log.lock().unwrap().clone();
    assert!(log.contains("dead-lettered"), "{log}");
    assert!(!log.contains(&refused(2).id().to_string()), "{log}");
    assert!(!log.contains("RSSMRA") && !log.contains("Rossi"), "{log}");
    process.signal(Signal::SIGTERM);
    assert_eq!(process.ended().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_database_it_lives_and_is_not_ready() {
    let mut office = open().await;
    office.database_url = format!("postgres://sportello@127.0.0.1:{}/sportello", free_port());
    let mut process = Process::start(&office);
    process.says("trying again").await;
    assert_eq!(process.page("/livez").await.0, 200);
    assert_eq!(process.page("/readyz").await.0, 503);
    process.signal(Signal::SIGTERM);
    assert_eq!(process.ended().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_broken_catalogue_it_does_not_start_and_tells_every_mistake() {
    let office = open().await;
    for name in ["first.toml", "second.toml"] {
        std::fs::write(office.benefits.path().join(name), "id = 7").unwrap();
    }
    let mut command = command(&office);
    let output = command.env("INTERNAL_ADDR", "127.0.0.1:0").output().unwrap();
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1));
    for told in ["CATALOGUE", "first.toml", "second.toml"] {
        assert!(text.contains(told), "{told}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_budgets_are_shared_out_while_it_runs() {
    let office = open().await;
    office.write_benefit(&bicycle(), with_three_bicycles);
    let mut process = Process::start(&office);
    eventually(SOON, async || process.is_ready().await).await;
    let sent: Vec<_> = (1..=4)
        .map(|number| citizen(number).asking_for(BICYCLE))
        .collect();
    office.publish(sent.iter().copied()).await;
    eventually(SOON, async || {
        let mut reserved = 0;
        for sent in &sent {
            let found = office.registered(sent).await;
            reserved += usize::from(found.is_some_and(|found| found.outcome == Outcome::Reserve));
        }
        reserved == 1
    })
    .await;
    process.signal(Signal::SIGTERM);
    assert_eq!(process.ended().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_long_enough_goes_by_itself_and_is_counted() {
    let office = open().await;
    let (old, other) = (citizen(1), citizen(2).asking_for(BABY_SITTING));
    let mut lane = office.lane(Channel::Citizen);
    office.publish([old, other]).await;
    assert_eq!(settle(&mut lane, 2).await.registered, 2);
    lane.close().await;
    with_retention(&office, 1, Disposal::Purge).await;
    let process = Process::start_with(&office, [("WORKER_RETENTION_SECONDS", "1")]);
    process
        .says("the applications are erased for ever from then on")
        .await;
    assert!(process.warns("retention").await);
    assert!(office.registered(&old).await.is_some());
    office.let_a_day_pass().await;
    process.says("applications are not kept any more").await;
    eventually(SOON, async || office.registered(&old).await.is_none()).await;
    assert!(office.registered(&other).await.is_some());
    let (_, metrics) = process.page("/metrics").await;
    let counted = metrics
        .lines()
        .find(|line| line.starts_with("sportello_retention_applications_total{"));
    let counted = counted.unwrap_or_else(|| panic!("{metrics}"));
    for part in ["benefit=\"indemnity-march-2020\"", "kind=\"purge\"", "} 1"] {
        assert!(counted.contains(part), "{counted}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_whose_clock_jumped_warns_and_erases_nothing() {
    let office = open().await;
    let clock = FakeClock::at(&office.benefits.path().join("clock")).unwrap();
    let mut settings = clock.environment();
    settings.insert("WORKER_RETENTION_SECONDS".to_owned(), "1".to_owned());
    let mut process = Process::start_with(&office, settings);
    eventually(SOON, async || process.is_ready().await).await;
    assert!(!process.warns("clock").await);
    clock.jump(20 * 365 * 24 * 3_600).unwrap();
    eventually(SOON, async || process.warns("clock").await).await;
    // it registers by the database's clock, as ever
    office.publish([citizen(1)]).await;
    eventually(SOON, async || office.registered(&citizen(1)).await.is_some()).await;
    process.says("nothing is erased until they agree").await;
    assert!(office.registered(&citizen(1)).await.is_some());
    assert!(office.dead_letters().await.is_empty());
    process.signal(Signal::SIGTERM);
    assert_eq!(process.ended().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_nobody_takes_are_counted_and_warned_of() {
    let office = open().await;
    office.publish_bytes_to("applications.unrouted", b"{}").await;
    office.publish_bytes(Channel::Citizen, b"no envelope").await;
    let mut process = Process::start(&office);
    eventually(SOON, async || {
        process.is_ready().await && process.warns("unrouted").await && process.warns("dead_letters").await
    })
    .await;
    // in the table; the one without a channel stays where it is
    let open = "sportello_dead_letters_open{channel=\"citizen\",reason=\"envelope\"";
    let queues = [
        ("citizen", 0),
        ("intermediary", 0),
        ("unrouted", 1),
        ("dead-letter", 0),
    ];
    eventually(SOON, async || {
        let metrics = process.page("/metrics").await.1;
        let says = |begin: &str, part: &str, number: u32| {
            let end = format!("}} {number}");
            metrics
                .lines()
                .any(|line| line.starts_with(begin) && line.contains(part) && line.ends_with(&end))
        };
        let holds = |(queue, messages): (&str, u32)| {
            let queue = format!("queue=\"applications.{queue}\"");
            says("sportello_queue_messages{", &queue, messages)
        };
        says(open, "", 1) && queues.into_iter().all(holds)
    })
    .await;
    assert_eq!(office.dead_letters().await, []);
    assert_eq!(process.page("/readyz").await.0, 200);
    process.signal(Signal::SIGTERM);
    assert_eq!(process.ended().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sums_tell_what_became_of_all_that_came_in() {
    let office = open().await;
    let mut lane = office.lane(Channel::Citizen);
    office.publish([citizen(1), citizen(2).of(1), refused(3)]).await;
    settle(&mut lane, 3).await;
    lane.close().await;
    office.publish([citizen(4), citizen(5)]).await;
    office.publish_bytes_to("applications.unrouted", b"{}").await;
    let output = command(&office).arg("sums").output().unwrap();
    let told = text(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    for line in [
        "citizen: 2 applications on the register",
        "  indemnity-march-2020 duplicate 1",
        "  indemnity-march-2020 registered 1",
        "intermediary: 0 applications on the register",
        "dead letters: 0 open, 0 on their way again, 0 discarded",
        "dead letters that are not in the table yet: 1 messages",
        "unrouted: 1 messages",
    ] {
        assert!(told.lines().any(|told| told == line), "{line}: {told}");
    }
    assert!(
        told.lines()
            .any(|line| line.starts_with("  queued: ") && line != "  queued: 0 messages")
    );
}
