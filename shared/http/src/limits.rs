//! Rate limits for each caller.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Instant;

use actix_web::HttpMessage as _;
use actix_web::HttpRequest;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderValue;
use actix_web::middleware::Next;
use sportello_identity::Caller;

use crate::at_once::{AtOnce, InFlightOf};
use crate::config::EdgeConfig;
use crate::problem::Problem;
use crate::rate::{Bucket, LIMIT, REMAINING, RESET, Rate, Standing};

/// Buckets of citizens: 8 MiB.
const CITIZENS: usize = 1 << 20;
/// Buckets of organisations, and as many of operators: half a MiB each.
const OTHERS: usize = 1 << 16;

/// Counts the requests of each caller to this process, in constant memory.
///
/// Callers are not stored: a hash under a key of this process selects two buckets for each caller.
/// Two callers may share a bucket, but no caller can choose to share another's. A request is
/// refused only where both buckets are empty, so a caller that empties its own two does not block
/// another that shares one of them.
pub(crate) struct Limits {
    start: Instant,
    keys: RandomState,
    citizens: Kind,
    organisations: Kind,
    operators: Kind,
}

/// The limits of one kind of caller.
struct Kind {
    buckets: Option<Buckets>,
    at_once: AtOnce,
}

struct Buckets {
    rate: Rate,
    buckets: Box<[Bucket]>,
}

/// A request in flight, kept with the request until its answer's head.
struct Held(#[expect(dead_code, reason = "ends when it is dropped")] InFlightOf);

/// Marks a request that has been counted.
struct Counted;

impl Limits {
    pub(crate) fn new(config: &EdgeConfig) -> Self {
        Self {
            start: Instant::now(),
            keys: RandomState::new(),
            citizens: Kind {
                buckets: Buckets::new(config.citizen_requests_per_minute, CITIZENS),
                at_once: AtOnce::new(config.citizen_requests_at_once),
            },
            organisations: Kind {
                buckets: Buckets::new(config.organisation_requests_per_minute, OTHERS),
                at_once: AtOnce::new(config.organisation_requests_at_once),
            },
            operators: Kind {
                buckets: Buckets::new(config.operator_requests_per_minute, OTHERS),
                at_once: AtOnce::new(config.operator_requests_at_once),
            },
        }
    }

    /// Returns the limits of this caller, and its hash. All callers of one organisation count as
    /// one.
    fn of(&self, caller: &Caller) -> (&Kind, u64) {
        match caller {
            Caller::Citizen(citizen) => (&self.citizens, self.keys.hash_one(citizen.tax_code.as_str())),
            Caller::Intermediary { organisation, .. } => {
                (&self.organisations, self.keys.hash_one(organisation.as_str()))
            }
            Caller::Operator { subject } => (&self.operators, self.keys.hash_one(subject)),
        }
    }

    /// Counts a request of this caller; returns `None` where there is no limit.
    fn count(&self, caller: &Caller) -> Option<Standing> {
        let (kind, hash) = self.of(caller);
        let now = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX / 2);
        kind.buckets.as_ref().map(|buckets| buckets.take(hash, now))
    }

    /// Begins a request of this caller, or refuses it where too many are in flight.
    fn begin(&self, caller: &Caller) -> Result<Option<Held>, Problem> {
        let (kind, hash) = self.of(caller);
        let begun = kind.at_once.begin(hash)?;
        Ok(begun.map(Held))
    }
}

impl Buckets {
    fn new(requests_per_minute: u32, number: usize) -> Option<Self> {
        Rate::per_minute(requests_per_minute).map(|rate| Self {
            rate,
            buckets: (0..number).map(|_| Bucket::default()).collect(),
        })
    }

    fn take(&self, hash: u64, now: u64) -> Standing {
        let buckets = self.places(hash).map(|place| &self.buckets[place]);
        self.rate.take(buckets, now)
    }

    /// Returns two different places, each from a half of the hash.
    #[expect(clippy::cast_possible_truncation, reason = "the remainder is what counts")]
    fn places(&self, hash: u64) -> [usize; 2] {
        let number = self.buckets.len();
        let first = hash as u32 as usize % number;
        let distance = 1 + (hash >> 32) as usize % (number - 1);
        [first, (first + distance) % number]
    }
}

/// Counts this request once, however often the caller is extracted.
pub(crate) fn charge(request: &HttpRequest, caller: &Caller) -> Result<(), Problem> {
    // a server without limits, such as in a test
    let Some(limits) = request.app_data::<actix_web::web::Data<Limits>>() else {
        return Ok(());
    };
    if request.extensions().contains::<Counted>() {
        return Ok(());
    }
    request.extensions_mut().insert(Counted);
    if let Some(standing) = limits.count(caller) {
        request.extensions_mut().insert(standing);
        if let Some(retry_after) = standing.refused_for {
            return Err(Problem::TooManyRequests { retry_after });
        }
    }
    if let Some(held) = limits.begin(caller)? {
        request.extensions_mut().insert(held);
    }
    Ok(())
}

/// Middleware: adds the rate limit headers to every answer whose request was counted.
pub(crate) async fn add_headers<B: MessageBody>(
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
    use sportello_identity::SubjectId;

    use super::*;

    fn limits(per_minute: u32) -> Limits {
        Limits::new(&EdgeConfig {
            citizen_requests_per_minute: per_minute,
            organisation_requests_per_minute: per_minute,
            operator_requests_per_minute: per_minute,
            citizen_requests_at_once: 0,
            organisation_requests_at_once: 0,
            operator_requests_at_once: 0,
            cors_origins: Vec::new(),
            tls_certificate: None,
            tls_key: None,
        })
    }

    fn operator(number: usize) -> Caller {
        Caller::Operator {
            subject: SubjectId::new("https://issuer.test", &format!("operator-{number}")),
        }
    }

    #[test]
    fn a_million_callers_take_no_more_memory_than_one() {
        let limits = limits(1);
        let words = |limits: &Limits| {
            let tables = [&limits.citizens, &limits.organisations, &limits.operators];
            tables.map(|table| size_of_val(&*table.buckets.as_ref().unwrap().buckets))
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
        let callers = OTHERS / 8;
        let refused = (0..callers).filter(|number| {
            let standing = limits.count(&operator(*number)).unwrap();
            standing.refused_for.is_some()
        });
        // with two buckets each, one caller in sixty finds both taken by earlier callers
        let refused = refused.count();
        assert!(refused < callers / 30, "{refused}");
    }

    #[test]
    fn the_two_buckets_of_a_caller_are_never_one() {
        let buckets = Buckets::new(1, 4).unwrap();
        for hash in (0..64).map(|number| (number / 8) << 32 | (number % 8)) {
            let [first, second] = buckets.places(hash);
            assert_ne!(first, second, "{hash:x}");
        }
    }

    #[test]
    fn an_organisation_counts_as_one_whoever_of_it_calls() {
        let limits = limits(1);
        let employee = |subject: &str| Caller::Intermediary {
            organisation: OrganisationId::parse("patronato-aurora").unwrap(),
            subject: SubjectId::new("https://issuer.test", subject),
        };
        assert_eq!(limits.count(&employee("irene")).unwrap().refused_for, None);
        assert!(limits.count(&employee("ivo")).unwrap().refused_for.is_some());
    }

    #[test]
    fn operators_of_one_name_at_two_issuers_count_apart() {
        let limits = limits(1);
        let count = |issuer: &str| {
            let subject = SubjectId::new(issuer, "admin");
            let standing = limits.count(&Caller::Operator { subject });
            standing.unwrap().refused_for
        };
        assert_eq!(count("https://one.test"), None);
        assert_eq!(count("https://two.test"), None);
        assert!(count("https://one.test").is_some());
    }

    #[test]
    fn nobody_is_counted_without_a_limit() {
        assert_eq!(limits(0).count(&operator(1)), None);
    }
}
