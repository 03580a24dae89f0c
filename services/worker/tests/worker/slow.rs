//! Work that can't be registered in time is tried in smaller transactions, then dead-lettered,
//! unless the database itself is slow.

use std::time::Duration;

use sportello_domain::Channel;
use sportello_queue::decode;
use sportello_store::{Store, StoreOptions};
use sportello_testkit::{Account, eventually};
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};

use crate::support::{Office, SOON, citizen, open, settle};

/// An office whose statements may take a second.
async fn with_a_short_deadline() -> Office {
    let mut office = open().await;
    let options = StoreOptions {
        statement_timeout: Duration::from_secs(1),
        ..StoreOptions::default()
    };
    let worker = Account::Worker.address(&office.database_url);
    office.worker_store = Store::connect(&worker, &options).unwrap();
    office
}

/// Makes the registration of each application for which `condition` holds take for ever; counts the
/// attempts.
async fn make_slow(connection: &mut PgConnection, condition: &str) {
    let make = format!(
        "create sequence attempts;
         grant usage on sequence attempts to public;
         create function be_slow() returns trigger language plpgsql as $$ begin
             if {condition} then
                 perform nextval('attempts');
                 perform pg_sleep(600);
             end if;
             return new;
         end $$;
         create trigger be_slow before insert on applications for each row execute function be_slow()"
    );
    connection.execute(AssertSqlSafe(make)).await.unwrap();
}

async fn make_fast(connection: &mut PgConnection) {
    let make = "create or replace function be_slow() returns trigger language plpgsql as $$ begin
                    return new;
                end $$";
    connection.execute(make).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_too_slow_alone_is_set_aside_whole() {
    let office = with_a_short_deadline().await;
    let slow = citizen(3);
    let mut connection = office.connection().await;
    make_slow(&mut connection, &format!("new.id = '{}'", slow.id())).await;
    office.publish((1..=8).map(citizen)).await;
    let mut lane = office.lane(Channel::Citizen);
    let done = settle(&mut lane, 8).await;
    assert_eq!((done.registered, done.dead_lettered), (7, 1));
    let letters = office.dead_letters().await;
    let [(envelope, reason)] = letters.as_slice() else {
        panic!("{} letters", letters.len())
    };
    assert_eq!(reason, "the database can't register it in time");
    let decoded = decode(&envelope.clone().into()).unwrap();
    assert_eq!(decoded.received[0].application.id, slow.id());

    make_fast(&mut connection).await;
    office.publish_bytes(Channel::Citizen, envelope).await;
    assert_eq!(settle(&mut lane, 1).await.registered, 1);
    lane.close().await;
    office.assert_drained(Channel::Citizen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nothing_can_be_registered_nothing_is_set_aside() {
    let office = with_a_short_deadline().await;
    let mut connection = office.connection().await;
    make_slow(&mut connection, "true").await;
    office.publish((1..=2).map(citizen)).await;
    let mut lane = office.lane(Channel::Citizen);
    let (done, ()) = tokio::join!(settle(&mut lane, 2), async {
        // each is tried alone, more than once
        eventually(SOON * 2, async || {
            let attempts: i64 = sqlx::query_scalar("select last_value from attempts")
                .fetch_one(&mut connection)
                .await
                .unwrap();
            attempts >= 10
        })
        .await;
        make_fast(&mut connection).await;
    });
    assert_eq!((done.registered, done.dead_lettered), (2, 0));
    lane.close().await;
    office.assert_drained(Channel::Citizen).await;
}
