//! How pages and assets are served: headers, caches, compression, builds before this one.

use std::fs;

use sportello_testkit::assert_methods;

use crate::support::{Portal, WITHIN, assets_in, write_build};

#[tokio::test(flavor = "multi_thread")]
async fn every_page_forbids_what_it_does_not_need() {
    let settings = [
        ("INTAKE_URL", "https://api.example:8443/"),
        ("STATUS_URL", "https://status.example"),
    ];
    let portal = Portal::start_with(&settings).await;
    for path in [
        "/",
        "/it/",
        "/en/benefits/indemnity-march-2020/apply/",
        "/callback",
        "/nowhere",
    ] {
        let answer = portal.service.get(path).await;
        let headers = answer.headers();
        assert_eq!(
            headers["content-security-policy"],
            "default-src 'none'; script-src 'self'; \
             style-src 'self' 'sha256-NHBiB8H5ubg61NqCUiT+dzja9QmxGTq8HRwP30d14cw='; \
             font-src 'self'; img-src 'self' data:; \
             connect-src 'self' https://api.example:8443 https://status.example https://login.example; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
             require-trusted-types-for 'script'; trusted-types lit-html",
            "{path}"
        );
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert!(
            headers["permissions-policy"]
                .to_str()
                .unwrap()
                .contains("geolocation=()"),
            "{path}"
        );
        assert!(!headers.contains_key("set-cookie"), "{path}");
        let page = answer.text().await.unwrap();
        // what the digest is of
        assert_eq!(page.matches("<style>main.css of A</style>").count(), 1, "{path}");
        for inline in [" style=", "<script>", " onclick=", "javascript:"] {
            assert!(!page.contains(inline), "{path}: {inline}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_kept_for_a_minute_and_sent_again_only_when_they_changed() {
    let portal = Portal::start().await;
    let get = |name: &'static str, value: String| {
        let request = portal
            .service
            .client()
            .get(format!("{}/it/", portal.service.url()));
        async move { request.header(name, value).send().await.unwrap() }
    };
    let plain = portal.service.get("/it/").await;
    assert_eq!(
        plain.headers()["cache-control"],
        "public, max-age=60, stale-if-error=86400"
    );
    assert_eq!(plain.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(plain.headers()["vary"], "Accept-Encoding");
    assert!(!plain.headers().contains_key("content-encoding"));
    let tag = plain.headers()["etag"].to_str().unwrap().to_owned();
    let length = plain.bytes().await.unwrap().len();

    let known = get("if-none-match", tag.clone()).await;
    assert_eq!(known.status(), 304);
    assert!(known.headers().contains_key("content-security-policy"));
    assert_eq!(get("if-none-match", "\"other\"".into()).await.status(), 200);

    let compressed = get("accept-encoding", "br, gzip".into()).await;
    assert_eq!(compressed.headers()["content-encoding"], "gzip");
    assert_eq!(compressed.headers()["etag"], tag.as_str());
    assert!(compressed.bytes().await.unwrap().len() < length / 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_without_its_slash_leads_to_the_page() {
    let portal = Portal::start().await;
    let answer = portal.service.get("/de/pruefen").await;
    assert_eq!(answer.status(), 308);
    assert_eq!(answer.headers()["location"], "/de/pruefen/");
    let (root, home) = (portal.page("/").await, portal.page("/it/").await);
    assert_eq!(root, home);
    assert!(root.contains("<link rel=\"canonical\" href=\"https://sportello.example/it/\">"));
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_are_sent_as_they_were_compressed_and_kept_for_ever() {
    let portal = Portal::start().await;
    for (accepted, coding, body) in [
        ("gzip, deflate, br, zstd", Some("br"), "brotli main.css"),
        ("gzip;q=1, br;q=0", Some("gzip"), "gzip main.css"),
        ("identity", None, "main.css of A"),
    ] {
        let request = portal
            .service
            .client()
            .get(format!("{}/assets/main.A.css", portal.service.url()));
        let answer = request.header("accept-encoding", accepted).send().await.unwrap();
        let headers = answer.headers();
        assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(headers["content-type"], "text/css; charset=utf-8");
        let sent = headers
            .get("content-encoding")
            .map(|value| value.to_str().unwrap());
        assert_eq!(sent, coding, "{accepted}");
        assert_eq!(answer.text().await.unwrap(), body, "{accepted}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_asset_is_a_404_that_no_cache_keeps_and_no_page() {
    let portal = Portal::start().await;
    let catalogue = "/assets/..%2f..%2fcatalogue%2findemnity-march-2020.toml";
    for path in [
        "/assets/form.GONE.js",
        "/assets/",
        "/assets/manifest.json",
        catalogue,
        "/data/benefits/x.json",
    ] {
        let answer = portal.service.get(path).await;
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
        let body = answer.text().await.unwrap();
        assert!(!body.contains("one_per"), "{path}");
        assert!(path == "/assets/" || !body.contains("<html"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_an_earlier_build_still_finds_its_assets() {
    let portal = Portal::start().await;
    assert!(portal.page("/it/").await.contains("main.css of A"));
    write_build(&assets_in(&portal.folder), "B");
    portal.until("/assets/main.B.css", 200).await;
    sportello_testkit::eventually(WITHIN, async || {
        portal.page("/it/").await.contains("main.css of B")
    })
    .await;
    assert_eq!(portal.page("/assets/form.A.js").await, "form.js of A");

    // also after a restart
    let Portal { service, folder } = portal;
    service.stop().await;
    let portal = Portal::start_in(folder, &[]).await;
    assert_eq!(portal.page("/assets/form.A.js").await, "form.js of A");
    assert_eq!(portal.page("/assets/form.B.js").await, "form.js of B");
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_build_leaves_the_pages_as_they_are() {
    let portal = Portal::start().await;
    fs::write(
        assets_in(&portal.folder).join("manifest.json"),
        r#"{"main.css":"main.C.css"}"#,
    )
    .unwrap();
    let warned = async || {
        let health = portal.json("/status").await;
        health["checks"]["pages"]["status"] == "warn"
    };
    sportello_testkit::eventually(WITHIN, warned).await;
    assert!(portal.page("/it/").await.contains("main.css of A"));
    assert_eq!(portal.service.get("/readyz").await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_has_get_and_head_alone() {
    let portal = Portal::start().await;
    let operations = serde_json::json!({ "get": {} });
    for path in [
        "/it/",
        "/assets/main.A.css",
        "/data/benefits/indemnity-march-2020.json",
        "/data/progress.json",
    ] {
        let address = format!("{}{path}", portal.service.url());
        assert_methods(portal.service.client(), &address, &operations).await;
    }
}
