//! What every service's HTTP edge shares: problems, health, the bearer token, bounds on what comes in.

mod api_doc;
mod bearer;
mod body;
mod edge;
mod health;
mod problem;
mod process;
mod request;
mod shutdown;

pub use api_doc::BearerToken;
pub use bearer::Bearer;
pub use body::read_body;
pub use edge::{Limits, edge, method_not_allowed, security_headers, shed};
pub use health::{Check, Health};
pub use problem::{ApiDocProblem, Problem};
pub use process::run_process;
pub use request::record;
pub use shutdown::{serve, shutdown_signal};
