//! Which issuers are trusted, and for what.

use std::fmt;
use std::path::{Path, PathBuf};

use jsonwebtoken::Algorithm;
use serde::Deserialize;
use url::{Host, Url};

/// The issuers whose tokens are accepted.
#[derive(Debug, Clone)]
pub struct Config {
    /// At least one; no two of the same name.
    pub issuers: Vec<IssuerConfig>,
}

/// What is accepted of one issuer.
#[derive(Debug, Clone)]
pub struct IssuerConfig {
    /// The exact `iss` of its tokens.
    pub issuer: String,
    /// What the `aud` of its tokens must name.
    pub audience: String,
    /// Where its public keys are.
    pub keys: KeySource,
    /// The algorithms that it may sign with; never a symmetric one.
    pub algorithms: Vec<Algorithm>,
    /// The weakest login that is accepted; any where nothing is set.
    pub acr: Option<AcrPolicy>,
    /// The names of its claims.
    pub claims: ClaimNames,
}

/// Where public keys come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A JWKS fetched by HTTP.
    Url(Url),
    /// A JWKS file.
    File(PathBuf),
}

/// Levels of authentication, weakest first, and the first that is enough.
#[derive(Debug, Clone)]
pub struct AcrPolicy {
    enough: Vec<String>,
}

/// The names of claims. One that begins with `/` is a JSON Pointer (RFC 6901): `/realm_access/roles`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimNames {
    /// Where the tax code is looked for, in this order; `TINIT-` before it is left out.
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
}

/// A configuration that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("cannot read the identity configuration {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// It is no TOML, or a setting has another type or an unknown name.
    #[error("the identity configuration cannot be understood: {0}")]
    Syntax(#[from] toml::de::Error),
    /// Settings that can't stand, all of them.
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
        }
    }
}

impl AcrPolicy {
    /// Nothing where `minimum` is not among `levels`.
    fn new(levels: &[Vec<String>], minimum: &str) -> Option<Self> {
        let first = levels
            .iter()
            .position(|equal| equal.iter().any(|acr| acr == minimum))?;
        Some(Self {
            enough: levels[first..].concat(),
        })
    }

    /// Whether a login of this level is strong enough; an unknown level never is.
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
    minimum_acr: Option<String>,
    #[serde(default = "spid_levels")]
    acr_levels: Vec<Vec<String>>,
    #[serde(default)]
    claims: ClaimNames,
}

/// SPID's three levels, as AgID's technical rules write them.
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
        let mut issuers: Vec<IssuerConfig> = Vec::new();
        for (index, raw) in raw.issuers.into_iter().enumerate() {
            let issuer = raw.check(folder, &mut |problem| {
                problems.push(format!("issuer {}: {problem}", index + 1));
            });
            if let Some(twin) = issuers.iter().position(|other| other.issuer == issuer.issuer) {
                problems.push(format!(
                    "issuer {}: it has the name of issuer {}",
                    index + 1,
                    twin + 1
                ));
            }
            issuers.push(issuer);
        }
        if problems.is_empty() {
            Ok(Self { issuers })
        } else {
            Err(ConfigError::Invalid(Problems(problems)))
        }
    }
}

impl RawIssuer {
    /// Checks every setting. What it gives is of use only where there was no problem.
    fn check(self, folder: &Path, problem: &mut dyn FnMut(String)) -> IssuerConfig {
        for (name, value) in [("issuer", &self.issuer), ("audience", &self.audience)] {
            if value.is_empty() {
                problem(format!("{name} is missing"));
            }
        }
        if self.claims.tax_code.is_empty() {
            problem("claims.tax_code is empty: name at least one claim".to_owned());
        }
        IssuerConfig {
            keys: self.key_source(folder, problem),
            algorithms: self.checked_algorithms(problem),
            acr: self.acr_policy(problem),
            issuer: self.issuer,
            audience: self.audience,
            claims: self.claims,
        }
    }

    fn key_source(&self, folder: &Path, problem: &mut dyn FnMut(String)) -> KeySource {
        match (&self.jwks_url, &self.jwks_file) {
            (Some(url), None) => {
                let url = checked_url(url, self.allow_plain_http).map_err(|text| problem(text.to_owned()));
                url.map_or_else(|()| KeySource::File(PathBuf::new()), KeySource::Url)
            }
            (None, Some(file)) => KeySource::File(folder.join(file)),
            (None, None) | (Some(_), Some(_)) => {
                problem("give either jwks_url or jwks_file".to_owned());
                KeySource::File(PathBuf::new())
            }
        }
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

/// The algorithms with a public key; others would let whoever verifies also sign.
pub(crate) fn asymmetric(name: &str) -> Option<Algorithm> {
    match name {
        "RS256" => Some(Algorithm::RS256),
        "PS256" => Some(Algorithm::PS256),
        "ES256" => Some(Algorithm::ES256),
        "EdDSA" => Some(Algorithm::EdDSA),
        _ => None,
    }
}

fn checked_url(text: &str, allow_plain_http: bool) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "jwks_url is no URL")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("jwks_url holds a user or password: public keys need none");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if allow_plain_http || is_loopback(&url) => Ok(url),
        "http" => Err(
            "jwks_url is plain http: whoever is on the way could replace the keys; \
                       use https, or set allow_plain_http where the network is trusted",
        ),
        _ => Err("jwks_url is neither https nor http"),
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
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        match Config::parse(text, Path::new("/etc/sportello")) {
            Err(ConfigError::Invalid(Problems(problems))) => problems,
            other => panic!("{other:?}"),
        }
    }

    fn with(setting: &str) -> String {
        format!("[[issuers]]\nissuer = 'x'\naudience = 'y'\nalgorithms = ['ES256']\n{setting}")
    }

    #[test]
    fn the_example_is_good() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("identity.example.toml");
        let config = Config::load(&path).unwrap();
        assert_eq!(config.issuers.len(), 2);
        let KeySource::File(file) = &config.issuers[1].keys else {
            panic!("a file")
        };
        assert_eq!(*file, path.parent().unwrap().join("keys/partner.jwks.json"));
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let text = "[[issuers]]\nalgorithms = ['none', 'HS256', 'ES256']\nminimum_acr = 'gold'\n\
                    [[issuers]]\nissuer = 'x'\naudience = 'y'\njwks_url = 'ftp://x'\n\
                    [[issuers]]\nissuer = 'x'\naudience = 'y'\njwks_url = 'https://x'\njwks_file = 'x'\nalgorithms = ['RS256']\nclaims.tax_code = []";
        assert_eq!(
            problems(text),
            [
                "issuer 1: issuer is missing",
                "issuer 1: audience is missing",
                "issuer 1: give either jwks_url or jwks_file",
                "issuer 1: algorithm none is not one of RS256, PS256, ES256, EdDSA",
                "issuer 1: algorithm HS256 is not one of RS256, PS256, ES256, EdDSA",
                "issuer 1: minimum_acr gold is not among acr_levels",
                "issuer 2: jwks_url is neither https nor http",
                "issuer 2: algorithms is missing: list those that the issuer signs with, such as [\"RS256\"]",
                "issuer 3: claims.tax_code is empty: name at least one claim",
                "issuer 3: give either jwks_url or jwks_file",
                "issuer 3: it has the name of issuer 2",
            ]
        );
        assert_eq!(problems(""), ["no [[issuers]]: at least one is needed"]);
    }

    #[test]
    fn plain_http_is_for_this_machine_or_by_consent() {
        for good in [
            "https://id.example/k",
            "http://127.0.0.1:1/k",
            "http://[::1]/k",
            "http://localhost/k",
        ] {
            Config::parse(&with(&format!("jwks_url = '{good}'")), Path::new("")).unwrap();
        }
        let plain = "jwks_url = 'http://id.example/k'";
        assert!(problems(&with(plain))[0].contains("plain http"));
        Config::parse(&with(&format!("{plain}\nallow_plain_http = true")), Path::new("")).unwrap();
        assert!(problems(&with("jwks_url = 'https://me:secret@id.example'"))[0].contains("password"));
    }

    #[test]
    fn a_level_is_enough_from_the_minimum_on() {
        let levels = [
            vec!["1".to_owned()],
            vec!["2".to_owned(), "two".to_owned()],
            vec!["3".to_owned()],
        ];
        let policy = AcrPolicy::new(&levels, "two").unwrap();
        let enough: Vec<_> = ["1", "2", "two", "3", "4", ""]
            .into_iter()
            .filter(|acr| policy.is_enough(acr))
            .collect();
        assert_eq!(enough, ["2", "two", "3"]);
    }

    #[test]
    fn unknown_settings_are_refused() {
        let error = Config::parse(&with("jwks_uri = 'https://x'"), Path::new("")).unwrap_err();
        assert!(error.to_string().contains("jwks_uri"), "{error}");
    }
}
