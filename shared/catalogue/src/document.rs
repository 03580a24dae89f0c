//! The API's documents of benefits.

use std::num::NonZeroU32;

use serde::Serialize;
use serde_json::Value;
use sportello_domain::{Application, BenefitId, CatalogueVersion, CategoryId, Channel, PastCap, Text};
use utoipa::ToSchema;

use crate::benefit::Benefit;
use crate::declared::{self, ApplicantField, Article, Law, OnePer, RetentionPolicy};
use crate::money::euro;
use crate::rule::RuleSource;
use crate::windows::{self, Opening, written_in_rome};

/// The benefits of the catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub struct Benefits {
    /// The benefits, in the order of their ids.
    #[schema(max_items = 1000)]
    pub(crate) items: Vec<BenefitSummary>,
}

/// A benefit in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct BenefitSummary {
    /// The benefit's id.
    #[schema(
        value_type = String,
        example = "indemnity-march-2020",
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    id: BenefitId,
    /// The version of the declaration: it changes with each change of the file.
    #[schema(value_type = String, max_length = 16, pattern = "^[0-9a-f]{16}$")]
    version: CatalogueVersion,
    title: Text,
    law: Law,
    opening: Opening,
    windows: Windows,
    /// The categories of people, where there are several.
    #[schema(max_items = 100)]
    categories: Vec<CategorySummary>,
}

/// A category of people in short.
#[derive(Debug, Serialize, ToSchema)]
struct CategorySummary {
    /// The category's id.
    #[schema(value_type = String, max_length = 64, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    id: CategoryId,
    title: Text,
}

/// A benefit with its whole declaration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Benefit)]
pub struct BenefitDocument {
    /// The benefit's id.
    #[schema(
        value_type = String,
        example = "indemnity-march-2020",
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    id: BenefitId,
    /// The version of the declaration: it changes with each change of the file.
    #[schema(value_type = String, max_length = 16, pattern = "^[0-9a-f]{16}$")]
    version: CatalogueVersion,
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
    #[schema(value_type = u32, minimum = 5, maximum = 1_000_000)]
    per_applicant: NonZeroU32,
    /// Benefits that exclude this one.
    #[schema(max_items = 1000)]
    incompatible_with: Vec<BenefitId>,
    /// Fields that the applicant must give besides name and tax code.
    #[schema(max_items = 10)]
    required_of_applicant: Vec<ApplicantField>,
    order: Order,
    retention: RetentionPolicy,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<Budget>,
    /// The form of the answers: a JSON Schema (2020-12); only where there are no categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    form: Option<Value>,
    /// The categories of people, each with its form.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 100)]
    categories: Option<Vec<Category>>,
    /// Rules between the answers.
    #[schema(max_items = 1000)]
    rules: Vec<RuleSource>,
    #[schema(value_type = Application)]
    example: Value,
}

/// `applicant`, or a JSON pointer into the application, with `*` for every element of a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(max_length = 300, pattern = "^(applicant|/.+)$")]
struct Pointer(String);

/// The daily hours of each channel, in Italy's time; a channel without hours is open all day.
#[derive(Debug, Serialize, ToSchema)]
struct Windows {
    /// Hours of people who apply for themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 24)]
    citizen: Option<Vec<Window>>,
    /// Hours of organisations that apply for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 24)]
    intermediary: Option<Vec<Window>>,
}

/// Hours, from inclusive to exclusive; they may pass midnight.
#[derive(Debug, Serialize, ToSchema)]
#[schema(
    max_length = 11,
    pattern = "^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$",
    example = "16:00-08:00"
)]
struct Window(String);

/// The order of applications where the money does not suffice.
#[derive(Debug, Serialize, ToSchema)]
struct Order {
    policy: OrderPolicy,
    /// The seed of the drawing, once published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 16, max_length = 200, pattern = "^.+$")]
    seed: Option<String>,
    /// When the seed was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    seed_published_at: Option<String>,
    /// Largest error of intake's clock, in seconds; with `arrival` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 3600)]
    clock_tolerance_seconds: Option<i32>,
}

/// `none`: an early application has no advantage.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OrderPolicy {
    Arrival,
    None,
    Lottery,
}

/// The value of an application, in euro.
#[derive(Debug, Serialize, ToSchema)]
struct Amount {
    /// The same amount for every application.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 1_000_000_000_000_i64)]
    fixed: Option<Value>,
    /// JSON pointer to the amount in the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300, pattern = "^/.+$")]
    requested: Option<String>,
    /// Largest amount that an application may ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 1_000_000_000_000_i64)]
    at_most: Option<Value>,
}

/// The budget, in euro.
#[derive(Debug, Serialize, ToSchema)]
struct Budget {
    /// The amount.
    #[schema(value_type = f64, minimum = 0, maximum = 1_000_000_000_000_i64)]
    cap: Value,
    past_cap: PastCap,
}

/// A category of people, with the declarations that differ for it.
#[derive(Debug, Serialize, ToSchema)]
struct Category {
    /// The category's id.
    #[schema(value_type = String, max_length = 64, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    id: CategoryId,
    title: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Text>,
    /// The articles of the law.
    #[schema(max_items = 100)]
    articles: Vec<Article>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<Budget>,
    /// The whole form of the answers: a JSON Schema (2020-12).
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    form: Value,
}

impl Benefit {
    /// Returns the whole content of the file, in all languages, for the API. It holds no personal
    /// data; the example is invented.
    ///
    /// The same file gives the same document. Amounts are in euro; forms are JSON Schema (2020-12).
    #[must_use]
    pub fn document(&self) -> BenefitDocument {
        BenefitDocument::of(self)
    }

    /// Returns an entry for a list of benefits: id, version, title, law, opening, windows and
    /// categories.
    #[must_use]
    pub fn summary(&self) -> BenefitSummary {
        BenefitSummary::of(self)
    }
}

impl BenefitDocument {
    fn of(benefit: &Benefit) -> Self {
        let declared = &benefit.declared;
        let incompatible_with = declared.incompatible_with.iter();
        let (form, categories) = forms(benefit);
        Self {
            id: declared.id.clone(),
            version: benefit.version.clone(),
            title: declared.title.clone(),
            help: declared.help.clone(),
            law: declared.law.clone(),
            opening: declared.opening.clone(),
            windows: Windows::of(&declared.windows),
            one_per: declared.one_per.iter().map(Pointer::of).collect(),
            per_applicant: declared.per_applicant,
            incompatible_with: incompatible_with.map(|(id, _)| id.clone()).collect(),
            required_of_applicant: declared.required_of_applicant.clone(),
            order: Order::of(&declared.order),
            retention: declared.retention.clone(),
            amount: declared.amount.as_ref().map(Amount::of),
            budget: declared.budget.map(Budget::of),
            form,
            categories,
            rules: benefit.written_rules.clone(),
            example: benefit.example.clone(),
        }
    }
}

/// Returns the form of a benefit without categories, or its categories with a form each.
fn forms(benefit: &Benefit) -> (Option<Value>, Option<Vec<Category>>) {
    let categories = &benefit.declared.categories;
    let mut forms = benefit.forms().map(|(_, form)| form.clone());
    if categories.is_empty() {
        return (forms.next(), None);
    }
    let categories = categories.iter().zip(forms);
    let categories = categories.map(|(declared, form)| Category::of(declared, form));
    (None, Some(categories.collect()))
}

impl BenefitSummary {
    fn of(benefit: &Benefit) -> Self {
        let declared = &benefit.declared;
        let categories = declared.categories.iter().map(|category| CategorySummary {
            id: category.id.clone(),
            title: category.title.clone(),
        });
        Self {
            id: declared.id.clone(),
            version: benefit.version.clone(),
            title: declared.title.clone(),
            law: declared.law.clone(),
            opening: declared.opening.clone(),
            windows: Windows::of(&declared.windows),
            categories: categories.collect(),
        }
    }
}

impl Pointer {
    fn of(one_per: &OnePer) -> Self {
        let pointer = match one_per {
            OnePer::Applicant => "applicant",
            OnePer::Answer(pointer) => pointer.as_str(),
        };
        Self(pointer.to_owned())
    }
}

impl Windows {
    fn of(windows: &windows::Windows) -> Self {
        let hours = |channel| {
            let hours = windows.of(channel);
            let written = hours.iter().map(|window| Window(window.written()));
            (!hours.is_empty()).then(|| written.collect())
        };
        Self {
            citizen: hours(Channel::Citizen),
            intermediary: hours(Channel::Intermediary),
        }
    }
}

impl Order {
    fn of(order: &declared::OrderPolicy) -> Self {
        let (policy, drawing, clock_tolerance_seconds) = match order {
            declared::OrderPolicy::Arrival {
                clock_tolerance_seconds,
            } => (OrderPolicy::Arrival, None, Some(*clock_tolerance_seconds)),
            declared::OrderPolicy::None => (OrderPolicy::None, None, None),
            declared::OrderPolicy::Lottery(drawing) => (OrderPolicy::Lottery, drawing.as_ref(), None),
        };
        Self {
            policy,
            seed: drawing.map(|drawing| drawing.seed.clone()),
            seed_published_at: drawing.map(|drawing| written_in_rome(drawing.published_at)),
            clock_tolerance_seconds,
        }
    }
}

impl Amount {
    fn of(amount: &declared::Amount) -> Self {
        let (fixed, requested, at_most) = match amount {
            declared::Amount::Fixed(cents) => (Some(euro(*cents)), None, None),
            declared::Amount::Requested { pointer, at_most } => {
                (None, Some(pointer.as_str().to_owned()), Some(euro(*at_most)))
            }
        };
        Self {
            fixed,
            requested,
            at_most,
        }
    }
}

impl Budget {
    fn of(budget: declared::Budget) -> Self {
        Self {
            cap: euro(budget.cap_cents),
            past_cap: budget.past_cap,
        }
    }
}

impl Category {
    fn of(declared: &declared::Category, form: Value) -> Self {
        Self {
            id: declared.id.clone(),
            title: declared.title.clone(),
            help: declared.help.clone(),
            articles: declared.articles.clone(),
            amount: declared.amount.as_ref().map(Amount::of),
            budget: declared.budget.map(Budget::of),
            form,
        }
    }
}
