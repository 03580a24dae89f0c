//! The servers that all tests share.

use std::env;
use std::fs::{self, File};
use std::path::PathBuf;

use nix::fcntl::{Flock, FlockArg};
use sportello_local::{Postgres, RabbitMq, folders};
use tokio::sync::OnceCell;

/// Names the PostgreSQL server to use: the address of any of its databases, for a user who may create others.
pub const DATABASE_URL: &str = "SPORTELLO_TEST_DATABASE_URL";
/// Names the RabbitMQ node to use.
pub const AMQP_URL: &str = "SPORTELLO_TEST_AMQP_URL";
/// Names the management API of that node, with the user and password of an administrator.
pub const MANAGEMENT_URL: &str = "SPORTELLO_TEST_MANAGEMENT_URL";

/// A RabbitMQ node's addresses.
#[derive(Clone, Debug)]
pub(crate) struct BrokerUrls {
    pub(crate) amqp: String,
    pub(crate) management: String,
}

/// Where the servers live that tests start for themselves.
#[must_use]
pub fn shared_folder() -> PathBuf {
    folders::workspace().join("target/test-servers")
}

/// The address of the shared PostgreSQL server.
pub(crate) async fn database_url() -> String {
    static URL: OnceCell<String> = OnceCell::const_new();
    URL.get_or_init(async || match env::var(DATABASE_URL) {
        Ok(url) => url,
        Err(_) => start_postgres().await,
    })
    .await
    .clone()
}

/// The addresses of the shared RabbitMQ node.
pub(crate) async fn broker_urls() -> BrokerUrls {
    static URLS: OnceCell<BrokerUrls> = OnceCell::const_new();
    URLS.get_or_init(async || match (env::var(AMQP_URL), env::var(MANAGEMENT_URL)) {
        (Ok(amqp), Ok(management)) => BrokerUrls { amqp, management },
        _ => start_rabbitmq().await,
    })
    .await
    .clone()
}

async fn start_postgres() -> String {
    let folder = shared_folder();
    let _lock = lock("postgres").await;
    let mut server = Postgres::at(&folder.join("postgres"), &folder.join("postgres.log"))
        .expect("the state of the shared PostgreSQL");
    server.start().await.expect("the shared PostgreSQL");
    server.url()
}

async fn start_rabbitmq() -> BrokerUrls {
    let folder = shared_folder();
    let _lock = lock("rabbitmq").await;
    let mut node = RabbitMq::at(&folder.join("rabbitmq"), &folder.join("rabbitmq.log"))
        .expect("the state of the shared RabbitMQ");
    node.start().await.expect("the shared RabbitMQ");
    BrokerUrls {
        amqp: node.url(),
        management: node.management_url(),
    }
}

/// One test process starts a server, the others wait for it. The lock goes with the file handle.
async fn lock(server: &str) -> Flock<File> {
    let path = shared_folder().join(format!("{server}.lock"));
    let take = move || {
        folders::create(&shared_folder()).expect("the folder of the shared servers");
        let file = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .expect("a lock file");
        Flock::lock(file, FlockArg::LockExclusive)
            .map_err(|(_, error)| error)
            .expect("a lock")
    };
    tokio::task::spawn_blocking(take)
        .await
        .expect("the lock's thread")
}
