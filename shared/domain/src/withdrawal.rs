//! The withdrawal of an application.

use jiff::Timestamp;

use crate::ids::ApplicationId;
use crate::submitter::Submitter;

/// A request to withdraw an application. The worker applies it only if `by` is a holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// The application.
    pub application_id: ApplicationId,
    /// The sender of the request: the applicant, or the intermediary that sent the application.
    pub by: Submitter,
    /// When intake accepted the request.
    pub requested_at: Timestamp,
}
