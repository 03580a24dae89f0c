//! A database and a virtual host that one test has to itself.

use std::thread;

use reqwest::Url;
use sportello_local::{Management, state};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::runtime;
use uuid::Uuid;

use crate::servers;

/// A database, a virtual host, or both, on the shared servers. Dropping it removes them, with whatever is
/// connected to them, also when the test panics.
#[derive(Debug)]
pub struct Sandbox {
    database: Option<Database>,
    virtual_host: Option<VirtualHost>,
}

#[derive(Debug)]
struct Database {
    name: String,
    url: String,
    server: String,
}

#[derive(Debug)]
struct VirtualHost {
    name: String,
    url: String,
    management: String,
}

impl Sandbox {
    /// An empty database, without a virtual host.
    ///
    /// # Panics
    ///
    /// When the server can't be started or reached.
    pub async fn database() -> Self {
        Self {
            database: Some(Database::create().await),
            virtual_host: None,
        }
    }

    /// An empty virtual host, without a database.
    ///
    /// # Panics
    ///
    /// When the broker can't be started or reached.
    pub async fn queue() -> Self {
        Self {
            database: None,
            virtual_host: Some(VirtualHost::create().await),
        }
    }

    /// An empty database and an empty virtual host.
    ///
    /// # Panics
    ///
    /// When one of the servers can't be started or reached.
    pub async fn both() -> Self {
        let (database, virtual_host) = tokio::join!(Database::create(), VirtualHost::create());
        Self {
            database: Some(database),
            virtual_host: Some(virtual_host),
        }
    }

    /// The address of the database, for its owner.
    ///
    /// # Panics
    ///
    /// When the sandbox has none.
    #[must_use]
    pub fn database_url(&self) -> &str {
        &self
            .database
            .as_ref()
            .expect("a sandbox with a database: use Sandbox::database or both")
            .url
    }

    /// The address of the virtual host, for a user who has rights in no other.
    ///
    /// # Panics
    ///
    /// When the sandbox has none.
    #[must_use]
    pub fn amqp_url(&self) -> &str {
        &self.virtual_host().url
    }

    /// Closes every connection to the virtual host from the broker's side.
    ///
    /// # Panics
    ///
    /// When the sandbox has none, or the broker refuses.
    pub async fn close_connections(&self) {
        let host = self.virtual_host();
        host.management()
            .close_connections(&host.name)
            .await
            .expect("the broker closes the connections");
    }

    fn virtual_host(&self) -> &VirtualHost {
        self.virtual_host
            .as_ref()
            .expect("a sandbox with a virtual host: use Sandbox::queue or both")
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let (database, virtual_host) = (self.database.take(), self.virtual_host.take());
        let removed = on_own_runtime(async {
            if let Some(database) = database {
                database.remove().await;
            }
            if let Some(virtual_host) = virtual_host {
                virtual_host.remove().await;
            }
        });
        assert!(removed || thread::panicking(), "the sandbox was left behind");
    }
}

impl Database {
    async fn create() -> Self {
        let server = servers::database_url().await;
        let name = format!("sandbox_{}", Uuid::new_v4().simple());
        execute(&server, format!("CREATE DATABASE {name}")).await;
        let mut url: Url = server.parse().expect("the address of the shared PostgreSQL");
        url.set_path(&name);
        Self {
            name,
            url: url.into(),
            server,
        }
    }

    async fn remove(self) {
        execute(&self.server, format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }
}

async fn execute(server: &str, sql: String) {
    let mut connection = PgConnection::connect(server)
        .await
        .expect("the shared PostgreSQL");
    connection
        .execute(AssertSqlSafe(sql))
        .await
        .expect("the shared PostgreSQL obeys");
    connection.close().await.expect("the shared PostgreSQL lets go");
}

impl VirtualHost {
    async fn create() -> Self {
        let urls = servers::broker_urls().await;
        let (name, password) = (format!("sandbox-{}", Uuid::new_v4().simple()), state::password());
        let server: Url = urls.amqp.parse().expect("the address of the shared RabbitMQ");
        let (host, port) = (server.host_str().expect("a host"), server.port().unwrap_or(5672));
        let url = format!("amqp://{name}:{password}@{host}:{port}/{name}");
        let host = Self {
            name,
            url,
            management: urls.management,
        };
        host.management()
            .create_virtual_host(&host.name, &password)
            .await
            .expect("a virtual host");
        host
    }

    /// A client for each use: its connections belong to the runtime that it is used in.
    fn management(&self) -> Management {
        Management::new(self.management.parse().expect("the management API's address"))
    }

    async fn remove(self) {
        self.management()
            .delete_virtual_host(&self.name)
            .await
            .expect("the virtual host goes");
    }
}

/// Runs to its end, from synchronous code that may itself be inside a runtime; says whether it succeeded.
pub(crate) fn on_own_runtime(work: impl Future<Output = ()> + Send) -> bool {
    thread::scope(|scope| {
        scope
            .spawn(|| {
                let runtime = runtime::Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime").block_on(work);
            })
            .join()
            .is_ok()
    })
}
