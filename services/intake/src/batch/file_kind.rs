//! Kinds of files that are not read, each with its name in the problem.

use sportello_domain::{JsonPointer, Language, Text, Violation};
use sportello_http::Problem;

use super::split::{Rows, Split};
use crate::validate::BYTE_ORDER_MARK;

/// A kind of file that people mistake for a text table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    Gzip,
    /// A web page, or another document in tags.
    Html,
    Ods,
    Pdf,
    /// UTF-16 or UTF-32.
    Utf16,
    Xls,
    Xlsx,
    Zip,
}

/// The meaning of a file's first bytes.
#[derive(Debug, PartialEq, Eq)]
enum Beginning {
    Kind(FileKind),
    /// It may be a text in UTF-8.
    Text,
    /// More bytes are needed.
    Unsure,
}

/// First bytes of files that are not text. Office Open XML and OpenDocument are ZIP archives.
const MAGIC: [(&[u8], FileKind); 7] = [
    (b"PK\x03\x04", FileKind::Zip),
    (b"PK\x05\x06", FileKind::Zip),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind::Xls),
    (b"\xff\xfe", FileKind::Utf16),
    (b"\xfe\xff", FileKind::Utf16),
    (b"%PDF-", FileKind::Pdf),
    (b"\x1f\x8b\x08", FileKind::Gzip),
];
/// Name or content of the first entry in an archive of each kind.
const IN_ARCHIVE: [(&[u8], FileKind); 5] = [
    (b"opendocument.spreadsheet", FileKind::Ods),
    (b"[Content_Types].xml", FileKind::Xlsx),
    (b"_rels/", FileKind::Xlsx),
    (b"docProps/", FileKind::Xlsx),
    (b"xl/", FileKind::Xlsx),
];
/// Bytes of an archive that show its kind.
const ARCHIVE_HEAD: usize = 128;
/// Bytes within which a text has begun.
const HEAD: usize = 64;

impl FileKind {
    /// Returns the kind of a media type.
    pub(crate) fn of_media_type(essence: &str) -> Option<Self> {
        Some(match essence.to_ascii_lowercase().as_str() {
            "application/gzip" | "application/x-gzip" => Self::Gzip,
            "text/html" | "application/xhtml+xml" => Self::Html,
            "application/vnd.oasis.opendocument.spreadsheet" => Self::Ods,
            "application/pdf" => Self::Pdf,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Self::Xlsx,
            "application/zip" | "application/x-zip-compressed" => Self::Zip,
            _ => return None,
        })
    }

    /// Returns the problem of a file of this kind.
    pub(crate) fn problem(self, language: Language) -> Problem {
        let (code, is) = self.description();
        let save = Text::fixed(
            "apri il file con un programma di fogli elettronici, salvalo come CSV UTF-8 e invia quel file",
            "open it with a spreadsheet program, save it as CSV UTF-8 and send that file",
            "Öffnen Sie sie mit einer Tabellenkalkulation, speichern Sie sie als CSV UTF-8 und senden Sie diese Datei",
        );
        let message = Text::of(
            format!("{}: {}", is.it, save.it),
            format!("{}: {}", is.en, save.en),
            format!("{}: {}", is.de, save.de),
        );
        Problem::of_file_kind(Violation::new(JsonPointer::ROOT, code, message), language)
    }

    /// Returns the code of the violation, and what the file is.
    fn description(self) -> (&'static str, Text) {
        let texts = match self {
            Self::Gzip => [
                "file_gzip",
                "un file compresso (gzip)",
                "a compressed file (gzip)",
                "eine komprimierte Datei (gzip)",
            ],
            Self::Html => [
                "file_html",
                "una pagina web o un documento XML",
                "a web page or an XML document",
                "eine Webseite oder ein XML-Dokument",
            ],
            Self::Ods => [
                "file_ods",
                "un foglio elettronico OpenDocument (.ods)",
                "an OpenDocument spreadsheet (.ods)",
                "eine OpenDocument-Tabelle (.ods)",
            ],
            Self::Pdf => [
                "file_pdf",
                "un documento PDF",
                "a PDF document",
                "ein PDF-Dokument",
            ],
            Self::Utf16 => [
                "file_utf16",
                "un testo in UTF-16, come lo salva «Testo Unicode»",
                "a text in UTF-16, as \"Unicode text\" saves it",
                "ein Text in UTF-16, wie ihn »Unicode-Text« speichert",
            ],
            Self::Xls => [
                "file_xls",
                "una cartella di lavoro di un Excel meno recente (.xls)",
                "a workbook of an older Excel (.xls)",
                "eine Arbeitsmappe eines älteren Excel (.xls)",
            ],
            Self::Xlsx => [
                "file_xlsx",
                "una cartella di lavoro di Excel (.xlsx)",
                "an Excel workbook (.xlsx)",
                "eine Excel-Arbeitsmappe (.xlsx)",
            ],
            Self::Zip => ["file_zip", "un archivio ZIP", "a ZIP archive", "ein ZIP-Archiv"],
        };
        let [code, it, en, de] = texts;
        let message = Text::of(
            format!("il file è {it}"),
            format!("the file is {en}"),
            format!("die Datei ist {de}"),
        );
        (code, message)
    }
}

/// Returns the kind of a file with these first bytes; `whole` where there are no more.
fn beginning(bytes: &[u8], whole: bool) -> Beginning {
    let magic = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic));
    match magic {
        Some((_, FileKind::Zip)) if bytes.len() < ARCHIVE_HEAD && !whole => Beginning::Unsure,
        Some((_, FileKind::Zip)) => Beginning::Kind(in_archive(bytes)),
        Some((_, kind)) => Beginning::Kind(*kind),
        None => of_text(bytes, whole),
    }
}

fn in_archive(bytes: &[u8]) -> FileKind {
    let head = bytes.get(..ARCHIVE_HEAD).unwrap_or(bytes);
    let holds = |name: &[u8]| head.windows(name.len()).any(|window| window == name);
    let found = IN_ARCHIVE.iter().find(|(name, _)| holds(name));
    found.map_or(FileKind::Zip, |(_, kind)| *kind)
}

fn of_text(bytes: &[u8], whole: bool) -> Beginning {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let text = head
        .strip_prefix(BYTE_ORDER_MARK)
        .unwrap_or(head)
        .trim_ascii_start();
    // no character of UTF-8 but U+0000 has such a byte
    if bytes.iter().take(2).any(|byte| *byte == 0) {
        return Beginning::Kind(FileKind::Utf16);
    }
    if text.starts_with(b"<") {
        return Beginning::Kind(FileKind::Html);
    }
    let starts = [BYTE_ORDER_MARK].into_iter().chain(MAGIC.map(|(magic, _)| magic));
    let may_become_one =
        bytes.len() < 2 || text.is_empty() || starts.into_iter().any(|start| start.starts_with(bytes));
    if may_become_one && bytes.len() < HEAD && !whole {
        Beginning::Unsure
    } else {
        Beginning::Text
    }
}

/// Passes a file in UTF-8 on, with or without a byte order mark; refuses any other and names its
/// kind.
pub(crate) struct Recognised<S> {
    splitter: S,
    language: Language,
    /// The first bytes, until they show the kind.
    beginning: Option<Vec<u8>>,
}

impl<S: Split> Recognised<S> {
    /// Passes the text to `splitter`.
    pub(crate) fn new(splitter: S, language: Language) -> Self {
        Self {
            splitter,
            language,
            beginning: Some(Vec::new()),
        }
    }

    fn recognise(&mut self, mut bytes: Vec<u8>, whole: bool) -> Result<Rows, Problem> {
        match beginning(&bytes, whole) {
            Beginning::Kind(kind) => Err(kind.problem(self.language)),
            Beginning::Unsure => {
                self.beginning = Some(bytes);
                Ok(Rows::new())
            }
            Beginning::Text => {
                if bytes.starts_with(BYTE_ORDER_MARK) {
                    bytes.drain(..BYTE_ORDER_MARK.len());
                }
                self.splitter.push(&bytes)
            }
        }
    }
}

impl<S: Split> Split for Recognised<S> {
    fn push(&mut self, chunk: &[u8]) -> Result<Rows, Problem> {
        match self.beginning.take() {
            None => self.splitter.push(chunk),
            Some(first) => self.recognise([&first, chunk].concat(), false),
        }
    }

    fn finish(&mut self) -> Result<Rows, Problem> {
        let mut rows = match self.beginning.take() {
            None => Rows::new(),
            Some(first) => self.recognise(first, true)?,
        };
        rows.extend(self.splitter.finish()?);
        Ok(rows)
    }
}
