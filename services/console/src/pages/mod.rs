//! The operators' page: an empty frame, the same for everybody, whose script calls the API.
//!
//! Nothing here knows an operator: the script (`services/portal/web/src/console`) signs them in at
//! the identity provider. The page has an origin of its own, which no page of citizens shares.

mod frame;
mod policy;

use std::collections::BTreeMap;
use std::path::PathBuf;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, LOCATION, VARY};
use actix_web::web::{Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use sportello_assets::{Assets, media_type};
use sportello_domain::Language;
use sportello_http::{Problem, endpoint};
use url::Url;

pub use sportello_assets::AssetsError;

use policy::Policy;

/// The page's settings.
#[derive(Debug, Clone, clap::Args)]
pub struct PagesConfig {
    /// Folder of the built scripts, styles and fonts: services/portal/web/dist. Without it the
    /// console has its API alone.
    #[arg(long, env = "ASSETS", requires = "issuer")]
    pub assets: Option<PathBuf>,

    /// The identity provider's issuer (OpenID Connect), at which operators sign in.
    #[arg(long, env = "ISSUER")]
    pub issuer: Option<Url>,

    /// The console's id at the identity provider.
    #[arg(long, env = "CLIENT_ID", default_value = "console")]
    pub client_id: String,

    /// Name of the office.
    #[arg(long, env = "OFFICE_NAME", default_value = "Ente di esempio")]
    pub office_name: String,
}

/// The languages of the page; Italian is that of the address `/`.
const LANGUAGES: [Language; 2] = [Language::Italian, Language::English];

/// What the pages name.
const NEEDED: [&str; 5] = [
    "console.js",
    "callback.js",
    "main.css",
    "console.css",
    "icons.svg",
];

/// The pages by their path, and what they load.
#[derive(Debug)]
pub(crate) struct Pages {
    pages: BTreeMap<String, String>,
    assets: Assets,
    policy: Policy,
}

impl Pages {
    /// Renders the pages; `None` where the settings name no assets.
    ///
    /// # Errors
    /// [`AssetsError`], where the folder is not a whole build.
    pub(crate) fn load(config: &PagesConfig) -> Result<Option<Self>, AssetsError> {
        let (Some(folder), Some(issuer)) = (&config.assets, &config.issuer) else {
            return Ok(None);
        };
        let assets = Assets::load(folder)?.with(&NEEDED)?;
        let page = |language| {
            let html = frame::console(config, issuer, &assets, language);
            (path(language), html)
        };
        let mut pages = BTreeMap::from(LANGUAGES.map(page));
        pages.insert("/callback".to_owned(), frame::callback(&assets));
        let policy = Policy::of(issuer, &assets);
        Ok(Some(Self {
            pages,
            assets,
            policy,
        }))
    }
}

/// Returns the address of the page in a language.
fn path(language: Language) -> String {
    format!("/{}/", language.tag())
}

/// Every address of the page. To be configured where [`Pages::load`] returned some.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(endpoint::get("/", home))
        .service(endpoint::get("/it/", page))
        .service(endpoint::get("/en/", page))
        .service(endpoint::get("/callback", page))
        .service(endpoint::get("/assets/{name}", asset));
}

async fn home() -> HttpResponse {
    HttpResponse::Found()
        .insert_header((LOCATION, path(Language::Italian)))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .finish()
}

async fn page(request: HttpRequest, pages: Data<Pages>) -> Result<HttpResponse, Problem> {
    let html = pages.pages.get(request.path()).ok_or(Problem::NotFound)?;
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        // names of scripts change with each version
        .insert_header((CACHE_CONTROL, "no-cache"));
    pages.policy.put(&mut answer);
    Ok(answer.body(html.clone()))
}

async fn asset(
    request: HttpRequest,
    pages: Data<Pages>,
    name: Path<String>,
) -> Result<HttpResponse, Problem> {
    let asset = pages.assets.files().get(&*name).ok_or(Problem::NotFound)?;
    let (coding, content) = asset.accepted(&request);
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((CONTENT_TYPE, media_type(&name)))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((VARY, "Accept-Encoding"));
    if let Some(coding) = coding {
        answer.insert_header((CONTENT_ENCODING, coding));
    }
    Ok(answer.body(content))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        pages: PagesConfig,
    }

    fn config(folder: &std::path::Path) -> PagesConfig {
        let folder = folder.display().to_string();
        let options = [
            "console",
            "--assets",
            &folder,
            "--issuer",
            "https://id.example.org/",
            "--office-name",
            "A & B",
        ];
        Program::parse_from(options).pages
    }

    fn build() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            (
                "manifest.json",
                r#"{"console.js":"console.A.js","callback.js":"callback.A.js","main.css":"main.A.css",
                    "console.css":"console.A.css","icons.svg":"icons.A.svg","f.woff2":"f.A.woff2"}"#,
            ),
            ("console.A.js", "1"),
            ("console.A.js.br", "b"),
            ("callback.A.js", "2"),
            ("main.A.css", "a{src:url(f.A.woff2)}"),
            ("console.A.css", "b{}"),
            ("icons.A.svg", "<svg/>"),
            ("f.A.woff2", "f"),
        ];
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        folder
    }

    #[test]
    fn each_language_has_a_page_with_its_script_and_settings() {
        let folder = build();
        let pages = Pages::load(&config(folder.path())).unwrap().unwrap();
        for (path, word) in [("/it/", "Lettere morte"), ("/en/", "Dead letters")] {
            let page = &pages.pages[path];
            assert!(page.contains(word), "{path}");
            assert!(page.contains(r#"src="/assets/console.A.js""#), "{path}");
            assert!(page.contains(r#""issuer":"https://id.example.org""#), "{path}");
            assert!(page.contains("A &amp; B"), "{path}");
            assert!(page.contains("url(/assets/f.A.woff2)"), "{path}");
        }
        assert!(pages.pages["/callback"].contains("/assets/callback.A.js"));
    }

    #[test]
    fn the_policy_allows_no_inline_script_and_nothing_from_elsewhere() {
        let folder = build();
        let pages = Pages::load(&config(folder.path())).unwrap().unwrap();
        let mut answer = HttpResponse::Ok();
        pages.policy.put(&mut answer);
        let answer = answer.finish();
        let policy = answer.headers().get("content-security-policy").unwrap();
        let policy = policy.to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{policy}"
        );
        assert!(
            policy.contains("connect-src 'self' https://id.example.org;"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
    }

    #[test]
    fn without_assets_there_is_no_page() {
        let config = Program::parse_from(["console"]).pages;
        assert!(Pages::load(&config).unwrap().is_none());
        let folder = tempfile::tempdir().unwrap();
        let config = self::config(folder.path());
        let error = Pages::load(&config).unwrap_err();
        assert!(error.to_string().contains("npm run build"), "{error}");
    }
}
