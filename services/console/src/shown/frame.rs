//! A second, as it goes to all viewers.

use actix_web::web::Bytes;
use serde_json::json;

use crate::views::now::Now;

/// A second with its event, written once for all viewers.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) now: Now,
    data: String,
}

impl Frame {
    pub(crate) fn of(now: Now) -> Self {
        let data = json!(now).to_string();
        Self { now, data }
    }

    /// Returns the second as JSON.
    pub(crate) fn json(&self) -> String {
        self.data.clone()
    }

    /// Returns the event of this name (WHATWG HTML, section 9.2). JSON has no line breaks.
    pub(crate) fn event(&self, name: &str) -> Bytes {
        format!("event: {name}\nid: {}\ndata: {}\n\n", self.now.sample, self.data).into()
    }
}
