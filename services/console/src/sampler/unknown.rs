//! Since when a value can't be read.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::views::reading::Reading;

/// The instants since which values are unknown, by name.
#[derive(Default)]
pub(crate) struct Unknowns {
    since: HashMap<String, Timestamp>,
    /// The names that were asked for in this second.
    asked: Vec<String>,
}

impl Unknowns {
    /// Returns the reading of a value at an instant.
    pub(crate) fn reading<T>(
        &mut self,
        name: impl Into<String>,
        value: Option<T>,
        at: Timestamp,
    ) -> Reading<T> {
        let name = name.into();
        match value {
            Some(value) => {
                self.since.remove(&name);
                Reading::Known { value }
            }
            None => {
                let unknown_since = *self.since.entry(name.clone()).or_insert(at);
                self.asked.push(name);
                Reading::Unknown { unknown_since }
            }
        }
    }

    /// Ends a second: forgets the names that are not asked for any more, such as of processes that
    /// are gone for good.
    pub(crate) fn end_second(&mut self) {
        let asked = std::mem::take(&mut self.asked);
        self.since.retain(|name, _| asked.contains(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_unknown_since_it_was_last_read() {
        let mut unknowns = Unknowns::default();
        let at = |second| Timestamp::constant(second, 0);
        let unknown = |second| Reading::Unknown::<u32> {
            unknown_since: at(second),
        };
        assert_eq!(unknowns.reading("a", None, at(1)), unknown(1));
        unknowns.end_second();
        assert_eq!(unknowns.reading("a", None, at(2)), unknown(1));
        unknowns.end_second();
        assert_eq!(unknowns.reading("a", Some(7), at(3)), Reading::Known { value: 7 });
        unknowns.end_second();
        assert_eq!(unknowns.reading("a", None, at(4)), unknown(4));
        // gone for a second: begins anew
        unknowns.end_second();
        unknowns.end_second();
        assert_eq!(unknowns.reading("a", None, at(6)), unknown(6));
    }
}
