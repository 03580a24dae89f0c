//! Portal, API and identity provider at three sites with TLS, as installations may have them.
//! Browsers treat what passes between sites otherwise than what passes between ports of 127.0.0.1:
//! they ask first (CORS), and send no cookies along.

use std::path::PathBuf;
use std::process::Command;

use crate::system::done;
use crate::{Part, Result, System, folders};

/// The hosts, which a browser must be told to look for at 127.0.0.1.
const HOSTS: [&str; 3] = [PAGES, API, PROVIDER];
const PAGES: &str = "a.test";
const API: &str = "b.test";
const PROVIDER: &str = "c.test";

impl System {
    /// Returns the file of the certificate for the three sites, signed by itself.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("sites/certificate.pem")
    }

    fn certificate_key(&self) -> PathBuf {
        self.folder.join("sites/key.pem")
    }

    /// Returns the address of a part's site, where the system has three.
    pub(crate) fn site(&self, part: Part) -> Option<String> {
        let host = match part {
            Part::Portal | Part::Gateway => PAGES,
            Part::Intake | Part::SecondIntake | Part::Status | Part::SecondStatus => API,
            Part::IdentityProvider => PROVIDER,
            Part::Worker(_) | Part::Console => return None,
        };
        let port = self.tls_port().filter(|_| self.memory.setup.three_sites)?;
        Some(format!("https://{host}:{port}"))
    }

    /// Returns what the block `http` of the gateway needs besides the deployed configuration, after
    /// making the certificate. The gateway itself answers at the first two sites.
    pub(crate) fn sites(&self) -> Result<String> {
        let (certificate, key) = (self.certificate(), self.certificate_key());
        if !certificate.exists() {
            folders::create(&self.folder.join("sites"))?;
            self.make_certificate()?;
        }
        let port = self.tls_port().unwrap_or_default();
        let provider = self.url(Part::IdentityProvider).unwrap_or_default();
        Ok(format!(
            r"
ssl_certificate {};
ssl_certificate_key {};
server {{
    listen 127.0.0.1:{port} ssl;
    server_name {PROVIDER};
    location / {{
        proxy_pass {provider};
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-Proto https;
    }}
}}
",
            certificate.display(),
            key.display()
        ))
    }

    fn make_certificate(&self) -> Result<()> {
        let names = HOSTS.map(|host| format!("DNS:{host}")).join(",");
        let mut openssl = Command::new("openssl");
        openssl
            .args(["req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=a.test"])
            .args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
            .args(["-addext", &format!("subjectAltName={names}")])
            .arg("-keyout")
            .arg(self.certificate_key())
            .arg("-out")
            .arg(self.certificate());
        done(&mut openssl)
    }
}
