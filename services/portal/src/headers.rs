//! The security headers of pages.

use actix_web::HttpResponseBuilder;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

use crate::assets::Assets;
use crate::config::SiteConfig;

const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const SAME_ORIGIN: &str = "same-origin";
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");
const PERMITTED: &str = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()";

/// The headers of pages, besides those that every answer of the HTTP edge has.
#[derive(Debug, Clone)]
pub(crate) struct SiteHeaders {
    policy: HeaderValue,
}

impl SiteHeaders {
    /// Returns the headers of pages with these assets.
    pub(crate) fn of(config: &SiteConfig, assets: &Assets) -> Self {
        let policy = HeaderValue::try_from(content_security_policy(config, assets));
        // origins and digests are plain ASCII
        let policy = policy.unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Self { policy }
    }

    /// Returns the names and values, for servers of files.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        let policy = self.policy.to_str().unwrap_or_default();
        let all = [
            (CONTENT_SECURITY_POLICY, policy),
            (OPENER, SAME_ORIGIN),
            (PERMISSIONS, PERMITTED),
        ];
        all.map(|(name, value)| format!("{name}: {value}")).into_iter()
    }

    pub(crate) fn put(&self, answer: &mut HttpResponseBuilder) {
        answer
            .insert_header((CONTENT_SECURITY_POLICY, self.policy.clone()))
            .insert_header((OPENER, SAME_ORIGIN))
            .insert_header((PERMISSIONS, PERMITTED));
    }
}

/// Returns the policy (CSP, level 3): no script inline, nothing from elsewhere, no text becomes
/// markup but through the templates of lit-html. The styles in the page are known by their digest.
/// Scripts may call the API and the identity provider.
fn content_security_policy(config: &SiteConfig, assets: &Assets) -> String {
    let issuer = config.issuer.origin().ascii_serialization();
    let mut connect = vec!["'self'"];
    for origin in [&config.intake_url, &config.status_url, &issuer] {
        if !origin.is_empty() && !connect.contains(&origin.as_str()) {
            connect.push(origin);
        }
    }
    let connect = connect.join(" ");
    let styles = BASE64_STANDARD.encode(Sha256::digest(assets.styles()));
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-{styles}'; font-src 'self'; \
         img-src 'self' data:; connect-src {connect}; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html"
    )
}
