//! The servers in difficult folders, and after a kill.

#![allow(clippy::unwrap_used, reason = "a failure here fails the test")]

use std::fs::{self, Permissions};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::thread;

use sportello_stack::abandoned::discard;
use sportello_stack::{Postgres, RabbitMq};
use tempfile::TempDir;

/// A folder with a name of more than 200 bytes, with spaces and letters beyond ASCII, that others
/// can't enter: too long for the name of a Unix socket, and closed to the user that root drops to.
struct Unkind {
    folder: PathBuf,
    _closed: TempDir,
}

impl Unkind {
    fn new() -> Self {
        let closed = TempDir::with_prefix("closed ").unwrap();
        fs::set_permissions(closed.path(), Permissions::from_mode(0o700)).unwrap();
        let folder = closed
            .path()
            .join(format!("città {}", "long-".repeat(40)))
            .join("deep");
        Self {
            folder,
            _closed: closed,
        }
    }
}

/// Stops the servers, also when the test fails.
impl Drop for Unkind {
    fn drop(&mut self) {
        let end = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(discard(&self.folder)).unwrap();
        };
        thread::scope(|scope| scope.spawn(end).join().unwrap());
    }
}

fn port_of(url: &str) -> u16 {
    let authority = url.rsplit('@').next().unwrap();
    authority.split([':', '/']).nth(1).unwrap().parse().unwrap()
}

fn postgres(folder: &Path) -> Postgres {
    Postgres::at(&folder.join("postgres"), &folder.join("postgres.log")).unwrap()
}

fn rabbitmq(folder: &Path) -> RabbitMq {
    RabbitMq::at(&folder.join("rabbitmq"), &folder.join("rabbitmq.log")).unwrap()
}

#[tokio::test]
async fn postgres_starts_there_and_moves_to_another_port_when_its_own_is_taken() {
    let place = Unkind::new();
    let folder = &place.folder;
    postgres(folder).start().await.unwrap();
    let mut server = postgres(folder);
    let url = server.url();
    server.start().await.unwrap();
    assert_eq!(server.url(), url, "it ran already");
    server.stop().await.unwrap();

    let _other = TcpListener::bind((Ipv4Addr::LOCALHOST, port_of(&url))).unwrap();
    server.start().await.unwrap();
    assert_ne!(server.url(), url);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn postgres_starts_over_what_a_first_start_cut_short_left() {
    let place = Unkind::new();
    let folder = &place.folder;
    let half = folder.join("postgres/data.new/base");
    fs::create_dir_all(half).unwrap();
    let mut server = postgres(folder);
    server.start().await.unwrap();
    server.process().kill().await.unwrap();
    // its lock file holds the id of another process
    let lock = folder.join("postgres/data/postmaster.pid");
    let text = fs::read_to_string(&lock).unwrap();
    let (_, rest) = text.split_once('\n').unwrap();
    fs::write(&lock, format!("{}\n{rest}", std::process::id())).unwrap();

    server.start().await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn rabbitmq_starts_there_and_ends_with_its_port_mapper() {
    let place = Unkind::new();
    let folder = &place.folder;
    rabbitmq(folder).start().await.unwrap();
    let node = rabbitmq(folder);
    node.control(&["list_queues"]).unwrap();
    let state = fs::read_to_string(folder.join("rabbitmq/state.json")).unwrap();
    node.stop().await.unwrap();

    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    assert_nobody_listens(&state);
}

#[tokio::test]
async fn a_killed_rabbitmq_leaves_no_port_mapper() {
    let place = Unkind::new();
    let mut node = rabbitmq(&place.folder);
    node.start().await.unwrap();
    let state = fs::read_to_string(place.folder.join("rabbitmq/state.json")).unwrap();
    node.kill().await.unwrap();
    assert_nobody_listens(&serde_json::from_str(&state).unwrap());
}

fn assert_nobody_listens(state: &serde_json::Value) {
    for (name, port) in state["ports"].as_object().unwrap() {
        let port = u16::try_from(port.as_u64().unwrap()).unwrap();
        assert!(
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok(),
            "{name} still listens"
        );
    }
}
