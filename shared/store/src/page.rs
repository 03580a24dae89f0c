//! Lists returned page by page, newest first.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use sportello_domain::ApplicationId;
use uuid::Uuid;

/// Most entries of a page: 1 to 100, by default 20.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize(i32);

/// A text that is not a page size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a page has 1 to 100 entries")]
pub struct PageSizeError;

impl PageSize {
    /// The most entries of a page.
    pub const LARGEST: Self = Self(100);

    pub(crate) fn get(self) -> i32 {
        self.0
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self(20)
    }
}

impl FromStr for PageSize {
    type Err = PageSizeError;
    fn from_str(text: &str) -> Result<Self, PageSizeError> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let size = text
            .parse()
            .ok()
            .filter(|size| digits && (1..=100).contains(size));
        size.map(Self).ok_or(PageSizeError)
    }
}

/// Some entries of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, C> {
    /// The entries.
    pub items: Vec<T>,
    /// Start of the next page; none at the end of the list.
    pub next: Option<C>,
}

/// A text that is not a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cursor must come from the previous page")]
pub struct CursorError;

/// The application after which a page begins. It shows only later entries of the reader's own list,
/// for any reader. Written as hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListCursor {
    pub(crate) received_at: Timestamp,
    pub(crate) id: ApplicationId,
}

impl fmt::Display for ListCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, id) = (self.received_at, self.id.into());
        InstantCursor { at, id }.fmt(f)
    }
}

impl FromStr for ListCursor {
    type Err = CursorError;
    fn from_str(text: &str) -> Result<Self, CursorError> {
        let InstantCursor { at, id } = text.parse()?;
        Ok(Self {
            received_at: at,
            id: id.into(),
        })
    }
}

/// The entry after which a page of a list begins that is ordered by instants: of dead letters or of
/// jobs. Written as hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstantCursor {
    pub(crate) at: Timestamp,
    pub(crate) id: Uuid,
}

impl fmt::Display for InstantCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{}", self.at.as_microsecond(), self.id.simple())
    }
}

impl FromStr for InstantCursor {
    type Err = CursorError;
    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (microsecond, id) = text.split_at_checked(16).ok_or(CursorError)?;
        let microsecond = hexadecimal(microsecond)?.cast_signed();
        Ok(Self {
            at: Timestamp::from_microsecond(microsecond).map_err(|_| CursorError)?,
            id: id.parse().map_err(|_| CursorError)?,
        })
    }
}

/// The entry before which a page of an application's journal begins. Written as hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalCursor(pub(crate) i64);

impl fmt::Display for JournalCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for JournalCursor {
    type Err = CursorError;
    fn from_str(text: &str) -> Result<Self, CursorError> {
        hexadecimal(text).map(|entry| Self(entry.cast_signed()))
    }
}

fn hexadecimal(text: &str) -> Result<u64, CursorError> {
    let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = digits.then(|| u64::from_str_radix(text, 16).ok()).flatten();
    number.ok_or(CursorError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_read_back_as_they_were_written() {
        let list = ListCursor {
            received_at: "1969-12-31T23:59:59.999999Z".parse().unwrap(),
            id: Uuid::from_u128(u128::MAX - 1).into(),
        };
        assert_eq!(list.to_string().parse(), Ok(list));
        let journal = JournalCursor(i64::MAX);
        assert_eq!(journal.to_string().parse(), Ok(journal));
        for bad in ["", "0", "+000000000000001", "à23456789012345", &"f".repeat(47)] {
            assert_eq!(bad.parse::<ListCursor>(), Err(CursorError), "{bad}");
            assert_eq!(bad.parse::<JournalCursor>(), Err(CursorError), "{bad}");
        }
    }

    #[test]
    fn a_page_has_a_bound() {
        for good in ["1", "100"] {
            assert!(good.parse::<PageSize>().is_ok());
        }
        for bad in ["", "0", "101", "-1", "+5", "1e2", "99999999999999999999"] {
            assert_eq!(bad.parse::<PageSize>(), Err(PageSizeError), "{bad}");
        }
    }
}
