//! The program.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sportello_domain::{Channel, Disposal, Outcome};
use sportello_testkit::{Sandbox, eventually, free_port};
use sqlx::Executor as _;

use crate::retention::with_retention;
use crate::support::{
    BABY_SITTING, BICYCLE, LOCK, Office, SOON, bicycle, citizen, open, refused, settle, with_three_bicycles,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_worker");

/// A process that is killed when the test ends before it does.
struct Process {
    child: Child,
    health: String,
    log: Arc<Mutex<String>>,
}

fn command(office: &Office) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .env("AMQP_URL", office.sandbox.amqp_url())
        .env("DATABASE_URL", &office.database_url)
        .env("CATALOGUE", office.benefits.path());
    command
        .env("RUST_LOG", "info")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Process {
    fn start(office: &Office) -> Self {
        let addr = format!("127.0.0.1:{}", free_port());
        let mut child = command(office).env("WORKER_ADDR", &addr).spawn().unwrap();
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

    async fn says(&self, words: &str) {
        eventually(SOON, async || self.log.lock().unwrap().contains(words)).await;
    }

    async fn is_ready(&self) -> bool {
        self.get("/readyz")
            .await
            .is_ok_and(|answer| answer.status() == 200)
    }

    async fn page(&self, path: &str) -> (u16, String) {
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

fn text(output: &Output) -> String {
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
    process.says("told to stop").await;
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
    process.says("told to stop").await;
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
        .env("WORKER_ADDR", "127.0.0.1:0")
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
async fn missing_settings_are_told_all_at_once() {
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
            && page.contains("sportello_worker_dead_lettered_total{channel=\"citizen\",reason=\"refused\"")
            && page.contains("sportello_worker_registration_delay_seconds_bucket")
    })
    .await;
    let log = process.log.lock().unwrap().clone();
    assert!(log.contains(&refused(2).id().to_string()), "{log}");
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
    let output = command.env("WORKER_ADDR", "127.0.0.1:0").output().unwrap();
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
    let process = Process::start(&office);
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
