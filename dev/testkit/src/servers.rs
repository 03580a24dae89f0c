//! The servers that all tests share.

use std::env;
use std::fs::{self, File};

use nix::fcntl::{Flock, FlockArg};
use sportello_stack::test_servers::{AMQP_URL, DATABASE_URL, MANAGEMENT_URL, shared_folder};
use sportello_stack::{Postgres, RabbitMq, folders};
use tokio::sync::OnceCell;

/// A RabbitMQ node's addresses.
#[derive(Clone, Debug)]
pub(crate) struct BrokerUrls {
    pub(crate) amqp: String,
    pub(crate) management: String,
}

/// Returns the address of the shared PostgreSQL server.
pub(crate) async fn database_url() -> String {
    static URL: OnceCell<String> = OnceCell::const_new();
    URL.get_or_init(async || match env::var(DATABASE_URL) {
        Ok(url) => url,
        Err(_) => start_postgres().await,
    })
    .await
    .clone()
}

/// Returns the addresses of the shared RabbitMQ node.
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

/// Locks the start of a server: one test process starts it, the others wait. Dropping the file
/// handle unlocks it.
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
