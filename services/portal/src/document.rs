//! A document as it is served: from memory, plain and compressed, with its version.

use std::io::Write as _;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETag, EntityTag, Header as _, IfNoneMatch, VARY,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use flate2::Compression;
use flate2::write::GzEncoder;
use sportello_domain::CatalogueVersion;

use crate::assets::{Asset, media_type};
use crate::headers::SiteHeaders;

/// Pages and forms: a cache may keep them for a minute, and show them for a day while the portal
/// does not answer.
pub(crate) const MINUTE: &str = "public, max-age=60, stale-if-error=86400";
/// The numbers of the page on progress.
pub(crate) const TEN_SECONDS: &str = "public, max-age=10, stale-if-error=86400";
/// Assets, whose name changes with their content.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// A document, ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) content: Asset,
    media_type: &'static str,
    cache: &'static str,
    status: StatusCode,
    tag: EntityTag,
    is_page: bool,
}

impl Document {
    /// Makes a page.
    pub(crate) fn page(html: String) -> Self {
        let content = compressed(html.into());
        Self {
            is_page: true,
            ..Self::new(content, "text/html; charset=utf-8", MINUTE)
        }
    }

    /// Makes the page with the last numbers.
    pub(crate) fn page_of_numbers(html: String) -> Self {
        Self {
            cache: TEN_SECONDS,
            ..Self::page(html)
        }
    }

    /// Makes a page that no cache may keep: its address holds what is only for one visitor.
    pub(crate) fn private_page(html: String) -> Self {
        Self {
            cache: "no-store",
            ..Self::page(html)
        }
    }

    /// Makes the page for addresses that do not exist.
    pub(crate) fn not_found(html: String) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            ..Self::private_page(html)
        }
    }

    /// Makes a document for programs.
    pub(crate) fn data(content: String, media_type: &'static str, cache: &'static str) -> Self {
        Self::new(compressed(content.into()), media_type, cache)
    }

    /// Makes a script, a style or a font.
    pub(crate) fn asset(name: &str, content: Asset) -> Self {
        Self::new(content, media_type(name), FOREVER)
    }

    fn new(content: Asset, media_type: &'static str, cache: &'static str) -> Self {
        // weak: the same for the plain and the compressed form (RFC 9110, section 8.8.1)
        let tag = EntityTag::new_weak(CatalogueVersion::of(&content.plain).to_string());
        Self {
            content,
            media_type,
            cache,
            status: StatusCode::OK,
            tag,
            is_page: false,
        }
    }

    /// Returns the answer, or `304` where the caller has this version.
    pub(crate) fn answer(&self, request: &HttpRequest, headers: &SiteHeaders) -> HttpResponse {
        let known = self.status == StatusCode::OK && is_known(request, &self.tag);
        let status = if known {
            StatusCode::NOT_MODIFIED
        } else {
            self.status
        };
        let mut answer = HttpResponseBuilder::new(status);
        answer
            .insert_header((CACHE_CONTROL, self.cache))
            .insert_header(ETag(self.tag.clone()))
            .insert_header((VARY, "Accept-Encoding"));
        if self.is_page {
            headers.put(&mut answer);
        }
        if known {
            return answer.finish();
        }
        answer.insert_header((CONTENT_TYPE, self.media_type));
        let (coding, body) = self.content.accepted(request);
        if let Some(coding) = coding {
            answer.insert_header((CONTENT_ENCODING, coding));
        }
        answer.body(body)
    }
}

/// Whether the caller has this version (RFC 9110, section 13.1.2).
fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

/// Compresses a text once, for all callers.
fn compressed(text: Bytes) -> Asset {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    // writing into memory can't fail; without a compressed form the plain one is sent
    let written = gzip.write_all(&text).and_then(|()| gzip.finish());
    Asset {
        plain: text,
        brotli: None,
        gzip: written.ok().map(Bytes::from),
    }
}
