//! Estimates how long a new request would wait for its thread.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How long a request may wait for its thread. An admitted request waits that long twice, with its
/// head and with its confirm: together less than the second in which every caller gets an answer.
const LATE: Duration = Duration::from_millis(150);
/// The same bound under overload. The queue is then no hiccup: a short queue serves as many
/// requests and delays each of them less.
const LATE_UNDER_OVERLOAD: Duration = Duration::from_millis(12);
/// Requests that arrive during one wait and show overload: the thread was busy with them, not held
/// up.
const OVERLOAD: u32 = 200;
/// How long overload lasts after a request was shed.
const OVERLOAD_LASTS: Duration = Duration::from_secs(1);
/// How often a thread measures its delay while requests come.
const ASK: Duration = Duration::from_millis(10);

/// Measures how long ready tasks wait for their thread. Each thread has its own.
///
/// The time that a request spends in the system's buffers is not visible. But a thread runs ready
/// tasks in turn, so an empty task at the end of the run queue shows how long the queue is.
#[derive(Clone, Default)]
pub(crate) struct QueueDelay(Rc<Line>);

#[derive(Default)]
struct Line {
    /// When the waiting task was queued; `None` if none waits.
    asked: Cell<Option<Instant>>,
    /// How many requests came since.
    came: Cell<u32>,
    /// The last measured wait, and when.
    shown: Cell<Option<(Instant, Wait)>>,
    /// When a request was last shed.
    sent_away: Cell<Option<Instant>>,
}

/// How long the task waited, and how many requests came meanwhile.
#[derive(Clone, Copy)]
struct Wait {
    lasted: Duration,
    came: u32,
}

impl Wait {
    fn is_too_long(self, under_overload: bool) -> bool {
        let bound = if under_overload || self.came >= OVERLOAD {
            LATE_UNDER_OVERLOAD
        } else {
            LATE
        };
        self.lasted > bound
    }
}

impl QueueDelay {
    /// Whether a request that comes now must be shed. Must be called on the thread itself.
    pub(crate) fn is_too_much(&self) -> bool {
        let now = Instant::now();
        let shown = self.0.shown.get();
        let asked = self.0.asked.get();
        if asked.is_none() && shown.is_none_or(|(when, _)| now - when >= ASK) {
            self.ask(now);
        }
        self.0.came.set(self.0.came.get() + 1);
        let under_overload = self
            .0
            .sent_away
            .get()
            .is_some_and(|when| now - when <= OVERLOAD_LASTS);
        let waits = asked.map(|asked| self.0.since(asked, now));
        let waited = shown
            .filter(|(when, _)| now - *when <= LATE)
            .map(|(_, wait)| wait);
        let too_much = waits
            .into_iter()
            .chain(waited)
            .any(|wait| wait.is_too_long(under_overload));
        if too_much {
            self.0.sent_away.set(Some(now));
        }
        too_much
    }

    fn ask(&self, now: Instant) {
        self.0.asked.set(Some(now));
        self.0.came.set(0);
        let line = self.0.clone();
        actix_web::rt::spawn(async move {
            let now = Instant::now();
            let waited = line.asked.take().map(|asked| line.since(asked, now));
            line.shown.set(waited.map(|waited| (now, waited)));
        });
    }
}

impl Line {
    fn since(&self, asked: Instant, now: Instant) -> Wait {
        Wait {
            lasted: now - asked,
            came: self.came.get(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_has_much_to_do_is_late_sooner_than_one_that_was_held_up() {
        for (millis, came, under_overload, too_long) in [
            (150, 3, false, false),
            (151, 3, false, true),
            (13, 199, false, false),
            (13, 200, false, true),
            (12, 200, false, false),
            (13, 0, true, true),
            (12, 0, true, false),
        ] {
            let lasted = Duration::from_millis(millis);
            assert_eq!(
                Wait { lasted, came }.is_too_long(under_overload),
                too_long,
                "{millis} ms, {came} came"
            );
        }
    }
}
