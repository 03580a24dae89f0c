//! The HTTP edge that every service shares: problems, health pages, bearer tokens, limits on
//! requests.

mod api_doc;
mod at_once;
mod bearer;
mod body;
mod config;
mod content;
mod cors;
mod edge;
pub mod endpoint;
mod health;
mod health_command;
mod limits;
mod problem;
mod process;
mod quota;
mod rate;
mod reader;
mod request;
mod server;
mod settings;
mod shutdown;
mod token_hash;

pub use api_doc::api_document;
pub use at_once::{AtOnce, InFlightOf};
pub use bearer::Bearer;
pub use body::read_body;
pub use config::EdgeConfig;
pub use content::{media_type, single};
pub use cors::{InvalidOrigin, Origin};
pub use health::{Check, Health, Severity};
pub use health_command::health_command;
pub use problem::{
    ChangeProblems, HolderProblems, ItemSenderProblems, OperatorProblems, PageProblems, Problem,
    ProblemDocument, PublicChoiceProblems, PublicItemProblems, PublicProblems, RequestProblems,
    SenderProblems,
};
pub use process::run_process;
pub use quota::DailyQuota;
pub use reader::{ApiDocReader, Reader};
pub use server::{ListenError, Server, TlsError};
pub use settings::settings;
pub use shutdown::shutdown_signal;
pub use token_hash::TokenHash;
