//! Delivers answers to senders that wait on a busy thread.
//!
//! A tokio runtime of one thread, as on each thread of an actix server, queues tasks woken by other
//! threads separately. It takes one of them after thirty of its own tasks. On a busy thread the
//! sixty-four applications of one message would wait for two thousand other tasks. So each thread
//! has a task for replies: the answers of a message arrive there together, with one wake-up, and
//! the thread itself wakes the senders.

use std::cell::RefCell;

use tokio::sync::{mpsc, oneshot};

use super::PublishError;

type Outcome = Result<(), PublishError>;
/// The senders of one message, and its outcome.
type Answers = (Vec<oneshot::Sender<Outcome>>, Outcome);
type Replies = mpsc::UnboundedSender<Answers>;

thread_local! {
    static HERE: RefCell<Option<Replies>> = const { RefCell::new(None) };
}

/// Starts a task that answers this thread's publishes from now on. For busy threads with a runtime
/// of their own; to be called where `spawn_local` can be. Other threads need no such task.
pub fn open_thread_replies() {
    let (replies, mut answers) = mpsc::unbounded_channel::<Answers>();
    HERE.set(Some(replies));
    tokio::task::spawn_local(async move {
        while let Some((everybody, outcome)) = answers.recv().await {
            report(everybody, outcome);
        }
    });
}

fn report(everybody: Vec<oneshot::Sender<Outcome>>, outcome: Outcome) {
    for waiting in everybody {
        // an error means that the sender has left
        let _ = waiting.send(outcome);
    }
}

/// A sender that waits for an answer, and its thread.
pub(super) struct Waiting {
    waiting: oneshot::Sender<Outcome>,
    replies: Option<Replies>,
}

impl Waiting {
    /// Makes a sender on this thread, and the receiver of its answer.
    pub(super) fn here() -> (Self, oneshot::Receiver<Outcome>) {
        let (waiting, answer) = oneshot::channel();
        let replies = HERE
            .with_borrow(Clone::clone)
            .filter(|replies| !replies.is_closed());
        (Self { waiting, replies }, answer)
    }
}

/// Answers all senders with the same outcome.
pub(super) fn answer(everybody: impl IntoIterator<Item = Waiting>, outcome: Outcome) {
    let mut elsewhere = Vec::new();
    let mut threads: Vec<(Replies, Vec<_>)> = Vec::new();
    for Waiting { waiting, replies } in everybody {
        let Some(replies) = replies else {
            elsewhere.push(waiting);
            continue;
        };
        match threads.iter_mut().find(|(other, _)| other.same_channel(&replies)) {
            Some((_, there)) => there.push(waiting),
            None => threads.push((replies, vec![waiting])),
        }
    }
    report(elsewhere, outcome);
    for (replies, there) in threads {
        // an error means that the thread has ended, and its senders with it
        let _ = replies.send((there, outcome));
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

    /// Returns the number of turns of other tasks, on a thread that is never idle, until all
    /// senders of a message have their answers.
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
                open_thread_replies();
                turns_of_others().await
            })
            .await;
        assert!(
            with * 3 < without,
            "{with} turns of others with a replies, {without} without"
        );
    }

    #[tokio::test]
    async fn a_publisher_on_a_thread_without_a_reply_task_is_answered_too() {
        let (waiting, answer_here) = Waiting::here();
        answer([waiting], Ok(()));
        assert_eq!(answer_here.await, Ok(Ok(())));
    }
}
