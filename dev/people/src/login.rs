//! Bearer tokens of the local identity provider, by the flows that real clients use.

use std::collections::BTreeMap;

use aws_lc_rs::{digest, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url, redirect};
use serde::Deserialize;

/// The operator's account.
pub const OPERATOR: &str = "operator-olga";
/// The account of the intermediary's employee.
pub const INTERMEDIARY_EMPLOYEE: &str = "intermediary-irene";
/// The intermediary's own system, a confidential client.
pub const INTERMEDIARY_CLIENT: &str = "patronato-aurora";
/// A program that acts as an operator, a confidential client.
pub const SERVICE_CLIENT: &str = "sportello-service";

const PUBLIC_CLIENT: &str = "sportello-cli";
/// Public: shown on the provider's page.
const CLIENT_SECRET: &str = "development-only";
const SCOPE: &str = "openid profile applications";
/// Nothing listens there: the code is read from the redirect itself.
const RETURN_TO: &str = "http://127.0.0.1/callback";
/// A login takes three redirects.
const MOST_REDIRECTS: usize = 8;

/// Why a login failed.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The provider's address is not a URL.
    #[error("the identity provider's address is no URL: {0}")]
    Address(String),
    /// No answer from the provider.
    #[error("the identity provider does not answer: is it running?")]
    Http(#[from] reqwest::Error),
    /// The login page does not know the account.
    #[error(
        "the identity provider knows no person with this tax code or account: \
         see deploy/identity-provider/people.json"
    )]
    Unknown,
    /// An answer outside the flow.
    #[error("the identity provider answered {status} {at}: see its log")]
    Unexpected {
        /// The status code.
        status: u16,
        /// The step that it answers.
        at: &'static str,
    },
    /// The provider refused, with its reason.
    #[error("the identity provider refused: {0}")]
    Refused(String),
    /// The system returned no random numbers.
    #[error("the system gives no random numbers")]
    Random,
}

/// Logs a person in by code + PKCE and returns their access token.
///
/// `account` is a citizen's tax code or an account id of the provider's `people.json`; `issuer` is
/// the provider's address, such as `http://127.0.0.1:4000`.
///
/// # Errors
/// [`LoginError`] if a step of the flow fails.
pub async fn login(issuer: &str, account: &str) -> Result<String, LoginError> {
    let verifier = random()?;
    let state = random()?;
    let mut browser = Browser::new(issuer)?;
    let form = browser
        .follow(browser.authorization_url(&verifier, &state))
        .await?;
    let Step::Page(form) = form else {
        return Err(LoginError::Unexpected {
            status: 303,
            at: "instead of its login page",
        });
    };
    let returned = browser.sign_in(form, account).await?;
    browser.exchange(&code_of(&returned, &state)?, &verifier).await
}

/// Returns an access token of a confidential client: [`INTERMEDIARY_CLIENT`] or [`SERVICE_CLIENT`].
///
/// # Errors
/// [`LoginError`] if a step of the flow fails.
pub async fn client_token(issuer: &str, client_id: &str) -> Result<String, LoginError> {
    let browser = Browser::new(issuer)?;
    let request = browser
        .client
        .post(browser.endpoint("token"))
        .basic_auth(client_id, Some(CLIENT_SECRET))
        .form(&[("grant_type", "client_credentials"), ("scope", "applications")]);
    access_token(request).await
}

/// A browser for the flow: keeps cookies, follows redirects.
struct Browser {
    client: Client,
    issuer: Url,
    cookies: BTreeMap<String, String>,
}

/// The end of a chain of redirects.
enum Step {
    /// A page of the provider.
    Page(Url),
    /// The client's own address, with the answer in its query.
    Returned(Url),
}

impl Browser {
    fn new(issuer: &str) -> Result<Self, LoginError> {
        let issuer = Url::parse(issuer)
            .ok()
            .filter(|url| !url.cannot_be_a_base())
            .ok_or_else(|| LoginError::Address(issuer.to_owned()))?;
        // no proxy: the provider is on this machine
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self {
            client,
            issuer,
            cookies: BTreeMap::new(),
        })
    }

    fn endpoint(&self, name: &str) -> Url {
        let mut url = self.issuer.clone();
        url.set_path(&format!("{}/{name}", self.issuer.path().trim_end_matches('/')));
        url
    }

    fn authorization_url(&self, verifier: &str, state: &str) -> Url {
        let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
        let mut url = self.endpoint("auth");
        url.query_pairs_mut().extend_pairs([
            ("client_id", PUBLIC_CLIENT),
            ("response_type", "code"),
            ("redirect_uri", RETURN_TO),
            ("scope", SCOPE),
            ("state", state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        url
    }

    async fn send(&mut self, request: RequestBuilder) -> Result<Response, LoginError> {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let response = request.header(COOKIE, cookies.join("; ")).send().await?;
        for header in response.headers().get_all(SET_COOKIE) {
            let pair = header
                .to_str()
                .ok()
                .and_then(|text| text.split(';').next()?.split_once('='));
            if let Some((name, value)) = pair {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(response)
    }

    /// Follows redirects from `url` to a page or to the client's own address.
    async fn follow(&mut self, mut url: Url) -> Result<Step, LoginError> {
        for _ in 0..MOST_REDIRECTS {
            if url.as_str().starts_with(RETURN_TO) {
                return Ok(Step::Returned(url));
            }
            let response = self.send(self.client.get(url.clone())).await?;
            match response.status() {
                StatusCode::OK => return Ok(Step::Page(url)),
                status if status.is_redirection() => url = target(&response)?,
                status => return Err(unexpected(status, "on the way to its login page")),
            }
        }
        Err(unexpected(StatusCode::FOUND, "again and again"))
    }

    /// Fills in the login form, and returns the client's own address with the answer.
    async fn sign_in(&mut self, form: Url, account: &str) -> Result<Url, LoginError> {
        let response = self
            .send(self.client.post(form).form(&[("login", account)]))
            .await?;
        match response.status() {
            status if status.is_redirection() => {}
            StatusCode::UNPROCESSABLE_ENTITY => return Err(LoginError::Unknown),
            status => return Err(unexpected(status, "to its login form")),
        }
        match self.follow(target(&response)?).await? {
            Step::Returned(url) => Ok(url),
            Step::Page(_) => Err(unexpected(StatusCode::OK, "after its login form")),
        }
    }

    async fn exchange(&self, code: &str, verifier: &str) -> Result<String, LoginError> {
        let request = self.client.post(self.endpoint("token")).form(&[
            ("grant_type", "authorization_code"),
            ("client_id", PUBLIC_CLIENT),
            ("redirect_uri", RETURN_TO),
            ("code", code),
            ("code_verifier", verifier),
        ]);
        access_token(request).await
    }
}

fn code_of(returned: &Url, state: &str) -> Result<String, LoginError> {
    let answer: BTreeMap<_, _> = returned.query_pairs().into_owned().collect();
    if answer.get("state").map(String::as_str) != Some(state) {
        return Err(LoginError::Refused(
            "its answer belongs to another login".to_owned(),
        ));
    }
    answer.get("code").cloned().ok_or_else(|| {
        let reason = answer.get("error_description").or(answer.get("error"));
        LoginError::Refused(reason.cloned().unwrap_or_else(|| "it gave no reason".to_owned()))
    })
}

async fn access_token(request: RequestBuilder) -> Result<String, LoginError> {
    #[derive(Deserialize)]
    struct Answer {
        access_token: String,
    }
    let response = request.send().await?;
    match response.status() {
        StatusCode::OK => Ok(response.json::<Answer>().await?.access_token),
        status => Err(unexpected(status, "to the request for a token")),
    }
}

fn target(response: &Response) -> Result<Url, LoginError> {
    response
        .headers()
        .get(LOCATION)
        .and_then(|location| response.url().join(location.to_str().ok()?).ok())
        .ok_or_else(|| unexpected(response.status(), "without saying where to go"))
}

fn unexpected(status: StatusCode, at: &'static str) -> LoginError {
    LoginError::Unexpected {
        status: status.as_u16(),
        at,
    }
}

/// Returns 32 random bytes as text.
fn random() -> Result<String, LoginError> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| LoginError::Random)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
