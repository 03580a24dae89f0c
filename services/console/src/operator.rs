//! The operator who calls.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use sportello_http::{Bearer, Problem};
use sportello_identity::{Caller, SubjectId};

/// The operator whom the request's token names. No other caller gets further.
#[derive(Debug)]
pub(crate) struct Operator(pub(crate) SubjectId);

impl FromRequest for Operator {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Bearer::from_request(request, payload);
        Box::pin(async move {
            match caller.await?.0 {
                Caller::Operator { subject } => Ok(Self(subject)),
                Caller::Citizen(_) | Caller::Intermediary { .. } => Err(Problem::RoleNotAllowed),
            }
        })
    }
}
