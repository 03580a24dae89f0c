//! Accepted tokens, and the errors for refused ones.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests and their helpers"
)]

use std::collections::HashSet;

use crate::support::{Answer, Key, Server, TAX_CODE, claims, config, now, ready};
use insta::assert_snapshot;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sportello_domain::TaxCode;
use sportello_identity::{Caller, Config, TokenError, Verifier};

const MINIMUM: &str = "minimum_acr = 'https://www.spid.gov.it/SpidL2'";

struct Fixture {
    key: Key,
    verifier: Verifier,
    _server: Server,
}

impl Fixture {
    async fn new(settings: &str) -> Self {
        let key = Key::es256("one");
        let server = Server::start(Answer::Jwks(key.jwks())).await;
        let verifier = ready(config(&server.url, settings)).await;
        Self {
            key,
            verifier,
            _server: server,
        }
    }

    async fn verify(&self, changes: Value) -> Result<Caller, TokenError> {
        self.verifier.verify(&self.key.sign(&claims(changes))).await
    }

    /// Signs with another header than the key's own.
    async fn verify_header(&self, header: &Header, key: &EncodingKey) -> Result<Caller, TokenError> {
        let token = jsonwebtoken::encode(header, &claims(json!({})), key).unwrap();
        self.verifier.verify(&token).await
    }
}

fn missing(name: &str) -> Result<Caller, TokenError> {
    Err(TokenError::MissingClaim(name.to_owned()))
}

#[tokio::test]
async fn a_citizen_is_known_by_tax_code_and_names() {
    let fixture = Fixture::new(MINIMUM).await;
    let names = json!({ "given_name": "Mario", "family_name": "Rossi" });
    let Ok(Caller::Citizen(citizen)) = fixture.verify(names).await else {
        panic!("no citizen")
    };
    assert_eq!(citizen.tax_code, TaxCode::parse(TAX_CODE).unwrap());
    assert_eq!(citizen.given_name.unwrap().as_str(), "Mario");
    assert_eq!(citizen.family_name.unwrap().as_str(), "Rossi");
}

#[tokio::test]
async fn the_tax_code_may_stand_in_another_claim_and_without_prefix() {
    let fixture = Fixture::new("").await;
    let other = json!({ "fiscal_number": null, "https://attributes.eid.gov.it/fiscal_number": TAX_CODE });
    assert!(matches!(fixture.verify(other).await, Ok(Caller::Citizen(_))));
}

#[tokio::test]
async fn organisations_and_operators_are_distinguished_from_citizens() {
    let fixture = Fixture::new(&format!(
        "{MINIMUM}\n[issuers.claims]\nroles = '/realm_access/roles'"
    ))
    .await;
    let organisation = json!({ "organisation": "patronato-aurora" });
    let Ok(Caller::Intermediary {
        organisation,
        subject,
    }) = fixture.verify(organisation).await
    else {
        panic!("no intermediary")
    };
    assert_eq!(
        (organisation.as_str(), subject.issuer(), subject.name()),
        ("patronato-aurora", crate::support::ISSUER, "somebody")
    );

    let operator = json!({ "realm_access": { "roles": ["viewer", "operator"] } });
    assert!(matches!(
        fixture.verify(operator).await,
        Ok(Caller::Operator { .. })
    ));
    let viewer = json!({ "realm_access": { "roles": ["viewer"] } });
    assert!(matches!(fixture.verify(viewer).await, Ok(Caller::Citizen(_))));
}

#[tokio::test]
async fn only_programs_may_have_no_level_of_login() {
    let strict = Fixture::new(MINIMUM).await;
    let lenient = Fixture::new(&format!("{MINIMUM}\nprograms_without_acr = true")).await;
    let employee = json!({ "organisation": "aurora", "acr": null });
    let operator = json!({ "roles": ["operator"], "acr": null });
    // the client with which a person logged in is not that person
    let through_client = json!({ "organisation": "aurora", "acr": null, "client_id": "portal" });
    for person in [employee, operator, through_client] {
        for fixture in [&strict, &lenient] {
            assert_eq!(fixture.verify(person.clone()).await, missing("acr"), "{person}");
        }
    }
    let weak = json!({ "roles": ["operator"], "acr": "https://www.spid.gov.it/SpidL1" });
    assert_eq!(lenient.verify(weak).await, Err(TokenError::AcrTooLow));
    for holder in [
        json!({ "organisation": "aurora" }),
        json!({ "roles": "operator" }),
    ] {
        let mut program = holder.clone();
        program["acr"] = Value::Null;
        program["client_id"] = json!("somebody");
        assert!(lenient.verify(program.clone()).await.is_ok(), "{program}");
        assert_eq!(strict.verify(program).await, missing("acr"));
    }
    // a citizen is never a program
    let citizen = json!({ "acr": null, "client_id": "somebody" });
    assert_eq!(lenient.verify(citizen).await, missing("acr"));
}

#[tokio::test]
async fn an_issuer_says_only_what_it_may() {
    let key = Key::es256("one");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("jwks.json"), key.jwks()).unwrap();
    let issuer = |name: &str, settings: &str| {
        format!(
            "[[issuers]]\nissuer = '{name}'\naudience = 'sportello'\njwks_file = 'jwks.json'\n\
             algorithms = ['ES256']\n{settings}\n"
        )
    };
    let config = [
        issuer("state", "may = ['citizen', 'operator']"),
        issuer(
            "caf",
            "may = ['intermediary']\norganisations = ['caf-borea', 'caf-sud']",
        ),
        issuer(
            "union",
            "may = ['citizen', 'intermediary']\norganisations = 'all'",
        ),
    ];
    let config = Config::parse(&config.concat(), folder.path()).unwrap();
    let verifier = Verifier::start(config).unwrap();
    let refused = |whom| Err(TokenError::NotForIssuer(whom));
    let (citizen, operator) = (json!({}), json!({ "roles": ["operator"] }));
    let (borea, aurora) = (
        json!({ "organisation": "caf-borea" }),
        json!({ "organisation": "aurora" }),
    );
    let cases = [
        ("state", &citizen, Ok(())),
        ("state", &operator, Ok(())),
        ("state", &borea, refused("this organisation")),
        ("caf", &citizen, refused("citizens")),
        ("caf", &operator, refused("operators")),
        ("caf", &borea, Ok(())),
        ("caf", &aurora, refused("this organisation")),
        ("union", &citizen, Ok(())),
        ("union", &operator, refused("operators")),
        ("union", &aurora, Ok(())),
    ];
    for (issuer, says, expected) in cases {
        let mut says = says.clone();
        says["iss"] = json!(issuer);
        let token = key.sign(&claims(says.clone()));
        let told = verifier.verify(&token).await.map(|_| ());
        assert_eq!(told, expected, "{says}");
    }
}

#[tokio::test]
async fn what_is_missing_or_wrong_in_the_claims_is_said() {
    let fixture = Fixture::new(MINIMUM).await;
    let cases = [
        (json!({ "exp": now() - 60 }), Err(TokenError::Expired)),
        (json!({ "exp": null }), missing("exp")),
        (json!({ "exp": "soon" }), missing("exp")),
        (json!({ "nbf": now() + 60 }), Err(TokenError::NotYetValid)),
        (json!({ "aud": "another" }), Err(TokenError::WrongAudience)),
        (json!({ "aud": null }), missing("aud")),
        (
            json!({ "iss": "https://issuer.test/" }),
            Err(TokenError::WrongIssuer),
        ),
        (json!({ "iss": null }), missing("iss")),
        (
            json!({ "iss": [crate::support::ISSUER] }),
            Err(TokenError::Malformed),
        ),
        (
            json!({ "acr": "https://www.spid.gov.it/SpidL1" }),
            Err(TokenError::AcrTooLow),
        ),
        (json!({ "acr": "gold" }), Err(TokenError::AcrTooLow)),
        (json!({ "acr": null }), missing("acr")),
        (json!({ "fiscal_number": null }), missing("fiscal_number")),
        (json!({ "fiscal_number": 7 }), missing("fiscal_number")),
        (
            json!({ "fiscal_number": "TINIT-RSSMRA80A01H501X" }),
            Err(TokenError::InvalidTaxCode),
        ),
        (
            json!({ "fiscal_number": "TINDE-RSSMRA80A01H501U" }),
            Err(TokenError::InvalidTaxCode),
        ),
        (
            json!({ "organisation": "Patronato Aurora" }),
            Err(TokenError::InvalidOrganisation),
        ),
        (json!({ "organisation": "aurora", "sub": null }), missing("sub")),
        (json!({ "organisation": "aurora", "sub": "" }), missing("sub")),
        (
            json!({ "organisation": "aurora", "sub": "s".repeat(256) }),
            missing("sub"),
        ),
        (
            json!({ "organisation": "aurora", "acr": "https://www.spid.gov.it/SpidL1" }),
            Err(TokenError::AcrTooLow),
        ),
    ];
    for (changes, expected) in cases {
        assert_eq!(fixture.verify(changes.clone()).await, expected, "{changes}");
    }
    for good in [
        json!({ "exp": now() - 10 }),
        json!({ "nbf": now() + 10 }),
        json!({ "aud": ["x", "sportello"] }),
        json!({ "acr": "https://www.spid.gov.it/SpidL3" }),
    ] {
        assert!(fixture.verify(good.clone()).await.is_ok(), "{good}");
    }
}

#[tokio::test]
async fn unsigned_tokens_and_shared_secrets_are_refused() {
    let fixture = Fixture::new("").await;
    let good = fixture.key.sign(&claims(json!({})));
    let payload = good.split('.').nth(1).unwrap();
    // {"alg":"none"}
    for none in [
        format!("eyJhbGciOiJub25lIn0.{payload}."),
        format!("eyJhbGciOiJub25lIn0.{payload}.x"),
    ] {
        assert_eq!(
            fixture.verifier.verify(&none).await,
            Err(TokenError::AlgorithmNotAllowed)
        );
    }
    // the public key, which is known to all, used as a shared secret
    let public = fixture.key.jwk["x"].as_str().unwrap();
    for secret in [fixture.key.jwk.to_string(), public.to_owned()] {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("one".to_owned());
        let outcome = fixture
            .verify_header(&header, &EncodingKey::from_secret(secret.as_bytes()))
            .await;
        assert_eq!(outcome, Err(TokenError::AlgorithmNotAllowed));
    }
}

#[tokio::test]
async fn a_key_serves_only_the_algorithm_of_its_kind() {
    let fixture = Fixture::new("").await;
    let other = Key::ed25519("one");
    assert_eq!(
        fixture.verify_header(&other.header(), &other.private).await,
        Err(TokenError::AlgorithmNotAllowed)
    );
}

#[tokio::test]
async fn each_algorithm_that_is_allowed_is_checked() {
    for key in [Key::es256("one"), Key::ed25519("one"), Key::rs256("one")] {
        let server = Server::start(Answer::Jwks(key.jwks())).await;
        let verifier = ready(config(&server.url, "")).await;
        let token = key.sign(&claims(json!({})));
        assert!(verifier.verify(&token).await.is_ok(), "{:?}", key.algorithm);
        let mut changed = token.into_bytes();
        // the first character of the signature
        let index = changed.iter().rposition(|byte| *byte == b'.').unwrap() + 1;
        changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
        let outcome = verifier.verify(std::str::from_utf8(&changed).unwrap()).await;
        assert_eq!(outcome, Err(TokenError::BadSignature), "{:?}", key.algorithm);
    }
    // the same RSA key under PS256, which this issuer is not allowed
    let key = Key::rs256("one");
    let server = Server::start(Answer::Jwks(key.jwks())).await;
    let verifier = ready(config(&server.url, "")).await;
    let mut header = key.header();
    header.alg = Algorithm::PS256;
    let token = jsonwebtoken::encode(&header, &claims(json!({})), &key.private).unwrap();
    assert_eq!(
        verifier.verify(&token).await,
        Err(TokenError::AlgorithmNotAllowed)
    );
}

#[tokio::test]
async fn another_keys_signature_and_changed_claims_do_not_match() {
    let fixture = Fixture::new("").await;
    let stranger = Key::es256("one").sign(&claims(json!({})));
    assert_eq!(
        fixture.verifier.verify(&stranger).await,
        Err(TokenError::BadSignature)
    );

    let good = fixture.key.sign(&claims(json!({})));
    let better = fixture.key.sign(&claims(json!({ "roles": "operator" })));
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let mixed = [&parts(&good)[0], &parts(&better)[1], &parts(&good)[2]]
        .map(String::as_str)
        .join(".");
    assert_eq!(
        fixture.verifier.verify(&mixed).await,
        Err(TokenError::BadSignature)
    );
}

#[tokio::test]
async fn headers_that_ask_for_more_are_refused() {
    let fixture = Fixture::new("").await;
    let header = |change: fn(&mut Header)| {
        let mut header = fixture.key.header();
        change(&mut header);
        header
    };
    let verify = async |header: Header| fixture.verify_header(&header, &fixture.key.private).await;
    assert_eq!(
        verify(header(|it| it.crit = Some(vec!["b64".to_owned()]))).await,
        Err(TokenError::Malformed)
    );
    assert_eq!(
        verify(header(|it| it.typ = Some("logout+jwt".to_owned()))).await,
        Err(TokenError::WrongType)
    );
    for typ in ["at+jwt", "application/at+JWT", "JWT"] {
        let mut header = fixture.key.header();
        header.typ = Some(typ.to_owned());
        assert!(verify(header).await.is_ok(), "{typ}");
    }
    // a single key needs no id, and a key in the token itself is ignored
    assert!(verify(header(|it| (it.kid, it.typ) = (None, None))).await.is_ok());
    let stranger = Key::es256("one");
    let mut own_key = stranger.header();
    own_key.jwk = serde_json::from_value(stranger.jwk.clone()).ok();
    assert_eq!(
        fixture.verify_header(&own_key, &stranger.private).await,
        Err(TokenError::BadSignature)
    );
}

#[tokio::test]
async fn what_is_no_jwt_is_malformed() {
    let fixture = Fixture::new("").await;
    let good = fixture.key.sign(&claims(json!({})));
    let header = good.split('.').next().unwrap();
    let long = fixture.key.sign(&claims(json!({ "padding": "x".repeat(9_000) })));
    let texts = [
        "",
        ".",
        "..",
        "a.b.c",
        "a.b.c.d",
        "è.è.è",
        &format!("{good}.x"),
        &format!("{header}.bnVsbA.x"),
        &long,
    ];
    for text in texts {
        assert_eq!(
            fixture.verifier.verify(text).await,
            Err(TokenError::Malformed),
            "{text:.40}"
        );
    }
    let unsigned = good.rsplit_once('.').unwrap().0;
    assert_eq!(
        fixture.verifier.verify(&format!("{unsigned}.")).await,
        Err(TokenError::BadSignature)
    );
}

#[test]
fn refusals_have_codes_of_their_own_and_repeat_nothing() {
    let all = [
        TokenError::Malformed,
        TokenError::WrongType,
        TokenError::AlgorithmNotAllowed,
        TokenError::UnknownKey,
        TokenError::BadSignature,
        TokenError::Expired,
        TokenError::NotYetValid,
        TokenError::WrongIssuer,
        TokenError::WrongAudience,
        TokenError::NotForIssuer("citizens"),
        TokenError::AcrTooLow,
        TokenError::MissingClaim("sub".to_owned()),
        TokenError::InvalidTaxCode,
        TokenError::InvalidOrganisation,
        TokenError::KeysUnavailable,
    ];
    let codes: HashSet<_> = all.iter().map(TokenError::code).collect();
    let texts: HashSet<_> = all.iter().map(ToString::to_string).collect();
    assert_eq!((codes.len(), texts.len()), (all.len(), all.len()));
    let sentences = all.map(|error| format!("{}: {error}", error.code()));
    assert_snapshot!(sentences.join("\n"));
}
