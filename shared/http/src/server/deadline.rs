//! A deadline that can be set repeatedly.

use std::future::Future as _;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// One timer for the whole life of a connection; it costs nothing before it is first set.
#[derive(Default)]
pub(crate) struct Deadline {
    timer: Option<Pin<Box<Sleep>>>,
    set: bool,
}

impl Deadline {
    /// Sets the deadline to this time from now.
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

    /// Whether the deadline is set and has passed. If not, it wakes the task when it passes.
    pub(crate) fn has_passed(&mut self, cx: &mut Context<'_>) -> bool {
        match &mut self.timer {
            Some(timer) if self.set => timer.as_mut().poll(cx).is_ready(),
            _ => false,
        }
    }
}
