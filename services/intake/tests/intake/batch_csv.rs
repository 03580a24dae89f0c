//! Applications as CSV: the template of a benefit, filled in and sent.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use crate::common::upload::ORGANISATION;
use crate::common::{Intake, with_header};
use reqwest::Response;
use serde_json::Value;
use sportello_testkit::Sandbox;

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers()[name].to_str().unwrap()
}

/// The addresses of all templates.
async fn templates(intake: &Intake) -> Vec<String> {
    let list: Value = intake.get("/v1/benefits").await.json().await.unwrap();
    let mut paths = Vec::new();
    for benefit in list["items"].as_array().unwrap() {
        let path = format!("/v1/benefits/{}/batch-template", benefit["id"].as_str().unwrap());
        for category in benefit["categories"].as_array().unwrap() {
            paths.push(format!("{path}?category={}", category["id"].as_str().unwrap()));
        }
    }
    assert_eq!(paths.len(), 12);
    paths
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_may_have_the_template_of_each_category_and_keep_it_for_a_minute() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    for path in templates(&intake).await {
        let answer = intake.get(&path).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(header(&answer, "content-type"), "text/csv; charset=utf-8");
        assert_eq!(header(&answer, "cache-control"), "public, max-age=60");
        let name = path
            .trim_start_matches("/v1/benefits/")
            .replace("/batch-template?category=", "-");
        let disposition = format!("attachment; filename=\"{name}.csv\"");
        assert_eq!(header(&answer, "content-disposition"), disposition);
        let tag = header(&answer, "etag").to_owned();
        let file = answer.text().await.unwrap();
        assert!(file.starts_with("\u{feff}idempotency_key;/benefit;/category;/mandate;/applicant/tax_code;"));
        assert_eq!(file.matches("\r\n").count(), 2);

        let url = format!("{}{path}", intake.url());
        let again = with_header(intake.client().get(&url), "accept-language", Some("de"));
        assert_eq!(again.send().await.unwrap().text().await.unwrap(), file);
        let known = with_header(intake.client().get(&url), "if-none-match", Some(&tag));
        let known = known.send().await.unwrap();
        assert_eq!(known.status(), 304);
        assert_eq!(intake.client().head(&url).send().await.unwrap().status(), 200);
        assert_eq!(intake.client().post(&url).send().await.unwrap().status(), 405);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_had_for_a_category_that_there_is() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let indemnity = "/v1/benefits/indemnity-march-2020/batch-template";
    for (query, code) in [
        ("", "required"),
        ("?category=astronauts", "category_unknown"),
        ("?category=Not%20an%20id", "identifier"),
        ("?category=", "identifier"),
        ("?category=farm-workers&category=professionals", "identifier"),
    ] {
        let answer = intake.get(&format!("{indemnity}{query}")).await;
        assert_eq!(answer.status(), 422, "{query}");
        assert_eq!(header(&answer, "cache-control"), "no-store");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["violations"][0]["pointer"], "/category");
        assert_eq!(problem["violations"][0]["code"], code, "{query}");
    }
    let answer = intake.get("/v1/benefits/moon-bonus-2020/batch-template").await;
    assert_eq!(answer.status(), 404);
}

/// Uploads a file and returns the answer: the status, and each line.
async fn post(intake: &Intake, key: &str, file: String) -> (u16, Vec<Value>) {
    post_as(intake, key, file, "text/csv; charset=utf-8").await
}

async fn post_as(
    intake: &Intake,
    key: &str,
    file: impl Into<reqwest::Body>,
    media_type: &str,
) -> (u16, Vec<Value>) {
    let request = intake.client().post(format!("{}/v1/batches", intake.url()));
    let answer = request
        .bearer_auth(intake.issuer.organisation_token(ORGANISATION))
        .header("Idempotency-Key", format!("\"{key}\""))
        .header("Content-Type", media_type)
        .header("Accept-Language", "en")
        .body(file)
        .send()
        .await
        .unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    (status, lines.collect())
}

/// The places and codes of a problem's violations.
fn places(problem: &Value) -> Vec<String> {
    let violations = problem["violations"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    violations
        .map(|violation| format!("{} {}", text(&violation["pointer"]), text(&violation["code"])))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_every_template_is_accepted_once_it_has_a_key() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    for path in templates(&intake).await {
        let file = intake.get(&path).await.text().await.unwrap();
        let (status, lines) = post(&intake, &path, file.clone()).await;
        assert_eq!((status, lines.len()), (202, 2), "{path}: {lines:?}");
        assert_eq!(
            places(&lines[0]["problem"]),
            ["/idempotency_key idempotency_key"],
            "{path}"
        );

        let (columns, example) = file.split_once("\r\n").unwrap();
        let (_, example) = example.split_once(';').unwrap();
        let file = format!("{columns}\r\n{path};{example}");
        let (status, lines) = post(&intake, &path, file).await;
        assert_eq!(status, 202, "{path}");
        assert!(lines[0]["receipt"].is_string(), "{path}: {}", lines[0]);
        assert_eq!(lines[1]["batch"]["accepted"], 1, "{path}");
    }
}

const FILE: &str = concat!(
    "\u{feff}idempotency_key;/benefit;/category;/mandate;/applicant/tax_code;/applicant/given_name;",
    "/applicant/family_name;/applicant/iban;/answers/no_pension;/answers/no_citizenship_income;/answers/days_2019;",
    "/answers/amount;/answers/no_parent_at_home;/answers/no_leave;/answers/children/0/given_name;",
    "/answers/children/0/family_name;/answers/children/0/tax_code\r\n",
    "r-1;indemnity-march-2020;farm-workers;PA 1;RSSMRA80A01H501U;Mario;Rossi;IT60X0542811101000000123456;VERO;VERO;180;",
    ";;;;;\r\n",
    "r-2;baby-sitting-bonus-2020;self-employed;\"PA 2\";BNCNNA85S43H501O;Anna;Bianchi;;;;;599,90;sì;SI;Giulia;Verdi;",
    "VRDGLI14H52H501Z\r\n",
    "r-3;baby-sitting-bonus-2020;self-employed;;BNCNNA85S43H501O;Anna;Bianchi;;;;180;1.000;sì;forse;;;\r\n",
    "r-4;indemnity-march-2020\r\n",
    "r-5;indemnity-march-2020;;;;;;;;;;;;;;;;;x\r\n",
    ";;;;;;;;;;;;;;;;\r\n",
);

#[tokio::test(flavor = "multi_thread")]
async fn a_file_from_excel_has_rows_of_several_benefits_and_a_problem_for_each_bad_one() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let (status, lines) = post(&intake, "a-file", FILE.to_owned()).await;
    assert_eq!((status, lines.len()), (202, 6), "{lines:?}");
    for line in &lines[..2] {
        assert!(line["receipt"].is_string(), "{line}");
    }
    let mut third = places(&lines[2]["problem"]);
    third.sort_unstable();
    let expected = [
        "/answers/amount number_unclear",
        "/answers/children too_few",
        "/answers/days_2019 unknown_field",
        "/answers/no_leave must_be_confirmed",
        "/answers/no_leave type",
    ];
    assert_eq!(third, expected);
    assert_eq!(places(&lines[3]["problem"]), ["/category required"]);
    assert_eq!(places(&lines[4]["problem"]), [" cell_count"]);
    assert_eq!(lines[5]["batch"]["accepted"], 2);
    assert_eq!(lines[5]["batch"]["rows"], 5);

    let (status, again) = post(&intake, "a-file", FILE.to_owned()).await;
    assert_eq!(status, 202);
    for (line, again) in lines.iter().zip(&again).take(2) {
        assert_eq!(line["id"], again["id"], "the same file is the same applications");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_header_is_reported_with_its_columns_and_nothing_is_read() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let file = FILE.replace("/answers/days_2019", "/answers/day_2019");
    let (status, lines) = post(&intake, "a-file", file.replace("/mandate", "mandato di Mario")).await;
    assert_eq!(status, 422);
    assert_eq!(lines[0]["type"], "urn:sportello:problem:file-header");
    assert_eq!(
        places(&lines[0]),
        [" column_unknown", "/answers/day_2019 column_unknown"]
    );
    assert!(!lines[0].to_string().contains("Mario"));
    assert!(lines[0].to_string().contains("column 4"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_windows_calls_a_csv_file_is_read_and_a_workbook_is_reported() {
    const EXCEL: &str = "application/vnd.ms-excel";
    const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let (status, lines) = post_as(&intake, "a-file", FILE, EXCEL).await;
    assert_eq!((status, &lines[5]["batch"]["accepted"]), (202, &2.into()));

    let old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0".to_vec();
    let new = [&b"PK\x03\x04"[..], &[0; 26], b"[Content_Types].xml", &[0; 100]].concat();
    for (file, media_type, code) in [
        (old, EXCEL, " file_xls"),
        (new.clone(), "text/csv", " file_xlsx"),
        (new.clone(), "application/x-ndjson", " file_xlsx"),
        (new, WORKBOOK, " file_xlsx"),
        (b"%PDF-1.7".to_vec(), "text/csv", " file_pdf"),
    ] {
        let (status, lines) = post_as(&intake, "a-file", file, media_type).await;
        assert_eq!(status, 415, "{code}");
        assert_eq!(lines[0]["type"], "urn:sportello:problem:file-kind");
        assert_eq!(places(&lines[0]), [code]);
        let message = lines[0]["violations"][0]["message"].as_str().unwrap();
        assert!(message.contains("save it as CSV UTF-8"), "{message}");
    }
}
