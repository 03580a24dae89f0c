//! The pages for citizens and intermediaries: rendered whole from the catalogue, the same for
//! everybody, and served from memory.
//!
//! What is personal never comes here: scripts in the pages (`web/`) speak with intake, status and
//! the identity provider. So the pages open while everything behind them is down.

mod client;
mod config;
mod document;
mod facts;
mod headers;
mod keys;
mod pages;
mod place;
mod progress;
mod render;
mod serve;
mod site;
mod words;

pub use config::{Command, Config, Office, ServeConfig, SiteConfig};
pub use render::{RenderError, render};
pub use serve::{PortalService, StartError};
pub use sportello_assets::AssetsError;

use sportello_assets as assets;
