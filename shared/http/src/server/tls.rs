//! TLS with a certificate and a key from files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{Error as PemError, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// Why TLS can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can't be read, or lacks the needed item.
    #[error("{setting}: {} holds no {wanted}: {source}", path.display())]
    File {
        /// The setting that names the file.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// The item that the file must hold.
        wanted: &'static str,
        /// The error of reading it.
        source: PemError,
    },
    /// The certificate and the key do not fit each other.
    #[error("TLS_CERTIFICATE and TLS_KEY can't be used together: {0}")]
    Unfit(#[from] rustls::Error),
}

/// Returns an acceptor for TLS 1.2 and 1.3 with this certificate chain, the server's own
/// certificate first, and its key (PEM).
pub(crate) fn acceptor(certificates: &Path, key: &Path) -> Result<TlsAcceptor, TlsError> {
    let chain = read_chain(certificates)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|source| TlsError::File {
        setting: "TLS_KEY",
        path: key.into(),
        wanted: "private key in PEM",
        source,
    })?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let failed = |source| TlsError::File {
        setting: "TLS_CERTIFICATE",
        path: path.into(),
        wanted: "certificates in PEM",
        source,
    };
    let chain: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(failed)?;
    if chain.is_empty() {
        return Err(failed(PemError::NoItemsFound));
    }
    Ok(chain)
}
