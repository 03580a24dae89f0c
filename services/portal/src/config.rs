//! Configuration: options and environment variables.

use std::net::SocketAddr;
use std::path::PathBuf;

use url::Url;

/// The portal's configuration: each setting is an option or an environment variable.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    name = "portal",
    about = "Renders and serves the pages for citizens and intermediaries"
)]
pub struct Config {
    /// What the pages are made of.
    #[command(flatten)]
    pub site: SiteConfig,

    /// How the pages are served.
    #[command(flatten)]
    pub serve: ServeConfig,

    /// The command; `serve` where there is none.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the program does.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum Command {
    /// Serves the pages, and follows catalogue and assets while it runs
    Serve,
    /// Writes the pages into a folder, for any server of files
    Render {
        /// The folder; files of an earlier rendering are replaced
        folder: PathBuf,
    },
}

/// What the pages are made of.
#[derive(Debug, Clone, clap::Args)]
pub struct SiteConfig {
    /// Folder of the benefits' files.
    #[arg(long, env = "CATALOGUE")]
    pub catalogue: PathBuf,

    /// Folder of the built scripts, styles and fonts: services/portal/web/dist.
    #[arg(long, env = "ASSETS")]
    pub assets: PathBuf,

    /// Address under which browsers reach the pages: https://sportello.example.org.
    #[arg(long, env = "PUBLIC_URL")]
    pub public_url: Url,

    /// Address of intake as browsers reach it; empty where it is that of the pages.
    #[arg(long, env = "INTAKE_URL", default_value = "", value_parser = origin)]
    pub intake_url: String,

    /// Address of status as browsers reach it; empty where it is that of the pages.
    #[arg(long, env = "STATUS_URL", default_value = "", value_parser = origin)]
    pub status_url: String,

    /// The identity provider's issuer (OpenID Connect).
    #[arg(long, env = "ISSUER")]
    pub issuer: Url,

    /// The portal's id at the identity provider.
    #[arg(long, env = "CLIENT_ID", default_value = "portal")]
    pub client_id: String,

    /// The declaration of accessibility, as AgID publishes it: https://form.agid.gov.it/….
    #[arg(long, env = "ACCESSIBILITY_STATEMENT_URL")]
    pub accessibility_statement_url: Option<Url>,

    /// The office that answers for the pages.
    #[command(flatten)]
    pub office: Office,
}

/// The office that answers for the pages, and how to reach it.
#[derive(Debug, Clone, clap::Args)]
pub struct Office {
    /// Name of the office.
    #[arg(long = "office-name", env = "OFFICE_NAME", default_value = "Ente di esempio")]
    pub name: String,

    /// Telephone number of its help desk.
    #[arg(long = "office-phone", env = "OFFICE_PHONE")]
    pub phone: Option<String>,

    /// Mail address of its help desk.
    #[arg(long = "office-email", env = "OFFICE_EMAIL")]
    pub email: Option<String>,

    /// Mail address of its data protection officer.
    #[arg(long = "privacy-email", env = "PRIVACY_EMAIL")]
    pub privacy_email: Option<String>,
}

/// How the pages are served.
#[derive(Debug, Clone, clap::Args)]
pub struct ServeConfig {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8082")]
    pub listen: SocketAddr,

    /// Address of the health pages and metrics, for operators only; port 0 takes a free one.
    #[arg(long, env = "INTERNAL_ADDR", default_value = "127.0.0.1:9083")]
    pub internal_addr: SocketAddr,

    /// Folder in which the assets of earlier builds stay for seven days; without it only the
    /// current build is served.
    #[arg(long, env = "ASSETS_KEPT")]
    pub assets_kept: Option<PathBuf>,

    /// File in which the receipt keys stay as intake last published them; without it they are not
    /// known after a start until intake answers.
    #[arg(long, env = "KEYS_KEPT")]
    pub keys_kept: Option<PathBuf>,

    /// Address of intake as the portal reaches it, for its state and the receipt keys.
    #[arg(long, env = "INTAKE_INTERNAL_URL", default_value = "http://127.0.0.1:8080")]
    pub intake_internal_url: Url,

    /// Address of status as the portal reaches it, for the numbers of the page on progress.
    #[arg(long, env = "STATUS_INTERNAL_URL", default_value = "http://127.0.0.1:8081")]
    pub status_internal_url: Url,
}

/// Parses an origin as browsers write it, without a slash at its end; nothing for the same origin.
fn origin(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let url: Url = text.parse().map_err(|error| format!("{error}"))?;
    let is_web = matches!(url.scheme(), "http" | "https");
    if is_web && url.path() == "/" && url.query().is_none() && url.fragment().is_none() {
        Ok(url.origin().ascii_serialization())
    } else {
        Err("an origin is a scheme, a host and an optional port: https://api.example.org".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_no_path_and_may_be_empty() {
        assert_eq!(origin(""), Ok(String::new()));
        assert_eq!(
            origin("https://API.example.org/"),
            Ok("https://api.example.org".to_owned())
        );
        assert_eq!(origin("http://127.0.0.1:80"), Ok("http://127.0.0.1".to_owned()));
        for bad in [
            "api.example.org",
            "https://example.org/v1",
            "ftp://example.org",
            "https://example.org/?x",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }
}
