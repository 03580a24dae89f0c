//! A deadline that is set again and again.

use std::future::Future as _;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// One timer for all of a connection's life; it costs nothing before it is first set.
#[derive(Default)]
pub(crate) struct Deadline {
    timer: Option<Pin<Box<Sleep>>>,
    set: bool,
}

impl Deadline {
    /// Sets it to so long from now, whatever it was before.
    pub(crate) fn set(&mut self, time: Duration) {
        match &mut self.timer {
            Some(timer) => timer.as_mut().reset(Instant::now() + time),
            None => self.timer = Some(Box::pin(sleep(time))),
        }
        self.set = true;
    }

    pub(crate) fn clear(&mut self) {
        self.set = false;
    }

    pub(crate) fn is_set(&self) -> bool {
        self.set
    }

    /// Whether it is set and has passed; while it has not, the task is woken when it does.
    pub(crate) fn has_passed(&mut self, cx: &mut Context<'_>) -> bool {
        match &mut self.timer {
            Some(timer) if self.set => timer.as_mut().poll(cx).is_ready(),
            _ => false,
        }
    }
}
