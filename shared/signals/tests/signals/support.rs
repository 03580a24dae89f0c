//! Shared parts of the tests of signals.

use std::time::Duration;

use sportello_queue::BrokerUri;

/// For whatever must happen soon, on a busy machine.
pub const SOON: Duration = Duration::from_secs(30);

pub fn uri(text: &str) -> BrokerUri {
    text.parse().unwrap()
}

/// A bare connection, for an operator's work.
pub async fn operator(amqp_url: &str) -> (lapin::Connection, lapin::Channel) {
    let connection = lapin::Connection::connect(amqp_url, lapin::ConnectionProperties::default())
        .await
        .unwrap();
    let channel = connection.create_channel().await.unwrap();
    (connection, channel)
}
