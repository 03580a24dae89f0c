//! What the catalogue says of one application: all that deciding on it needs.

use jiff::Timestamp;

use crate::identifiers::{BenefitId, CatalogueVersion, CategoryId};
use crate::mask::masked_debug;
use crate::reason::Reason;
use crate::tax_code::TaxCode;

/// A person, or another thing, that a benefit is given for once: most often a tax code. Personal data.
///
/// Held in capitals without white space, so that two ways of writing one tax code are one subject.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject(Box<str>);
masked_debug!(Subject);

impl Subject {
    /// The subject that a text names.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let compact: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .flat_map(char::to_uppercase)
            .collect();
        Self(compact.into())
    }

    /// The subject's text. Personal data.
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

/// What the catalogue says of one application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// Why the benefit was closed when the application was received, where it was.
    pub closed: Option<Reason>,
    /// The subjects that the benefit is given for once; the applicant is among them where it is once a person.
    pub one_per: Vec<Subject>,
    /// What is asked for, in cents of a euro; nothing where the benefit is no money.
    pub amount_cents: Option<i64>,
    /// The budget that it is paid from.
    pub budget: Option<BudgetKey>,
    /// The version of the benefit's file that says all this.
    pub version: CatalogueVersion,
}

/// The name of a budget: of a whole benefit, or of one of its categories.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BudgetKey {
    /// The benefit.
    pub benefit: BenefitId,
    /// The category, where it has a budget of its own.
    pub category: Option<CategoryId>,
}

/// What happens to applications that the budget does not reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PastCap {
    /// They are received with reservation: there may be more money.
    Reserve,
    /// They are refused.
    Refuse,
}

/// Who comes first when the budget does not reach for all.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Order {
    /// Who was received first.
    Arrival,
    /// Nobody: when the benefit has closed and the claims are over the cap, all of them are past it alike.
    None,
    /// Who is drawn first, once the benefit has closed and the seed is published; see [`lottery_turn`](crate::lottery_turn).
    Lottery {
        /// The published seed; nothing before it is.
        seed: Option<String>,
    },
}

/// A budget as the catalogue declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetRule {
    /// Its name.
    pub key: BudgetKey,
    /// The cap, in cents of a euro.
    pub cap_cents: i64,
    /// What happens past it.
    pub past_cap: PastCap,
    /// Who comes first.
    pub order: Order,
    /// The first instant at which the benefit no longer takes applications.
    pub closes: Timestamp,
}
