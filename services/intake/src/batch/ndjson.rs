//! Rows as lines of JSON: `{"idempotency_key":"…","application":{…}}`.

use actix_web::web::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use sportello_domain::{Application, JsonPointer, Language, Text, Violation, twice};
use sportello_http::Problem;
use utoipa::ToSchema;

use super::split::{self, ROW_LIMIT, RawRow, Rows, Split};
use crate::validate::BYTE_ORDER_MARK;

/// Reads lines that end with LF or CR LF, the last one also without. Empty lines are not rows.
pub(crate) struct NdjsonSplitter {
    language: Language,
    /// The beginning of the incomplete line.
    line: Vec<u8>,
    /// The line was too long and is refused already: the rest of it is discarded.
    skipping: bool,
}

impl NdjsonSplitter {
    /// Makes violations in this language.
    pub(crate) fn new(language: Language) -> Self {
        Self {
            language,
            line: Vec::new(),
            skipping: false,
        }
    }

    /// Adds bytes to the line.
    fn extend(&mut self, part: &[u8], rows: &mut Rows) {
        if self.skipping {
            return;
        }
        if self.line.len() + part.len() > ROW_LIMIT {
            self.skipping = true;
            self.line = Vec::new();
            rows.push(Err(Problem::TooLarge { limit: ROW_LIMIT }));
        } else {
            self.line.extend_from_slice(part);
        }
    }

    /// Ends the line.
    fn end(&mut self, rows: &mut Rows) {
        // joined files have a byte order mark within; a reader of JSON may ignore it (RFC 8259,
        // section 8.1)
        let line = self.line.as_slice();
        let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line).trim_ascii();
        if !line.is_empty() {
            rows.push(read(line).map_err(|violations| Problem::of_violations(violations, self.language)));
        }
        self.line.clear();
        self.skipping = false;
    }
}

impl Split for NdjsonSplitter {
    fn push(&mut self, chunk: &[u8]) -> Result<Rows, Problem> {
        let mut rows = Rows::new();
        let mut parts = chunk.split(|&byte| byte == b'\n');
        if let Some(rest) = parts.next() {
            self.extend(rest, &mut rows);
        }
        for part in parts {
            self.end(&mut rows);
            self.extend(part, &mut rows);
        }
        Ok(rows)
    }

    fn finish(&mut self) -> Result<Rows, Problem> {
        let mut rows = Rows::new();
        self.end(&mut rows);
        Ok(rows)
    }
}

/// One row: the application, as for a single one, beside its key.
// both fields stay raw, so that a violation can point to its place
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BatchRow<'a> {
    /// Visible ASCII characters, the same whenever the same application is sent again, and
    /// different from every other row's.
    #[serde(borrow)]
    #[schema(value_type = String, min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    idempotency_key: Option<&'a RawValue>,
    #[serde(borrow)]
    #[schema(value_type = Application)]
    application: Option<&'a RawValue>,
}

fn read(line: &[u8]) -> Result<RawRow, Vec<Violation>> {
    let fields: BatchRow<'_> =
        serde_json::from_slice(line).map_err(|error| vec![unreadable(line, &error)])?;
    // a derived `Deserialize` would also accept a list of the fields
    if !line.starts_with(b"{") {
        return Err(vec![unexpected(JsonPointer::ROOT)]);
    }
    let key = match fields.idempotency_key {
        None => Err(split::key_missing()),
        Some(raw) => match serde_json::from_str::<String>(raw.get()) {
            Ok(text) => split::parse_key(&text),
            Err(_) => Err(unexpected(split::KEY.into())),
        },
    };
    match (key, fields.application) {
        (Ok(key), Some(application)) => Ok(RawRow {
            key,
            content: Bytes::copy_from_slice(application.get().as_bytes()),
        }),
        (key, application) => {
            let missing = application
                .is_none()
                .then(|| Violation::required(["application"]));
            Err(key.err().into_iter().chain(missing).collect())
        }
    }
}

fn unexpected(pointer: JsonPointer) -> Violation {
    const MESSAGE: Text = Text::fixed(
        "una riga deve essere un oggetto JSON con due soli campi, una volta ciascuno: idempotency_key (un testo) e \
         application",
        "a line must be a JSON object with two fields only, once each: idempotency_key (a text) and application",
        "eine Zeile muss ein JSON-Objekt mit genau zwei Feldern sein, je einmal: idempotency_key (ein Text) und \
         application",
    );
    Violation::new(pointer, "unexpected", MESSAGE)
}

fn unreadable(line: &[u8], error: &serde_json::Error) -> Violation {
    if error.is_data() {
        return unexpected(twice(line).unwrap_or(JsonPointer::ROOT));
    }
    let column = error.column();
    let message = Text::of(
        format!("la riga non è leggibile come JSON alla colonna {column}"),
        format!("the line can't be read as JSON at column {column}"),
        format!("die Zeile ist in Spalte {column} nicht als JSON lesbar"),
    );
    Violation::new(JsonPointer::ROOT, "not_json", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Returns each row as `key content`, or the problem's name with the first violation's place.
    fn rows(pieces: &[&[u8]]) -> Vec<String> {
        let mut splitter = NdjsonSplitter::new(Language::English);
        let mut rows = Rows::new();
        for piece in pieces {
            rows.extend(splitter.push(piece).unwrap());
            assert!(splitter.line.len() <= ROW_LIMIT);
        }
        rows.extend(splitter.finish().unwrap());
        rows.into_iter().map(shown).collect()
    }

    fn shown(row: Result<RawRow, Problem>) -> String {
        match row {
            Ok(row) => String::from_utf8(row.content.to_vec()).unwrap(),
            Err(problem) => {
                let violations = problem.document().violations;
                let (pointer, code) =
                    (violations.first()).map_or(("", ""), |it| (it.pointer.as_str(), &*it.code));
                format!("{problem} {pointer} {code}")
            }
        }
    }

    const FILE: &str = concat!(
        "\u{feff}{\"idempotency_key\":\"1\",\"application\":{\"a\": 1 }}\n",
        "\n  \r\n",
        "{\"application\": {\"b\":\"\\n\"} ,\"idempotency_key\":\"2\"}\r\n",
        "{\"idempotency_key\":\"3\",\n",
        "\u{feff}{\"idempotency_key\":\"4\",\"application\":{}}\n",
        "{\"idempotency_key\":\"\",\"application\":{}}\n",
        "{\"idempotency_key\":5,\"application\":{}}\n",
        "{\"application\":{}}\n",
        "{\"idempotency_key\":\"6\",\"application\":null}\n",
        "{\"idempotency_key\":\"7\",\"application\":{},\"a\":1}\n",
        "{\"idempotency_key\":\"7\",\"application\":{},\"application\":{}}\n",
        "[\"8\",{}]\n",
        "8\n",
        "{\"idempotency_key\":\"9\",\"application\":[]}",
    );

    const ROWS: [&str; 13] = [
        "{\"a\": 1 }",
        "{\"b\":\"\\n\"}",
        "not-json  not_json",
        "{}",
        "invalid-application /idempotency_key idempotency_key",
        "invalid-application /idempotency_key unexpected",
        "invalid-application /idempotency_key required",
        "invalid-application /application required",
        "invalid-application  unexpected",
        "invalid-application /application unexpected",
        "invalid-application  unexpected",
        "invalid-application  unexpected",
        "[]",
    ];

    #[test]
    fn every_line_that_is_not_empty_is_a_row() {
        assert_eq!(rows(&[FILE.as_bytes()]), ROWS);
        assert_eq!(rows(&[]), [""; 0]);
        assert_eq!(rows(&[b"\n\r\n \n\xef\xbb\xbf\n\xef\xbb\xbf"]), [""; 0]);
        assert_eq!(rows(&[b"\xff\n"]), ["not-json  not_json"]);
    }

    #[test]
    fn a_row_that_is_too_long_is_refused_and_skipped() {
        let long = |length| {
            let frame = "{\"idempotency_key\":\"1\",\"application\":\"\"}".len();
            format!(
                "{{\"idempotency_key\":\"1\",\"application\":\"{}\"}}\n",
                "x".repeat(length - frame)
            )
        };
        let good = "{\"idempotency_key\":\"2\",\"application\":2}\n";
        let file = format!("{}{good}", long(ROW_LIMIT + 1));
        assert_eq!(rows(&[file.as_bytes()]), ["too-large  ", "2"]);
        let pieces: Vec<&[u8]> = file.as_bytes().chunks(1000).collect();
        assert_eq!(rows(&pieces), ["too-large  ", "2"]);
        assert_eq!(rows(&["x".repeat(3 * ROW_LIMIT).as_bytes()]), ["too-large  "]);
        assert_eq!(rows(&[long(ROW_LIMIT).as_bytes()])[0].len(), ROW_LIMIT - 38);
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_the_bytes_are_cut(cuts in proptest::collection::vec(0..FILE.len(), 0..20)) {
            let mut cuts = cuts;
            cuts.extend([0, FILE.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &FILE.as_bytes()[cut[0]..cut[1]]).collect();
            prop_assert_eq!(rows(&pieces), ROWS);
        }

        #[test]
        fn any_bytes_can_be_split(file in proptest::collection::vec(any::<u8>(), 0..300)) {
            rows(&[&file]);
        }
    }
}
