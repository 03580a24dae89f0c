//! Reads the caller from the claims of a verified token.

use serde_json::Value;
use sportello_domain::{OrganisationId, PersonName, TaxCode};

use crate::caller::{Caller, Citizen, SubjectId};
use crate::config::IssuerConfig;
use crate::error::TokenError;

/// Tolerated difference of clocks, in seconds.
const LEEWAY: f64 = 30.0;

/// Returns the caller that the claims name. Where they fit several kinds, operator wins over
/// organisation, and organisation over citizen.
pub(crate) fn caller(claims: &Value, config: &IssuerConfig) -> Result<Caller, TokenError> {
    let names = &config.claims;
    if has_role(claims, &names.roles, &names.operator_role) {
        config.scope.check_operator()?;
        check_login(claims, config)?;
        return Ok(Caller::Operator {
            subject: subject(claims, config)?,
        });
    }
    if let Some(organisation) = text(claims, &names.organisation) {
        let organisation =
            OrganisationId::parse(organisation).map_err(|_| TokenError::InvalidOrganisation)?;
        config.scope.check_organisation(&organisation)?;
        check_login(claims, config)?;
        return Ok(Caller::Intermediary {
            organisation,
            subject: subject(claims, config)?,
        });
    }
    config.scope.check_citizen()?;
    check_acr(claims, config)?;
    Ok(Caller::Citizen(Citizen {
        tax_code: tax_code(claims, &names.tax_code)?,
        given_name: person_name(claims, &names.given_name),
        family_name: person_name(claims, &names.family_name),
    }))
}

/// Checks that the token is for this audience and valid at `now`, in seconds since 1970 (RFC 7519,
/// sections 4.1.3 to 4.1.5). Its key has already shown that its issuer is right.
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

/// Reads a NumericDate (RFC 7519, section 2): seconds since 1970, perhaps with a fraction.
fn instant(claims: &Value, name: &str) -> Result<Option<f64>, TokenError> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_f64().map(Some).ok_or_else(|| missing(name)),
    }
}

/// Finds a claim. A name that begins with `/` is a JSON Pointer (RFC 6901), any other the name of
/// the claim.
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

/// Reads `sub`: at most 255 printable ASCII characters (OpenID Connect Core, section 2). Any other
/// value counts as missing, since the journal could not record the caller.
fn subject(claims: &Value, config: &IssuerConfig) -> Result<SubjectId, TokenError> {
    text(claims, "sub")
        .filter(|sub| (1..=255).contains(&sub.len()) && sub.bytes().all(|byte| (b' '..=b'~').contains(&byte)))
        .map(|sub| SubjectId::new(&config.issuer, sub))
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
    // SPID's attribute carries the country and the kind of number (ETSI EN 319 412-1, section
    // 5.1.3)
    let code = value.strip_prefix("TINIT-").unwrap_or(value);
    TaxCode::parse(code).map_err(|_| TokenError::InvalidTaxCode)
}

/// Reads a name, with which the portal prefills the form. Nothing depends on it, so an invalid name
/// counts as missing.
fn person_name(claims: &Value, name: &str) -> Option<PersonName> {
    PersonName::parse(text(claims, name)?).ok()
}

/// Checks the login level of a caller other than a citizen. A program has no login: its issuer's
/// settings say whether it needs a level.
fn check_login(claims: &Value, config: &IssuerConfig) -> Result<(), TokenError> {
    if config.programs_without_acr && is_program(claims, &config.claims.client) {
        return Ok(());
    }
    check_acr(claims, config)
}

/// Whether the token is a program's own: the client is the subject (RFC 9068, section 2.2).
fn is_program(claims: &Value, client: &str) -> bool {
    let client = text(claims, client);
    client.is_some() && client == text(claims, "sub")
}

/// Checks the login level, which the token must name.
fn check_acr(claims: &Value, config: &IssuerConfig) -> Result<(), TokenError> {
    let Some(policy) = &config.acr else {
        return Ok(());
    };
    match text(claims, "acr") {
        Some(acr) if policy.is_enough(acr) => Ok(()),
        Some(_) => Err(TokenError::AcrTooLow),
        None => Err(missing("acr")),
    }
}
