//! Parsed types and rules of an application; no I/O.
//!
//! All input from outside is parsed once, at the border, into one of these types, and is valid from
//! there on. The `Debug` of a type with personal data shows a mask.

mod access;
mod applicant;
mod application;
mod batch;
mod birth_date;
mod channel_setting;
mod check_digit;
mod check_letter;
mod clean;
mod clock;
mod contact;
mod content;
mod dead_letter;
mod decision;
mod digest;
mod iban;
mod identifiers;
mod ids;
mod json_pointer;
mod lottery;
mod mandate;
mod mask;
mod number_set;
mod object;
mod outcome;
mod per_channel;
mod reason;
mod receipt;
mod retention;
mod ruling;
#[cfg(test)]
mod sentences;
mod shard;
mod stamp;
mod statement;
mod submitter;
pub mod tax_code;
mod text;
mod vat_number;
mod violation;
mod withdrawal;

pub use access::{AccessReason, AccessReasonError};
pub use applicant::{Applicant, PersonName, PersonNameError};
pub use application::{AcceptedApplication, Answered, Answers, Application, twice};
pub use batch::{BatchParts, BatchReceipt, BatchRow, JoinError};
pub use channel_setting::{ChannelPosition, ChannelSetting, SettingReason, SettingReasonError};
pub use clean::{clean, folded, is_invisible};
pub use clock::ClockDifference;
pub use contact::{Email, EmailError, Phone, PhoneError};
pub use content::{Content, ContentNotJson};
pub use dead_letter::DeadLetterReason;
pub use decision::{Claim, Incompatibilities, Standing, decide};
pub use digest::{ContentDigest, ContentDigestError};
pub use iban::{Iban, IbanError};
pub use identifiers::{
    BenefitId, CatalogueVersion, CatalogueVersionError, CategoryId, IdentifierError, OrganisationId,
};
pub use ids::{
    ApplicationId, BatchId, HolderTag, IdError, IdSecret, IdSecretError, IdempotencyKey, IdempotencyKeyError,
    LetterId, RequeueJobId,
};
pub use json_pointer::{JsonPointer, JsonPointerError};
pub use lottery::LotteryTicket;
pub use mandate::{Mandate, MandateError};
pub use number_set::{NumberSet, NumberSetError};
pub use outcome::{Outcome, ProtocolNumber, UnknownWord};
pub use per_channel::PerChannel;
pub use reason::Reason;
pub use receipt::Receipt;
pub use retention::{Disposal, Retention};
pub use ruling::{BudgetKey, BudgetRule, Order, PastCap, Ruling, Subject};
pub use shard::Shard;
pub use stamp::{LetterStamp, ProcessId, Stamp, StampError};
pub use statement::{BenefitCounts, EdgeCounts, Statement};
pub use submitter::{Channel, Submitter};
pub use tax_code::{TaxCode, TaxCodeError};
pub use text::{Language, Text};
pub use vat_number::{VatNumber, VatNumberError};
pub use violation::{LocalisedViolation, Violation};
pub use withdrawal::Withdrawal;
