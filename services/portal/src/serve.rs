//! `portal serve`: the site from memory, following catalogue, assets and services.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use arc_swap::{ArcSwap, ArcSwapOption};
use jiff::Timestamp;
use sportello_catalogue::{BrokenCatalogue, LiveCatalogue};
use sportello_http::{Check, Health, ListenError, Problem, Server, Severity, endpoint};
use sportello_telemetry::Metrics;
use tokio::time::MissedTickBehavior;

use crate::assets::{Asset, Assets, AssetsError, Kept};
use crate::config::{Config, SiteConfig};
use crate::document::Document;
use crate::progress::Progress;
use crate::site::Site;

/// Interval between two looks at catalogue and assets.
const INTERVAL: Duration = Duration::from_secs(1);
/// How often the assets in use are noted as such.
const NOTED: Duration = Duration::from_hours(1);

/// Why the portal can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The catalogue can't be used.
    #[error(transparent)]
    Catalogue(#[from] BrokenCatalogue),
    /// The assets can't be used.
    #[error("ASSETS or ASSETS_KEPT: {0}")]
    Assets(#[from] AssetsError),
    /// A benefit's document lacks what the pages say of it.
    #[error("a benefit can't be shown: {0}")]
    Benefit(#[from] serde_json::Error),
    /// The client that asks intake and status can't be made.
    #[error("INTAKE_INTERNAL_URL or STATUS_INTERNAL_URL: {0}")]
    Client(#[from] reqwest::Error),
    /// The address is in use or does not belong to this machine.
    #[error(transparent)]
    Listen(#[from] ListenError),
}

/// The parts of the portal, ready to run.
pub struct PortalService {
    server: Server,
    portal: Data<Portal>,
    progress: Data<Progress>,
    health: Health,
}

/// What is served now.
struct Portal {
    config: SiteConfig,
    catalogue: LiveCatalogue,
    site: ArcSwap<Site>,
    /// The page on progress, with the last numbers.
    progress_pages: ArcSwap<BTreeMap<String, Document>>,
    with_keys: ArcSwap<Checks>,
    progress: Data<Progress>,
    assets: ArcSwap<Assets>,
    /// The assets of the current build and of earlier ones, by name.
    files: ArcSwap<BTreeMap<String, Document>>,
    kept: Kept,
    /// Whether the folder of the assets can't be used now.
    broken: AtomicBool,
    told: ArcSwapOption<String>,
}

/// The page that checks receipts, with the receipt keys in it.
struct Checks {
    /// The keys; without them the site's own page is served.
    keys: Option<Arc<Document>>,
    pages: BTreeMap<String, Document>,
}

impl Checks {
    fn of(site: &Site, config: &SiteConfig, assets: &Assets, keys: Option<Arc<Document>>) -> Self {
        let pages = keys.as_ref().map(|keys| site.check_pages(config, assets, keys));
        Self {
            pages: pages.unwrap_or_default(),
            keys,
        }
    }

    fn have(&self, keys: Option<&Arc<Document>>) -> bool {
        match (&self.keys, keys) {
            (Some(shown), Some(known)) => Arc::ptr_eq(shown, known),
            (None, None) => true,
            _ => false,
        }
    }
}

impl PortalService {
    /// Builds the parts, and renders the site. To be called on a tokio runtime.
    ///
    /// # Errors
    /// [`StartError`] names the wrong setting.
    pub fn build(config: Config, metrics: Option<Metrics>) -> Result<Self, StartError> {
        let serve = config.serve;
        let server = Server::bind(serve.listen, serve.internal_addr)?;
        let catalogue = LiveCatalogue::start(config.site.catalogue.clone())?;
        let assets = Assets::load(&config.site.assets)?;
        let kept = Kept::in_folder(serve.assets_kept.clone());
        let files = documents(&assets, &kept)?;
        let site = Site::render(&config.site, &catalogue.current(), &assets, Timestamp::now())?;
        let progress = Data::new(Progress::new(&serve, catalogue.clone())?);
        let progress_pages = site.progress_pages(&config.site, &assets, &progress.numbers());
        let with_keys = Checks::of(&site, &config.site, &assets, progress.keys());
        let portal = Portal {
            config: config.site,
            catalogue,
            site: ArcSwap::from_pointee(site),
            progress_pages: ArcSwap::from_pointee(progress_pages),
            with_keys: ArcSwap::from_pointee(with_keys),
            progress: progress.clone(),
            assets: ArcSwap::from_pointee(assets),
            files: ArcSwap::from_pointee(files),
            kept,
            broken: AtomicBool::new(false),
            told: ArcSwapOption::empty(),
        };
        let portal = Data::new(portal);
        let health = Health::new(checks(&portal, &progress), metrics);
        Ok(Self {
            server,
            portal,
            progress,
            health,
        })
    }

    /// Returns the address that the portal listens on.
    ///
    /// # Errors
    /// The system can't report the address.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.server.address()
    }

    /// Returns the address of the health pages and metrics.
    ///
    /// # Errors
    /// The system can't report the address.
    pub fn internal_address(&self) -> io::Result<SocketAddr> {
        self.server.internal_address()
    }

    /// Serves until `stop` ends, then finishes the requests in flight.
    ///
    /// # Errors
    /// The server can't start, or stopped by itself.
    pub async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let (portal, progress) = (self.portal, self.progress);
        let following = tokio::spawn(follow(portal.clone().into_inner()));
        let asking = tokio::spawn(progress.clone().into_inner().follow());
        let routes = move |config: &mut ServiceConfig| {
            config
                .app_data(portal.clone())
                .app_data(progress.clone())
                .configure(routes);
        };
        let ended = self.server.run(self.health, routes, stop).await;
        following.abort();
        asking.abort();
        ended
    }
}

/// Every address has `GET` and `HEAD` only.
fn routes(config: &mut ServiceConfig) {
    config
        .service(endpoint::get("/assets/{name}", asset))
        .service(endpoint::get("/data/progress.json", progress_numbers))
        .service(endpoint::get("/data/keys.json", receipt_keys))
        .service(endpoint::get("/data/{name:.*}", data))
        .service(endpoint::get("/{page:.*}", page));
}

async fn page(request: HttpRequest, portal: Data<Portal>) -> HttpResponse {
    let (site, path) = (portal.site.load(), request.path());
    let (with_numbers, with_keys) = (portal.progress_pages.load(), portal.with_keys.load());
    let of_now = with_numbers.get(path).or_else(|| with_keys.pages.get(path));
    if let Some(document) = of_now.or_else(|| site.get(path)) {
        return document.answer(&request, &site.headers);
    }
    let with_slash = format!("{path}/");
    if site.get(&with_slash).is_some() {
        return HttpResponse::PermanentRedirect()
            .insert_header((LOCATION, with_slash))
            .finish();
    }
    site.not_found().answer(&request, &site.headers)
}

async fn data(request: HttpRequest, portal: Data<Portal>) -> Result<HttpResponse, Problem> {
    let site = portal.site.load();
    let document = site.get(request.path()).ok_or(Problem::NotFound)?;
    Ok(document.answer(&request, &site.headers))
}

/// Answers an unknown name with a `404` that no cache keeps, never with a page.
async fn asset(
    request: HttpRequest,
    portal: Data<Portal>,
    name: Path<String>,
) -> Result<HttpResponse, Problem> {
    let files = portal.files.load();
    let document = files.get(name.as_str()).ok_or(Problem::NotFound)?;
    Ok(document.answer(&request, &portal.site.load().headers))
}

async fn progress_numbers(
    request: HttpRequest,
    portal: Data<Portal>,
    progress: Data<Progress>,
) -> HttpResponse {
    progress.report().answer(&request, &portal.site.load().headers)
}

async fn receipt_keys(
    request: HttpRequest,
    portal: Data<Portal>,
    progress: Data<Progress>,
) -> Result<HttpResponse, Problem> {
    let keys = progress.keys().ok_or(Problem::Unavailable { retry_after: 5 })?;
    Ok(keys.answer(&request, &portal.site.load().headers))
}

/// Renders the site again when the catalogue, the assets or what is open has changed.
async fn follow(portal: Arc<Portal>) {
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut noted = Instant::now();
    loop {
        ticks.tick().await;
        let is_due = noted.elapsed() >= NOTED;
        if is_due {
            noted = Instant::now();
        }
        let looking = Arc::clone(&portal);
        // a panic there is a bug of this crate: it is logged, and the pages stay
        if let Err(error) = tokio::task::spawn_blocking(move || looking.look(is_due)).await {
            tracing::error!(%error, "the pages could not be rendered");
        }
    }
}

impl Portal {
    fn look(&self, is_due: bool) {
        let result = self.refresh(is_due).map_err(|error| error.to_string());
        self.broken.store(result.is_err(), Ordering::Relaxed);
        let told = result.err().map(Arc::new);
        if let Some(error) = told
            .as_ref()
            .filter(|error| self.told.load().as_ref() != Some(*error))
        {
            tracing::error!(%error, "the pages can't be rendered again: the previous ones stay");
        }
        self.told.store(told);
    }

    fn refresh(&self, is_due: bool) -> Result<(), StartError> {
        let (catalogue, at) = (self.catalogue.current(), Timestamp::now());
        let assets = self.assets.load_full();
        let is_new = !assets.is_build_of(&self.config.assets)?;
        let assets = if is_new {
            Arc::new(Assets::load(&self.config.assets)?)
        } else {
            assets
        };
        if is_new || is_due {
            self.files.store(Arc::new(documents(&assets, &self.kept)?));
        }
        let is_rendered = is_new || !self.site.load().is_current(&catalogue, at);
        let site = if is_rendered {
            Arc::new(Site::render(&self.config, &catalogue, &assets, at)?)
        } else {
            self.site.load_full()
        };
        let pages = site.progress_pages(&self.config, &assets, &self.progress.numbers());
        let keys = self.progress.keys();
        if is_rendered || !self.with_keys.load().have(keys.as_ref()) {
            let with_keys = Checks::of(&site, &self.config, &assets, keys);
            self.with_keys.store(Arc::new(with_keys));
        }
        self.progress_pages.store(Arc::new(pages));
        if is_rendered {
            // right behind those: the headers name the digest of their styles
            self.site.store(site);
            self.assets.store(assets);
            tracing::info!(version = %catalogue.version(), "the pages are rendered again");
        }
        Ok(())
    }
}

/// Returns the assets to serve: an earlier build's never replaces one of the current build.
fn documents(assets: &Assets, kept: &Kept) -> Result<BTreeMap<String, Document>, AssetsError> {
    let earlier = kept.keep(assets)?;
    let all = earlier.iter().chain(assets.files());
    let document =
        |(name, content): (&String, &Asset)| (name.clone(), Document::asset(name, content.clone()));
    Ok(all.map(document).collect())
}

fn checks(portal: &Data<Portal>, progress: &Data<Progress>) -> Vec<Check> {
    let catalogue = portal.catalogue.clone();
    let portal = portal.clone();
    let (intake, status) = (progress.clone(), progress.clone());
    vec![
        Check::of(
            "catalogue",
            Severity::Warning,
            move || !catalogue.broken(),
            "the catalogue has mistakes, and the previous version stays in use: the log lists them",
        ),
        Check::of(
            "pages",
            Severity::Warning,
            move || !portal.broken.load(Ordering::Relaxed),
            "the pages can't be rendered again, and the previous ones stay: the log says why",
        ),
        Check::of(
            "intake",
            Severity::Warning,
            move || intake.intake_answers(),
            "intake does not take applications: the pages say that sending waits",
        ),
        Check::of(
            "status",
            Severity::Warning,
            move || status.status_answers(),
            "status does not answer: the page on progress shows the last numbers",
        ),
    ]
}
