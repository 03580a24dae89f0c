//! Why a change is not made.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Value, json};
use sportello_http::{Problem, ProblemDocument};
use utoipa::ToSchema;

use crate::views::change::Change;

/// Why a change is not made.
#[derive(Debug)]
pub(crate) enum Refused {
    /// For a reason that any operation may have.
    Problem(Problem),
    /// It was changed after its author saw it.
    Stale(Box<Meanwhile>),
}

/// What happened meanwhile.
#[derive(Debug)]
pub(crate) struct Meanwhile {
    pub(crate) changed: Option<Change>,
    pub(crate) current: Value,
}

/// The problem document of `412`: what the author of a change did not see.
#[derive(Serialize, ToSchema)]
#[schema(as = StaleProblem)]
pub(crate) struct StaleDocument {
    #[serde(flatten)]
    problem: ProblemDocument,
    /// Who changed it, when and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<Change>,
    /// What is there now, as its operation answers it.
    #[schema(value_type = Object)]
    current: Value,
}

impl Refused {
    /// Returns the refusal for something that changed meanwhile.
    pub(crate) fn stale(changed: Option<Change>, current: &impl Serialize) -> Self {
        Self::Stale(Box::new(Meanwhile {
            changed,
            current: json!(current),
        }))
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problem(problem) => problem.fmt(f),
            Self::Stale(_) => Problem::Stale.fmt(f),
        }
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Problem(problem) => problem.status_code(),
            Self::Stale(_) => Problem::Stale.status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Problem(problem) => problem.error_response(),
            Self::Stale(meanwhile) => HttpResponse::build(self.status_code())
                .insert_header((CACHE_CONTROL, "no-store"))
                .insert_header((CONTENT_TYPE, "application/problem+json"))
                .json(StaleDocument {
                    problem: Problem::Stale.document(),
                    changed: meanwhile.changed.clone(),
                    current: meanwhile.current.clone(),
                }),
        }
    }
}
