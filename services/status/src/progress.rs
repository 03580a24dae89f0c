//! `GET /v1/progress`: how registering is going.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::web::Data;
use actix_web::{HttpResponse, http::header::CACHE_CONTROL};
use jiff::Timestamp;
use parking_lot::Mutex;
use serde::Serialize;
use sportello_http::{Problem, PublicProblems};
use sportello_store::{Progress, Store};
use tokio::task::JoinHandle;
use utoipa::ToSchema;

/// Time between two readings. No caller reaches the database.
pub(crate) const BETWEEN_READINGS: Duration = Duration::from_secs(2);
const MINUTE: Duration = Duration::from_secs(60);
/// Seconds until a retry while nothing was read yet.
const RETRY_AFTER: u32 = 5;

/// The numbers, as last read. They say nothing about anybody.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct ProgressView {
    /// When they were read. They are older while the database is away.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Applications registered this year.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    registered: i64,
    /// These, and those that were accepted and wait to be registered. Some of the latter may be
    /// withdrawals, or were sent twice.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    received: i64,
    /// Of the registered, in the last minute. Missing during the first minute of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    registered_last_minute: Option<i64>,
    /// Median seconds from acceptance to registration, of the latest in the last minute. Missing
    /// where there were none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    waiting_seconds: Option<u64>,
}

/// Reads the register from time to time, and keeps what was last read.
pub(crate) struct Readings {
    latest: Arc<Mutex<Option<ProgressView>>>,
    task: JoinHandle<()>,
}

impl Readings {
    /// Starts reading. To be called on a tokio runtime.
    pub(crate) fn start(store: Store) -> Self {
        let latest = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&latest);
        let task = tokio::spawn(async move {
            let mut before = LastMinute::default();
            loop {
                if let Ok(progress) = store.progress().await {
                    *kept.lock() = Some(before.view(progress, Instant::now()));
                }
                tokio::time::sleep(BETWEEN_READINGS).await;
            }
        });
        Self { latest, task }
    }
}

impl Drop for Readings {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The numbers of the last minute's readings.
#[derive(Debug, Default)]
struct LastMinute(VecDeque<(Instant, i64)>);

impl LastMinute {
    fn view(&mut self, progress: Progress, now: Instant) -> ProgressView {
        self.0.push_back((now, progress.registered));
        // the newest of those that are a minute old stays, to be compared with
        let is_old = |at: Instant| now.duration_since(at) >= MINUTE;
        while self.0.get(1).is_some_and(|(at, _)| is_old(*at)) {
            self.0.pop_front();
        }
        let minute_ago = self.0.front().filter(|(at, _)| is_old(*at));
        ProgressView {
            at: progress.at,
            registered: progress.registered,
            received: progress.received,
            // less than before in a new year
            registered_last_minute: minute_ago.map(|(_, before)| (progress.registered - before).max(0)),
            waiting_seconds: progress.waiting.map(|waiting| waiting.as_secs()),
        }
    }
}

/// Shows how many applications are registered, and how long registering takes now.
///
/// The numbers are those last read, with their instant: the database may be away meanwhile.
#[utoipa::path(
    get,
    path = "/v1/progress",
    operation_id = "show_progress",
    tag = "applications",
    responses(
        (status = 200, description = "The numbers, as last read", body = ProgressView, headers(
            ("Cache-Control" = String, description = "`public, max-age=2`: any cache may keep them for two seconds"),
        )),
        PublicProblems,
    ),
    security(())
)]
pub(crate) async fn show_progress(readings: Data<Readings>) -> Result<HttpResponse, Problem> {
    let latest = readings.latest.lock().clone();
    let view = latest.ok_or(Problem::Unavailable {
        retry_after: RETRY_AFTER,
    })?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=2"))
        .json(view))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_minute_is_known_after_a_minute_and_never_negative() {
        let begun = Instant::now();
        let progress = |registered| Progress {
            at: Timestamp::UNIX_EPOCH,
            registered,
            received: registered,
            waiting: None,
        };
        let mut minute = LastMinute::default();
        let mut seen = |second: u64, registered| {
            let view = minute.view(progress(registered), begun + Duration::from_secs(second));
            view.registered_last_minute
        };
        assert_eq!(seen(0, 100), None);
        assert_eq!(seen(30, 150), None);
        assert_eq!(seen(60, 175), Some(75));
        assert_eq!(seen(90, 180), Some(30));
        assert_eq!(seen(150, 7), Some(0));
    }
}
