//! The minutes of the last day, kept in the database, so that a restart and a second console show
//! the same.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use parking_lot::RwLock;
use serde_json::{Map, Value};
use sportello_domain::Channel;
use sportello_store::{Store, StoreError};

use crate::shown::{COLUMNS, Minute, Past};
use crate::views::history::ColumnName;

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Minutes that wait for the database at most.
const WAITING: usize = 24 * 60;
/// Interval between two attempts while the database is away.
const RETRY: Duration = Duration::from_secs(10);

/// Keeps minutes, and reads those of other consoles.
pub(super) struct Minutes {
    store: Store,
    waiting: VecDeque<Minute>,
    /// When to read the database next.
    due: Instant,
}

impl Minutes {
    pub(super) fn new(store: Store) -> Self {
        Self {
            store,
            waiting: VecDeque::new(),
            due: Instant::now(),
        }
    }

    /// Keeps a minute that has ended, if there is one, and takes in those of the database.
    pub(super) async fn step(&mut self, ended: Option<Minute>, past: &RwLock<Past>) {
        if let Some(minute) = ended {
            while self.waiting.len() >= WAITING {
                self.waiting.pop_front();
            }
            self.waiting.push_back(minute);
            self.due = Instant::now();
        }
        if Instant::now() < self.due {
            return;
        }
        match self.exchange().await {
            Ok(minutes) => {
                let mut past = past.write();
                minutes.into_iter().for_each(|minute| past.take(minute));
                // until the next minute ends
                self.due += Duration::from_secs(3600);
            }
            Err(error) => {
                tracing::warn!(%error, "the minutes of the console can't be kept now");
                self.due = Instant::now() + RETRY;
            }
        }
    }

    async fn exchange(&mut self) -> Result<Vec<Minute>, StoreError> {
        while let Some(minute) = self.waiting.front() {
            if let Ok(at) = Timestamp::from_second(minute.at) {
                self.store.keep_console_minute(at, &point(minute)).await?;
            }
            self.waiting.pop_front();
        }
        let since = Timestamp::now().saturating_sub(DAY).unwrap_or(Timestamp::MIN);
        let rows = self.store.console_minutes(since).await?;
        let minutes = rows.into_iter().map(|(at, point)| minute(at, &point));
        Ok(minutes.collect())
    }
}

/// Returns a minute as the database keeps it: its known values by name.
fn point(minute: &Minute) -> Value {
    let values = COLUMNS.iter().zip(minute.values);
    let known = values.filter_map(|((name, channel), value)| Some((key(*name, *channel), value?.into())));
    Value::Object(known.collect::<Map<String, Value>>())
}

fn minute(at: Timestamp, point: &Value) -> Minute {
    Minute {
        at: at.as_second(),
        values: COLUMNS.map(|(name, channel)| point.get(key(name, channel))?.as_f64()),
    }
}

fn key(name: ColumnName, channel: Option<Channel>) -> String {
    match channel {
        Some(channel) => format!("{}.{}", name.as_str(), channel.as_str()),
        None => name.as_str().to_owned(),
    }
}
