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

/// Adds to the counter of one benefit, channel and outcome, and counts the register as a worker
/// does by night.
pub(super) async fn miscount(stage: &Stage, by: i64) -> anyhow::Result<()> {
    let mut database = register::connect(&stage.scene.system.database_url()).await?;
    let changed = sqlx::query(
        "update outcome_counts set applications = applications + $1 where (benefit, channel, outcome) in
            (select benefit, channel, outcome from outcome_counts order by 1, 2, 3 limit 1)",
    );
    let changed = changed.bind(by).execute(&mut database).await?;
    ensure!(changed.rows_affected() == 1, "there is no counter of outcomes");
    sqlx::query(
        "insert into outcome_recounts (applications, miscounted)
        select sum(counted), sum(abs(counted - recorded)) from (
            select sum(counted) as counted, sum(recorded) as recorded from (
                select benefit, channel, outcome, count(*) as counted, 0 as recorded
                from applications group by 1, 2, 3
                union all select benefit, channel, outcome, 0, applications from outcome_counts
                union all select benefit, channel, outcome, 0, applications from outcome_movements
            ) as both_sides group by benefit, channel, outcome
        ) as compared",
    )
    .execute(&mut database)
    .await?;
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
