//! Variables and folders of the test servers.

use std::path::PathBuf;

use crate::folders;

/// Names the PostgreSQL server to use: the address of any of its databases, for a user who may
/// create others.
pub const DATABASE_URL: &str = "SPORTELLO_TEST_DATABASE_URL";
/// Names the RabbitMQ node to use.
pub const AMQP_URL: &str = "SPORTELLO_TEST_AMQP_URL";
/// Names the management API of that node, with the user and password of an administrator.
pub const MANAGEMENT_URL: &str = "SPORTELLO_TEST_MANAGEMENT_URL";

/// Returns the folder of the shared servers that tests start themselves, outside `cargo xtask
/// test`.
#[must_use]
pub fn shared_folder() -> PathBuf {
    folders::workspace().join("target/test-servers")
}

/// Returns the folder of servers for a single test.
#[must_use]
pub fn private_folder() -> PathBuf {
    folders::workspace().join("target/test-private")
}
