//! From the bytes of an upload to its rows.

use std::fmt;

use actix_web::web::Bytes;
use sportello_domain::{IdempotencyKey, Language, Text, Violation};
use sportello_http::Problem;

/// Most bytes of a row: as many as a single application may have.
pub(crate) const ROW_LIMIT: usize = 64 * 1024;
/// U+FEFF, which some programs write at the beginning of a text.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One row as it was sent.
pub(crate) struct RawRow {
    /// Makes the application's id, as with a single one.
    pub(crate) key: IdempotencyKey,
    /// The application's JSON, as the digest counts it. Personal data.
    pub(crate) content: Bytes,
}

impl fmt::Debug for RawRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawRow(***)")
    }
}

/// The rows that some bytes completed: each, or what is wrong with it.
pub(crate) type Rows = Vec<Result<RawRow, Problem>>;

/// Makes rows of an upload's bytes, however these are cut. Keeps one row at most; one that is longer than
/// [`ROW_LIMIT`] is [`Problem::TooLarge`], and skipped.
pub(crate) trait Split: Send {
    /// Takes the next bytes. They come in small pieces, so that what one call gives is small too.
    ///
    /// # Errors
    /// The file as a whole can't be read, such as for its header.
    fn push(&mut self, chunk: &[u8]) -> Result<Rows, Problem>;

    /// The bytes have ended.
    ///
    /// # Errors
    /// The file as a whole can't be read.
    fn finish(&mut self) -> Result<Rows, Problem>;
}

/// Where a row's key is.
pub(crate) const KEY: &str = "/idempotency_key";

/// A row's key.
///
/// # Errors
/// It is no key: one violation.
pub(crate) fn parse_key(text: &str) -> Result<IdempotencyKey, Violation> {
    const MESSAGE: Text = Text::fixed(
        "la chiave di una riga ha da 1 a 255 caratteri ASCII visibili, gli stessi a ogni nuovo invio della stessa domanda",
        "a row's key has 1 to 255 visible ASCII characters, the same whenever the same application is sent again",
        "der Schlüssel einer Zeile hat 1 bis 255 sichtbare ASCII-Zeichen, dieselben bei jedem neuen Senden desselben \
         Antrags",
    );
    IdempotencyKey::parse(text).map_err(|_| Violation::new(KEY, "idempotency_key", MESSAGE))
}

/// A row without a key.
pub(crate) fn key_missing() -> Violation {
    Violation::required(KEY)
}

/// A row's problem where only this is wrong with it.
pub(crate) fn only(violation: Violation, language: Language) -> Problem {
    Problem::of_violations(vec![violation], language)
}
