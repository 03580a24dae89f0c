//! Metrics of uploads.

use std::sync::LazyLock;

use opentelemetry::metrics::{Counter, UpDownCounter};
use opentelemetry::{KeyValue, global};

static ROWS: LazyLock<Counter<u64>> = LazyLock::new(|| {
    global::meter("sportello.batches")
        .u64_counter("sportello.batches.rows")
        .with_description("rows of uploads, by whether their application was accepted")
        .build()
});

static UPLOADS: LazyLock<UpDownCounter<i64>> = LazyLock::new(|| {
    global::meter("sportello.batches")
        .i64_up_down_counter("sportello.batches.uploads_in_progress")
        .with_description("uploads in progress")
        .build()
});

static ENDED: LazyLock<Counter<u64>> = LazyLock::new(|| {
    global::meter("sportello.batches")
        .u64_counter("sportello.batches.uploads")
        .with_description("uploads that ended, by how")
        .build()
});

/// How an upload ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// Every row has its answer.
    Complete,
    /// A problem that is not one row's ended it: the answer names the problem.
    Early,
    /// The sender is gone or does not read the answers.
    Cut,
}

impl End {
    fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Early => "early",
            Self::Cut => "cut",
        }
    }
}

/// Counts an upload as in progress until it is dropped.
pub(super) struct InProgress(());

impl InProgress {
    pub(super) fn begin() -> Self {
        UPLOADS.add(1, &[]);
        Self(())
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        UPLOADS.add(-1, &[]);
    }
}

pub(super) fn ended(end: End) {
    ENDED.add(1, &[KeyValue::new("end", end.as_str())]);
}

pub(super) fn row(accepted: bool) {
    let result = if accepted { "accepted" } else { "refused" };
    ROWS.add(1, &[KeyValue::new("result", result)]);
}
