//! TLS by configuration.

use std::fs;
use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use reqwest::{Certificate, Client, Version};
use sportello_http::{EdgeConfig, Server};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::server::{Running, WITHIN, plain};

/// A test authority, and a server's files that it signed.
struct Files {
    folder: TempDir,
    authority: String,
}

impl Files {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().unwrap();
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let certificate = CertificateParams::new(names)
            .unwrap()
            .signed_by(&key, &issuer)
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("certificate.pem"), certificate.pem()).unwrap();
        fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();
        Self { folder, authority }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn config(&self, certificate: &str, key: &str) -> EdgeConfig {
        EdgeConfig {
            tls_certificate: Some(self.path(certificate)),
            tls_key: Some(self.path(key)),
            ..plain()
        }
    }

    fn good(&self) -> EdgeConfig {
        self.config("certificate.pem", "key.pem")
    }

    fn client(&self) -> Client {
        let authority = Certificate::from_pem(self.authority.as_bytes()).unwrap();
        Client::builder()
            .no_proxy()
            .tls_certs_only([authority])
            .timeout(WITHIN)
            .build()
            .unwrap()
    }
}

/// Returns the server's answer to these bytes, until it ends the connection.
async fn said(server: &Running, bytes: &[u8]) -> Vec<u8> {
    let mut connection = server.connect().await;
    connection.write_all(bytes).await.unwrap();
    let mut said = Vec::new();
    // a reset also counts as an end
    let _ = timeout(WITHIN, connection.read_to_end(&mut said)).await.unwrap();
    said
}

/// Returns the first message of a client whose latest version is this one (RFC 4346, section
/// 7.4.1.2).
fn client_hello(minor: u8) -> Vec<u8> {
    let mut hello = vec![3, minor];
    hello.extend([7; 32]);
    // no session; TLS_RSA_WITH_AES_128_CBC_SHA and TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA; no
    // compression
    hello.extend([0, 0, 4, 0x00, 0x2f, 0xc0, 0x13, 1, 0]);
    // it names the signatures that it supports, so that only its version is wrong:
    // ecdsa_secp256r1_sha256
    hello.extend([0, 8, 0, 13, 0, 4, 0, 2, 4, 3]);
    let length = u8::try_from(hello.len()).unwrap();
    let mut record = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(hello);
    record
}

#[tokio::test]
async fn a_request_over_tls_is_answered_in_http_1_1() {
    let files = Files::new();
    let server = Running::start(&files.good());
    let client = files.client();
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("https://{host}:{}/hello", server.address.port());
        let answer = client.get(url).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.version()),
            (200, Version::HTTP_11)
        );
        assert!(answer.headers().contains_key("strict-transport-security"));
        assert_eq!(answer.text().await.unwrap(), "hello");
    }
}

#[tokio::test]
async fn plain_http_is_refused_where_tls_is_spoken() {
    let files = Files::new();
    let server = Running::start(&files.good());
    let said = said(&server, b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(!said.starts_with(b"HTTP"), "{said:?}");
}

#[tokio::test]
async fn tls_1_0_and_1_1_are_refused() {
    let files = Files::new();
    let server = Running::start(&files.good());
    for minor in [1, 2] {
        let said = said(&server, &client_hello(minor)).await;
        // a fatal alert: protocol_version
        assert_eq!(said[0], 21, "{said:?}");
        assert_eq!(said[5..7], [2, 70], "{said:?}");
    }
}

#[tokio::test]
async fn a_handshake_that_does_not_go_on_is_not_waited_for() {
    let files = Files::new();
    let server = Running::start(&files.good());
    assert!(said(&server, &client_hello(3)[..20]).await.is_empty());
}

#[test]
fn a_wrong_file_is_reported_by_its_name() {
    let files = Files::new();
    let other = Files::new();
    fs::write(files.path("empty.pem"), "").unwrap();
    fs::copy(other.path("key.pem"), files.path("other.pem")).unwrap();
    for (certificate, key, told) in [
        (
            "missing.pem",
            "key.pem",
            "missing.pem holds no certificates in PEM",
        ),
        ("empty.pem", "key.pem", "empty.pem holds no certificates in PEM"),
        ("key.pem", "key.pem", "key.pem holds no certificates in PEM"),
        ("certificate.pem", "missing.pem", "TLS_KEY"),
        (
            "certificate.pem",
            "certificate.pem",
            "certificate.pem holds no private key in PEM",
        ),
        ("certificate.pem", "other.pem", "can't be used together"),
    ] {
        let any = "127.0.0.1:0".parse().unwrap();
        let server = Server::bind(any, any).unwrap();
        let refused = server.with_edge(&files.config(certificate, key));
        let error = refused.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(told), "{error}");
    }
}
