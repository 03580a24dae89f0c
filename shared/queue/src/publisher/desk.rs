//! How answers reach those who wait for them on a thread that does much else.
//!
//! A tokio runtime of one thread, as each thread of an actix server has it, puts a task that another thread wakes into a
//! line of its own, and takes one of that line after thirty of its own tasks. On a busy thread the sixty-four
//! applications of one message would wait for two thousand other tasks. So a thread has a desk: the answers of a message
//! come there together, by one wake-up, and whoever waits is woken by the thread itself.

use std::cell::RefCell;

use tokio::sync::{mpsc, oneshot};

use super::PublishError;

type Outcome = Result<(), PublishError>;
/// Those who waited for one message, and what came of it.
type Answers = (Vec<oneshot::Sender<Outcome>>, Outcome);
type Desk = mpsc::UnboundedSender<Answers>;

thread_local! {
    static HERE: RefCell<Option<Desk>> = const { RefCell::new(None) };
}

/// From now on what this thread publishes is answered by a task of its own: for threads with a runtime of their own that may
/// be busy. To be called where `spawn_local` can be. Elsewhere publishing needs nothing of the kind.
pub fn open_desk() {
    let (desk, mut answers) = mpsc::unbounded_channel::<Answers>();
    HERE.set(Some(desk));
    tokio::task::spawn_local(async move {
        while let Some((everybody, outcome)) = answers.recv().await {
            tell(everybody, outcome);
        }
    });
}

fn tell(everybody: Vec<oneshot::Sender<Outcome>>, outcome: Outcome) {
    for waiting in everybody {
        // an error means that whoever waited has left
        let _ = waiting.send(outcome);
    }
}

/// Who waits for an answer, and where.
pub(super) struct Waiting {
    waiting: oneshot::Sender<Outcome>,
    desk: Option<Desk>,
}

impl Waiting {
    /// Somebody on this thread, and the place where the answer comes.
    pub(super) fn here() -> (Self, oneshot::Receiver<Outcome>) {
        let (waiting, answer) = oneshot::channel();
        let desk = HERE.with_borrow(Clone::clone).filter(|desk| !desk.is_closed());
        (Self { waiting, desk }, answer)
    }
}

/// Answers all of them alike.
pub(super) fn answer(everybody: impl IntoIterator<Item = Waiting>, outcome: Outcome) {
    let mut elsewhere = Vec::new();
    let mut desks: Vec<(Desk, Vec<_>)> = Vec::new();
    for Waiting { waiting, desk } in everybody {
        let Some(desk) = desk else {
            elsewhere.push(waiting);
            continue;
        };
        match desks.iter_mut().find(|(other, _)| other.same_channel(&desk)) {
            Some((_, there)) => there.push(waiting),
            None => desks.push((desk, vec![waiting])),
        }
    }
    tell(elsewhere, outcome);
    for (desk, there) in desks {
        // an error means that the thread has ended, and with it who waited
        let _ = desk.send((there, outcome));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::rc::Rc;
    use std::task::Poll;

    use tokio::task::{LocalSet, spawn_local, yield_now};

    use super::*;

    const TOGETHER: usize = 64;
    const OTHERS: usize = 100;

    /// How many turns others have on a thread that is never idle, until all of a message are answered.
    async fn turns_of_others() -> usize {
        let turns = Rc::new(Cell::new(0));
        for _ in 0..OTHERS {
            let turns = Rc::clone(&turns);
            // `yield_now` would let the thread look around before the next turn
            spawn_local(poll_fn::<(), _>(move |cx| {
                turns.set(turns.get() + 1);
                cx.waker().wake_by_ref();
                Poll::Pending
            }));
        }
        let (everybody, answers): (Vec<_>, Vec<_>) = (0..TOGETHER).map(|_| Waiting::here()).unzip();
        let waiting: Vec<_> = answers.into_iter().map(|one| spawn_local(one)).collect();
        // so that all of them wait
        while turns.get() < 3 * OTHERS {
            yield_now().await;
        }
        let before = turns.get();
        std::thread::spawn(move || answer(everybody, Err(PublishError::Refused)))
            .join()
            .unwrap();
        for one in waiting {
            assert_eq!(one.await.unwrap(), Ok(Err(PublishError::Refused)));
        }
        turns.get() - before
    }

    #[tokio::test]
    async fn on_a_busy_thread_who_shared_a_message_is_answered_together() {
        let without = LocalSet::new().run_until(turns_of_others()).await;
        let with = LocalSet::new()
            .run_until(async {
                open_desk();
                turns_of_others().await
            })
            .await;
        assert!(
            with * 3 < without,
            "{with} turns of others with a desk, {without} without"
        );
    }

    #[tokio::test]
    async fn who_is_on_a_thread_without_a_desk_is_answered_too() {
        let (waiting, answer_here) = Waiting::here();
        answer([waiting], Ok(()));
        assert_eq!(answer_here.await, Ok(Ok(())));
    }
}
