//! How a benefit of the catalogue looks in the OpenAPI document.

#![expect(dead_code, reason = "describes the documents that the catalogue makes")]

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::api_doc::ApiDocApplication;

/// What the caller has already.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct ApiDocIfNoneMatch {
    /// The `ETag` of what the caller has: where it is still the same, the answer is `304`.
    #[param(rename = "If-None-Match", max_length = 1000, pattern = "^[ -~]+$")]
    if_none_match: Option<String>,
}

/// The benefits that can be applied for.
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
    /// The version of what is declared: another one with each change.
    #[schema(max_length = 16, pattern = "^[0-9a-f]{16}$")]
    version: String,
    title: Text,
    law: Law,
    opening: Opening,
    windows: Windows,
    /// The groups of people, where there are several.
    #[schema(max_items = 100)]
    categories: Vec<CategorySummary>,
}

/// A benefit: everything that is declared of it.
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
    /// The version of what is declared: another one with each change.
    #[schema(max_length = 16, pattern = "^[0-9a-f]{16}$")]
    version: String,
    title: Text,
    help: Text,
    law: Law,
    opening: Opening,
    windows: Windows,
    /// Whom one application is allowed for: `applicant`, or JSON pointers into the application.
    #[schema(max_items = 100)]
    one_per: Vec<Pointer>,
    /// Benefits that exclude this one.
    #[schema(max_items = 1000)]
    incompatible_with: Vec<Id>,
    /// What the applicant must give besides name and tax code.
    #[schema(max_items = 10)]
    required_of_applicant: Vec<ApplicantField>,
    order: Order,
    retention: Retention,
    amount: Option<Amount>,
    budget: Option<Budget>,
    /// The form of the answers: a JSON Schema (2020-12); only where there are no categories.
    form: Option<BTreeMap<String, Value>>,
    /// The groups of people, each with its form.
    #[schema(max_items = 100)]
    categories: Option<Vec<Category>>,
    /// What holds between the answers.
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

/// When it can be applied for.
#[derive(ToSchema)]
struct Opening {
    /// The first instant.
    #[schema(format = DateTime)]
    opens: String,
    /// The first instant that is too late.
    #[schema(format = DateTime)]
    closes: String,
}

/// The daily hours of each channel, in Italy's time; a channel without is open all day.
#[derive(ToSchema)]
struct Windows {
    /// Of those who apply for themselves.
    #[schema(max_items = 24)]
    citizen: Option<Vec<Window>>,
    /// Of organisations that apply for others.
    #[schema(max_items = 24)]
    intermediary: Option<Vec<Window>>,
}

/// Hours, from inclusive to exclusive; may pass midnight.
#[derive(ToSchema)]
#[schema(
    max_length = 11,
    pattern = "^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$",
    example = "16:00-08:00"
)]
struct Window(String);

/// What an applicant may have to give.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
enum ApplicantField {
    Email,
    Phone,
    Iban,
    BirthDate,
}

/// Who goes first where the money does not suffice.
#[derive(ToSchema)]
struct Order {
    policy: OrderPolicy,
    /// The seed of the drawing, once published.
    #[schema(min_length = 16, max_length = 200, pattern = "^.+$")]
    seed: Option<String>,
    /// When the seed was published.
    #[schema(format = DateTime)]
    seed_published_at: Option<String>,
}

/// `none`: hurrying gives no advantage.
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
    /// The first instant at which they are no longer kept.
    #[schema(format = DateTime)]
    ends: String,
    then: Disposal,
}

/// What becomes of an application then: its registration stays without the person, or goes too and is only counted.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
enum Disposal {
    Pseudonymise,
    Purge,
}

/// What an application is worth, in euro.
#[derive(ToSchema)]
struct Amount {
    /// The same for everybody.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    fixed: Option<f64>,
    /// Where the application says how much: a JSON pointer.
    #[schema(max_length = 300, pattern = "^/.+$")]
    requested: Option<String>,
    /// The most that may be asked for.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    at_most: Option<f64>,
}

/// The money that there is, in euro.
#[derive(ToSchema)]
struct Budget {
    /// How much.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    cap: f64,
    past_cap: PastCap,
}

/// What happens to applications past the cap: received with reservation, or refused.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
enum PastCap {
    Reserve,
    Refuse,
}

/// A group of people in short.
#[derive(ToSchema)]
struct CategorySummary {
    /// The category's id.
    #[schema(max_length = 64, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    id: String,
    title: Text,
}

/// A group of people, with what is different for them.
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

/// A rule between the answers: a violation where it does not hold.
#[derive(ToSchema)]
struct Rule {
    /// The violation's code.
    #[schema(max_length = 64, pattern = "^[a-z][a-z0-9_]*$")]
    code: String,
    /// A list, as a JSON pointer: the rule holds for each element, `item` in the expression.
    #[schema(format = "json-pointer", max_length = 300)]
    each: Option<String>,
    /// Where the violation points; with `each`, from the element on.
    #[schema(format = "json-pointer", max_length = 300)]
    at: String,
    /// The categories that it is for; all where there are none.
    #[schema(max_items = 100)]
    categories: Vec<Id>,
    /// The expression (Common Expression Language), true where all is well.
    #[schema(max_length = 10_000, pattern = "^[^\\u0000]+$")]
    check: String,
    message: Text,
}
