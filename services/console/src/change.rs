//! Reads what every change needs: its author, the version that they saw, the key, the body, the
//! reason.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::http::header::{HeaderName, IF_MATCH};
use actix_web::web::Payload;
use actix_web::{FromRequest, HttpRequest, dev};
use serde::de::DeserializeOwned;
use sportello_domain::{
    ContentDigest, IdempotencyKey, JsonPointer, Language, SettingReason, Text, Violation,
};
use sportello_http::{Problem, Reader, media_type, read_body, single};
use sportello_identity::SubjectId;
use sportello_store::Deed;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::operator::Operator;

const BODY_LIMIT: usize = 128 * 1024;
const BODY_DEADLINE: Duration = Duration::from_secs(5);
const JSON: &str = "application/json";
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The headers of every change, in the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the headers in the OpenAPI document")]
pub(crate) struct ApiDocChange {
    /// The same with each retry of the same change; a random UUID is a good one.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 512,
        pattern = "^[!-~]{1,512}$"
    )]
    idempotency_key: String,
    /// The version that the author of the change saw, in double quotes.
    #[param(
        rename = "If-Match",
        min_length = 3,
        max_length = 24,
        pattern = "^\"[0-9]{1,19}\"$"
    )]
    if_match: String,
}

/// The header of a change that makes something new, in the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header in the OpenAPI document")]
pub(crate) struct ApiDocKey {
    /// The same with each retry of the same change; a random UUID is a good one.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 512,
        pattern = "^[!-~]{1,512}$"
    )]
    idempotency_key: String,
}

/// A change as an operator sent it. No other caller gets further, and no body is read of them.
pub(crate) struct Sent<T> {
    pub(crate) operator: SubjectId,
    pub(crate) language: Language,
    pub(crate) body: T,
    version: Option<i64>,
    key: String,
    digest: ContentDigest,
}

impl<T: DeserializeOwned + 'static> FromRequest for Sent<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let operator = Operator::from_request(request, payload);
        let reader = Reader::from_request(request, payload);
        let (request, payload) = (request.clone(), Payload::from_request(request, payload));
        Box::pin(async move {
            let Operator(operator) = operator.await?;
            let Ok(Reader(language)) = reader.await;
            let payload = payload.await.map_err(|_| Problem::BrokenBody)?;
            read(&request, payload, operator, language).await
        })
    }
}

/// Reads the version that the author saw; `*` names none.
fn version(request: &HttpRequest) -> Option<i64> {
    let tag = single(request, &IF_MATCH)?.to_str().ok()?;
    let version = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
    version.parse().ok().filter(|version| *version >= 0)
}

async fn read<T: DeserializeOwned>(
    request: &HttpRequest,
    payload: Payload,
    operator: SubjectId,
    language: Language,
) -> Result<Sent<T>, Problem> {
    let key = single(request, &IDEMPOTENCY_KEY).and_then(|value| value.to_str().ok());
    let key = key.filter(|value| IdempotencyKey::parse_header(value).is_ok());
    // in double quotes or without them it is the same key
    let key = key.map(|value| value.trim_matches([' ', '\t', '"']).to_owned());
    let key = key.ok_or(Problem::IdempotencyKey)?;
    if !media_type(request)?.eq_ignore_ascii_case(JSON) {
        return Err(Problem::MediaType { expected: JSON });
    }
    let body = read_body(payload, BODY_LIMIT, BODY_DEADLINE).await?;
    // the same body at another address is another request
    let whole = [
        request.method().as_str().as_bytes(),
        request.path().as_bytes(),
        &body[..],
    ]
    .join(&b'\n');
    Ok(Sent {
        operator,
        language,
        body: parse(&body, language)?,
        version: version(request),
        key,
        digest: ContentDigest::of(&whole),
    })
}

fn parse<T: DeserializeOwned>(body: &[u8], language: Language) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let read = serde_path_to_error::deserialize(&mut json);
    let read = read.map_err(|error| {
        if error.inner().is_data() {
            let mut path = JsonPointer::from([]);
            let segments = error.path().iter().map(ToString::to_string);
            segments.for_each(|segment| path.push(&segment));
            Problem::of_change(vec![unexpected(&path)], language)
        } else {
            not_json(language)
        }
    })?;
    json.end().map_err(|_| not_json(language))?;
    Ok(read)
}

fn not_json(language: Language) -> Problem {
    let text = Text::fixed(
        "il testo non è un JSON valido",
        "the text is not valid JSON",
        "der Text ist kein gültiges JSON",
    );
    Problem::of_violations(vec![Violation::new([], "not_json", text)], language)
}

fn unexpected(path: &JsonPointer) -> Violation {
    let text = Text::fixed(
        "qui manca un campo, o ce n'è uno che non è previsto o di un altro tipo",
        "a field is missing here, or one is not expected or of another type",
        "hier fehlt ein Feld, oder eines ist nicht vorgesehen oder von anderer Art",
    );
    Violation::new(path, "unexpected", text)
}

/// Parses a reason.
///
/// # Errors
/// [`Problem::Unfit`] says what is wrong.
pub(crate) fn reason(text: &str, language: Language) -> Result<SettingReason, Problem> {
    SettingReason::parse(text).map_err(|error| Problem::of_change(vec![error.into()], language))
}

impl<T> Sent<T> {
    /// Returns the version that the author saw.
    ///
    /// # Errors
    /// [`Problem::VersionMissing`] where the request names none.
    pub(crate) fn seen(&self) -> Result<i64, Problem> {
        self.version.ok_or(Problem::VersionMissing)
    }

    /// Returns the version of a letter or job that the author saw.
    ///
    /// # Errors
    /// [`Problem::VersionMissing`] where the request names none.
    pub(crate) fn seen_of_letter(&self) -> Result<i32, Problem> {
        Ok(i32::try_from(self.seen()?).unwrap_or(i32::MAX))
    }

    /// Returns the entry of the audit for this change.
    pub(crate) fn deed(
        &self,
        action: &'static str,
        object: impl Into<String>,
        value: Option<String>,
        reason: &SettingReason,
    ) -> Deed {
        Deed {
            operator: self.operator.name().to_owned(),
            issuer: self.operator.issuer().to_owned(),
            action,
            object: object.into(),
            objects: 1,
            value,
            reason: reason.as_str().to_owned(),
            key: self.key.clone(),
            request: *self.digest.as_bytes(),
        }
    }
}

/// Returns an id that is the same for each retry of a request: a UUID version 8 (RFC 9562, section
/// 5.8) of its author and key.
pub(crate) fn id_of(deed: &Deed) -> Uuid {
    let author = [deed.issuer.as_str(), &deed.operator, &deed.key].join("\n");
    let mut id = [0; 16];
    id.iter_mut()
        .zip(ContentDigest::of(author.as_bytes()).as_bytes())
        .for_each(|(byte, from)| *byte = *from);
    uuid::Builder::from_custom_bytes(id).into_uuid()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_version_is_a_number_in_double_quotes() {
        let of = |value: &str| {
            version(
                &TestRequest::default()
                    .insert_header((IF_MATCH, value))
                    .to_http_request(),
            )
        };
        assert_eq!(of("\"7\""), Some(7));
        assert_eq!(of("\"0\""), Some(0));
        for bad in ["*", "7", "W/\"7\"", "\"-1\"", "\"x\"", "\"7\", \"8\"", ""] {
            assert_eq!(of(bad), None, "{bad}");
        }
        let none = TestRequest::default().to_http_request();
        assert_eq!(version(&none), None);
    }
}
