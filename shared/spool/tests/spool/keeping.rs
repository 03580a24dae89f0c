//! Puts, order, bounds, removal.

use std::io::{BufRead as _, BufReader};

use sportello_spool::PutError;

use super::{config, everything, item, number, open};
use crate::helper::{Helper, Task};

#[tokio::test]
async fn what_was_put_is_there_in_order_also_after_it_was_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path());
    for number in 0..100 {
        spool.put(item(number)).await.unwrap();
    }
    assert_eq!(everything(&spool).await.1, Vec::from_iter(0..100));
    spool.close().await;
    assert_eq!(spool.put(item(100)).await, Err(PutError::Disk));

    let again = open(folder.path());
    let holding = again.holding();
    assert_eq!(
        (holding.items, holding.bytes, holding.writable),
        (100, 200_000, true)
    );
    assert!(!holding.oldest_age.is_zero());
    again.put(item(100)).await.unwrap();
    let (keys, numbers) = everything(&again).await;
    assert_eq!(numbers, Vec::from_iter(0..101));

    let some = again.oldest(Some(keys[9]), 5).await.unwrap();
    let some: Vec<_> = some.iter().map(|item| number(&item.item)).collect();
    assert_eq!(some, [10, 11, 12, 13, 14]);
    again.remove(keys[..50].to_vec()).await.unwrap();
    assert_eq!(everything(&again).await.1, Vec::from_iter(50..101));
    assert_eq!(again.holding().items, 51);
    // removing an item twice is no harm
    again.remove(keys[..60].to_vec()).await.unwrap();
    assert_eq!((again.holding().items, again.holding().bytes), (41, 82_000));
}

#[tokio::test]
async fn when_the_last_is_removed_nothing_of_any_is_left_in_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path());
    for _ in 0..500 {
        spool.put("a marked application".into()).await.unwrap();
    }
    let marked = || {
        let files = std::fs::read_dir(folder.path()).unwrap();
        let contents = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
        contents
            .map(|content| {
                content
                    .windows(20)
                    .filter(|bytes| bytes == b"a marked application")
                    .count()
            })
            .sum::<usize>()
    };
    assert!(marked() >= 500);
    let items = spool.oldest(None, usize::MAX).await.unwrap();
    let (first, last) = items.split_at(250);
    spool
        .remove(first.iter().map(|item| item.key).collect())
        .await
        .unwrap();
    spool
        .remove(last.iter().map(|item| item.key).collect())
        .await
        .unwrap();
    assert_eq!(marked(), 0);
    assert_eq!((spool.holding().items, spool.holding().bytes), (0, 0));

    // a key is never used again
    spool.put(item(1)).await.unwrap();
    let (keys, numbers) = everything(&spool).await;
    assert_eq!(numbers, [1]);
    assert!(keys[0] > items[499].key);
}

#[tokio::test]
async fn what_is_not_known_to_be_everything_is_not_thrown_away_with_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path());
    for number in 0..4 {
        spool.put(item(number)).await.unwrap();
    }
    let (keys, _) = everything(&spool).await;
    spool.remove(keys[..2].to_vec()).await.unwrap();
    // as many as are there, and others
    spool.remove(vec![keys[0], keys[2]]).await.unwrap();
    assert_eq!(everything(&spool).await.1, [3]);
}

#[tokio::test]
async fn a_full_spool_says_so_and_takes_more_when_some_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let config = sportello_spool::SpoolConfig {
        capacity_bytes: 1 << 20,
        ..config(folder.path())
    };
    let spool = sportello_spool::Spool::open(&config).unwrap();
    let mut kept = 0;
    while spool.is_open() {
        spool.put(item(kept)).await.unwrap();
        kept += 1;
    }
    assert!(kept > 400, "{kept}");
    while spool.put(item(kept)).await.is_ok() {
        kept += 1;
    }
    assert_eq!(spool.put(item(kept)).await, Err(PutError::Full));
    assert!(spool.holding().bytes <= 1 << 20);
    let (keys, numbers) = everything(&spool).await;
    assert_eq!(numbers, Vec::from_iter(0..kept));
    spool.remove(keys[..100].to_vec()).await.unwrap();
    assert!(spool.is_open());
    spool.put(item(kept)).await.unwrap();
}

#[tokio::test]
async fn an_entry_is_kept_though_its_caller_vanishes() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path());
    {
        let mut put = Box::pin(spool.put(item(0)));
        assert!(futures_poll_once(&mut put).await.is_none());
    }
    spool.put(item(1)).await.unwrap();
    assert_eq!(everything(&spool).await.1, [0, 1]);
}

/// Polls it once.
async fn futures_poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[tokio::test]
async fn whatever_was_answered_survives_the_kill_of_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut answered = Vec::new();
    for round in 1..=3 {
        let mut helper = Helper::start(
            folder.path(),
            Task::PutForEver {
                from: round * 1_000_000,
            },
        );
        let mut lines = BufReader::new(helper.output()).lines().map_while(Result::ok);
        let told = |line: String| line.strip_prefix("kept ")?.parse::<usize>().ok();
        answered.extend(lines.by_ref().filter_map(told).take(2_000));
        helper.kill();
        // printed before the kill, and not read yet
        answered.extend(lines.filter_map(told));
        let spool = open(folder.path());
        let (_, mut there) = everything(&spool).await;
        let count = there.len();
        there.sort_unstable();
        there.dedup();
        assert_eq!(there.len(), count, "nothing is there twice");
        let missing = answered
            .iter()
            .filter(|number| there.binary_search(number).is_err());
        assert_eq!(missing.count(), 0, "of {} in round {round}", answered.len());
        spool.close().await;
    }
}
