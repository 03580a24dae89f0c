//! The operators' console: what happens now, and what operators decide.
//!
//! One task reads everything once a second, whatever the number of viewers (`sampler`). Another one
//! decides how many workers are wanted (`scaling`). The endpoints show what they found, and write
//! what operators decide, each decision with its entry in the audit. No citizen waits for any of
//! it: the console may be away.

mod agent;
mod api_doc;
mod build;
mod change;
mod config;
mod endpoints;
mod exposition;
mod hands;
mod letters;
mod metrics;
mod operator;
mod pages;
mod paging;
mod parts;
mod refused;
mod sampler;
mod scaling;
mod service;
mod setting;
mod shown;
mod start_error;
mod streams;
pub mod views;
mod wanted;

pub use agent::{AgentConfig, run_agent};
pub use api_doc::api_doc;
pub use config::{Config, TargetConfig, WorkersConfig};
pub use pages::{AssetsError, PagesConfig};
pub use sampler::{Address, AddressError, Service};
pub use service::ConsoleService;
pub use start_error::StartError;
