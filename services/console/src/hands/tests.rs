use std::sync::Arc;

use futures_util::future::BoxFuture;
use parking_lot::Mutex;

use super::*;

/// A platform that keeps a number, as Kubernetes does.
#[derive(Clone, Default)]
struct Platform {
    asked: Arc<Mutex<u16>>,
    orders: Arc<Mutex<Vec<(u16, u16)>>>,
    error: Arc<Mutex<Option<HandError>>>,
}

impl Hand for Platform {
    fn observe(&self) -> BoxFuture<'_, Result<Observed, HandError>> {
        let asked = *self.asked.lock();
        Box::pin(async move {
            Ok(Observed {
                asked: Some(asked),
                ..Observed::count(asked)
            })
        })
    }

    fn scale_to<'a>(&'a self, wanted: u16, seen: &'a Observed) -> BoxFuture<'a, Result<(), HandError>> {
        let error = self.error.lock().clone();
        if error.is_none() {
            self.orders.lock().push((seen.asked.unwrap_or_default(), wanted));
            *self.asked.lock() = wanted;
        }
        Box::pin(async { error.map_or(Ok(()), Err) })
    }
}

const PACE: Duration = Duration::from_millis(20);
const WITHIN: Duration = Duration::from_secs(30);

/// Waits for a look that shows this.
async fn until(hands: &Hands, shows: impl FnMut(&Seen) -> bool) -> Seen {
    let mut seen = hands.seen.clone();
    let shown = tokio::time::timeout(WITHIN, seen.wait_for(shows)).await;
    shown.unwrap().unwrap().clone()
}

/// Orders so many upon each look, as the automatic does, until one shows this.
async fn ordering(hands: &Hands, workers: u16, mut shows: impl FnMut(&Seen) -> bool) -> Seen {
    until(hands, |seen| {
        let upon = seen.look;
        hands.order(Some(Order { workers, upon }));
        shows(seen)
    })
    .await
}

#[tokio::test]
async fn an_order_upon_an_older_look_is_not_carried_out() {
    let platform = Platform::default();
    let hands = Hands::paced(Box::new(platform.clone()), PACE);
    let first = until(&hands, |seen| seen.look > 0).await.look;
    // somebody else changes the number, and the hand looks again
    *platform.asked.lock() = 7;
    let second = until(&hands, |seen| seen.look > first + 1).await;
    assert_eq!(second.observed.unwrap().asked, Some(7));
    hands.order(Some(Order {
        workers: 3,
        upon: first,
    }));
    let third = until(&hands, |seen| seen.look > second.look + 2).await;
    assert_eq!((third.done, platform.orders.lock().len()), (None, 0));
    let done = ordering(&hands, 3, |seen| seen.done.is_some()).await.done;
    assert_eq!(done.unwrap().workers, 3);
    assert_eq!(platform.orders.lock()[0], (7, 3));
}

#[tokio::test]
async fn a_failed_order_is_shown_until_one_goes_well() {
    let platform = Platform::default();
    let cause = "timeout".to_owned();
    *platform.error.lock() = Some(HandError::Unreachable { cause });
    let hands = Hands::paced(Box::new(platform.clone()), PACE);
    let failed = ordering(&hands, 2, |seen| seen.now.error.is_some()).await;
    assert!(failed.now.error.unwrap().contains("timeout"));
    assert_eq!(failed.done, None);
    *platform.error.lock() = None;
    let done = ordering(&hands, 2, |seen| seen.done.is_some()).await;
    assert_eq!((done.now.error, done.now.order), (None, None));
}
