//! Applications as CSV: the template of a benefit, filled in and sent.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use common::{Intake, with_header};
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
