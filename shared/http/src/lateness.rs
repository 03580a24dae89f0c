//! How long whoever comes now will have to wait for their thread.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How long a request may wait until its thread comes to it. One that is let in waits so long twice, with its head and with
/// its confirm: together that is less than the second in which everybody has their answer.
const LATE: Duration = Duration::from_millis(150);
/// The same while there is a crowd. A line that was too long once and comes back is no hiccup: kept short, it is soon over
/// for everybody, and takes as many.
const LATE_IN_CROWD: Duration = Duration::from_millis(20);
/// There is a crowd for so long after somebody was sent away.
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
    /// What the last one showed, and when.
    shown: Cell<Option<(Instant, Duration)>>,
    /// When somebody was sent away last.
    sent_away: Cell<Option<Instant>>,
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
        let sent_away = self.0.sent_away.get();
        let bound = if sent_away.is_some_and(|when| now - when <= CROWD_LASTS) {
            LATE_IN_CROWD
        } else {
            LATE
        };
        let waits = asked.map_or(Duration::ZERO, |asked| now - asked);
        let waited = shown.filter(|(when, _)| now - *when <= LATE);
        let too_much = waits > bound || waited.is_some_and(|(_, waited)| waited > bound);
        if too_much {
            self.0.sent_away.set(Some(now));
        }
        too_much
    }

    fn ask(&self, now: Instant) {
        self.0.asked.set(Some(now));
        let line = self.0.clone();
        actix_web::rt::spawn(async move {
            let now = Instant::now();
            let waited = line.asked.take().map(|asked| now - asked);
            line.shown.set(waited.map(|waited| (now, waited)));
        });
    }
}
