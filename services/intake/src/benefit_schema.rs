//! Schema of the catalogue's benefits in the OpenAPI document.

#![expect(dead_code, reason = "describes the documents that the catalogue makes")]

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::ToSchema;

use crate::application_schema::ApiDocApplication;

/// The benefits of the catalogue.
#[derive(ToSchema)]
#[schema(as = Benefits)]
pub(crate) struct ApiDocBenefits {
    /// The benefits, in the order of their ids.
    #[schema(max_items = 1000)]
    items: Vec<Summary>,
}

/// A benefit in short.
#[derive(ToSchema)]
#[schema(as = BenefitSummary)]
struct Summary {
    /// The benefit's id.
    #[schema(
        example = "indemnity-march-2020",
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    id: String,
    /// The version of the declaration: it changes with each change of the file.
    #[schema(max_length = 16, pattern = "^[0-9a-f]{16}$")]
    version: String,
    title: Text,
    law: Law,
    opening: Opening,
    windows: Windows,
    /// The categories of people, where there are several.
    #[schema(max_items = 100)]
    categories: Vec<CategorySummary>,
}

/// A benefit with its whole declaration.
#[derive(ToSchema)]
#[schema(as = Benefit)]
pub(crate) struct ApiDocBenefit {
    /// The benefit's id.
    #[schema(
        example = "indemnity-march-2020",
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    id: String,
    /// The version of the declaration: it changes with each change of the file.
    #[schema(max_length = 16, pattern = "^[0-9a-f]{16}$")]
    version: String,
    title: Text,
    help: Text,
    law: Law,
    opening: Opening,
    windows: Windows,
    /// The scope in which one application is allowed: `applicant`, or JSON pointers into the
    /// application.
    #[schema(max_items = 100)]
    one_per: Vec<Pointer>,
    /// Most applications that an organisation may send for one applicant in a day.
    #[schema(minimum = 5, maximum = 1_000_000)]
    per_applicant: u32,
    /// Benefits that exclude this one.
    #[schema(max_items = 1000)]
    incompatible_with: Vec<Id>,
    /// Fields that the applicant must give besides name and tax code.
    #[schema(max_items = 10)]
    required_of_applicant: Vec<ApplicantField>,
    order: Order,
    retention: Retention,
    amount: Option<Amount>,
    budget: Option<Budget>,
    /// The form of the answers: a JSON Schema (2020-12); only where there are no categories.
    form: Option<BTreeMap<String, Value>>,
    /// The categories of people, each with its form.
    #[schema(max_items = 100)]
    categories: Option<Vec<Category>>,
    /// Rules between the answers.
    #[schema(max_items = 1000)]
    rules: Vec<Rule>,
    example: ApiDocApplication,
}

/// A text in every language.
#[derive(ToSchema)]
struct Text {
    /// Italian.
    #[schema(max_length = 2000, pattern = "^[^\\u0000]+$")]
    it: String,
    /// English.
    #[schema(max_length = 2000, pattern = "^[^\\u0000]+$")]
    en: String,
    /// German.
    #[schema(max_length = 2000, pattern = "^[^\\u0000]+$")]
    de: String,
}

/// The law that grants the benefit.
#[derive(ToSchema)]
struct Law {
    /// The act.
    #[schema(max_length = 300, pattern = "^.+$")]
    act: String,
    /// Its articles.
    #[schema(min_items = 1, max_items = 100)]
    articles: Vec<Article>,
    /// Where to read it.
    #[schema(format = "uri")]
    url: String,
}

/// An article of a law.
#[derive(ToSchema)]
#[schema(max_length = 300, pattern = "^.+$")]
struct Article(String);

/// A benefit's id.
#[derive(ToSchema)]
#[schema(max_length = 64, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
struct Id(String);

/// `applicant`, or a JSON pointer into the application, with `*` for every element of a list.
#[derive(ToSchema)]
#[schema(max_length = 300, pattern = "^(applicant|/.+)$")]
struct Pointer(String);

/// When applications are accepted.
#[derive(ToSchema)]
struct Opening {
    /// First instant at which applications are accepted.
    #[schema(format = DateTime)]
    opens: String,
    /// First instant at which applications are too late.
    #[schema(format = DateTime)]
    closes: String,
}

/// The daily hours of each channel, in Italy's time; a channel without hours is open all day.
#[derive(ToSchema)]
struct Windows {
    /// Hours of people who apply for themselves.
    #[schema(max_items = 24)]
    citizen: Option<Vec<Window>>,
    /// Hours of organisations that apply for others.
    #[schema(max_items = 24)]
    intermediary: Option<Vec<Window>>,
}

/// Hours, from inclusive to exclusive; they may pass midnight.
#[derive(ToSchema)]
#[schema(
    max_length = 11,
    pattern = "^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$",
    example = "16:00-08:00"
)]
struct Window(String);

/// A field of the applicant that a benefit may require.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
enum ApplicantField {
    Email,
    Phone,
    Iban,
    BirthDate,
}

/// The order of applications where the money does not suffice.
#[derive(ToSchema)]
struct Order {
    policy: OrderPolicy,
    /// The seed of the drawing, once published.
    #[schema(min_length = 16, max_length = 200, pattern = "^.+$")]
    seed: Option<String>,
    /// When the seed was published.
    #[schema(format = DateTime)]
    seed_published_at: Option<String>,
    /// Largest error of intake's clock, in seconds; with `arrival` only.
    #[schema(minimum = 1, maximum = 3600)]
    clock_tolerance_seconds: Option<u32>,
}

/// `none`: an early application has no advantage.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
enum OrderPolicy {
    Arrival,
    None,
    Lottery,
}

/// How long the personal data of an application are kept (GDPR, art. 13(2)(a)).
#[derive(ToSchema)]
struct Retention {
    /// Days after the closing.
    #[schema(minimum = 1, maximum = 36_500)]
    days: i32,
    /// First instant at which the personal data are no longer kept.
    #[schema(format = DateTime)]
    ends: String,
    then: Disposal,
}

/// The disposal after the retention: the registration stays without the person, or is erased and
/// only counted.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
enum Disposal {
    Pseudonymise,
    Purge,
}

/// The value of an application, in euro.
#[derive(ToSchema)]
struct Amount {
    /// The same amount for every application.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    fixed: Option<f64>,
    /// JSON pointer to the amount in the application.
    #[schema(max_length = 300, pattern = "^/.+$")]
    requested: Option<String>,
    /// Largest amount that an application may ask for.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    at_most: Option<f64>,
}

/// The budget, in euro.
#[derive(ToSchema)]
struct Budget {
    /// The amount.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    cap: f64,
    past_cap: PastCap,
}

/// The treatment of applications past the cap: received with reservation, or refused.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
enum PastCap {
    Reserve,
    Refuse,
}

/// A category of people in short.
#[derive(ToSchema)]
struct CategorySummary {
    /// The category's id.
    #[schema(max_length = 64, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    id: String,
    title: Text,
}

/// A category of people, with the declarations that differ for it.
#[derive(ToSchema)]
struct Category {
    /// The category's id.
    #[schema(max_length = 64, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    id: String,
    title: Text,
    help: Option<Text>,
    /// The articles of the law.
    #[schema(max_items = 100)]
    articles: Vec<Article>,
    amount: Option<Amount>,
    budget: Option<Budget>,
    /// The whole form of the answers: a JSON Schema (2020-12).
    form: BTreeMap<String, Value>,
}

/// A rule between the answers; an application that breaks it has a violation.
#[derive(ToSchema)]
struct Rule {
    /// The violation's code.
    #[schema(max_length = 64, pattern = "^[a-z][a-z0-9_]*$")]
    code: String,
    /// JSON pointer to a list: the rule holds for each element, `item` in the expression.
    #[schema(format = "json-pointer", max_length = 300)]
    each: Option<String>,
    /// JSON pointer of the violation; with `each`, relative to the element.
    #[schema(format = "json-pointer", max_length = 300)]
    at: String,
    /// The categories that the rule is for; empty means all.
    #[schema(max_items = 100)]
    categories: Vec<Id>,
    /// The expression (Common Expression Language): true where the rule holds.
    #[schema(max_length = 10_000, pattern = "^[^\\u0000]+$")]
    check: String,
    message: Text,
}
