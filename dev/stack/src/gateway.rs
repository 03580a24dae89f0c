//! The gateway of the development system: nginx, with the configuration that is deployed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Error, Part, Result, Spec, System, folders, nginx};

/// What a container of nginx gets, too: it fills in the same names.
const DEPLOYED: &str = include_str!("../../../deploy/gateway/default.conf.template");
/// The server in front of the console, at an origin of its own.
const CONSOLE: &str = include_str!("../../../deploy/gateway/console.conf.template");

/// The addresses of a gateway and of what is behind it: host and port each.
#[derive(Debug, Clone)]
pub struct Gateway {
    /// The address to listen on; ` ssl` at its end makes it TLS.
    pub listen: String,
    /// The address of intake.
    pub intake: String,
    /// The address of status.
    pub status: String,
    /// The address of the portal.
    pub portal: String,
}

impl Gateway {
    /// Returns the deployed configuration, for a block `http`, with the public pages kept in a
    /// folder.
    #[must_use]
    pub fn configuration(&self, cache: &Path) -> String {
        DEPLOYED
            .replace("${LISTEN}", &self.listen)
            .replace("${INTAKE}", &self.intake)
            .replace("${STATUS}", &self.status)
            .replace("${PORTAL}", &self.portal)
            .replace("${FILES}", &files().to_string_lossy())
            .replace("${CACHE}", &cache.to_string_lossy())
    }
}

/// Returns the folder of the gateway's own page, shown while the portal is away.
fn files() -> PathBuf {
    folders::workspace().join("deploy/gateway")
}

impl System {
    pub(crate) fn gateway_spec(&self) -> Result<Spec> {
        let folder = self.folder.join("gateway");
        folders::create(&folder)?;
        let address = |part| {
            let url = self.url(part).unwrap_or_default();
            url.trim_start_matches("http://").to_owned()
        };
        let (listen, sites) = match self.tls_port() {
            Some(port) if self.memory.setup.three_sites => {
                let both = format!("{}; listen 127.0.0.1:{port} ssl", address(Part::Gateway));
                (both, self.sites()?)
            }
            _ => (address(Part::Gateway), String::new()),
        };
        let gateway = Gateway {
            listen,
            intake: address(Part::Intake),
            status: address(Part::Status),
            portal: address(Part::Portal),
        };
        let operators = self.console_url().unwrap_or_default();
        let console = CONSOLE
            .replace("${CONSOLE}", &address(Part::Console))
            .replace("${CONSOLE_LISTEN}", operators.trim_start_matches("http://"));
        // the gateway comes first: it answers at every host that no other server names
        let server = gateway.configuration(&folder.join("pages")) + &console + &sites;
        let file = folder.join("nginx.conf");
        let write = fs::write(&file, nginx::configuration(&folder, &server));
        write.map_err(Error::io(format!("write {}", file.display())))?;
        let mut spec = Spec::new(nginx::program())
            .arg("-p")
            .arg(&folder)
            .arg("-c")
            .arg(&file)
            .arg("-e")
            .arg(folder.join("error.log"));
        spec.made_of.push(file);
        Ok(spec)
    }
}
