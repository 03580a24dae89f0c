//! The caller of a request.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use sportello_identity::{Caller, Verifier};

use crate::limits;
use crate::problem::Problem;

/// The caller that the request's bearer token names (RFC 6750, section 2.1: in the header only,
/// never in the address or the body). Extracting it counts the request and refuses it over the rate
/// limit.
#[derive(Debug)]
pub struct Bearer(pub Caller);

impl FromRequest for Bearer {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let caller = caller(&request).await?;
            limits::charge(&request, &caller)?;
            Ok(Self(caller))
        })
    }
}

async fn caller(request: &HttpRequest) -> Result<Caller, Problem> {
    let verifier = request.app_data::<Data<Verifier>>().ok_or(Problem::Internal)?;
    verifier.verify(token(request)?).await.map_err(|error| {
        if error.is_temporary() {
            Problem::IdentityUnavailable
        } else {
            Problem::TokenRefused(error)
        }
    })
}

/// Returns the request's access token without verifying it.
pub(crate) fn token(request: &HttpRequest) -> Result<&str, Problem> {
    let mut values = request.headers().get_all(AUTHORIZATION);
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Problem::TokenMissing);
    };
    // faster than `to_str`, which checks byte by byte; an invalid token is refused later
    let value = std::str::from_utf8(value.as_bytes()).map_err(|_| Problem::TokenMissing)?;
    let (scheme, token) = value.split_once(' ').ok_or(Problem::TokenMissing)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(Problem::TokenMissing)
    }
}
