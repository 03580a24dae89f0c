//! JSON pointers (RFC 6901).

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use serde::Serialize;

/// A JSON pointer (RFC 6901): a place in a JSON document. Made from the names and indexes on the
/// way, which it escapes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct JsonPointer(String);

/// A text that is not a JSON pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a JSON pointer is empty or begins with /, and writes ~ as ~0")]
pub struct JsonPointerError;

impl JsonPointer {
    /// The whole document.
    pub const ROOT: Self = Self(String::new());

    /// Parses a pointer as it is written.
    ///
    /// # Errors
    /// The text is not empty and does not begin with `/`, or has a `~` without `0` or `1`.
    pub fn parse(text: &str) -> Result<Self, JsonPointerError> {
        let escapes = text.split('~').skip(1);
        let begins = text.is_empty() || text.starts_with('/');
        if begins && escapes.into_iter().all(|rest| rest.starts_with(['0', '1'])) {
            Ok(Self(text.to_owned()))
        } else {
            Err(JsonPointerError)
        }
    }

    /// Returns the pointer to a member of the object here.
    #[must_use]
    pub fn member(&self, name: &str) -> Self {
        let mut pointer = String::with_capacity(self.0.len() + 1 + name.len());
        pointer.push_str(&self.0);
        let mut pointer = Self(pointer);
        pointer.push(name);
        pointer
    }

    /// Returns the pointer to an element of the list here, counted from 0.
    #[must_use]
    pub fn element(&self, index: usize) -> Self {
        let mut pointer = self.clone();
        pointer.push_index(index);
        pointer
    }

    /// Returns the pointer to `below`, seen from here.
    #[must_use]
    pub fn join(&self, below: &Self) -> Self {
        Self(self.0.clone() + &below.0)
    }

    /// Goes on to a member of the object here.
    pub fn push(&mut self, name: &str) {
        self.0.push('/');
        for character in name.chars() {
            match character {
                '~' => self.0.push_str("~0"),
                '/' => self.0.push_str("~1"),
                _ => self.0.push(character),
            }
        }
    }

    /// Goes on to an element of the list here, counted from 0.
    pub fn push_index(&mut self, index: usize) {
        // writing to a text does not fail
        let _ = write!(self.0, "/{index}");
    }

    /// Returns the names and indexes on the way, without escapes.
    pub fn tokens(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.0.split('/').skip(1).map(plain)
    }

    /// Returns the pointer to the enclosing place, and the last name or index; nothing for the
    /// whole document.
    #[must_use]
    pub fn split_last(&self) -> Option<(Self, Cow<'_, str>)> {
        let (around, last) = self.0.rsplit_once('/')?;
        Some((Self(around.to_owned()), plain(last)))
    }

    /// Returns the pointer, or that of the nearest enclosing place with at most `limit` bytes.
    #[must_use]
    pub fn within(mut self, limit: usize) -> Self {
        while self.0.len() > limit {
            self.0.truncate(self.0.rfind('/').unwrap_or_default());
        }
        self
    }

    /// Returns the pointer as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns a token without escapes: `~1` first, so that `~01` is `~1`.
fn plain(token: &str) -> Cow<'_, str> {
    if token.contains('~') {
        token.replace("~1", "/").replace("~0", "~").into()
    } else {
        token.into()
    }
}

/// Makes a pointer of the names of members, from the outermost on.
impl<const N: usize> From<[&str; N]> for JsonPointer {
    fn from(names: [&str; N]) -> Self {
        let mut pointer = Self(String::with_capacity(
            names.iter().map(|name| 1 + name.len()).sum(),
        ));
        for name in names {
            pointer.push(name);
        }
        pointer
    }
}

impl From<&Self> for JsonPointer {
    fn from(pointer: &Self) -> Self {
        pointer.clone()
    }
}

impl fmt::Display for JsonPointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn names_are_escaped_and_indexes_are_written() {
        let pointer = JsonPointer::from(["a/b", "~1", ""]).element(10);
        assert_eq!(pointer.as_str(), "/a~1b/~01//10");
        assert_eq!(pointer.tokens().collect::<Vec<_>>(), ["a/b", "~1", "", "10"]);
        assert_eq!(JsonPointer::ROOT.tokens().count(), 0);
        assert_eq!(pointer.split_last().unwrap().0.as_str(), "/a~1b/~01/");
        assert_eq!(JsonPointer::ROOT.split_last(), None);
        let below = JsonPointer::from(["c"]);
        assert_eq!(pointer.join(&below), pointer.member("c"));
        assert_eq!(serde_json::to_value(below).unwrap(), "/c");
    }

    #[test]
    fn a_text_that_is_no_pointer_is_refused() {
        for good in ["", "/", "/a~0~1b", "//"] {
            assert_eq!(JsonPointer::parse(good).unwrap().as_str(), good);
        }
        for bad in ["a", "#/a", "/a~", "/a~2", "/~/0"] {
            assert_eq!(JsonPointer::parse(bad), Err(JsonPointerError), "{bad}");
        }
    }

    #[test]
    fn a_place_that_is_too_long_gives_way_to_one_around_it() {
        let within = |names: [&str; 2]| JsonPointer::from(names).within(10).to_string();
        assert_eq!(within(["abcd", "efgh"]), "/abcd/efgh");
        assert_eq!(within(["abcd", "efghi"]), "/abcd");
        assert_eq!(within(["abcdefghij", "k"]), "");
    }

    proptest! {
        #[test]
        fn a_pointer_leads_to_its_place(outer in ".*", inner in ".*", index in 0_usize..3) {
            let pointer = JsonPointer::from([&*outer, &*inner]).element(index);
            prop_assert_eq!(JsonPointer::parse(pointer.as_str()), Ok(pointer.clone()));
            let mut list = [json!(0), json!(0), json!(0)];
            list[index] = json!("here");
            let document: Value = json!({ outer: { inner: list } });
            prop_assert_eq!(document.pointer(pointer.as_str()), Some(&json!("here")));
        }
    }
}
