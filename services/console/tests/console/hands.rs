//! What starts and stops workers: a command that stands in for `cargo xtask workers`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use serde_json::{Value, json};
use sportello_testkit::{Sandbox, eventually};

use crate::support::{Console, WITHIN, set_workers, workers};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// A command that keeps the number of workers in a file.
struct Workers {
    folder: tempfile::TempDir,
}

impl Workers {
    fn running(count: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let command = "#!/bin/sh\ncd \"${0%/*}\"\nwhile [ -n \"$1\" ] && [ -e busy ]; do sleep 0.1; done\n\
            if [ -n \"$1\" ] && [ -e broken ]; then echo 'no room for a worker' >&2; exit 1; fi\n\
            if [ -n \"$1\" ]; then echo \"$1\" > next; mv next count; else cat count; fi\n";
        fs::write(folder.path().join("workers"), command).unwrap();
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(folder.path().join("workers"), executable).unwrap();
        let workers = Self { folder };
        workers.set("count", &count.to_string());
        workers
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn set(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn end(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    fn command(&self) -> String {
        self.path("workers").to_str().unwrap().to_owned()
    }

    async fn reach(&self, count: &str) {
        let file = self.path("count");
        eventually(WITHIN, async || {
            fs::read_to_string(&file).unwrap().trim() == count
        })
        .await;
    }
}

async fn want(console: &Console, count: u16) {
    let until = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let mut manual = workers(1, 8);
    manual["manual"] = json!({ "workers": count, "until": until });
    let set = console.change(set_workers("olga", Some(0), "want", manual)).await;
    assert_eq!(set.status(), 200);
}

async fn hand(console: &Console, shows: impl Fn(&Value) -> bool) {
    eventually(WITHIN, async || {
        shows(&console.json("/v1/now").await["workers"]["hand"])
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_ended_is_started_again() {
    let sandbox = Sandbox::both().await;
    let workers = Workers::running(0);
    let command = workers.command();
    let settings = [("WORKER_HAND", "local"), ("WORKER_HAND_COMMAND", &*command)];
    let console = Console::start(&sandbox, &settings).await;
    want(&console, 3).await;
    workers.reach("3").await;
    workers.set("count", "2");
    workers.reach("3").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_lasts_or_fails_is_shown_and_holds_up_nothing() {
    let sandbox = Sandbox::both().await;
    let workers = Workers::running(1);
    // as many as the floor: nothing is ordered before the operator does
    workers.set("busy", "");
    let command = workers.command();
    let settings = [("WORKER_HAND", "local"), ("WORKER_HAND_COMMAND", &*command)];
    let console = Console::start(&sandbox, &settings).await;
    want(&console, 3).await;
    hand(&console, |hand| hand["order"]["workers"] == 3).await;
    // seconds go by meanwhile
    let sample = console.json("/v1/now").await["sample"].as_u64().unwrap();
    eventually(WITHIN, async || {
        console.json("/v1/now").await["sample"].as_u64().unwrap() > sample + 2
    })
    .await;
    hand(&console, |hand| hand["order"]["workers"] == 3).await;
    workers.set("broken", "");
    workers.end("busy");
    hand(&console, |hand| {
        let error = hand["error"].as_str();
        error.is_some_and(|error| error.contains("no room for a worker"))
    })
    .await;
    workers.end("broken");
    workers.reach("3").await;
    hand(&console, |hand| *hand == json!({})).await;
}

/// `console agent`; ended when dropped.
struct Agent(Child);

impl Agent {
    fn start(console: &str, command: &str, folder: &Path) -> Self {
        let log = fs::File::create(folder.join("agent.log")).unwrap();
        let mut agent = Command::new(env!("CARGO_BIN_EXE_console"));
        agent
            .arg("agent")
            .env("CONSOLE_URL", console)
            .env("AGENT_TOKEN", TOKEN);
        agent
            .env("WORKER_HAND", "local")
            .env("WORKER_HAND_COMMAND", command);
        Self(agent.stdout(log).spawn().unwrap())
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_starts_what_the_console_wants() {
    let sandbox = Sandbox::both().await;
    let workers = Workers::running(1);
    let console = Console::start(&sandbox, &[("AGENT_TOKEN", TOKEN)]).await;
    want(&console, 4).await;
    let _agent = Agent::start(console.service.url(), &workers.command(), workers.folder.path());
    workers.reach("4").await;
    // without a hand of its own the console gives no orders
    assert_eq!(console.json("/v1/now").await["workers"]["hand"], json!({}));
}
