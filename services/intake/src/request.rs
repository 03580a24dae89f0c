//! Reads the parts of a request that come before its body.

use std::future::{Ready, ready};

use actix_web::http::header::HeaderName;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, dev};
use sportello_domain::IdempotencyKey;
use sportello_http::{Problem, media_type, single};
use utoipa::IntoParams;

use crate::parts::Parts;

/// The media type of an application, and of its answer.
pub(crate) const JSON: &str = "application/json";
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The parts, if single applications can be accepted. Extracted before the token, which costs more.
pub(crate) struct Open(pub(crate) Data<Parts>);

impl FromRequest for Open {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(parts_if(request, Parts::check_open).map(Self))
    }
}

/// The parts, if withdrawals can be kept, whatever the channel settings.
pub(crate) struct OpenToWithdrawals(pub(crate) Data<Parts>);

impl FromRequest for OpenToWithdrawals {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(parts_if(request, Parts::check_open_to_withdrawals).map(Self))
    }
}

/// The parts, if batches can be accepted.
pub(crate) struct OpenToBatches(pub(crate) Data<Parts>);

impl FromRequest for OpenToBatches {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(parts_if(request, Parts::check_open_to_batches).map(Self))
    }
}

fn parts_if(request: &HttpRequest, open: fn(&Parts) -> Result<(), Problem>) -> Result<Data<Parts>, Problem> {
    let parts = request.app_data::<Data<Parts>>().ok_or(Problem::Internal)?;
    open(parts)?;
    Ok(parts.clone())
}

/// The key that makes a retry the same application.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header in the OpenAPI document")]
pub(crate) struct ApiDocKey {
    /// The same with each retry of the same application; a random UUID is a good one. Visible ASCII
    /// characters, with or without the double quotes of a string (RFC 9651), which do not change
    /// the key.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 512,
        pattern = "^([!#-+\\--:<-\\[\\]-~]{1,255}|\"([!#-\\[\\]-~]|\\\\[\"\\\\]){1,255}\")$"
    )]
    idempotency_key: String,
}

/// Reads the idempotency key from its header.
///
/// # Errors
/// [`Problem::IdempotencyKey`] where it is missing, comes twice, or is not a key.
pub(crate) fn idempotency_key(request: &HttpRequest) -> Result<IdempotencyKey, Problem> {
    let value = single(request, &IDEMPOTENCY_KEY).and_then(|value| value.to_str().ok());
    let key = value.and_then(|value| IdempotencyKey::parse_header(value).ok());
    key.ok_or(Problem::IdempotencyKey)
}

/// Checks that the body is JSON.
///
/// # Errors
/// [`Problem::MediaType`].
pub(crate) fn check_media_type(request: &HttpRequest) -> Result<(), Problem> {
    if media_type(request)?.eq_ignore_ascii_case(JSON) {
        Ok(())
    } else {
        Err(Problem::MediaType { expected: JSON })
    }
}
