//! The catalogue's rules for one application, as far as a decision needs them.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::clean::folded;
use crate::identifiers::{BenefitId, CatalogueVersion, CategoryId};
use crate::mask::masked_debug;
use crate::reason::Reason;
use crate::tax_code::TaxCode;

/// A person, or another thing, for which a benefit is given once; usually a tax code. Personal
/// data.
///
/// Held in capitals without white space and invisible characters, so that two spellings of one tax
/// code are one subject.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject(Box<str>);
masked_debug!(Subject);

impl Subject {
    /// Makes the subject that a text names.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(folded(text).into())
    }

    /// Returns the subject's text. Personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&TaxCode> for Subject {
    fn from(tax_code: &TaxCode) -> Self {
        Self(tax_code.as_str().into())
    }
}

/// The catalogue's rules for one application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// Why the benefit was closed when the application was received; `None` if it was open.
    pub closed: Option<Reason>,
    /// The subjects for which the benefit is given once, with the applicant if it is given once per
    /// person.
    pub one_per: Vec<Subject>,
    /// The requested amount, in euro cents; `None` if the benefit is not money.
    pub amount_cents: Option<i64>,
    /// The budget that pays for it.
    pub budget: Option<BudgetKey>,
    /// The version of the benefit's file with these rules.
    pub version: CatalogueVersion,
}

/// The name of a budget: of a whole benefit, or of one of its categories.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BudgetKey {
    /// The benefit.
    pub benefit: BenefitId,
    /// The category, if it has its own budget.
    pub category: Option<CategoryId>,
}

/// The treatment of applications past the cap: received with reservation, or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PastCap {
    /// They are received with reservation: the budget may grow.
    Reserve,
    /// They are refused.
    Refuse,
}

/// The order of applications when the budget is not enough for all.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Order {
    /// By time of receipt.
    Arrival,
    /// No order: if the claims exceed the cap when the benefit has closed, all of them are past it.
    None,
    /// By a draw, once the benefit has closed and the seed is published; see
    /// [`LotteryTicket`](crate::LotteryTicket).
    Lottery {
        /// The seed; `None` until it is published.
        seed: Option<String>,
    },
}

/// A budget as the catalogue declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetRule {
    /// Its name.
    pub key: BudgetKey,
    /// The cap, in euro cents.
    pub cap_cents: i64,
    /// What happens to applications past the cap.
    pub past_cap: PastCap,
    /// The order of the applications.
    pub order: Order,
    /// The first instant at which the benefit is closed to applications.
    pub closes: Timestamp,
    /// The version of the benefit's file with this rule.
    pub version: CatalogueVersion,
}
