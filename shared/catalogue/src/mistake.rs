//! Mistakes in a benefit's file, with their places.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

/// Most mistakes reported for one file; the others appear once these are corrected.
const MOST: usize = 100;

/// One thing to correct in a benefit's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Line in the file, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The problem.
    pub message: String,
    /// What to do; may be empty.
    pub advice: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)?;
        if self.advice.is_empty() {
            Ok(())
        } else {
            write!(f, "; {}", self.advice)
        }
    }
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub line: usize,
    pub column: usize,
}

impl Place {
    /// The beginning of a file.
    pub(crate) const START: Self = Self { line: 1, column: 1 };

    /// Returns the place of a byte in a text.
    pub(crate) fn of(text: &[u8], offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        let is_first_byte = |byte: &&u8| **byte & 0b1100_0000 != 0b1000_0000;
        Self {
            line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
            column: 1 + before[line_start..].iter().filter(is_first_byte).count(),
        }
    }

    pub(crate) fn mistake(self, message: impl Into<String>, advice: impl Into<String>) -> Mistake {
        Mistake {
            line: self.line,
            column: self.column,
            message: message.into(),
            advice: advice.into(),
        }
    }
}

/// A file that is being read, and the mistakes found in it so far.
pub(crate) struct Source<'f> {
    text: &'f str,
    found: RefCell<Vec<Found>>,
}

struct Found {
    offset: usize,
    message: String,
    advice: String,
}

impl<'f> Source<'f> {
    pub(crate) fn new(text: &'f str) -> Self {
        Self {
            text,
            found: RefCell::default(),
        }
    }

    /// Returns the text as written in the file.
    pub(crate) fn raw(&self, span: Range<usize>) -> &'f str {
        self.text.get(span).unwrap_or_default()
    }

    pub(crate) fn place(&self, offset: usize) -> Place {
        Place::of(self.text.as_bytes(), offset)
    }

    /// Adds a mistake, once.
    pub(crate) fn report(&self, offset: usize, message: impl Into<String>, advice: impl Into<String>) {
        let (message, advice) = (message.into(), advice.into());
        let mut found = self.found.borrow_mut();
        let same = |other: &Found| other.offset == offset && other.message == message;
        if !found.iter().rev().take(MOST).any(same) {
            found.push(Found {
                offset,
                message,
                advice,
            });
        }
    }

    pub(crate) fn is_good(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// Returns the mistakes in the order of the file.
    pub(crate) fn mistakes(self) -> Vec<Mistake> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|mistake| mistake.offset);
        found
            .into_iter()
            .take(MOST)
            .map(
                |Found {
                     offset,
                     message,
                     advice,
                 }| { Place::of(self.text.as_bytes(), offset).mistake(message, advice) },
            )
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "à = 1\nè = \"ü\" x";
        let place = Place::of(text.as_bytes(), text.find('x').unwrap());
        assert_eq!(place, Place { line: 2, column: 9 });
        assert_eq!(Place::of(text.as_bytes(), 0), Place::START);
        assert_eq!(Place::of(text.as_bytes(), 10_000).line, 2);
    }
}
