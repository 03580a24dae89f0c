use std::path::Path;
use std::sync::LazyLock;
use std::time::Instant;

use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::*;
use crate::batch::file_kind::Recognised;
use crate::batch::ndjson::NdjsonSplitter;

/// The shipped benefits, followed by a runtime that stays.
static SHIPPED: LazyLock<(Runtime, LiveCatalogue)> = LazyLock::new(|| {
    let runtime = Runtime::new().unwrap();
    let _within = runtime.enter();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalogue");
    let catalogue = LiveCatalogue::start(folder).unwrap();
    drop(_within);
    (runtime, catalogue)
});

/// The splitter of a file that is sent as CSV.
fn splitter() -> Recognised<CsvSplitter> {
    let splitter = CsvSplitter::new(SHIPPED.1.clone(), Language::English);
    Recognised::new(splitter, Language::English)
}

/// The result of a file: its rows, or the header's mistakes.
fn split(pieces: &[&[u8]]) -> Result<Vec<String>, String> {
    let mut splitter = splitter();
    let mut rows = Rows::new();
    let mut all = || {
        for piece in pieces {
            rows.extend(splitter.push(piece)?);
        }
        rows.extend(splitter.finish()?);
        Ok(())
    };
    all().map_err(|problem: Problem| described(&problem))?;
    Ok(rows.into_iter().map(shown).collect())
}

fn rows(file: &str) -> Vec<String> {
    split(&[file.as_bytes()]).unwrap()
}

/// A row as `key given_name`, or its problem's violations.
fn shown(row: Result<RawRow, Problem>) -> String {
    match row {
        Ok(row) => {
            let content: Value = serde_json::from_slice(&row.content).unwrap();
            let name = content["applicant"]["given_name"].as_str().unwrap_or_default();
            let key = (0..=9).find(|key| split::parse_key(&key.to_string()).ok() == Some(row.key.clone()));
            format!("{} {name}", key.unwrap())
        }
        Err(problem) => described(&problem),
    }
}

/// The problem's name, place and code of each violation.
fn described(problem: &Problem) -> String {
    let mut text = problem.to_string();
    for violation in problem.document().violations {
        text.extend([" ", violation.pointer.as_str(), ":", &violation.code]);
    }
    text
}

const HEADER: &str = "idempotency_key,/benefit,/category,/applicant/given_name";
const REST: &str = "indemnity-march-2020,farm-workers";

#[test]
fn a_file_as_excel_in_italy_writes_it_is_read() {
    let file = concat!(
        "\u{feff}idempotency_key;/benefit;/category;/mandate;/applicant/given_name;/applicant/birth_date;",
        "/answers/amount;/answers/no_leave;/answers/children/0/tax_code\r\n",
        "1;baby-sitting-bonus-2020;self-employed;PA 1;\"Anna, detta \"\"Nina\"\"; sì\r\ndavvero\";31/03/1980;599,9;VERO;X\r\n",
        ";;;;;;;;\r\n",
        "2;baby-sitting-bonus-2020;self-employed;PA 2;Nicolò;;600;FALSO;\r\n",
    );
    let mut splitter = splitter();
    let mut rows = splitter.push(file.as_bytes()).unwrap();
    rows.extend(splitter.finish().unwrap());
    let contents: Vec<Value> = rows
        .into_iter()
        .map(|row| serde_json::from_slice(&row.unwrap().content).unwrap())
        .collect();
    let expected = [
        json!({
            "benefit": "baby-sitting-bonus-2020",
            "category": "self-employed",
            "mandate": "PA 1",
            "applicant": { "given_name": "Anna, detta \"Nina\"; sì\r\ndavvero", "birth_date": "1980-03-31" },
            "answers": { "amount": 599.9, "no_leave": true, "children": [{ "tax_code": "X" }] },
        }),
        json!({
            "benefit": "baby-sitting-bonus-2020",
            "category": "self-employed",
            "mandate": "PA 2",
            "applicant": { "given_name": "Nicolò" },
            "answers": { "amount": 600, "no_leave": false, "children": [] },
        }),
    ];
    assert_eq!(contents, expected);
}

#[test]
fn the_same_row_is_the_same_bytes_in_whatever_order_its_columns_are() {
    let content = |file: &str| {
        let mut splitter = CsvSplitter::new(SHIPPED.1.clone(), Language::Italian);
        splitter.push(file.as_bytes()).unwrap();
        let row = splitter.finish().unwrap().remove(0).unwrap();
        assert!(!format!("{row:?}").contains("Anna"));
        String::from_utf8(row.content.to_vec()).unwrap()
    };
    let expected = r#"{"answers":{"no_pension":true},"applicant":{"given_name":"Anna"},"benefit":"indemnity-march-2020","category":"farm-workers"}"#;
    assert_eq!(
        content(&format!("{HEADER},/answers/no_pension\n1,{REST},Anna,true")),
        expected
    );
    let other = "/applicant/given_name;/answers/no_pension;idempotency_key;/category;/benefit\rAnna;sì;1;farm-workers;indemnity-march-2020";
    assert_eq!(content(other), expected);
}

/// One of everything; cells hold quotes, separators and the ends of lines.
const FILE: &str = concat!(
    "\u{feff}idempotency_key,/benefit,\"/category\",/applicant/given_name\r\n",
    "1,indemnity-march-2020,farm-workers,\"An\"\"na\"\r\n",
    "\r\n",
    ",,,\r\n",
    "2,indemnity-march-2020,farm-workers,\"Anna\r\n,;Nicolò\"\n",
    "3,indemnity-march-2020,farm-workers\n",
    "4,indemnity-march-2020,farm-workers,Anna,,\u{a0}\n",
    " ,\u{a0},\u{202f},\t,\n",
    "4,indemnity-march-2020,farm-workers,Anna,,x\n",
    "4\n",
    "4,indemnity-march-2020,farm-workers, \"Anna\"\n",
    ",indemnity-march-2020,farm-workers,Anna\r",
    "a key,moon-bonus,farm-workers,Anna\n",
    "5,indemnity-march-2020,astronauts,Anna\n",
    "6,indemnity-march-2020,farm-workers,An\"na\n",
    "7,indemnity-march-2020,farm-workers,Luca\n",
    "8,indemnity-march-2020,farm-workers,\"Luca\n9,10",
);

const ROWS: [&str; 13] = [
    "1 An\"na",
    "2 Anna\r\n,;Nicolò",
    "3 ",
    "4 Anna",
    "invalid-application :cell_count",
    "invalid-application /benefit:required",
    "invalid-application :quotes",
    "invalid-application /idempotency_key:required",
    "invalid-application /idempotency_key:idempotency_key /benefit:benefit_unknown",
    "invalid-application /category:category_unknown",
    "invalid-application :quotes",
    "7 Luca",
    "invalid-application :quotes",
];

#[test]
fn every_record_that_is_not_blank_is_a_row() {
    assert_eq!(rows(FILE), ROWS);
    assert_eq!(rows(HEADER), [""; 0]);
    assert_eq!(rows(&format!("\r\n\n{HEADER}\n\n\n,,,\n")), [""; 0]);
}

#[test]
fn what_is_not_utf8_is_the_problem_of_its_row() {
    let latin = [HEADER.as_bytes(), b"\n1,", REST.as_bytes(), b",Nicol\xf2\n"].concat();
    let file = [latin, format!("2,{REST},Anna").into_bytes()].concat();
    assert_eq!(
        split(&[&file]).unwrap(),
        ["invalid-application /applicant/given_name:not_utf8", "2 Anna"]
    );
    let in_key = [HEADER.as_bytes(), b"\n\xf2,", REST.as_bytes(), b",Anna\n"].concat();
    assert_eq!(
        split(&[&in_key]).unwrap(),
        ["invalid-application /idempotency_key:not_utf8"]
    );
}

#[test]
fn a_row_that_is_too_long_is_refused_and_skipped() {
    let row = |key: &str, name: usize| format!("{key},{REST},{}\n", "x".repeat(name));
    let most = ROW_LIMIT - row("1", 0).len() + 4;
    let longest = format!("{HEADER}\n{}{}", row("1", most), row("2", 1));
    // the JSON of the first has more bytes than the row
    assert_eq!(rows(&longest), ["too-large", "2 x"]);
    let file = format!(
        "{HEADER}\n{}{}{}",
        row("1", most + 1),
        row("2", 3 * ROW_LIMIT),
        row("3", 1)
    );
    let pieces: Vec<&[u8]> = file.as_bytes().chunks(1000).collect();
    assert_eq!(split(&pieces).unwrap(), ["too-large", "too-large", "3 x"]);
    for many in [",x".repeat(2000), format!("{}x", ",".repeat(2000))] {
        let cells = format!("{HEADER}\n{many}\n{}", row("3", 1));
        assert_eq!(rows(&cells), ["invalid-application :cell_count", "3 x"]);
    }
    let blank = format!("{HEADER}\n{}\n{}", ",".repeat(2000), row("3", 1));
    assert_eq!(rows(&blank), ["3 x"]);
    let open = format!("{HEADER}\n\"{}", row("1", 1).repeat(5000));
    assert_eq!(rows(&open), ["too-large"]);
}

#[test]
fn a_bad_header_is_the_problem_of_the_whole_file() {
    let header = |file: &[u8]| split(&[file]).unwrap_err();
    assert_eq!(header(b""), "file-header :column_missing /benefit:column_missing");
    assert_eq!(
        header(b"idempotency_key,/benefit,/shoe_size,RSSMRA80A01H501U\n1,2,3,4\n"),
        "file-header /shoe_size:column_unknown :column_unknown"
    );
    assert_eq!(header(b"idempotency_key,\"/benefit\n1,2"), "file-header :quotes");
    assert_eq!(header(b"\xe0dempotency_key,/benefit"), "file-header :not_utf8");
    let long = format!("idempotency_key,/benefit{}", ",".repeat(ROW_LIMIT));
    assert_eq!(header(long.as_bytes()), "file-header :header_too_long");
    let pieces: Vec<&[u8]> = long.as_bytes().chunks(1000).collect();
    assert_eq!(split(&pieces).unwrap_err(), "file-header :header_too_long");
    let many = format!("idempotency_key,/benefit{}", ",/category".repeat(600));
    assert_eq!(header(many.as_bytes()), "file-header :too_many_columns");
    for tabs in [
        "idempotency_key\t/benefit\n",
        "sep=\t\n",
        "sep=|\nidempotency_key|/benefit\n",
    ] {
        assert_eq!(header(tabs.as_bytes()), "file-header :separator", "{tabs}");
    }
}

/// Names and two rows as a spreadsheet may have them, where HEAD, ONE and TWO stand for the cells
/// that they begin with.
const SPREADSHEETS: [(&str, &str); 12] = [
    (
        "cells missing at the end",
        "HEAD;/applicant/email;/answers/no_pension\nONE;Anna\nTWO;Luca;",
    ),
    ("separators at the end", "HEAD;;\nONE;Anna;;\nTWO;Luca;;\n"),
    (
        "separators at the end of the header",
        "HEAD;\nONE;Anna\nTWO;Luca\n",
    ),
    ("separators at the end of rows", "HEAD\nONE;Anna;\nTWO;Luca;;;\n"),
    (
        "a line that says the separator",
        "sep=;\nHEAD\nONE;Anna\nTWO;Luca\n",
    ),
    (
        "the same after a byte order mark",
        "\u{feff}SEP=;\r\nHEAD\r\nONE;Anna\r\nTWO;Luca",
    ),
    (
        "the same, saved as a row",
        "\"sep=;\";;\nHEAD\nONE;Anna\nTWO;Luca\n",
    ),
    (
        "rows of blanks",
        "HEAD\n;;;\nONE;Anna\n ; ;\u{a0};\n\n\"\"; \nTWO;Luca\n;;;;;;\n;",
    ),
    (
        "rows of blanks before the header",
        ";;;\n \u{a0};\n\nHEAD\nONE;Anna\nTWO;Luca\n",
    ),
    (
        "a byte order mark before an empty line",
        "\u{feff}\r\n\r\nHEAD\nONE;Anna\nTWO;Luca\n",
    ),
    (
        "blanks around",
        "\u{a0}HEAD\u{202f};\t/mandate \n ONE\t;\u{a0}Anna \nTWO\u{a0};\u{202f}Luca\u{feff}\n",
    ),
    (
        "files put together",
        "\u{feff}HEAD\nONE;Anna\n\u{feff}TWO;\"Luca\"\n",
    ),
];

#[test]
fn what_spreadsheets_add_or_leave_out_does_not_matter() {
    for (kind, file) in SPREADSHEETS {
        for separator in [";", ","] {
            let file = file
                .replace("HEAD", &HEADER.replace(',', ";"))
                .replace("ONE", "1;indemnity-march-2020;farm-workers")
                .replace("TWO", "2;indemnity-march-2020;farm-workers")
                .replace(';', separator);
            assert_eq!(rows(&file), ["1 Anna", "2 Luca"], "{kind}: {file}");
        }
    }
}

#[test]
fn a_file_of_another_kind_is_reported_by_its_name() {
    let zip = |name: &str| format!("PK\u{3}\u{4}{}{name}{}", "\0".repeat(26), "\0".repeat(100)).into_bytes();
    let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let cases: [(Vec<u8>, &str); 14] = [
        (zip("[Content_Types].xml"), "file_xlsx"),
        (zip("xl/workbook.xml"), "file_xlsx"),
        (
            zip("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
            "file_ods",
        ),
        (zip("applications.csv"), "file_zip"),
        (b"PK\x03\x04".to_vec(), "file_zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0".to_vec(), "file_xls"),
        (utf16("\u{feff}idempotency_key\t/benefit"), "file_utf16"),
        (utf16("idempotency_key;/benefit"), "file_utf16"),
        ("i\0".repeat(3).into_bytes(), "file_utf16"),
        (b"%PDF-1.7\n".to_vec(), "file_pdf"),
        (b"<!DOCTYPE html><table>".to_vec(), "file_html"),
        (
            "\u{feff} \r\n<?xml version=\"1.0\"?><Workbook>".into(),
            "file_html",
        ),
        (b"<".to_vec(), "file_html"),
        (b"\x1f\x8b\x08\0\0".to_vec(), "file_gzip"),
    ];
    for (file, code) in cases {
        let expected = Err(format!("file-kind :{code}"));
        assert_eq!(split(&[&file]), expected);
        let bytes: Vec<&[u8]> = file.chunks(1).collect();
        assert_eq!(split(&bytes), expected);
        let mut lines = Recognised::new(NdjsonSplitter::new(Language::English), Language::English);
        let read = lines.push(&file).and_then(|_| lines.finish());
        assert_eq!(read.err().map(|problem| described(&problem)), expected.err());
    }
}

/// How a file may begin.
const HEADERS: [&str; 6] = [
    "",
    "\u{feff}",
    "sep=",
    "PK\u{3}\u{4}",
    "idempotency_key,/benefit\n",
    "\u{feff}\nsep=;\n;;\nidempotency_key;/benefit;;\n",
];

fn pieces(file: &[u8], mut cuts: Vec<usize>) -> Vec<&[u8]> {
    cuts.extend([0, file.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|cut| &file[cut[0]..cut[1]]).collect()
}

proptest! {
    #[test]
    fn it_does_not_matter_how_the_bytes_are_cut(cuts in prop::collection::vec(0..FILE.len(), 0..20)) {
        prop_assert_eq!(split(&pieces(FILE.as_bytes(), cuts)).unwrap(), ROWS);
    }

    #[test]
    fn any_bytes_are_the_same_rows_however_they_are_cut(
        bytes in prop::collection::vec(prop_oneof![select_byte(), any::<u8>()], 0..300),
        cuts in prop::collection::vec(0..300_usize, 0..10),
        header in prop::sample::select(&HEADERS[..]),
    ) {
        let file = [header.as_bytes(), &bytes].concat();
        let cuts = cuts.into_iter().filter(|cut| *cut <= file.len()).collect();
        prop_assert_eq!(split(&pieces(&file, cuts)), split(&[&file]));
    }
}

/// A byte that means something.
fn select_byte() -> impl Strategy<Value = u8> {
    prop::sample::select(b"\"\",;\r\n\t1 <=\0\xef\xbb\xbf".to_vec())
}

/// Compares the cost of a row with the same row as a line of JSON: the example of the parental
/// leave.
#[test]
#[ignore = "a measurement"]
fn measure_rows() {
    const ROWS: usize = 20_000;
    let catalogue = SHIPPED.1.current();
    let benefit = catalogue.get(&"parental-leave-2020".parse().unwrap()).unwrap();
    let mut application = benefit.example();
    application["mandate"] = json!("PA 1");
    let category = application["category"].as_str().unwrap().parse().unwrap();
    let template = benefit.batch_template(Some(&category)).unwrap();
    let mut cells = template.example;
    cells[0] = "1".to_owned();
    let csv = format!(
        "{}\n{}",
        template.columns.join(","),
        format!("{}\n", cells.join(",")).repeat(ROWS)
    );
    let json = format!(
        "{}\n",
        json!({ "idempotency_key": "1", "application": application })
    )
    .repeat(ROWS);
    let splitters: [(&str, String, Box<dyn Split>); 2] = [
        (
            "CSV",
            csv,
            Box::new(CsvSplitter::new(SHIPPED.1.clone(), Language::Italian)),
        ),
        ("JSON", json, Box::new(NdjsonSplitter::new(Language::Italian))),
    ];
    for (name, file, mut splitter) in splitters {
        let begin = Instant::now();
        let rows: usize = file
            .as_bytes()
            .chunks(16 * 1024)
            .map(|chunk| {
                splitter
                    .push(chunk)
                    .unwrap()
                    .into_iter()
                    .filter(Result::is_ok)
                    .count()
            })
            .sum();
        assert_eq!(rows, ROWS);
        let each = begin.elapsed().as_secs_f64() * 1e6 / 20_000.0;
        println!("{name}: {} bytes a row, {each:.1} µs", file.len() / ROWS);
    }
}
