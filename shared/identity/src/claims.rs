//! From the claims of a token that is known to be good to who is calling.

use serde_json::Value;
use sportello_domain::{OrganisationId, PersonName, TaxCode};

use crate::caller::{Caller, Citizen};
use crate::config::IssuerConfig;
use crate::error::TokenError;

/// Tolerated difference of clocks, in seconds.
const LEEWAY: f64 = 30.0;

/// Who the claims speak of. Where they fit several, an operator goes before an organisation before a citizen.
pub(crate) fn caller(claims: &Value, config: &IssuerConfig) -> Result<Caller, TokenError> {
    let names = &config.claims;
    if has_role(claims, &names.roles, &names.operator_role) {
        check_acr(claims, config, false)?;
        return Ok(Caller::Operator {
            subject: subject(claims)?,
        });
    }
    if let Some(organisation) = text(claims, &names.organisation) {
        check_acr(claims, config, false)?;
        let organisation =
            OrganisationId::parse(organisation).map_err(|_| TokenError::InvalidOrganisation)?;
        return Ok(Caller::Intermediary {
            organisation,
            subject: subject(claims)?,
        });
    }
    check_acr(claims, config, true)?;
    Ok(Caller::Citizen(Citizen {
        tax_code: tax_code(claims, &names.tax_code)?,
        given_name: person_name(claims, &names.given_name),
        family_name: person_name(claims, &names.family_name),
    }))
}

/// Whether the token is meant for this audience and good at this instant, in seconds since 1970 (RFC 7519, sections 4.1.3 to
/// 4.1.5). That its issuer is right is known by its key.
pub(crate) fn check_validity(claims: &Value, audience: &str, now: f64) -> Result<(), TokenError> {
    let expires_at = instant(claims, "exp")?.ok_or_else(|| missing("exp"))?;
    let is_meant = match claims.get("aud") {
        Some(Value::String(one)) => one == audience,
        Some(Value::Array(several)) => several.iter().any(|one| one == audience),
        None | Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => {
            return Err(missing("aud"));
        }
    };
    if expires_at < now - LEEWAY {
        return Err(TokenError::Expired);
    }
    if instant(claims, "nbf")?.is_some_and(|not_before| not_before > now + LEEWAY) {
        return Err(TokenError::NotYetValid);
    }
    if is_meant {
        Ok(())
    } else {
        Err(TokenError::WrongAudience)
    }
}

/// A NumericDate (RFC 7519, section 2): seconds since 1970, which may have a fraction.
fn instant(claims: &Value, name: &str) -> Result<Option<f64>, TokenError> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_f64().map(Some).ok_or_else(|| missing(name)),
    }
}

/// A name that begins with `/` is a JSON Pointer (RFC 6901), any other the claim's name as it stands.
fn find<'a>(claims: &'a Value, name: &str) -> Option<&'a Value> {
    if name.starts_with('/') {
        claims.pointer(name)
    } else {
        claims.get(name)
    }
}

fn text<'a>(claims: &'a Value, name: &str) -> Option<&'a str> {
    find(claims, name)?.as_str()
}

fn missing(name: &str) -> TokenError {
    TokenError::MissingClaim(name.to_owned())
}

/// At most 255 printable ASCII characters (OpenID Connect Core, section 2); any other is as good as none, since what
/// its bearer does could not be recorded.
fn subject(claims: &Value) -> Result<String, TokenError> {
    text(claims, "sub")
        .filter(|sub| (1..=255).contains(&sub.len()) && sub.bytes().all(|byte| (b' '..=b'~').contains(&byte)))
        .map(str::to_owned)
        .ok_or_else(|| missing("sub"))
}

fn has_role(claims: &Value, name: &str, role: &str) -> bool {
    match find(claims, name) {
        Some(Value::Array(roles)) => roles.iter().any(|one| one == role),
        Some(one) => one == role,
        None => false,
    }
}

fn tax_code(claims: &Value, names: &[String]) -> Result<TaxCode, TokenError> {
    let Some(value) = names.iter().find_map(|name| text(claims, name)) else {
        return Err(missing(names.first().map_or("fiscal_number", String::as_str)));
    };
    // SPID's attribute carries the country and the kind of number (ETSI EN 319 412-1, section 5.1.3)
    let code = value.strip_prefix("TINIT-").unwrap_or(value);
    TaxCode::parse(code).map_err(|_| TokenError::InvalidTaxCode)
}

/// The portal fills the form in with it; nothing depends on it, so one that is no name is as good as none.
fn person_name(claims: &Value, name: &str) -> Option<PersonName> {
    PersonName::parse(text(claims, name)?).ok()
}

/// Checks the level of the login. A citizen's token must name it; a program's (client credentials) has none.
fn check_acr(claims: &Value, config: &IssuerConfig, required: bool) -> Result<(), TokenError> {
    let Some(policy) = &config.acr else {
        return Ok(());
    };
    match text(claims, "acr") {
        Some(acr) if policy.is_enough(acr) => Ok(()),
        Some(_) => Err(TokenError::AcrTooLow),
        None if required => Err(missing("acr")),
        None => Ok(()),
    }
}
