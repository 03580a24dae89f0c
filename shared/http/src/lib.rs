//! What every service's HTTP edge shares: problems, health, the bearer token, bounds on what comes in.

mod api_doc;
mod bearer;
mod body;
mod config;
mod connection;
mod cors;
mod deadline;
mod edge;
mod health;
mod in_work;
mod lateness;
mod limits;
mod problem;
mod process;
mod rate;
mod reader;
mod request;
mod server;
mod shed;
mod shutdown;
mod tls;
mod token_hash;

pub use api_doc::{
    HolderProblems, ItemSenderProblems, PageProblems, PublicChoiceProblems, PublicItemProblems,
    PublicProblems, SenderProblems, api_document,
};
pub use bearer::Bearer;
pub use body::read_body;
pub use config::EdgeConfig;
pub use cors::{InvalidOrigin, Origin};
pub use edge::{Allow, method_not_allowed};
pub use health::{Check, Health};
pub use problem::{ApiDocProblem, ApiDocViolation, Problem};
pub use process::run_process;
pub use reader::{ApiDocReader, Reader};
pub use server::{ListenError, Server};
pub use shutdown::shutdown_signal;
pub use tls::TlsError;
pub use token_hash::TokenHash;
