//! Channel settings on a real broker.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use lapin::BasicProperties;
use lapin::options::{BasicPublishOptions, QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use sportello_domain::{BenefitId, Channel, ChannelPosition, ChannelSetting, SettingReason};
use sportello_signals::{ChannelSettings, SetError};
use sportello_testkit::{Sandbox, broker, eventually};

use crate::support::{SOON, operator, uri};

const BOARD: &str = "applications.channel-settings";

fn benefit(number: u32) -> BenefitId {
    BenefitId::parse(&format!("benefit-{number}")).unwrap()
}

fn setting(position: ChannelPosition) -> ChannelSetting {
    ChannelSetting {
        position,
        reason: SettingReason::parse("a reason for a test").unwrap(),
    }
}

/// A process that follows.
async fn follower(amqp_url: &str) -> ChannelSettings {
    let channel_settings = ChannelSettings::start(uri(amqp_url), "test");
    eventually(SOON, async || channel_settings.is_following()).await;
    channel_settings
}

async fn set(channel_settings: &ChannelSettings, number: u32, position: ChannelPosition) {
    try_to_set(channel_settings, number, position).await.unwrap();
}

async fn try_to_set(
    channel_settings: &ChannelSettings,
    number: u32,
    position: ChannelPosition,
) -> Result<(), SetError> {
    let benefit = benefit(number);
    channel_settings
        .set(&benefit, Channel::Citizen, setting(position), "olga")
        .await
}

fn position(channel_settings: &ChannelSettings, number: u32) -> Option<ChannelPosition> {
    channel_settings.position(&benefit(number), Channel::Citizen)
}

async fn comes_to(channel_settings: &ChannelSettings, number: u32, wanted: ChannelPosition) {
    eventually(SOON, async || position(channel_settings, number) == Some(wanted)).await;
}

/// Messages that wait in the lasting queue.
async fn on_board(amqp_url: &str) -> u32 {
    let (_connection, operator) = operator(amqp_url).await;
    let options = QueueDeclareOptions {
        passive: true,
        ..Default::default()
    };
    let board = operator.queue_declare(BOARD.into(), options, FieldTable::default());
    board.await.unwrap().message_count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_on_one_process_counts_on_all_and_is_known_to_who_comes_later() {
    let sandbox = Sandbox::queue().await;
    let (first, second) = tokio::join!(follower(sandbox.amqp_url()), follower(sandbox.amqp_url()));
    assert_eq!(position(&first, 1), Some(ChannelPosition::Scheduled));

    set(&first, 1, ChannelPosition::Closed).await;
    assert_eq!(position(&first, 1), Some(ChannelPosition::Closed), "at once");
    comes_to(&second, 1, ChannelPosition::Closed).await;
    set(&second, 2, ChannelPosition::Open).await;
    assert_eq!(
        first.position(&benefit(1), Channel::Intermediary),
        Some(ChannelPosition::Scheduled),
        "the other channel is as it was"
    );
    let third = follower(sandbox.amqp_url()).await;
    assert_eq!(position(&third, 1), Some(ChannelPosition::Closed));
    assert_eq!(position(&third, 2), Some(ChannelPosition::Open));

    set(&third, 1, ChannelPosition::Scheduled).await;
    for process in [&first, &second] {
        comes_to(process, 1, ChannelPosition::Scheduled).await;
    }
    for process in [&first, &second, &third] {
        process.close().await;
        assert!(!process.is_following());
        assert_eq!(
            position(process, 2),
            Some(ChannelPosition::Open),
            "the last known"
        );
    }
    let set = try_to_set(&first, 1, ChannelPosition::Open).await;
    assert!(matches!(set, Err(SetError::NotFollowing)));
    let fourth = follower(sandbox.amqp_url()).await;
    assert_eq!(
        position(&fourth, 1),
        Some(ChannelPosition::Scheduled),
        "all had ended"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_start_at_once_each_knows_everything_when_it_follows() {
    const SETTINGS: u32 = 30;
    let sandbox = Sandbox::queue().await;
    let url = sandbox.amqp_url();
    let first = follower(url).await;
    for number in 0..SETTINGS {
        set(&first, number, ChannelPosition::Closed).await;
    }
    let starting = join_all((0..20).map(async |_| {
        // some leave in the middle of their turn, or before it
        drop(ChannelSettings::start(uri(url), "leaves"));
        let channel_settings = follower(url).await;
        let closed =
            (0..SETTINGS).filter(|n| position(&channel_settings, *n) == Some(ChannelPosition::Closed));
        assert_eq!(closed.count(), SETTINGS as usize);
        channel_settings
    }))
    .await;
    set(&first, SETTINGS, ChannelPosition::Open).await;
    for process in starting {
        comes_to(&process, SETTINGS, ChannelPosition::Open).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_superseded_is_removed_when_the_next_process_starts() {
    let sandbox = Sandbox::queue().await;
    let first = follower(sandbox.amqp_url()).await;
    for _ in 0..20 {
        set(&first, 1, ChannelPosition::Closed).await;
        set(&first, 1, ChannelPosition::Open).await;
    }
    let second = follower(sandbox.amqp_url()).await;
    assert_eq!(position(&second, 1), Some(ChannelPosition::Open));
    eventually(SOON, async || {
        // an acknowledgement may be overtaken by the end of its channel: the next one sends another
        follower(sandbox.amqp_url()).await.close().await;
        on_board(sandbox.amqp_url()).await <= 3
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn markers_that_others_left_never_keep_a_process_from_starting() {
    let sandbox = Sandbox::queue().await;
    let first = follower(sandbox.amqp_url()).await;
    set(&first, 1, ChannelPosition::Closed).await;
    let (_connection, operator) = operator(sandbox.amqp_url()).await;
    for number in 0..1_200_u32 {
        let id = uuid::Uuid::from_u128(number.into());
        let at = jiff::Timestamp::now();
        let marker = format!(r#"{{"version":1,"marker":{{"id":"{id}","at":"{at}"}}}}"#);
        let options = BasicPublishOptions::default();
        let properties = BasicProperties::default();
        let publish = operator.basic_publish(BOARD.into(), "".into(), options, marker.as_bytes(), properties);
        publish.await.unwrap();
    }
    eventually(SOON, async || on_board(sandbox.amqp_url()).await > 1_200).await;
    let second = follower(sandbox.amqp_url()).await;
    assert_eq!(position(&second, 1), Some(ChannelPosition::Closed));
    eventually(SOON, async || {
        // an acknowledgement may be overtaken by the end of its channel: the next one sends another
        follower(sandbox.amqp_url()).await.close().await;
        on_board(sandbox.amqp_url()).await < 10
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_set_while_a_process_was_cut_off_is_known_when_it_follows_again() {
    let sandbox = Sandbox::queue().await;
    let (first, second) = tokio::join!(follower(sandbox.amqp_url()), follower(sandbox.amqp_url()));
    for (number, cut) in (1..=3).zip([&first, &second, &first]) {
        sandbox.close_connections().await;
        eventually(SOON, async || {
            try_to_set(cut, number, ChannelPosition::Closed).await.is_ok()
        })
        .await;
        for process in [&first, &second] {
            comes_to(process, number, ChannelPosition::Closed).await;
        }
    }
    for process in [&first, &second] {
        eventually(SOON, async || process.is_following()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_version_wrote_or_nobody_can_read_is_passed_over() {
    let sandbox = Sandbox::queue().await;
    let first = follower(sandbox.amqp_url()).await;
    let (_connection, operator) = operator(sandbox.amqp_url()).await;
    for body in [
        &br#"{"version":2,"setting":{}}"#[..],
        br#"{"version":1,"setting":{}}"#,
        b"\xff",
        b"",
    ] {
        let options = BasicPublishOptions::default();
        let publish =
            operator.basic_publish(BOARD.into(), "".into(), options, body, BasicProperties::default());
        publish.await.unwrap();
    }
    set(&first, 1, ChannelPosition::Closed).await;
    let second = follower(sandbox.amqp_url()).await;
    assert_eq!(position(&second, 1), Some(ChannelPosition::Closed));
    assert!(first.is_following());
    eventually(SOON, async || on_board(sandbox.amqp_url()).await >= 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_the_broker_has_forgotten_is_published_again() {
    let sandbox = Sandbox::queue().await;
    let first = follower(sandbox.amqp_url()).await;
    set(&first, 1, ChannelPosition::Closed).await;
    let (_connection, operator) = operator(sandbox.amqp_url()).await;
    operator
        .queue_delete(BOARD.into(), QueueDeleteOptions::default())
        .await
        .unwrap();
    sandbox.close_connections().await;
    eventually(SOON, async || {
        let second = follower(sandbox.amqp_url()).await;
        position(&second, 1) == Some(ChannelPosition::Closed)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_set_survives_the_kill_of_the_broker() {
    let mut broker = broker().await;
    let first = follower(&broker.url()).await;
    // the broker writes down within 3 s that a new queue exists (its table of names is a DETS file,
    // with a delayed write): a younger queue is lost with the kill
    let made = Instant::now();
    eventually(SOON, async || made.elapsed() > Duration::from_secs(6)).await;
    set(&first, 1, ChannelPosition::Closed).await;
    set(&first, 2, ChannelPosition::Open).await;
    broker.kill().await.unwrap();
    eventually(SOON, async || !first.is_following()).await;
    assert_eq!(
        position(&first, 1),
        Some(ChannelPosition::Closed),
        "the last known"
    );
    first.close().await;

    broker.start().await.unwrap();
    let second = follower(&broker.url()).await;
    assert_eq!(position(&second, 1), Some(ChannelPosition::Closed));
    assert_eq!(position(&second, 2), Some(ChannelPosition::Open));
}
