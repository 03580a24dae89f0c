//! All documents of a site: rendered at once, from a catalogue and a build's assets.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use sportello_catalogue::{Benefit, Catalogue};
use sportello_domain::{CatalogueVersion, Language};

use crate::assets::Assets;
use crate::config::SiteConfig;
use crate::document::{Document, MINUTE};
use crate::facts::Facts;
use crate::headers::SiteHeaders;
use crate::pages::{self, Frame};
use crate::place::Place;
use crate::progress::Numbers;

/// The documents by their path.
pub(crate) struct Site {
    documents: BTreeMap<String, Document>,
    not_found: Document,
    /// The security headers of its pages.
    pub(crate) headers: SiteHeaders,
    /// What the documents were made of, besides the assets.
    version: CatalogueVersion,
    benefits: Vec<Facts>,
}

impl Site {
    /// Renders all documents as they are at an instant.
    ///
    /// # Errors
    /// A benefit's document lacks what the pages say of it.
    pub(crate) fn render(
        config: &SiteConfig,
        catalogue: &Catalogue,
        assets: &Assets,
        at: Timestamp,
    ) -> Result<Self, serde_json::Error> {
        let benefits = Facts::of_all(catalogue, at)?;
        let mut documents = BTreeMap::new();
        let mut put = |path: &str, document| documents.insert(path.to_owned(), document);
        for place in places(&benefits) {
            for language in Language::ALL {
                let frame = Frame::new(config, assets, &benefits, language, place);
                let path = place.path(language);
                if let Some(alone) = pages::frame_alone(&frame) {
                    put(&format!("{path}frame/"), Document::page(alone));
                }
                put(&path, Document::page(pages::page(&frame)));
            }
        }
        let home = Frame::new(config, assets, &benefits, Language::Italian, Place::Home);
        put("/", Document::page(pages::page(&home)));
        put("/callback", Document::private_page(pages::callback(&home)));
        for benefit in &benefits {
            let path = format!("/data/benefits/{}.json", benefit.id);
            put(
                &path,
                Document::data(benefit.document.clone(), "application/json", MINUTE),
            );
        }
        put("/sitemap.xml", sitemap(config, &benefits));
        put("/robots.txt", robots(config));
        Ok(Self {
            not_found: Document::not_found(pages::not_found(&home)),
            headers: SiteHeaders::of(config, assets),
            documents,
            version: catalogue.version().clone(),
            benefits,
        })
    }

    /// Whether the documents still say how this catalogue is at an instant.
    pub(crate) fn is_current(&self, catalogue: &Catalogue, at: Timestamp) -> bool {
        let is_same = |(facts, benefit): (&Facts, &Arc<Benefit>)| facts.state == facts.state_of(benefit, at);
        self.version == *catalogue.version() && self.benefits.iter().zip(catalogue.benefits()).all(is_same)
    }

    /// Renders the page on progress with the last numbers, by its paths.
    pub(crate) fn progress_pages(
        &self,
        config: &SiteConfig,
        assets: &Assets,
        numbers: &Numbers,
    ) -> BTreeMap<String, Document> {
        let page = |language| {
            let frame = Frame::new(config, assets, &self.benefits, language, Place::Progress);
            let html = pages::page(&frame.with_numbers(numbers));
            (Place::Progress.path(language), Document::page_of_numbers(html))
        };
        Language::ALL.map(page).into()
    }

    /// Renders the page that checks receipts with the receipt keys in it, by its paths.
    pub(crate) fn check_pages(
        &self,
        config: &SiteConfig,
        assets: &Assets,
        keys: &Document,
    ) -> BTreeMap<String, Document> {
        let keys = String::from_utf8_lossy(&keys.content.plain);
        let page = |language| {
            let frame = Frame::new(config, assets, &self.benefits, language, Place::Check);
            let html = pages::page(&frame.with_keys(&keys));
            (Place::Check.path(language), Document::page(html))
        };
        Language::ALL.map(page).into()
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Document> {
        self.documents.get(path)
    }

    pub(crate) fn not_found(&self) -> &Document {
        &self.not_found
    }

    /// Returns the documents by the path of their file in a folder; some give way to others.
    pub(crate) fn files<'a>(
        &'a self,
        others: &'a BTreeMap<String, Document>,
    ) -> impl Iterator<Item = (String, &'a Document)> {
        let files = self.documents.iter().map(move |(path, document)| {
            let document = others.get(path).unwrap_or(document);
            let path = path.trim_start_matches('/');
            let file = match path.rsplit_once('/').map_or(path, |(_, last)| last) {
                "" => format!("{path}index.html"),
                last if last.contains('.') => path.to_owned(),
                _ => format!("{path}/index.html"),
            };
            (file, document)
        });
        files.chain([("404.html".to_owned(), &self.not_found)])
    }
}

/// Returns the pages that exist in every language.
fn places(benefits: &[Facts]) -> impl Iterator<Item = Place<'_>> {
    let of_benefits = benefits
        .iter()
        .flat_map(|benefit| [Place::Benefit(&benefit.id), Place::Apply(&benefit.id)]);
    Place::GENERAL.into_iter().chain(of_benefits)
}

/// Returns the list of pages for search engines, each with its other languages.
fn sitemap(config: &SiteConfig, benefits: &[Facts]) -> Document {
    let base = config.public_url.as_str().trim_end_matches('/');
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
         xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n"
        .to_owned();
    for place in places(benefits) {
        let others: String = Language::ALL
            .map(|language| {
                let (tag, path) = (language.tag(), place.path(language));
                format!("<xhtml:link rel=\"alternate\" hreflang=\"{tag}\" href=\"{base}{path}\"/>")
            })
            .concat();
        for language in Language::ALL {
            let path = place.path(language);
            text.push_str(&format!("<url><loc>{base}{path}</loc>{others}</url>\n"));
        }
    }
    text.push_str("</urlset>\n");
    Document::data(text, "application/xml", MINUTE)
}

fn robots(config: &SiteConfig) -> Document {
    let base = config.public_url.as_str().trim_end_matches('/');
    let text = format!("User-agent: *\nDisallow: /callback\nSitemap: {base}/sitemap.xml\n");
    Document::data(text, "text/plain; charset=utf-8", MINUTE)
}
