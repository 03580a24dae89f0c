//! Any cells under any header are made an application, or told; the application as a row is the
//! same application.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sportello_catalogue::{BatchColumns, Catalogue, Separator};

static SHIPPED: LazyLock<Catalogue> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../catalogue");
    Catalogue::load(&folder).expect("the shipped benefits")
});

fuzz_target!(|input: (&str, &str)| {
    let (names, cells) = input;
    let names: Vec<&str> = names.split('\n').collect();
    let Ok(columns) = BatchColumns::parse(&names, Separator::Semicolon, &SHIPPED) else {
        return;
    };
    let mut cells: Vec<&str> = cells.split('\n').collect();
    cells.resize(columns.count(), "");
    match columns.content(&SHIPPED, &cells) {
        Ok(content) => {
            let application: Value = serde_json::from_slice(&content).expect("JSON");
            let again = columns.cells("", &application);
            let again: Vec<&str> = again.iter().map(String::as_str).collect();
            assert!(again.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])));
            assert_eq!(columns.content(&SHIPPED, &again), Ok(content));
        }
        Err(violations) => assert!(!violations.is_empty()),
    }
});
