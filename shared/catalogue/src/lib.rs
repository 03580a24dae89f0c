//! Benefits as data: reads, checks and applies the files of the catalogue.
//!
//! A file is parsed once into a [`Benefit`], which can't be wrong. All mistakes are reported
//! together, with line and column. [`Catalogue`] is a folder of benefits, and [`LiveCatalogue`]
//! follows the folder while a service runs.

mod batch;
mod benefit;
mod catalogue;
mod declared;
mod document;
mod example;
mod form;
mod forms;
mod live;
mod metrics;
mod mistake;
mod money;
mod nearest;
mod node;
mod parse;
mod pointer;
mod read;
mod reader;
mod rule;
mod windows;

pub use batch::{BatchColumns, BatchTemplate, Separator, trim_cell};
pub use benefit::Benefit;
pub use catalogue::{BrokenCatalogue, Catalogue, MistakeInFile};
pub use document::{BenefitDocument, BenefitSummary, Benefits};
pub use form::openapi_form;
pub use live::LiveCatalogue;
pub use mistake::Mistake;
