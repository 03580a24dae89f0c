//! The hands that run programs, each on a program that stands in for `systemctl`, `docker compose`
//! or `cargo xtask workers`: it records its arguments and answers from a file. What these programs
//! do with the arguments is theirs; that the arguments are right is looked at here.

use std::fs;
use std::path::PathBuf;

use clap::Parser;
use sportello_scaling::hand::{Compose, Local, NoHand, Systemd};
use sportello_scaling::{Hand, HandError, HandSettings, Observed, ScalingSettings};
use tempfile::TempDir;

/// A program that records its arguments.
struct FakeProgram {
    folder: TempDir,
}

impl FakeProgram {
    /// Prints an answer to every call, and then ends so.
    fn answering(answer: &str, end: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let [log, output] = ["log", "output"].map(|name| folder.path().join(name));
        fs::write(&output, answer).unwrap();
        let script = format!(
            "echo \"$@\" >> {}\ncat {}\n{end}\n",
            log.display(),
            output.display()
        );
        fs::write(folder.path().join("program"), script).unwrap();
        Self { folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command line that runs it.
    fn line(&self) -> String {
        format!("sh {}", self.file("program").display())
    }

    fn answer(&self, answer: &str) {
        fs::write(self.file("output"), answer).unwrap();
    }

    /// The arguments of the calls that changed something.
    fn changes(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.file("log")).unwrap_or_default();
        let changes = calls.lines().filter(|call| {
            let looks = ["list-units", "ps"];
            !looks.iter().any(|look| call.starts_with(look)) && !call.is_empty()
        });
        changes.map(str::to_owned).collect()
    }
}

fn unit(number: u16) -> String {
    format!("sportello-worker@{number}.service loaded active running Sportello worker {number}\n")
}

async fn running(hand: &dyn Hand) -> Option<u16> {
    hand.observe().await.unwrap().running
}

#[tokio::test]
async fn systemd_starts_low_numbers_and_stops_high_ones_first() {
    let systemctl = FakeProgram::answering("", "");
    let hand = Systemd::new(&systemctl.line(), "sportello-worker");
    assert_eq!(running(&hand).await, Some(0));
    hand.scale_to(2, &Observed::count(0)).await.unwrap();

    let other = "sportello-worker@old.service loaded active running Somebody's own\n";
    systemctl.answer(&([2, 4, 11].map(unit).concat() + other));
    assert_eq!(running(&hand).await, Some(3));
    hand.scale_to(3, &Observed::count(3)).await.unwrap();
    hand.scale_to(0, &Observed::count(3)).await.unwrap();
    assert_eq!(
        systemctl.changes(),
        [
            "start --no-block sportello-worker@1.service sportello-worker@2.service",
            "start --no-block sportello-worker@1.service sportello-worker@3.service",
            "stop --no-block sportello-worker@11.service sportello-worker@4.service",
            "stop --no-block sportello-worker@11.service sportello-worker@4.service \
             sportello-worker@2.service",
        ]
    );
}

#[tokio::test]
async fn compose_scales_without_touching_other_containers() {
    let docker = FakeProgram::answering("f00\nba4\n", "");
    let line = format!("{} --file compose.yml", docker.line());
    let hand = Compose::new(&line, "worker");
    assert_eq!(running(&hand).await, Some(2));
    hand.scale_to(5, &Observed::count(2)).await.unwrap();
    let calls = fs::read_to_string(docker.file("log")).unwrap();
    assert_eq!(
        calls.lines().collect::<Vec<_>>(),
        [
            "--file compose.yml ps --quiet --status running worker",
            "--file compose.yml up --detach --no-deps --no-recreate --scale worker=5 worker",
        ]
    );
}

#[tokio::test]
async fn the_local_hand_sets_the_number_of_processes() {
    let workers = FakeProgram::answering("3\n", "");
    let hand = Local::new(&workers.line());
    assert_eq!(running(&hand).await, Some(3));
    hand.scale_to(1, &Observed::count(3)).await.unwrap();
    assert_eq!(workers.changes(), ["1"]);
    workers.answer("three");
    let error = hand.observe().await.unwrap_err();
    assert!(matches!(error, HandError::Answer { .. }), "{error}");
}

#[tokio::test]
async fn a_program_that_fails_or_is_missing_is_named() {
    let systemctl = FakeProgram::answering("", "echo 'Interactive authentication required.' >&2; exit 1");
    let hand = Systemd::new(&systemctl.line(), "sportello-worker");
    let Err(HandError::Command { status, output, .. }) = hand.observe().await else {
        panic!("it failed");
    };
    assert_eq!(
        (&*status, &*output),
        ("exit status: 1", "Interactive authentication required.")
    );
    let missing = Systemd::new("/nowhere/systemctl", "sportello-worker");
    let Err(HandError::Program { program, .. }) = missing.observe().await else {
        panic!("there is no such program");
    };
    assert_eq!(program, "/nowhere/systemctl");
}

#[tokio::test]
async fn without_a_hand_nothing_is_seen_or_changed() {
    assert_eq!(NoHand.observe().await, Ok(Observed::default()));
    assert_eq!(
        NoHand.scale_to(3, &Observed::default()).await,
        Err(HandError::None)
    );
}

#[derive(Debug, Parser)]
struct Settings {
    #[command(flatten)]
    hand: HandSettings,
    #[command(flatten)]
    scaling: ScalingSettings,
}

fn settings(line: &str) -> Result<Settings, clap::Error> {
    Settings::try_parse_from(format!("console {line}").split_whitespace())
}

#[tokio::test]
async fn the_settings_choose_the_hand() {
    for hand in ["none", "local", "systemd", "compose"] {
        let settings = settings(&format!("--worker-hand {hand}")).unwrap();
        assert!(settings.hand.hand().await.is_ok(), "{hand}");
    }
    assert!(settings("--worker-hand nomad").is_err());
}

#[test]
fn the_databases_connections_lower_the_ceiling() {
    let settings = settings("--workers-ceiling 40 --database-connections-reserved 20").unwrap();
    let ceiling = |connections| settings.scaling.policy(connections).unwrap().ceiling().workers;
    assert_eq!(ceiling(None), 40);
    assert_eq!(ceiling(Some(100)), 11, "80 connections, 7 for each worker");
    assert_eq!(ceiling(Some(1_000)), 40);
    assert!(
        settings.scaling.policy(Some(20)).is_err(),
        "not one worker finds connections"
    );
}
