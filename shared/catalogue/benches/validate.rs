//! Time to validate an application: the example of each shipped benefit, from its bytes to the
//! verdict.
//!
//! `cargo bench --bench validate`; the median of `whole` is to stay under 20 µs.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark stops at what it does not expect"
)]

use std::fs;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use sportello_catalogue::Benefit;
use sportello_domain::Application;
use toml_edit::DocumentMut;

fn validate(criterion: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalogue");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            validate_example(criterion, &fs::read_to_string(&path).unwrap());
        }
    }
}

/// Each part apart: reading the bytes, the form, the form with the rules, and all of it.
fn validate_example(criterion: &mut Criterion, file: &str) {
    let benefit = Benefit::parse(file).unwrap();
    let form = Benefit::parse(&without_rules(file)).unwrap();
    let bytes = benefit.example().to_string().into_bytes();
    let application = Application::parse(&bytes).unwrap();
    let at: Timestamp = "2020-04-10T08:00:00Z".parse().unwrap();
    assert_eq!(benefit.validate(&application, at), [], "the example is valid");

    let mut group = criterion.benchmark_group(benefit.id().as_str());
    group.bench_function("parse", |bench| {
        bench.iter(|| Application::parse(black_box(&bytes)));
    });
    group.bench_function("form", |bench| {
        bench.iter(|| form.validate(black_box(&application), at))
    });
    group.bench_function("form and rules", |bench| {
        bench.iter(|| benefit.validate(black_box(&application), at));
    });
    group.bench_function("whole", |bench| {
        bench.iter(|| {
            let application = Application::parse(black_box(&bytes)).unwrap();
            benefit.validate(&application, at)
        });
    });
    group.finish();
}

fn without_rules(file: &str) -> String {
    let mut document: DocumentMut = file.parse().unwrap();
    document.remove("rule");
    document.to_string()
}

criterion_group!(benches, validate);
criterion_main!(benches);
