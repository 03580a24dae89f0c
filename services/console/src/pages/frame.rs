//! The markup of the page, with the class names of `services/portal/web/styles`.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Value, json};
use sportello_assets::Assets;
use sportello_domain::Language;
use url::Url;

use super::{LANGUAGES, PagesConfig, path};

/// The icon of the page, which costs no request: `it-pa` on dark blue, unlike the portal's.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='6' fill='%2300264d'/%3E%3Cpath fill='%23fff' d='M16 6 5 12v2h22v-2zM7 16h3v7H7zm7.500 0h3v7h-3zM22 16h3v7h-3zM5 25h22v2H5z'/%3E%3C/svg%3E";

/// The sections of the console: their name in the address, and in both languages.
const SECTIONS: [(&str, &str, &str); 6] = [
    ("now", "Adesso", "Now"),
    ("workers", "Lavoratori", "Workers"),
    ("letters", "Lettere morte", "Dead letters"),
    ("channels", "Canali", "Channels"),
    ("audit", "Registro azioni", "Audit"),
    ("services", "Servizi", "Services"),
];

/// Chooses a text: Italian but for the English page.
fn say<'t>(language: Language, it: &'t str, en: &'t str) -> &'t str {
    match language {
        Language::English => en,
        Language::Italian | Language::German => it,
    }
}

/// Returns the page of the console.
pub(super) fn console(config: &PagesConfig, issuer: &Url, assets: &Assets, language: Language) -> String {
    let title = say(language, "Console degli operatori", "Operators’ console");
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head { (head(assets, title)) }
            body.console {
                div.skiplinks {
                    a.visually-hidden-focusable href="#main" {
                        (say(language, "Vai al contenuto", "Skip to content"))
                    }
                }
                (header(config, assets, language))
                main #main tabindex="-1" {
                    div.container {
                        div #island data-island="console" {
                            p.text-secondary { (say(language, "Un momento…", "One moment…")) }
                            noscript { p { (say(
                                language,
                                "Per la console serve JavaScript.",
                                "The console needs JavaScript.",
                            )) } }
                        }
                    }
                }
                (data_block(&settings(config, issuer, assets, language)))
                script type="module" src=[assets.url("console.js")] {}
            }
        }
    };
    page.into_string()
}

/// Returns the page to which the identity provider returns, in both languages at once.
pub(super) fn callback(assets: &Assets) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="it" {
            head { (head(assets, "Accesso")) }
            body.console {
                main #main tabindex="-1" {
                    div.container role="status" {
                        h1.visually-hidden { "Accesso" }
                        p { "Un momento: accesso in corso." }
                        p lang="en" { "One moment: signing you in." }
                    }
                }
                script type="module" src=[assets.url("callback.js")] {}
            }
        }
    };
    page.into_string()
}

fn head(assets: &Assets, title: &str) -> Markup {
    html! {
        meta charset="utf-8";
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="robots" content="noindex";
        title { (title) " - Sportello" }
        style { (PreEscaped(assets.styles())) }
        link rel="stylesheet" href=[assets.url("console.css")];
        link rel="icon" href=(ICON) type="image/svg+xml";
        meta name="format-detection" content="telephone=no";
        meta name="theme-color" content="#00264d";
    }
}

fn icon(assets: &Assets, name: &str, class: &str) -> Markup {
    let href = format!("{}#it-{name}", assets.url("icons.svg").unwrap_or_default());
    html! { svg class=(class) aria-hidden="true" { use href=(href) {} } }
}

fn header(config: &PagesConfig, assets: &Assets, language: Language) -> Markup {
    html! {
        header.it-header-wrapper {
            div.it-header-slim-wrapper {
                div.container.it-header-slim-wrapper-content {
                    span.navbar-brand { (config.office_name) }
                    div.it-header-slim-right-zone {
                        (languages(language))
                        div #session {}
                        a.btn-access href=(path(language)) {
                            (icon(assets, "user", "icon icon-sm")) (say(language, "Accedi", "Sign in"))
                        }
                    }
                }
            }
            div.it-header-center-wrapper {
                div.container {
                    a.it-brand-wrapper href="#now" {
                        (icon(assets, "pa", "icon"))
                        span {
                            span.it-brand-title { "Sportello" }
                            " "
                            span.it-brand-tagline { (say(language, "operatori", "operators")) }
                        }
                    }
                }
            }
            nav #console-menu.it-header-navbar-wrapper aria-label=(say(language, "Sezioni", "Sections")) {
                div.container { ul.navbar-nav { (menu(language)) } }
            }
        }
    }
}

fn menu(language: Language) -> Markup {
    html! {
        @for (section, it, en) in SECTIONS {
            li.nav-item {
                a.nav-link href={ "#" (section) } {
                    (say(language, it, en))
                    // the script counts the open letters here
                    @if section == "letters" { " " span #console-letters {} }
                }
            }
        }
    }
}

fn languages(language: Language) -> Markup {
    html! {
        nav aria-label=(say(language, "Lingua", "Language")) {
            ul.nav-languages {
                @for other in LANGUAGES {
                    li {
                        a href=(path(other)) lang=(other.tag()) hreflang=(other.tag())
                            aria-current=[(other == language).then_some("true")] {
                            (other.tag().to_uppercase())
                            span.visually-hidden { ": " (say(other, "Italiano", "English")) }
                        }
                    }
                }
            }
        }
    }
}

/// Returns what the script needs to know.
fn settings(config: &PagesConfig, issuer: &Url, assets: &Assets, language: Language) -> Value {
    let languages = LANGUAGES.map(|other| (other.tag(), path(other)));
    json!({
        "language": language.tag(),
        "page": "console",
        "benefit": null,
        "intake": "",
        "status": "",
        "api": "",
        "issuer": issuer.as_str().trim_end_matches('/'),
        "client_id": config.client_id,
        "icons": assets.url("icons.svg"),
        "office": { "name": config.office_name, "phone": null, "email": null },
        "paths": { "home": path(language) },
        "languages": std::collections::BTreeMap::from(languages),
    })
}

/// Returns data for the script, which nothing runs. No text in it can end the element.
fn data_block(data: &Value) -> Markup {
    let text = data.to_string().replace('<', "\\u003c");
    html! { script type="application/json" id="config" { (PreEscaped(text)) } }
}
