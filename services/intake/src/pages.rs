//! The pages of the catalogue: the same bytes for every caller, rendered once for each version.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETag, EntityTag, Header as _, IfNoneMatch,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use arc_swap::ArcSwap;
use serde::Serialize;
use serde_json::{Value, json};
use sportello_catalogue::{BatchTemplate, Benefit, Catalogue, LiveCatalogue};
use sportello_domain::{BenefitId, CatalogueVersion, CategoryId, Violation};
use utoipa::IntoParams;

/// Makes the OpenAPI document of a catalogue.
type RenderOpenapi = fn(&Catalogue) -> Value;

/// The version that the caller already has.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header in the OpenAPI document")]
pub(crate) struct ApiDocIfNoneMatch {
    /// `ETag` of the caller's version: the answer is `304` where it is still current.
    #[param(rename = "If-None-Match", max_length = 1000, pattern = "^[ -~]+$")]
    if_none_match: Option<String>,
}

/// The pages of the current catalogue.
pub(crate) struct Pages {
    catalogue: LiveCatalogue,
    render_openapi: RenderOpenapi,
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
    /// `/v1/benefits/{id}/batch-template`
    pub(crate) templates: HashMap<BenefitId, Templates>,
}

/// The templates of a benefit: one for each category, or a single one.
pub(crate) struct Templates {
    benefit: Arc<Benefit>,
    pages: Vec<(Option<CategoryId>, Page)>,
}

impl Pages {
    /// Renders the pages of the current catalogue, with the OpenAPI document of `render_openapi`.
    pub(crate) fn new(catalogue: LiveCatalogue, render_openapi: RenderOpenapi) -> Self {
        let rendered = ArcSwap::from_pointee(Rendered::of(&catalogue.current(), render_openapi));
        Self {
            catalogue,
            render_openapi,
            rendered,
        }
    }

    pub(crate) fn current(&self) -> Arc<Rendered> {
        let catalogue = self.catalogue.current();
        let rendered = self.rendered.load_full();
        if rendered.version == *catalogue.version() {
            return rendered;
        }
        let rendered = Arc::new(Rendered::of(&catalogue, self.render_openapi));
        self.rendered.store(Arc::clone(&rendered));
        rendered
    }
}

impl Rendered {
    fn of(catalogue: &Catalogue, render_openapi: RenderOpenapi) -> Self {
        let benefit = catalogue.benefits();
        let benefit = benefit.map(|benefit| (benefit.id().clone(), Page::of(&benefit.document())));
        let templates = catalogue.benefits();
        let templates = templates.map(|benefit| (benefit.id().clone(), Templates::of(benefit)));
        Self {
            version: catalogue.version().clone(),
            api_doc: Page::of(&render_openapi(catalogue)),
            benefits: Page::of(&catalogue.summaries()),
            benefit: benefit.collect(),
            templates: templates.collect(),
        }
    }
}

impl Templates {
    fn of(benefit: &Arc<Benefit>) -> Self {
        let pages = benefit.forms().filter_map(|(category, _)| {
            let template = benefit.batch_template(category).ok()?;
            let words = [Some(benefit.id().as_str()), category.map(CategoryId::as_str)];
            let words: Vec<&str> = words.into_iter().flatten().collect();
            let page = Page::csv(&words.join("-"), csv_file(&template));
            Some((category.cloned(), page))
        });
        Self {
            pages: pages.collect(),
            benefit: Arc::clone(benefit),
        }
    }

    /// Returns the template of a category, or a violation where there is none.
    pub(crate) fn get(&self, category: Option<&CategoryId>) -> Result<&Page, Violation> {
        let mut pages = self.pages.iter();
        let page = pages.find(|(other, _)| other.as_ref() == category);
        page.map(|(_, page)| page).ok_or_else(|| {
            let violation = self.benefit.batch_template(category).err();
            violation.unwrap_or_else(|| Violation::required(["category"]))
        })
    }
}

/// A page that any cache may keep for a minute.
pub(crate) struct Page {
    body: Bytes,
    tag: EntityTag,
    media_type: &'static str,
    /// `Content-Disposition`, where the page is a file.
    disposition: Option<String>,
}

impl Page {
    fn of(document: &impl Serialize) -> Self {
        Self::new(json!(document).to_string(), "application/json", None)
    }

    /// Makes a file of rows; `name` lacks the extension.
    fn csv(name: &str, rows: String) -> Self {
        let disposition = format!("attachment; filename=\"{name}.csv\"");
        Self::new(rows, "text/csv; charset=utf-8", Some(disposition))
    }

    fn new(body: String, media_type: &'static str, disposition: Option<String>) -> Self {
        let body = Bytes::from(body);
        // computed from the bytes, since they also depend on the program's version
        let tag = EntityTag::new_strong(CatalogueVersion::of(&body).to_string());
        Self {
            body,
            tag,
            media_type,
            disposition,
        }
    }

    /// Returns the page, or `304` where the caller has it (RFC 9110, section 13.1.2).
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
        if let Some(disposition) = &self.disposition {
            answer.insert_header((CONTENT_DISPOSITION, disposition.as_str()));
        }
        answer
            .insert_header((CONTENT_TYPE, self.media_type))
            .body(self.body.clone())
    }
}

/// Returns the file: a byte order mark, without which office programs assume another encoding, and
/// semicolons, which they expect in Italy.
fn csv_file(template: &BatchTemplate) -> String {
    let rows = [&template.columns, &template.example];
    let rows = rows.map(|cells| {
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        cells.join(";")
    });
    format!("\u{feff}{}\r\n", rows.join("\r\n"))
}

fn quoted(cell: &str) -> String {
    if cell.starts_with(' ') || cell.contains(['"', ';', ',', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
