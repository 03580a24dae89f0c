//! The security headers of pages.

use actix_web::HttpResponseBuilder;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, InvalidHeaderValue};

use crate::config::SiteConfig;

const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

/// The headers of pages, besides those that every answer of the HTTP edge has.
#[derive(Debug, Clone)]
pub(crate) struct SiteHeaders {
    policy: HeaderValue,
}

impl SiteHeaders {
    pub(crate) fn of(config: &SiteConfig) -> Result<Self, InvalidHeaderValue> {
        let policy = HeaderValue::try_from(content_security_policy(config))?;
        Ok(Self { policy })
    }

    pub(crate) fn put(&self, answer: &mut HttpResponseBuilder) {
        answer
            .insert_header((CONTENT_SECURITY_POLICY, self.policy.clone()))
            .insert_header((OPENER, "same-origin"))
            .insert_header((
                PERMISSIONS,
                "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
            ));
    }
}

/// Returns the policy (CSP, level 3): nothing inline, nothing from elsewhere, no text becomes
/// markup but through the templates of lit-html. Scripts may call the API and the identity
/// provider.
fn content_security_policy(config: &SiteConfig) -> String {
    let issuer = config.issuer.origin().ascii_serialization();
    let mut connect = vec!["'self'"];
    for origin in [&config.intake_url, &config.status_url, &issuer] {
        if !origin.is_empty() && !connect.contains(&origin.as_str()) {
            connect.push(origin);
        }
    }
    let connect = connect.join(" ");
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; \
         connect-src {connect}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types lit-html"
    )
}
