use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use tokio::task::JoinSet;

use super::*;

fn fair_share(at_once: usize) -> FairShare {
    FairShare::new(NonZeroUsize::new(at_once).unwrap(), "4:1".parse().unwrap())
}

#[tokio::test]
async fn a_turn_is_held_until_it_is_dropped_and_then_goes_to_who_waits() {
    let fair_share = fair_share(1);
    let first = fair_share.turn(Channel::Citizen, 1).await;
    let second = fair_share.turn(Channel::Intermediary, 1);
    tokio::pin!(second);
    assert!(second.as_mut().now_or_never().is_none());
    drop(first);
    drop(second.await);
    let _third = fair_share.turn(Channel::Citizen, 1).await;
}

#[tokio::test]
async fn a_cancelled_wait_keeps_no_turn_even_if_one_was_granted_meanwhile() {
    let fair_share = fair_share(1);
    for granted_meanwhile in [false, true] {
        let first = fair_share.turn(Channel::Citizen, 1).await;
        let mut waiting = Box::pin(fair_share.turn(Channel::Citizen, 1));
        assert!(waiting.as_mut().now_or_never().is_none());
        if granted_meanwhile {
            drop(first);
            drop(waiting);
        } else {
            drop(waiting);
            drop(first);
        }
        drop(fair_share.turn(Channel::Intermediary, 1).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_wake_up_is_lost_and_never_are_there_more_at_once() {
    let (fair_share, running) = (fair_share(3), Arc::new(AtomicUsize::new(0)));
    let mut lanes = JoinSet::new();
    for lane in 0..12 {
        let (fair_share, running) = (fair_share.clone(), Arc::clone(&running));
        lanes.spawn(async move {
            for round in 0..500 {
                let turn = fair_share.turn(Channel::ALL[lane % 2], 1 + round);
                // some give up at once
                if (round + lane) % 7 == 0 {
                    let _ = turn.now_or_never();
                    continue;
                }
                let turn = turn.await;
                assert!(running.fetch_add(1, Ordering::SeqCst) < 3);
                tokio::task::yield_now().await;
                running.fetch_sub(1, Ordering::SeqCst);
                drop(turn);
            }
        });
    }
    lanes.join_all().await;
    assert_eq!(running.load(Ordering::SeqCst), 0);
}
