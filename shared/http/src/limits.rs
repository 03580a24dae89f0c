//! How many requests each caller may send.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Instant;

use actix_web::HttpMessage as _;
use actix_web::HttpRequest;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use sportello_identity::Caller;

use crate::config::EdgeConfig;
use crate::problem::Problem;
use crate::rate::{Bucket, Rate, Standing};

/// Buckets of citizens: 8 MiB.
const CITIZENS: usize = 1 << 20;
/// Buckets of organisations, and as many of operators: half a MiB each.
const OTHERS: usize = 1 << 16;

/// Names of the interoperability model.
pub(crate) const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
pub(crate) const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
pub(crate) const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// What each caller has sent to this process.
///
/// Its memory is the same whoever and however many call. Callers are not kept: a hash under a key of this process says
/// which bucket is theirs, so two may share one, and nobody can choose to share somebody's. Among 10,000 citizens who call within a
/// minute, one in a hundred shares; that is noticed only where the two together send more than one may.
pub(crate) struct Limits {
    start: Instant,
    keys: RandomState,
    citizens: Option<Buckets>,
    organisations: Option<Buckets>,
    operators: Option<Buckets>,
}

struct Buckets {
    rate: Rate,
    buckets: Box<[Bucket]>,
}

impl Limits {
    pub(crate) fn new(config: &EdgeConfig) -> Self {
        Self {
            start: Instant::now(),
            keys: RandomState::new(),
            citizens: Buckets::new(config.citizen_requests_per_minute, CITIZENS),
            organisations: Buckets::new(config.organisation_requests_per_minute, OTHERS),
            operators: Buckets::new(config.operator_requests_per_minute, OTHERS),
        }
    }

    /// Counts a request of this caller; nothing, where there is no limit. All of an organisation count together.
    fn count(&self, caller: &Caller) -> Option<Standing> {
        let (buckets, hash) = match caller {
            Caller::Citizen(citizen) => (&self.citizens, self.keys.hash_one(citizen.tax_code.as_str())),
            Caller::Intermediary { organisation, .. } => {
                (&self.organisations, self.keys.hash_one(organisation.as_str()))
            }
            Caller::Operator { subject } => (&self.operators, self.keys.hash_one(subject)),
        };
        let now = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX / 2);
        buckets.as_ref().map(|buckets| buckets.take(hash, now))
    }
}

impl Buckets {
    fn new(requests_per_minute: u32, number: usize) -> Option<Self> {
        Rate::per_minute(requests_per_minute).map(|rate| Self {
            rate,
            buckets: (0..number).map(|_| Bucket::default()).collect(),
        })
    }

    #[expect(clippy::cast_possible_truncation, reason = "the remainder is what counts")]
    fn take(&self, hash: u64, now: u64) -> Standing {
        let bucket = &self.buckets[hash as usize % self.buckets.len()];
        self.rate.take(bucket, now)
    }
}

/// Counts this request, once, whatever asks for the caller again.
pub(crate) fn charge(request: &HttpRequest, caller: &Caller) -> Result<(), Problem> {
    // a server without limits, such as a test's
    let Some(limits) = request.app_data::<actix_web::web::Data<Limits>>() else {
        return Ok(());
    };
    if request.extensions().contains::<Standing>() {
        return Ok(());
    }
    let Some(standing) = limits.count(caller) else {
        return Ok(());
    };
    request.extensions_mut().insert(standing);
    match standing.refused_for {
        None => Ok(()),
        Some(retry_after) => Err(Problem::TooManyRequests { retry_after }),
    }
}

/// Middleware: tells a caller who was counted how they stand, whatever the answer is.
pub(crate) async fn tell<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let mut answer = next.call(request).await?;
    let standing = answer.request().extensions().get::<Standing>().copied();
    if let Some(standing) = standing {
        let headers = answer.headers_mut();
        headers.insert(LIMIT, HeaderValue::from(standing.limit));
        headers.insert(REMAINING, HeaderValue::from(standing.remaining));
        headers.insert(RESET, HeaderValue::from(standing.reset));
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use sportello_domain::OrganisationId;

    use super::*;

    fn limits(per_minute: u32) -> Limits {
        Limits::new(&EdgeConfig {
            citizen_requests_per_minute: per_minute,
            organisation_requests_per_minute: per_minute,
            operator_requests_per_minute: per_minute,
            cors_origins: Vec::new(),
            tls_certificate: None,
            tls_key: None,
        })
    }

    fn operator(number: usize) -> Caller {
        Caller::Operator {
            subject: format!("operator-{number}"),
        }
    }

    #[test]
    fn a_million_callers_take_no_more_memory_than_one() {
        let limits = limits(1);
        let words = |limits: &Limits| {
            let tables = [&limits.citizens, &limits.organisations, &limits.operators];
            tables.map(|table| size_of_val(&*table.as_ref().unwrap().buckets))
        };
        let before = words(&limits);
        for number in 0..1_000_000 {
            assert!(limits.count(&operator(number)).is_some());
        }
        assert_eq!(words(&limits), before);
        assert_eq!(before, [8 << 20, 1 << 19, 1 << 19]);
    }

    #[test]
    fn callers_are_spread_over_all_buckets() {
        let limits = limits(1);
        let refused = (0..OTHERS / 8).filter(|number| {
            let standing = limits.count(&operator(*number)).unwrap();
            standing.refused_for.is_some()
        });
        // of n callers in m buckets about n²/2m find somebody before them: here one in sixteen
        let refused = refused.count();
        assert!(refused < OTHERS / 8 / 10, "{refused}");
    }

    #[test]
    fn an_organisation_counts_as_one_whoever_of_it_calls() {
        let limits = limits(1);
        let employee = |subject: &str| Caller::Intermediary {
            organisation: OrganisationId::parse("patronato-aurora").unwrap(),
            subject: subject.to_owned(),
        };
        assert_eq!(limits.count(&employee("irene")).unwrap().refused_for, None);
        assert!(limits.count(&employee("ivo")).unwrap().refused_for.is_some());
    }

    #[test]
    fn nobody_is_counted_without_a_limit() {
        assert_eq!(limits(0).count(&operator(1)), None);
    }
}
