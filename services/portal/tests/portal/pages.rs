//! What the pages say, and how they are built.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{LANGUAGES, PLACES, Portal, between, config};

#[tokio::test(flavor = "multi_thread")]
async fn every_page_has_its_language_a_title_one_heading_and_skiplinks() {
    let portal = Portal::start().await;
    let pages = portal.every_page().await;
    assert_eq!(pages.len(), PLACES.len() * LANGUAGES.len());
    let mut titles = BTreeSet::new();
    for path in pages {
        let page = portal.page(&path).await;
        let language = path.split('/').nth(1).unwrap();
        assert!(
            page.starts_with(&format!("<!DOCTYPE html><html lang=\"{language}\">")),
            "{path}"
        );
        let title = between(&page, "<title>", "</title>").next().unwrap();
        assert!(title.contains("Sportello"), "{path}");
        titles.insert(format!("{language} {title}"));
        assert_eq!(page.matches("<h1").count(), 1, "{path}");
        for landmark in [
            "<div class=\"skiplinks\"><a class=\"visually-hidden-focusable\" href=\"#main\">",
            "<header class=\"it-header-wrapper\">",
            "<main id=\"main\" tabindex=\"-1\">",
            "<footer class=\"it-footer\">",
            "data-element=\"privacy-policy-link\"",
            "data-element=\"accessibility-link\"",
            "data-element=\"legal-notes\"",
            "<div class=\"notice\" id=\"notice\" role=\"status\"></div>",
            "/assets/notice.A.js",
        ] {
            assert!(page.contains(landmark), "{path}: {landmark}");
        }
        assert_headings_descend_by_one(&path, &page);
    }
    assert_eq!(titles.len(), PLACES.len() * LANGUAGES.len(), "{titles:?}");
}

fn assert_headings_descend_by_one(path: &str, page: &str) {
    let main = between(page, "<main", "</main>").next().unwrap();
    let levels = main
        .split("<h")
        .skip(1)
        .filter_map(|rest| rest.chars().next()?.to_digit(10));
    let mut last = 0;
    for level in levels {
        assert!(level <= last + 1, "{path}: h{level} after h{last}");
        last = level;
    }
    assert!(last > 0, "{path}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_unique_and_every_link_within_the_site_leads_somewhere() {
    let portal = Portal::start().await;
    let paths = portal.every_page().await;
    let mut pages = BTreeMap::new();
    for path in paths.into_iter().chain(["/".to_owned()]) {
        let page = portal.page(&path).await;
        let ids: Vec<&str> = between(&page, " id=\"", "\"").collect();
        let distinct: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), distinct.len(), "{path}: {ids:?}");
        pages.insert(path, page);
    }
    for (path, page) in &pages {
        for link in between(page, "<a ", ">").filter_map(|tag| between(tag, "href=\"", "\"").next()) {
            let (target, fragment) = link.split_once('#').unwrap_or((link, ""));
            // intake answers these at the same origin
            if !(link.starts_with('/') || link.starts_with('#'))
                || target.ends_with(".json")
                || target.starts_with("/v1/")
            {
                continue;
            }
            let target = if target.is_empty() { path.as_str() } else { target };
            let found = pages
                .get(target)
                .unwrap_or_else(|| panic!("{path} links to {link}"));
            let id = format!(" id=\"{fragment}\"");
            assert!(
                fragment.is_empty() || found.contains(&id),
                "{path} links to {link}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_page_is_linked_in_the_other_languages() {
    let portal = Portal::start().await;
    let page = portal.page("/en/benefits/indemnity-march-2020/apply/").await;
    for (language, path) in [
        ("it", "/it/prestazioni/indemnity-march-2020/domanda/"),
        ("en", "/en/benefits/indemnity-march-2020/apply/"),
        ("de", "/de/leistungen/indemnity-march-2020/antrag/"),
    ] {
        let alternate = format!("hreflang=\"{language}\" href=\"https://sportello.example{path}\"");
        assert!(page.contains(&alternate), "{alternate}");
        let link = format!("<a href=\"{path}\" lang=\"{language}\" hreflang=\"{language}\"");
        assert!(page.contains(&link), "{link}");
    }
    assert!(page.contains("<link rel=\"canonical\" href=\"https://sportello.example/en/benefits/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_learn_from_the_page_where_everything_is() {
    let portal = Portal::start_with(&[
        ("INTAKE_URL", "https://api.example"),
        ("OFFICE_PHONE", "800 123 456"),
    ])
    .await;
    let page = portal.page("/de/leistungen/parental-leave-2020/antrag/").await;
    let config = config(&page);
    assert_eq!(config["page"], "apply");
    assert_eq!(config["language"], "de");
    assert_eq!(config["benefit"], "parental-leave-2020");
    assert_eq!(config["intake"], "https://api.example");
    assert_eq!(config["status"], "");
    assert_eq!(config["issuer"], "https://login.example/oidc");
    assert_eq!(config["client_id"], "portal");
    assert_eq!(config["paths"]["benefit"], "/de/leistungen/parental-leave-2020/");
    assert_eq!(config["paths"]["applications"], "/de/antraege/");
    assert_eq!(
        config["languages"]["en"],
        "/en/benefits/parental-leave-2020/apply/"
    );
    assert_eq!(config["office"]["phone"], "800 123 456");
    assert!(page.contains("<script type=\"module\" src=\"/assets/form.A.js\"></script>"));
    assert!(page.contains("data-island=\"form\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_benefits_page_says_who_how_much_until_when_and_in_which_order() {
    let portal = Portal::start().await;
    let indemnity = portal.page("/it/prestazioni/indemnity-march-2020/").await;
    for text in [
        "Indennità di 600 euro per marzo 2020",
        "Non serve fare in fretta",
        "Aperta adesso",
        "Si chiede fino al 31 dicembre 2099",
        "600 euro",
        "Professionisti con partita IVA e collaboratori",
        "203.400.000 euro",
        "l’IBAN di un conto intestato a te",
        "Decreto-legge 17 marzo 2020, n. 18 (Cura Italia)",
        "Articoli 27, 28, 29, 30, 31 e 38",
        "Dichiaro di non ricevere il reddito di cittadinanza.",
        "10 anni",
    ] {
        assert!(indemnity.contains(text), "{text}");
    }
    let bonus = portal.page("/en/benefits/baby-sitting-bonus-2020/").await;
    for text in [
        "The order of arrival counts",
        "Up to 600 euro",
        "Up to 1,000 euro",
        "1,261,100,000 euro",
        "Can’t be had together with",
        "/en/benefits/parental-leave-2020/",
        "each of those that you name under «Children»",
    ] {
        assert!(bonus.contains(text), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_the_form_says_how_else_to_apply() {
    let portal = Portal::start_with(&[("OFFICE_PHONE", "800 123 456")]).await;
    for (path, way) in [
        ("/it/prestazioni/indemnity-march-2020/domanda/", "patronato"),
        ("/en/benefits/indemnity-march-2020/apply/", "patronato"),
        ("/de/leistungen/indemnity-march-2020/antrag/", "Patronat"),
    ] {
        let page = portal.page(path).await;
        let without = between(&page, "<noscript>", "</noscript>").next().unwrap();
        assert!(without.contains(way), "{path}");
        assert!(without.contains("href=\"tel:800123456\""), "{path}");
        assert!(
            !page.contains("<button") && !page.contains("<input"),
            "a dead control on {path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_a_benefits_texts_stays_text() {
    const HOSTILE: &str = r#"<script>alert(1)</script><img src=x onerror=alert(1)>"'&</title>"#;
    let portal = Portal::start().await;
    let file = include_str!("../../../../catalogue/parental-leave-2020.toml");
    let (head, rest) = file.split_once("[title]").unwrap();
    let (_, rest) = rest.split_once("[help]").unwrap();
    let texts: String = LANGUAGES
        .map(|language| format!("{language} = '''{HOSTILE}'''\n"))
        .concat();
    let head = head.replace("id = \"parental-leave-2020\"", "id = \"hostile-2020\"");
    let head = head.replace("[\"baby-sitting-bonus-2020\"]", "[]");
    let labels = rest.replace("label.en = \"Children\"", &format!("label.en = '''{HOSTILE}'''"));
    portal.add_benefit("hostile-2020", &format!("{head}[title]\n{texts}[help]{labels}"));
    portal.until("/en/benefits/hostile-2020/", 200).await;
    for path in [
        "/en/",
        "/en/benefits/hostile-2020/",
        "/en/benefits/hostile-2020/apply/",
        "/en/progress/",
    ] {
        let page = portal.page(path).await;
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{path}");
        assert!(
            !page.contains("<script>alert") && !page.contains("<img"),
            "{path}"
        );
        let _ = config(&page);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_does_not_exist_is_reported_in_three_languages() {
    let portal = Portal::start().await;
    for path in [
        "/nowhere",
        "/it/prestazioni/astronauts/",
        "/fr/",
        "/it/prestazioni/",
    ] {
        let answer = portal.service.get(path).await;
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let page = answer.text().await.unwrap();
        for text in [
            "Questa pagina non c’è",
            "This page does not exist",
            "Diese Seite gibt es nicht",
        ] {
            assert!(page.contains(text), "{path}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_return_from_the_sign_in_is_kept_by_nobody() {
    let portal = Portal::start().await;
    let answer = portal.service.get("/callback?code=secret&state=x").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    let page = answer.text().await.unwrap();
    assert!(page.contains("<meta name=\"robots\" content=\"noindex\">"));
    assert!(page.contains("/assets/callback.A.js") && !page.contains("/assets/notice.A.js"));
    assert!(!page.contains("secret"));
    // nor does the log have it
    assert!(!portal.service.log().contains("secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_frame_of_a_form_stands_alone_and_has_no_styles() {
    let portal = Portal::start().await;
    let frame = portal
        .page("/de/leistungen/indemnity-march-2020/antrag/frame/")
        .await;
    assert!(
        frame.contains("<header class=\"it-header-wrapper\">")
            && frame.contains("<footer class=\"it-footer\">")
    );
    assert_eq!(config(&frame)["language"], "de");
    for absent in ["<style", "type=\"module\"", "<main"] {
        assert!(!frame.contains(absent), "{absent}");
    }
    let page = "/it/prestazioni/indemnity-march-2020/frame/";
    assert_eq!(portal.service.get(page).await.status(), 404);
}
