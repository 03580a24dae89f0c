//! Splits the bytes of an upload into rows.

use std::fmt;

use actix_web::web::Bytes;
use sportello_domain::{IdempotencyKey, Language, Text, Violation};
use sportello_http::Problem;

/// Most bytes of a row: as for a single application.
pub(crate) const ROW_LIMIT: usize = 64 * 1024;

/// A row as it was sent.
pub(crate) struct RawRow {
    /// Key of the application's id, as for a single application.
    pub(crate) key: IdempotencyKey,
    /// The application's JSON, as the digest covers it. Personal data.
    pub(crate) content: Bytes,
}

impl fmt::Debug for RawRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawRow(***)")
    }
}

/// The rows that some bytes completed: each row, or its problem.
pub(crate) type Rows = Vec<Result<RawRow, Problem>>;

/// Splits an upload's bytes into rows, however the bytes are cut. Keeps one row at most. A row
/// longer than [`ROW_LIMIT`] is [`Problem::TooLarge`], and skipped.
pub(crate) trait Split: Send {
    /// Takes the next bytes. The pieces are small, so each call returns few rows.
    ///
    /// # Errors
    /// The file as a whole can't be read, such as for its header.
    fn push(&mut self, chunk: &[u8]) -> Result<Rows, Problem>;

    /// Ends the bytes.
    ///
    /// # Errors
    /// The file as a whole can't be read.
    fn finish(&mut self) -> Result<Rows, Problem>;
}

/// The place of a row's key.
pub(crate) const KEY: [&str; 1] = ["idempotency_key"];

/// Parses a row's key.
///
/// # Errors
/// One violation, where it is not a key.
pub(crate) fn parse_key(text: &str) -> Result<IdempotencyKey, Violation> {
    const MESSAGE: Text = Text::fixed(
        "la chiave di una riga ha da 1 a 255 caratteri ASCII visibili, gli stessi a ogni nuovo invio della stessa domanda",
        "a row's key has 1 to 255 visible ASCII characters, the same whenever the same application is sent again",
        "der Schlüssel einer Zeile hat 1 bis 255 sichtbare ASCII-Zeichen, dieselben bei jedem neuen Senden desselben \
         Antrags",
    );
    IdempotencyKey::parse(text).map_err(|_| Violation::new(KEY, "idempotency_key", MESSAGE))
}

/// The violation of a row without a key.
pub(crate) fn key_missing() -> Violation {
    Violation::required(KEY)
}

/// The problem of a row with this violation alone.
pub(crate) fn only(violation: Violation, language: Language) -> Problem {
    Problem::of_violations(vec![violation], language)
}
