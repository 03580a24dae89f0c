//! The bound on live streams.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use sportello_http::Problem;
use sportello_identity::SubjectId;

use crate::metrics;

/// Seconds after which an operator with too many streams may come again.
const RETRY_AFTER: u32 = 5;

/// The live streams that are open. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Streams(Arc<Shared>);

struct Shared {
    most: u32,
    most_each: u32,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: u32,
    each: HashMap<SubjectId, u32>,
}

/// An open stream; ends when it is dropped.
pub(crate) struct Stream {
    streams: Streams,
    operator: SubjectId,
}

impl Streams {
    pub(crate) fn new(most: u32, most_each: u32) -> Self {
        Self(Arc::new(Shared {
            most,
            most_each,
            open: Mutex::default(),
        }))
    }

    /// Opens a stream of an operator.
    ///
    /// # Errors
    /// [`Problem::TooManyRequests`] where the operator has too many, [`Problem::Unavailable`] where
    /// all together have.
    pub(crate) fn open(&self, operator: SubjectId) -> Result<Stream, Problem> {
        let mut open = self.0.open.lock();
        if open.all >= self.0.most {
            return Err(Problem::Unavailable {
                retry_after: RETRY_AFTER,
            });
        }
        let own = open.each.entry(operator.clone()).or_default();
        if *own >= self.0.most_each {
            return Err(Problem::TooManyRequests {
                retry_after: RETRY_AFTER,
            });
        }
        *own += 1;
        open.all += 1;
        drop(open);
        metrics::streams(1);
        Ok(Stream {
            streams: self.clone(),
            operator,
        })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let mut open = self.streams.0.open.lock();
        open.all = open.all.saturating_sub(1);
        if let Some(own) = open.each.get_mut(&self.operator) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                open.each.remove(&self.operator);
            }
        }
        drop(open);
        metrics::streams(-1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_bounded_for_each_operator_and_in_all_and_given_back() {
        let streams = Streams::new(3, 2);
        let operator = |name: &str| SubjectId::new("https://issuer.test", name);
        let first = streams.open(operator("olga")).unwrap();
        let _second = streams.open(operator("olga")).unwrap();
        let third = streams.open(operator("olga")).err();
        assert_eq!(third, Some(Problem::TooManyRequests { retry_after: 5 }));
        let _anna = streams.open(operator("anna")).unwrap();
        let full = streams.open(operator("carla")).err();
        assert_eq!(full, Some(Problem::Unavailable { retry_after: 5 }));
        drop(first);
        assert!(streams.open(operator("olga")).is_ok());
    }
}
