//! What intake shows of the catalogue: the same bytes for everybody, rendered once for each version.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETag, EntityTag, Header as _, IfNoneMatch};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use arc_swap::ArcSwap;
use serde_json::{Value, json};
use sportello_catalogue::{Catalogue, LiveCatalogue};
use sportello_domain::{BenefitId, CatalogueVersion};

/// The pages of the catalogue as it is now.
pub(crate) struct Pages {
    catalogue: LiveCatalogue,
    rendered: ArcSwap<Rendered>,
}

/// The pages of one version.
pub(crate) struct Rendered {
    version: CatalogueVersion,
    /// `/openapi.json`
    pub(crate) api_doc: Page,
    /// `/v1/benefits`
    pub(crate) benefits: Page,
    /// `/v1/benefits/{id}`
    pub(crate) benefit: HashMap<BenefitId, Page>,
}

impl Pages {
    pub(crate) fn new(catalogue: LiveCatalogue) -> Self {
        let rendered = ArcSwap::from_pointee(Rendered::of(&catalogue.current()));
        Self { catalogue, rendered }
    }

    pub(crate) fn current(&self) -> Arc<Rendered> {
        let catalogue = self.catalogue.current();
        let rendered = self.rendered.load_full();
        if rendered.version == *catalogue.version() {
            return rendered;
        }
        let rendered = Arc::new(Rendered::of(&catalogue));
        self.rendered.store(Arc::clone(&rendered));
        rendered
    }
}

impl Rendered {
    fn of(catalogue: &Catalogue) -> Self {
        let items: Vec<Value> = catalogue.benefits().map(|benefit| benefit.summary()).collect();
        let benefit = catalogue.benefits();
        let benefit = benefit.map(|benefit| (benefit.id().clone(), Page::of(&benefit.document())));
        Self {
            version: catalogue.version().clone(),
            api_doc: Page::of(&crate::api_doc::api_doc(catalogue)),
            benefits: Page::of(&json!({ "items": items })),
            benefit: benefit.collect(),
        }
    }
}

/// A JSON document that anybody may keep for a minute.
pub(crate) struct Page {
    body: Bytes,
    tag: EntityTag,
}

impl Page {
    fn of(document: &Value) -> Self {
        let body = Bytes::from(document.to_string());
        // of the bytes, which also follow the program's version
        let tag = EntityTag::new_strong(CatalogueVersion::of(&body).to_string());
        Self { body, tag }
    }

    /// The page, or `304` where the caller has it (RFC 9110, section 13.1.2).
    pub(crate) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let known = match IfNoneMatch::parse(request) {
            Ok(IfNoneMatch::Any) => true,
            Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|tag| tag.weak_eq(&self.tag)),
            Err(_) => false,
        };
        let mut answer = if known {
            HttpResponse::NotModified()
        } else {
            HttpResponse::Ok()
        };
        answer
            .insert_header(ETag(self.tag.clone()))
            .insert_header((CACHE_CONTROL, "public, max-age=60"));
        if known {
            return answer.finish();
        }
        answer
            .insert_header((CONTENT_TYPE, "application/json"))
            .body(self.body.clone())
    }
}
