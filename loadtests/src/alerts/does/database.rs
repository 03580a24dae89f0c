//! The benefits database: its connections, and what is registered.

use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::time::sleep;
use uuid::Uuid;

use crate::alerts::stage::Stage;
use crate::proof::register;

/// The server allows 200.
const CONNECTIONS: usize = 160;
const REGISTERED_WITHIN: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// Opens many connections, until there are no more.
pub(super) async fn take_connections(stage: &mut Stage) -> anyhow::Result<()> {
    let url = stage.scene.system.database_url();
    while stage.held.connections.len() < CONNECTIONS {
        stage.held.connections.push(register::connect(&url).await?);
    }
    Ok(())
}

/// Waits until the application is registered.
pub(super) async fn registered(stage: &Stage, id: Uuid) -> anyhow::Result<()> {
    let mut database = register::connect(&stage.scene.system.database_url()).await?;
    let begun = Instant::now();
    while !register::has(&mut database, id).await? {
        ensure!(
            begun.elapsed() < REGISTERED_WITHIN,
            "an application is not registered"
        );
        sleep(BETWEEN_LOOKS).await;
    }
    Ok(())
}
