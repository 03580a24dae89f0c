//! A set of messages' numbers, as ranges.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Numbers of messages, kept as ranges that neither overlap nor touch. Its text is that of
/// PostgreSQL's `int8multirange`: `{[1,5),[7,8)}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct NumberSet(Vec<Range<u64>>);

/// Not the text of a set of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not of the form {{[1,5),[7,8)}}, with rising numbers")]
pub struct NumberSetError;

impl NumberSet {
    /// Returns the ranges, in order.
    pub fn ranges(&self) -> impl Iterator<Item = Range<u64>> {
        self.0.iter().cloned()
    }

    /// Returns the numbers, in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        self.ranges().flatten()
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns how many numbers there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.iter().map(|range| range.end - range.start).sum()
    }

    /// Returns whether the number is one of them.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        let after = self.0.partition_point(|range| range.start <= number);
        after
            .checked_sub(1)
            .is_some_and(|index| self.0[index].contains(&number))
    }

    /// Adds a number. Returns whether it is new.
    pub fn insert(&mut self, number: u64) -> bool {
        let is_new = !self.contains(number);
        self.insert_range(number..number.saturating_add(1));
        is_new
    }

    /// Adds a range.
    pub fn insert_range(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        // the ranges that overlap or touch it
        let first = self.0.partition_point(|other| other.end < range.start);
        let after = self.0.partition_point(|other| other.start <= range.end);
        let start = self
            .0
            .get(first)
            .map_or(range.start, |other| other.start.min(range.start));
        let end = after.checked_sub(1).filter(|last| *last >= first);
        let end = end.map_or(range.end, |last| self.0[last].end.max(range.end));
        self.0
            .splice(first..after.max(first), std::iter::once(start..end));
    }

    /// Removes a range.
    pub fn remove_range(&mut self, range: &Range<u64>) {
        if range.is_empty() {
            return;
        }
        let cut = self.0.iter().flat_map(|other| {
            let before = other.start..other.end.min(range.start);
            let after = other.start.max(range.end)..other.end;
            [before, after]
        });
        self.0 = cut.filter(|part| !part.is_empty()).collect();
    }

    /// Adds all numbers of another set.
    pub fn extend(&mut self, other: &Self) {
        other.ranges().for_each(|range| self.insert_range(range));
    }

    /// Returns the numbers of a range that are not in this set.
    #[must_use]
    pub fn missing_in(&self, range: Range<u64>) -> Self {
        let mut missing = Self::default();
        missing.insert_range(range.clone());
        self.within(range)
            .ranges()
            .for_each(|there| missing.remove_range(&there));
        missing
    }

    /// Returns the numbers of this set that are in a range.
    #[must_use]
    pub fn within(&self, range: Range<u64>) -> Self {
        let first = self.0.partition_point(|other| other.end <= range.start);
        let after = self.0.partition_point(|other| other.start < range.end);
        let there = self.0.get(first..after).unwrap_or_default().iter();
        Self(
            there
                .map(|one| one.start.max(range.start)..one.end.min(range.end))
                .collect(),
        )
    }
}

impl FromIterator<u64> for NumberSet {
    fn from_iter<I: IntoIterator<Item = u64>>(numbers: I) -> Self {
        let mut set = Self::default();
        for number in numbers {
            set.insert(number);
        }
        set
    }
}

impl fmt::Display for NumberSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (index, Range { start, end }) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}[{start},{end})")?;
        }
        f.write_str("}")
    }
}

impl FromStr for NumberSet {
    type Err = NumberSetError;
    fn from_str(text: &str) -> Result<Self, NumberSetError> {
        let inside = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        let inside = inside.ok_or(NumberSetError)?;
        let mut set = Self::default();
        if inside.is_empty() {
            return Ok(set);
        }
        let inside = inside.strip_prefix('[').and_then(|text| text.strip_suffix(')'));
        for range in inside.ok_or(NumberSetError)?.split("),[") {
            let (start, end) = range.split_once(',').ok_or(NumberSetError)?;
            let number = |text: &str| text.parse().map_err(|_| NumberSetError);
            let range: Range<u64> = number(start)?..number(end)?;
            if range.is_empty() || set.0.last().is_some_and(|last| last.end >= range.start) {
                return Err(NumberSetError);
            }
            set.0.push(range);
        }
        Ok(set)
    }
}

impl From<NumberSet> for String {
    fn from(set: NumberSet) -> Self {
        set.to_string()
    }
}

impl TryFrom<String> for NumberSet {
    type Error = NumberSetError;
    fn try_from(text: String) -> Result<Self, NumberSetError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn ranges() -> impl Strategy<Value = Vec<(bool, Range<u64>)>> {
        let range = (0_u64..40, 0_u64..10).prop_map(|(start, length)| start..start + length);
        prop::collection::vec((any::<bool>(), range), 0..20)
    }

    proptest! {
        #[test]
        fn it_is_the_set_that_a_tree_would_be(changes in ranges(), look in 0_u64..40, length in 0_u64..20) {
            let (mut set, mut tree) = (NumberSet::default(), BTreeSet::new());
            for (add, range) in changes {
                if add {
                    set.insert_range(range.clone());
                    tree.extend(range);
                } else {
                    set.remove_range(&range);
                    tree.retain(|number| !range.contains(number));
                }
            }
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), tree.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(set.count(), tree.len() as u64);
            prop_assert_eq!(set.contains(look), tree.contains(&look));
            let window = look..look + length;
            let within: Vec<u64> = window.clone().filter(|number| tree.contains(number)).collect();
            prop_assert_eq!(set.within(window.clone()).iter().collect::<Vec<_>>(), within);
            let missing: Vec<u64> = window.clone().filter(|number| !tree.contains(number)).collect();
            prop_assert_eq!(set.missing_in(window).iter().collect::<Vec<_>>(), missing);
            prop_assert_eq!(set.to_string().parse::<NumberSet>(), Ok(set));
        }
    }

    #[test]
    fn other_texts_are_no_sets() {
        for text in [
            "",
            "{",
            "{[1,1)}",
            "{[2,1)}",
            "{[1,3),[3,4)}",
            "{[1,3),[2,4)}",
            "{[-1,3)}",
            "{(1,3)}",
        ] {
            assert_eq!(text.parse::<NumberSet>(), Err(NumberSetError), "{text}");
        }
    }
}
