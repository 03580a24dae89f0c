//! The security headers of the page.

use actix_web::HttpResponseBuilder;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};
use sportello_assets::Assets;
use url::Url;

const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");
const PERMITTED: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";

/// The headers of the page, besides those that every answer of the HTTP edge has.
#[derive(Debug)]
pub(crate) struct Policy(HeaderValue);

impl Policy {
    /// Returns the policy (CSP, level 3): no script inline, nothing from elsewhere, no text becomes
    /// markup but through the templates of lit-html. The script may call the API and the identity
    /// provider.
    pub(crate) fn of(issuer: &Url, assets: &Assets) -> Self {
        let issuer = issuer.origin().ascii_serialization();
        let styles = BASE64_STANDARD.encode(Sha256::digest(assets.styles()));
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-{styles}'; \
             font-src 'self'; img-src 'self' data:; connect-src 'self' {issuer}; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
             trusted-types lit-html"
        );
        // origins and digests are plain ASCII
        Self(HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'")))
    }

    pub(crate) fn put(&self, answer: &mut HttpResponseBuilder) {
        answer
            .insert_header((CONTENT_SECURITY_POLICY, self.0.clone()))
            .insert_header((OPENER, "same-origin"))
            .insert_header((PERMISSIONS, PERMITTED));
    }
}
