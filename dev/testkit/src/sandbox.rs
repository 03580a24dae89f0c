//! A database and a virtual host for a single test.

use std::thread;

use reqwest::Url;
use sportello_stack::{Account, Management, rights, state};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::runtime;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::servers;

/// A database, a virtual host, or both, on the shared servers. Dropping it removes them with all
/// connections, also when the test panics.
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
    /// Makes an empty database, without a virtual host.
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

    /// Makes an empty virtual host, without a database.
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

    /// Makes an empty database and an empty virtual host.
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

    /// Returns the address of the database, for its owner.
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

    /// Returns the address of the database, for a service with the rights of its role. The roles
    /// get them in a migration.
    ///
    /// # Panics
    ///
    /// When the sandbox has none.
    #[must_use]
    pub fn database_url_of(&self, account: Account) -> String {
        account.address(self.database_url())
    }

    /// Returns the address of the virtual host, for a user with rights only there.
    ///
    /// # Panics
    ///
    /// When the sandbox has none.
    #[must_use]
    pub fn amqp_url(&self) -> &str {
        &self.virtual_host().url
    }

    /// Returns the address of the virtual host, for a service with its own permissions.
    ///
    /// # Panics
    ///
    /// When the sandbox has none.
    #[must_use]
    pub fn amqp_url_of(&self, account: Account) -> String {
        account.address(self.amqp_url())
    }

    /// Returns the address of the broker's management API, for a user with read access.
    ///
    /// # Panics
    ///
    /// When the sandbox has no virtual host.
    #[must_use]
    pub fn management_url(&self) -> String {
        let own: Url = self.amqp_url_of(Account::Monitor).parse().expect("an address");
        let mut url: Url = self.virtual_host().management.parse().expect("an address");
        url.set_username(own.username())
            .and_then(|()| url.set_password(own.password()))
            .expect("an address with a user");
        url.into()
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
        make_users(&server).await;
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

/// Makes the services' users at the server, which belong to all its databases: once in each
/// process, one process at a time.
async fn make_users(server: &str) {
    static MADE: OnceCell<()> = OnceCell::const_new();
    let make = async || {
        let url: Url = server.parse().expect("the address of the shared PostgreSQL");
        let users = rights::database_users(url.username(), url.password().unwrap_or_default());
        let lock = "select pg_advisory_lock(hashtext('users of services'))";
        execute(server, format!("{lock};\n{users}")).await;
    };
    MADE.get_or_init(make).await;
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

    /// Makes a client for one use: its connections belong to the runtime of that use.
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

/// Runs a future to its end from synchronous code, even inside a runtime. Returns whether it
/// succeeded.
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
