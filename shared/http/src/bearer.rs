//! Who is calling.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use sportello_identity::{Caller, Verifier};

use crate::limits;
use crate::problem::Problem;

/// The caller, as the bearer token of the request shows (RFC 6750, section 2.1: in the header only, never in
/// the address or the body), and who has not sent more requests than one may: each is counted here.
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

/// The request's access token, good or not.
pub(crate) fn token(request: &HttpRequest) -> Result<&str, Problem> {
    let mut values = request.headers().get_all(AUTHORIZATION);
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Problem::TokenMissing);
    };
    // which looks at many bytes at once, unlike `to_str`; what is no token is refused with it
    let value = std::str::from_utf8(value.as_bytes()).map_err(|_| Problem::TokenMissing)?;
    let (scheme, token) = value.split_once(' ').ok_or(Problem::TokenMissing)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(Problem::TokenMissing)
    }
}
