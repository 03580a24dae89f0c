//! The real identity provider, the flows of real clients, and the verifier.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests and their helpers"
)]

use std::path::{Path, PathBuf};
use std::process::Stdio;

use sportello_domain::TaxCode;
use sportello_identity::{Caller, Config, TokenError, Verifier};
use sportello_people::Person;
use sportello_people::login::{
    INTERMEDIARY_CLIENT, INTERMEDIARY_EMPLOYEE, LoginError, OPERATOR, SERVICE_CLIENT, client_token, login,
};
use sportello_people::mint::{self, Mint};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::OnceCell;

const MARTA: &str = "RNLMRT84C52H501S";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/identity-provider")
}

/// A provider on a free port; it ends when dropped.
struct Provider {
    issuer: String,
    _child: Child,
}

impl Provider {
    async fn start(state: &Path) -> Self {
        install().await;
        let mut child = Command::new("node")
            .arg("server.js")
            .current_dir(folder())
            .env("PORT", "0")
            .env("KEYS_FILE", state.join("keys.json"))
            .env_remove("ISSUER")
            .env_remove("NODE_ENV")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("node 20 or later is needed");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(address) = line.strip_prefix("listening on ") {
                return Self {
                    issuer: address.to_owned(),
                    _child: child,
                };
            }
        }
        panic!("the identity provider ended while it was starting");
    }

    fn config(&self, state: &Path) -> Config {
        let text = format!(
            "[[issuers]]\nissuer = '{0}'\naudience = 'sportello'\njwks_url = '{0}/jwks'\nalgorithms = ['ES256']\n\
             minimum_acr = 'https://www.spid.gov.it/SpidL2'\nprograms_without_acr = true\n\
             may = ['citizen', 'intermediary', 'operator']\norganisations = 'all'\n\
             [[issuers]]\nissuer = '{1}'\naudience = 'sportello'\njwks_file = 'generated.jwks.json'\n\
             algorithms = ['EdDSA']\nminimum_acr = 'https://www.spid.gov.it/SpidL2'\nmay = ['citizen']",
            self.issuer,
            mint::ISSUER
        );
        Config::parse(&text, state).unwrap()
    }
}

/// Installs the provider's packages if they are missing, once for all tests.
async fn install() {
    static INSTALLED: OnceCell<()> = OnceCell::const_new();
    let install = async || {
        // npm writes this file last
        if !folder().join("node_modules/.package-lock.json").exists() {
            let status = Command::new("npm").arg("ci").current_dir(folder()).status().await;
            assert!(
                status.expect("npm is needed").success(),
                "npm ci failed in deploy/identity-provider"
            );
        }
    };
    INSTALLED.get_or_init(install).await;
}

fn citizen(outcome: Result<Caller, TokenError>) -> TaxCode {
    match outcome {
        Ok(Caller::Citizen(citizen)) => citizen.tax_code,
        other => panic!("no citizen: {other:?}"),
    }
}

#[tokio::test]
async fn everybody_logs_in_and_is_recognised() {
    let state = tempfile::tempdir().unwrap();
    let mint = Mint::open(state.path()).unwrap();
    let provider = Provider::start(state.path()).await;
    let verifier = Verifier::start(provider.config(state.path())).unwrap();
    let issuer = provider.issuer.as_str();

    let token = login(issuer, &MARTA.to_lowercase()).await.unwrap();
    assert_eq!(
        citizen(verifier.verify(&token).await),
        TaxCode::parse(MARTA).unwrap()
    );

    let operator = login(issuer, OPERATOR).await.unwrap();
    assert!(matches!(
        verifier.verify(&operator).await,
        Ok(Caller::Operator { .. })
    ));
    let service = client_token(issuer, SERVICE_CLIENT).await.unwrap();
    assert!(matches!(
        verifier.verify(&service).await,
        Ok(Caller::Operator { .. })
    ));

    for token in [
        login(issuer, INTERMEDIARY_EMPLOYEE).await,
        client_token(issuer, INTERMEDIARY_CLIENT).await,
    ] {
        let outcome = verifier.verify(&token.unwrap()).await;
        let Ok(Caller::Intermediary { organisation, .. }) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(organisation.as_str(), "patronato-aurora");
    }

    let person = Person::invent(1, 1);
    let generated = mint.token(&person).unwrap();
    assert_eq!(citizen(verifier.verify(&generated).await), person.tax_code);

    let unknown = login(issuer, "RSSMRA80A01H501U").await;
    assert!(matches!(unknown, Err(LoginError::Unknown)), "{unknown:?}");
    assert!(matches!(
        client_token(issuer, "portal").await,
        Err(LoginError::Unexpected { status: 401, .. })
    ));
}

#[tokio::test]
async fn its_key_survives_a_restart() {
    let state = tempfile::tempdir().unwrap();
    let read = || std::fs::read(state.path().join("keys.json")).unwrap();
    drop(Provider::start(state.path()).await);
    let first = read();
    drop(Provider::start(state.path()).await);
    assert_eq!(read(), first);
}

#[tokio::test]
async fn an_address_without_a_provider_says_so() {
    let refused = login("http://127.0.0.1:1", MARTA).await;
    assert!(matches!(refused, Err(LoginError::Http(_))), "{refused:?}");
    assert!(matches!(
        login("nowhere", MARTA).await,
        Err(LoginError::Address(_))
    ));
}
