//! How long whoever comes now will have to wait for their thread.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How long a request may wait until its thread comes to it. One that is let in waits so long twice, with its head and with
/// its confirm: together that is less than the second in which everybody has their answer.
const LATE: Duration = Duration::from_millis(150);
/// The same in a crowd. What is in line is no hiccup then: kept short, the line is soon over for everybody, and takes as many.
const LATE_IN_CROWD: Duration = Duration::from_millis(12);
/// There is a crowd where so many came while one waited: the thread was not held up, it had that much to do.
const CROWD: u32 = 200;
/// And for so long after somebody was sent away.
const CROWD_LASTS: Duration = Duration::from_secs(1);
/// How often a thread asks itself how late it is, while requests come.
const ASK: Duration = Duration::from_millis(10);

/// How long whatever is ready waits until its thread comes to it: one of each thread.
///
/// Nobody sees how long a request has lain in the system's buffers. But a thread takes up what is ready in turn, so a
/// task that does nothing, put at the end of the line, shows how long the line is.
#[derive(Clone, Default)]
pub(crate) struct Lateness(Rc<Line>);

#[derive(Default)]
struct Line {
    /// When the task was put there that has not had its turn yet.
    asked: Cell<Option<Instant>>,
    /// How many came since.
    came: Cell<u32>,
    /// What the last one showed, and when.
    shown: Cell<Option<(Instant, Wait)>>,
    /// When somebody was sent away last.
    sent_away: Cell<Option<Instant>>,
}

/// How long the task waited, and how many came meanwhile.
#[derive(Clone, Copy)]
struct Wait {
    lasted: Duration,
    came: u32,
}

impl Wait {
    fn is_too_long(self, in_crowd: bool) -> bool {
        let bound = if in_crowd || self.came >= CROWD {
            LATE_IN_CROWD
        } else {
            LATE
        };
        self.lasted > bound
    }
}

impl Lateness {
    /// Whether one who comes now is to be sent away. To be asked on the thread itself.
    pub(crate) fn is_too_much(&self) -> bool {
        let now = Instant::now();
        let shown = self.0.shown.get();
        let asked = self.0.asked.get();
        if asked.is_none() && shown.is_none_or(|(when, _)| now - when >= ASK) {
            self.ask(now);
        }
        self.0.came.set(self.0.came.get() + 1);
        let in_crowd = self
            .0
            .sent_away
            .get()
            .is_some_and(|when| now - when <= CROWD_LASTS);
        let waits = asked.map(|asked| self.0.since(asked, now));
        let waited = shown
            .filter(|(when, _)| now - *when <= LATE)
            .map(|(_, wait)| wait);
        let too_much = waits
            .into_iter()
            .chain(waited)
            .any(|wait| wait.is_too_long(in_crowd));
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
        for (millis, came, in_crowd, too_long) in [
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
                Wait { lasted, came }.is_too_long(in_crowd),
                too_long,
                "{millis} ms, {came} came"
            );
        }
    }
}
