//! The declarations of a benefit's file, as types that can't be wrong.

use std::num::NonZeroU32;

use jiff::Timestamp;
use serde::Serialize;
use sportello_domain::{BenefitId, CategoryId, Disposal, PastCap, Text};
use utoipa::ToSchema;

use crate::form::Form;
use crate::mistake::Place;
use crate::pointer::AnswersPointer;
use crate::windows::{Opening, Windows, serialize_in_rome};

/// Everything except forms, rules and the example.
pub(crate) struct Declared {
    pub id: BenefitId,
    /// Position of the id in the file.
    pub id_place: Place,
    pub one_per: Vec<OnePer>,
    /// How many applications an organisation may send for one applicant in a day.
    pub per_applicant: NonZeroU32,
    pub incompatible_with: Vec<(BenefitId, Place)>,
    pub required_of_applicant: Vec<ApplicantField>,
    pub title: Text,
    pub help: Text,
    pub law: Law,
    pub opening: Opening,
    pub windows: Windows,
    pub order: OrderPolicy,
    pub retention: RetentionPolicy,
    pub amount: Option<Amount>,
    pub budget: Option<Budget>,
    pub categories: Vec<Category>,
}

impl Declared {
    pub(crate) fn category(&self, id: &CategoryId) -> Option<&Category> {
        self.categories.iter().find(|category| category.id == *id)
    }

    pub(crate) fn category_ids(&self) -> Vec<CategoryId> {
        self.categories
            .iter()
            .map(|category| category.id.clone())
            .collect()
    }
}

/// A subject for which the benefit is given once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OnePer {
    Applicant,
    Answer(AnswersPointer),
}

/// A field of the applicant that a benefit may require.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ApplicantField {
    Email,
    Phone,
    Iban,
    BirthDate,
}

impl ApplicantField {
    pub(crate) const WORDS: [(&'static str, Self); 4] = [
        ("email", Self::Email),
        ("phone", Self::Phone),
        ("iban", Self::Iban),
        ("birth_date", Self::BirthDate),
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Iban => "iban",
            Self::BirthDate => "birth_date",
        }
    }
}

/// The law that grants the benefit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Law {
    /// The act.
    #[schema(max_length = 300, pattern = "^.+$")]
    pub act: String,
    /// Its articles.
    #[schema(min_items = 1, max_items = 100)]
    pub articles: Vec<Article>,
    /// Where to read it.
    #[schema(format = "uri")]
    pub url: String,
}

/// An article of a law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(max_length = 300, pattern = "^.+$")]
pub(crate) struct Article(pub String);

/// The order of applications when the budget is too small for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OrderPolicy {
    Arrival {
        /// Allowed difference between a receiving clock and the broker's, in seconds.
        clock_tolerance_seconds: i32,
    },
    None,
    Lottery(Option<Drawing>),
}

/// The published seed of a lottery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawing {
    pub seed: String,
    pub published_at: Timestamp,
}

/// How long the personal data of an application are kept (GDPR, art. 13(2)(a)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Retention)]
pub(crate) struct RetentionPolicy {
    /// Days after the closing.
    #[schema(minimum = 1, maximum = 36_500)]
    pub days: i32,
    /// First instant at which the personal data are no longer kept.
    #[serde(serialize_with = "serialize_in_rome")]
    #[schema(value_type = String, format = DateTime)]
    pub ends: Timestamp,
    pub then: Disposal,
}

/// The amount that an application asks for, in cents of a euro.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Amount {
    Fixed(i64),
    Requested { pointer: AnswersPointer, at_most: i64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    pub cap_cents: i64,
    pub past_cap: PastCap,
}

/// A group of people within the benefit.
pub(crate) struct Category {
    pub id: CategoryId,
    pub title: Text,
    pub help: Option<Text>,
    pub articles: Vec<Article>,
    /// Replaces the benefit's.
    pub amount: Option<Amount>,
    /// Replaces the benefit's.
    pub budget: Option<Budget>,
}

/// One whole form: of a category, or of a benefit without categories.
pub(crate) struct CategoryForm {
    pub category: Option<CategoryId>,
    pub form: Form,
}
