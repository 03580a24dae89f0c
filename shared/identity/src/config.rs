//! The trusted issuers and their rights.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jsonwebtoken::Algorithm;
use serde::Deserialize;
use url::{Host, Url};

use crate::scope::{RawOrganisations, Scope};

/// How long keys stay valid without a successful fetch, in hours, by default: a week.
const KEYS_GOOD_FOR_HOURS: u32 = 7 * 24;
/// Most bytes of an issuer's name, which the access journal records.
const LONGEST_ISSUER: usize = 255;

/// The issuers whose tokens are accepted.
#[derive(Debug, Clone)]
pub struct Config {
    /// At least one; names are unique.
    pub issuers: Vec<IssuerConfig>,
}

/// The settings of one issuer.
#[derive(Debug, Clone)]
pub struct IssuerConfig {
    /// The exact `iss` of its tokens.
    pub issuer: String,
    /// The audience that the `aud` of its tokens must name.
    pub audience: String,
    /// The source of its public keys.
    pub keys: KeySource,
    /// How long its keys stay valid without a successful fetch.
    pub keys_good_for: Duration,
    /// The algorithms that it may sign with; none is symmetric.
    pub algorithms: Vec<Algorithm>,
    /// The callers that it may speak for.
    pub scope: Scope,
    /// The accepted login levels; `None` accepts any.
    pub acr: Option<AcrPolicy>,
    /// Whether tokens that programs got by client credentials need no login level.
    pub programs_without_acr: bool,
    /// The names of its claims.
    pub claims: ClaimNames,
}

/// The source of public keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A JWKS fetched by HTTP.
    Url(Url),
    /// A JWKS file.
    File(PathBuf),
}

/// The levels of authentication that are enough.
#[derive(Debug, Clone)]
pub struct AcrPolicy {
    enough: Vec<String>,
}

/// The names of claims. One that begins with `/` is a JSON Pointer (RFC 6901):
/// `/realm_access/roles`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimNames {
    /// The claims that may hold the tax code, in this order; a prefix `TINIT-` is ignored.
    pub tax_code: Vec<String>,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// The organisation that an intermediary's token speaks for.
    pub organisation: String,
    /// Roles: a list, or a single text.
    pub roles: String,
    /// The role that makes an operator.
    pub operator_role: String,
    /// The client that the token was given to. Where it equals `sub`, a program has the token for
    /// itself, by client credentials (RFC 9068, section 2.2).
    pub client: String,
}

/// A configuration that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("cannot read the identity configuration {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of reading it.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML, or a setting has a wrong type or an unknown name.
    #[error("the identity configuration cannot be understood: {0}")]
    Syntax(#[from] toml::de::Error),
    /// All invalid settings.
    #[error("the identity configuration has {0}")]
    Invalid(Problems),
}

/// Everything that is wrong with a configuration, one text each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} problem(s):", self.0.len())?;
        self.0.iter().try_for_each(|problem| write!(f, "\n- {problem}"))
    }
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self {
            tax_code: vec![
                "fiscal_number".to_owned(),
                "https://attributes.eid.gov.it/fiscal_number".to_owned(),
            ],
            given_name: "given_name".to_owned(),
            family_name: "family_name".to_owned(),
            organisation: "organisation".to_owned(),
            roles: "roles".to_owned(),
            operator_role: "operator".to_owned(),
            client: "client_id".to_owned(),
        }
    }
}

impl AcrPolicy {
    /// Makes a policy; `None` if `minimum` is not among `levels`.
    fn new(levels: &[Vec<String>], minimum: &str) -> Option<Self> {
        let first = levels
            .iter()
            .position(|equal| equal.iter().any(|acr| acr == minimum))?;
        Some(Self {
            enough: levels[first..].concat(),
        })
    }

    /// Whether a login of this level is strong enough; an unknown level is not.
    #[must_use]
    pub fn is_enough(&self, acr: &str) -> bool {
        self.enough.iter().any(|one| one == acr)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    #[serde(default)]
    issuers: Vec<RawIssuer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIssuer {
    #[serde(default)]
    issuer: String,
    #[serde(default)]
    audience: String,
    jwks_url: Option<String>,
    jwks_file: Option<PathBuf>,
    #[serde(default)]
    allow_plain_http: bool,
    #[serde(default)]
    algorithms: Vec<String>,
    keys_good_for_hours: Option<u32>,
    may: Option<Vec<String>>,
    organisations: Option<RawOrganisations>,
    minimum_acr: Option<String>,
    #[serde(default)]
    programs_without_acr: bool,
    #[serde(default = "spid_levels")]
    acr_levels: Vec<Vec<String>>,
    #[serde(default)]
    claims: ClaimNames,
}

/// Returns SPID's three levels, as AgID's technical rules write them.
fn spid_levels() -> Vec<Vec<String>> {
    (1..=3)
        .map(|level| vec![format!("https://www.spid.gov.it/SpidL{level}")])
        .collect()
}

impl Config {
    /// Reads a TOML file; key files in it are relative to its folder.
    ///
    /// # Errors
    /// [`ConfigError`], with everything that is wrong at once.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text, path.parent().unwrap_or(Path::new("")))
    }

    /// Parses TOML; key files in it are relative to `folder`.
    ///
    /// # Errors
    /// [`ConfigError`], with everything that is wrong at once.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, ConfigError> {
        let raw: RawConfig = toml::from_str(text)?;
        let mut problems = Vec::new();
        if raw.issuers.is_empty() {
            problems.push("no [[issuers]]: at least one is needed".to_owned());
        }
        let alone = raw.issuers.len() == 1;
        let mut issuers: Vec<IssuerConfig> = Vec::new();
        for (index, raw) in raw.issuers.into_iter().enumerate() {
            let mut problem = |text: String| problems.push(format!("issuer {}: {text}", index + 1));
            let issuer = raw.check(folder, alone, &mut problem);
            issuer.check_beside(&issuers, &mut problem);
            issuers.push(issuer);
        }
        if problems.is_empty() {
            Ok(Self { issuers })
        } else {
            Err(ConfigError::Invalid(Problems(problems)))
        }
    }
}

impl IssuerConfig {
    /// Checks this issuer against the issuers before it.
    fn check_beside(&self, before: &[Self], problem: &mut dyn FnMut(String)) {
        let place = |like: &dyn Fn(&Self) -> bool| before.iter().position(like).map(|index| index + 1);
        if let Some(twin) = place(&|other| other.issuer == self.issuer) {
            problem(format!("it has the same name as issuer {twin}"));
        }
        if self.scope.has_operators()
            && let Some(other) = place(&|other| other.scope.has_operators())
        {
            problem(format!(
                "both it and issuer {other} may speak for operators: only one issuer may"
            ));
        }
    }
}

impl RawIssuer {
    /// Checks every setting. The result is usable only if there was no problem.
    fn check(self, folder: &Path, alone: bool, problem: &mut dyn FnMut(String)) -> IssuerConfig {
        for (name, value) in [("issuer", &self.issuer), ("audience", &self.audience)] {
            if value.is_empty() {
                problem(format!("{name} is missing"));
            }
        }
        if self.issuer.len() > LONGEST_ISSUER {
            problem(format!("issuer is longer than {LONGEST_ISSUER} bytes"));
        }
        if self.claims.tax_code.is_empty() {
            problem("claims.tax_code is empty: name at least one claim".to_owned());
        }
        let scope = Scope::read(self.may.as_deref(), self.organisations.as_ref(), alone, problem);
        IssuerConfig {
            keys: self.key_source(folder, problem),
            keys_good_for: self.keys_good_for(problem),
            algorithms: self.checked_algorithms(problem),
            scope,
            acr: self.acr_policy(problem),
            programs_without_acr: self.programs_without_acr,
            issuer: self.issuer,
            audience: self.audience,
            claims: self.claims,
        }
    }

    fn key_source(&self, folder: &Path, problem: &mut dyn FnMut(String)) -> KeySource {
        match (&self.jwks_url, &self.jwks_file) {
            (Some(url), None) => {
                let source = KeySource::at(url, self.allow_plain_http)
                    .map_err(|error| problem(format!("jwks_url {error}{}", hint(error))));
                source.unwrap_or_else(|()| KeySource::File(PathBuf::new()))
            }
            (None, Some(file)) => KeySource::File(folder.join(file)),
            (None, None) | (Some(_), Some(_)) => {
                problem("give either jwks_url or jwks_file".to_owned());
                KeySource::File(PathBuf::new())
            }
        }
    }

    fn keys_good_for(&self, problem: &mut dyn FnMut(String)) -> Duration {
        let hours = self.keys_good_for_hours.unwrap_or(KEYS_GOOD_FOR_HOURS);
        if hours == 0 {
            problem("keys_good_for_hours is 0: no token would ever be accepted".to_owned());
        }
        Duration::from_hours(u64::from(hours))
    }

    fn checked_algorithms(&self, problem: &mut dyn FnMut(String)) -> Vec<Algorithm> {
        if self.algorithms.is_empty() {
            problem(
                "algorithms is missing: list those that the issuer signs with, such as [\"RS256\"]"
                    .to_owned(),
            );
        }
        let mut checked = Vec::new();
        for name in &self.algorithms {
            match asymmetric(name) {
                Some(algorithm) => checked.push(algorithm),
                None => problem(format!(
                    "algorithm {name} is not one of RS256, PS256, ES256, EdDSA"
                )),
            }
        }
        checked
    }

    fn acr_policy(&self, problem: &mut dyn FnMut(String)) -> Option<AcrPolicy> {
        let minimum = self.minimum_acr.as_deref()?;
        let policy = AcrPolicy::new(&self.acr_levels, minimum);
        if policy.is_none() {
            problem(format!("minimum_acr {minimum} is not among acr_levels"));
        }
        policy
    }
}

/// Returns the algorithm if it is asymmetric: with a symmetric one, a verifier could also sign.
pub(crate) fn asymmetric(name: &str) -> Option<Algorithm> {
    match name {
        "RS256" => Some(Algorithm::RS256),
        "PS256" => Some(Algorithm::PS256),
        "ES256" => Some(Algorithm::ES256),
        "EdDSA" => Some(Algorithm::EdDSA),
        _ => None,
    }
}

fn hint(error: KeyUrlError) -> &'static str {
    match error {
        KeyUrlError::PlainHttp => ", or set allow_plain_http where the network is trusted",
        KeyUrlError::NoUrl | KeyUrlError::Credentials | KeyUrlError::Scheme => "",
    }
}

/// Why an address is not safe for fetching public keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyUrlError {
    /// It is not a URL.
    #[error("is not a URL")]
    NoUrl,
    /// It contains a user or a password.
    #[error("holds a user or a password: public keys need none")]
    Credentials,
    /// It is plain http to another machine.
    #[error("is plain http to another machine: an attacker on the network could replace the keys; use https")]
    PlainHttp,
    /// It is neither https nor http.
    #[error("is neither https nor http")]
    Scheme,
}

impl KeySource {
    /// Makes a source from an address: https, or http on this machine. `allow_plain_http` also
    /// allows http to other machines.
    ///
    /// # Errors
    /// [`KeyUrlError`].
    pub fn at(url: &str, allow_plain_http: bool) -> Result<Self, KeyUrlError> {
        let url = Url::parse(url).map_err(|_| KeyUrlError::NoUrl)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(KeyUrlError::Credentials);
        }
        match url.scheme() {
            "https" => Ok(Self::Url(url)),
            "http" if allow_plain_http || is_loopback(&url) => Ok(Self::Url(url)),
            "http" => Err(KeyUrlError::PlainHttp),
            _ => Err(KeyUrlError::Scheme),
        }
    }
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests;
