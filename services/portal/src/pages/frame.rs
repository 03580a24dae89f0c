//! The frame of every page: head, header, footer, and what scripts need to know.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Value, json};
use sportello_domain::Language;

use super::{Frame, Page};
use crate::place::Place;

/// The name of the site.
pub(super) const SITE: &str = "Sportello";
/// The icon of the site, which costs no request: `it-pa` on blue.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='6' fill='%2306c'/%3E%3Cpath fill='%23fff' d='M16 6 5 12v2h22v-2zM7 16h3v7H7zm7.500 0h3v7h-3zM22 16h3v7h-3zM5 25h22v2H5z'/%3E%3C/svg%3E";

/// Returns the whole page.
pub(super) fn whole(frame: &Frame<'_>, page: &Page) -> String {
    let scripts = frame.place.island().into_iter().chain(["notice"]);
    let scripts: Vec<String> = scripts.map(|name| format!("{name}.js")).collect();
    let config = config(frame, frame.place.name());
    let others = html! {
        link rel="canonical" href=(absolute(frame, &frame.path(frame.place)));
        @for language in Language::ALL {
            link rel="alternate" hreflang=(language.tag()) href=(absolute(frame, &frame.place.path(language)));
        }
        link rel="alternate" hreflang="x-default" href=(absolute(frame, &frame.place.path(Language::Italian)));
    };
    let whole = html! {
        (DOCTYPE)
        html lang=(frame.language.tag()) {
            head {
                (head(frame, &page.title, &scripts))
                meta name="description" content=(page.description);
                (others)
            }
            body {
                (skiplinks(frame))
                (header(frame))
                div #notice.notice role="status" {}
                main #main tabindex="-1" { (page.body) }
                (footer(frame))
                (data_block(&config))
                (tags(frame, &scripts))
            }
        }
    };
    whole.into_string()
}

/// Returns the frame of a page by itself, for a script that puts it around what it shows. It has no
/// styles: the page of another build would refuse them.
pub(super) fn alone(frame: &Frame<'_>, title: &str, breadcrumb: &Markup) -> String {
    let whole = html! {
        (DOCTYPE)
        html lang=(frame.language.tag()) {
            head {
                meta charset="utf-8";
                meta name="robots" content="noindex";
                title { (title) " - " (SITE) }
            }
            body {
                (skiplinks(frame))
                (header(frame))
                (breadcrumb)
                (footer(frame))
                (data_block(&config(frame, frame.place.name())))
            }
        }
    };
    whole.into_string()
}

/// Returns what every page's head has.
pub(super) fn head(frame: &Frame<'_>, title: &str, scripts: &[String]) -> Markup {
    html! {
        meta charset="utf-8";
        meta name="viewport" content="width=device-width, initial-scale=1";
        title { @if title != SITE { (title) " - " } (SITE) }
        style { (PreEscaped(frame.assets.styles())) }
        @for font in frame.assets.fonts() {
            link rel="preload" href=(font) as="font" type="font/woff2" crossorigin;
        }
        @for script in scripts {
            @for part in frame.assets.parts(script) {
                link rel="modulepreload" href=(part);
            }
        }
        @for later in texts(frame, scripts).into_iter().chain(callback(frame)) {
            link rel="modulepreload" href=(later);
        }
        link rel="icon" href=(ICON) type="image/svg+xml";
        meta name="format-detection" content="telephone=no";
        meta name="theme-color" content="#0066cc";
    }
}

/// Returns the addresses of the texts that scripts load by themselves, in the page's language.
fn texts(frame: &Frame<'_>, scripts: &[String]) -> Vec<String> {
    let language = frame.language.tag();
    let of = |island: &str| frame.assets.url(&format!("{island}/texts/{language}.js"));
    let own: Vec<String> = scripts
        .iter()
        .filter_map(|script| of(script.trim_end_matches(".js")))
        .collect();
    let common = (!own.is_empty()).then(|| of("common")).flatten();
    own.into_iter().chain(common).collect()
}

/// Returns the address of the script of the return from a sign-in, for the pages that sign in: it
/// is there then, and somebody far from a mast waits half a second less.
fn callback(frame: &Frame<'_>) -> Option<String> {
    let signs_in = matches!(frame.place, Place::Apply(_) | Place::Applications | Place::Desk);
    signs_in.then(|| frame.assets.url("callback.js")).flatten()
}

/// Returns the scripts, where the build has them.
pub(super) fn tags(frame: &Frame<'_>, scripts: &[String]) -> Markup {
    html! {
        @for url in scripts.iter().filter_map(|script| frame.assets.url(script)) {
            script type="module" src=(url) {}
        }
    }
}

/// Returns what scripts read.
pub(super) fn data_block(config: &Value) -> Markup {
    block("application/json", "config", config)
}

/// Returns data for programs, which nothing runs. No text in it can end the element.
pub(super) fn block(media_type: &str, id: &str, data: &Value) -> Markup {
    json_block(media_type, id, &data.to_string())
}

/// As [`block`], of data that are JSON already.
pub(super) fn json_block(media_type: &str, id: &str, json: &str) -> Markup {
    let text = json.replace('<', "\\u003c");
    html! { script type=(media_type) id=(id) data-element=(id) { (PreEscaped(text)) } }
}

/// Returns what scripts need to know of the page.
pub(super) fn config(frame: &Frame<'_>, page: &str) -> Value {
    let (config, place) = (frame.config, frame.place);
    let mut paths = json!({});
    for other in Place::GENERAL {
        paths[other.name()] = frame.path(other).into();
    }
    if let Some(id) = place.benefit() {
        paths["benefit"] = frame.path(Place::Benefit(id)).into();
        paths["apply"] = frame.path(Place::Apply(id)).into();
    }
    let languages = Language::ALL.map(|language| (language.tag(), place.path(language)));
    let office = &config.office;
    json!({
        "language": frame.language.tag(),
        "page": page,
        "benefit": place.benefit(),
        "intake": config.intake_url,
        "status": config.status_url,
        "issuer": config.issuer.as_str().trim_end_matches('/'),
        "client_id": config.client_id,
        "icons": frame.assets.url("icons.svg"),
        "paths": paths,
        "languages": std::collections::BTreeMap::from(languages),
        "office": { "name": office.name, "phone": office.phone, "email": office.email },
    })
}

fn absolute(frame: &Frame<'_>, path: &str) -> String {
    let base = frame.config.public_url.as_str().trim_end_matches('/');
    format!("{base}{path}")
}

pub(super) fn skiplinks(frame: &Frame<'_>) -> Markup {
    html! {
        div.skiplinks {
            a.visually-hidden-focusable href="#main" {
                (frame.say("Vai al contenuto", "Skip to content", "Zum Inhalt"))
            }
            a.visually-hidden-focusable href="#menu" {
                (frame.say("Vai al menu", "Skip to the menu", "Zum Menü"))
            }
        }
    }
}

/// The pages of the menu, in the order of their use.
const MENU: [Place<'static>; 5] = [
    Place::Home,
    Place::Applications,
    Place::Check,
    Place::Progress,
    Place::Desk,
];

impl Frame<'_> {
    /// Returns the name of a page of the menu.
    fn name_of(&self, place: Place<'_>) -> &'static str {
        match place {
            Place::Home | Place::Benefit(_) | Place::Apply(_) => {
                self.say("Prestazioni", "Benefits", "Leistungen")
            }
            Place::Applications => self.say("Le mie domande", "My applications", "Meine Anträge"),
            Place::Check => self.say("Verifica una ricevuta", "Check a receipt", "Quittung prüfen"),
            Place::Progress => self.say("Come sta andando", "How it is going", "Aktueller Stand"),
            Place::Desk => self.say(
                "Patronati e intermediari",
                "Patronati and intermediaries",
                "Patronate und Vermittler",
            ),
            Place::Help => self.say("Aiuto", "Help", "Hilfe"),
            Place::Privacy => self.say("Privacy", "Privacy", "Datenschutz"),
            Place::Accessibility => self.say("Accessibilità", "Accessibility", "Barrierefreiheit"),
            Place::Legal => self.say("Note legali", "Legal notes", "Rechtliche Hinweise"),
        }
    }

    fn menu(&self, class: &'static str) -> Markup {
        html! {
            @for place in MENU {
                li.nav-item {
                    a class=(class) href=(self.path(place)) aria-current=[(place == self.place).then_some("page")] {
                        (self.name_of(place))
                    }
                }
            }
        }
    }
}

pub(super) fn header(frame: &Frame<'_>) -> Markup {
    let home = frame.path(Place::Home);
    html! {
        header.it-header-wrapper {
            div.it-header-slim-wrapper {
                div.container.it-header-slim-wrapper-content {
                    span.navbar-brand { (frame.config.office.name) }
                    div.it-header-slim-right-zone {
                        (languages(frame))
                        div #session {}
                        a.btn-access href=(frame.path(Place::Applications)) data-element="personal-area-login" {
                            (frame.small_icon("user")) (frame.say("Accedi", "Sign in", "Anmelden"))
                        }
                    }
                }
            }
            div.it-header-center-wrapper {
                div.container {
                    a.it-brand-wrapper href=(home) {
                        (frame.icon("pa"))
                        span {
                            span.it-brand-title { (SITE) }
                            " "
                            span.it-brand-tagline { (frame.say(
                                "Le domande di prestazione, senza corsa",
                                "Applying for benefits, without a rush",
                                "Leistungen beantragen, ohne Eile",
                            )) }
                        }
                    }
                    a.menu-link href="#menu" { (frame.small_icon("burger")) "Menu" }
                }
            }
            nav.it-header-navbar-wrapper aria-label=(frame.say("Principale", "Main", "Hauptmenü")) {
                div.container { ul.navbar-nav data-element="main-navigation" { (frame.menu("nav-link")) } }
            }
        }
    }
}

/// Returns the links to the same page in the other languages.
fn languages(frame: &Frame<'_>) -> Markup {
    const NAMES: [&str; 3] = ["Italiano", "English", "Deutsch"];
    html! {
        nav aria-label=(frame.say("Lingua", "Language", "Sprache")) {
            ul.nav-languages {
                @for (language, name) in Language::ALL.into_iter().zip(NAMES) {
                    li {
                        a href=(frame.place.path(language)) lang=(language.tag()) hreflang=(language.tag())
                            aria-current=[(language == frame.language).then_some("true")] {
                            (language.tag().to_uppercase())
                            span.visually-hidden { ": " (name) }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn footer(frame: &Frame<'_>) -> Markup {
    html! {
        footer.it-footer {
            div.it-footer-main {
                div.container {
                    a.it-brand-wrapper href=(frame.path(Place::Home)) {
                        (frame.icon("pa"))
                        span.it-brand-title { (SITE) }
                    }
                    nav #menu tabindex="-1" aria-label="Menu" {
                        h2 { (frame.say("Servizi", "Services", "Dienste")) }
                        ul { (frame.menu("footer-link")) }
                    }
                    (help_of_footer(frame))
                    div {
                        h2 { (frame.say("Per chi sviluppa", "For developers", "Für die Entwicklung")) }
                        ul {
                            li { a href={ (frame.config.intake_url) "/v1/benefits" } { (frame.say(
                                "Prestazioni e moduli (JSON)",
                                "Benefits and forms (JSON)",
                                "Leistungen und Formulare (JSON)",
                            )) } }
                            li { a href={ (frame.config.intake_url) "/.well-known/jwks.json" } { (frame.say(
                                "Chiavi delle ricevute",
                                "Keys of receipts",
                                "Schlüssel der Quittungen",
                            )) } }
                        }
                    }
                }
            }
            div.it-footer-small-prints {
                div.container { ul { (small_prints(frame)) } }
            }
        }
    }
}

fn help_of_footer(frame: &Frame<'_>) -> Markup {
    let office = &frame.config.office;
    html! {
        div {
            h2 { (frame.name_of(Place::Help)) }
            ul {
                li { a href=(frame.path(Place::Help)) data-element="faq" {
                    (frame.say("Domande frequenti", "Frequent questions", "Häufige Fragen"))
                } }
                li { a href={ (frame.path(Place::Help)) "#other-ways" } { (frame.say(
                    "Senza computer: patronati e telefono",
                    "Without a computer: patronati and telephone",
                    "Ohne Computer: Patronate und Telefon",
                )) } }
                @if let Some(phone) = &office.phone {
                    li { a href={ "tel:" (phone.replace(' ', "")) } data-element="contacts" { (phone) } }
                }
            }
        }
    }
}

fn small_prints(frame: &Frame<'_>) -> Markup {
    let statement = frame.config.accessibility_statement_url.as_ref();
    let own = frame.path(Place::Accessibility);
    html! {
        li { a href=(frame.path(Place::Privacy)) data-element="privacy-policy-link" { (frame.name_of(Place::Privacy)) } }
        li { a href=(frame.path(Place::Legal)) data-element="legal-notes" { (frame.name_of(Place::Legal)) } }
        @if let Some(statement) = statement {
            li { a href=(own) { (frame.name_of(Place::Accessibility)) } }
            li { a href=(statement) data-element="accessibility-link" { (frame.say(
                "Dichiarazione di accessibilità",
                "Accessibility declaration",
                "Erklärung zur Barrierefreiheit",
            )) } }
        } @else {
            li { a href=(own) data-element="accessibility-link" { (frame.name_of(Place::Accessibility)) } }
        }
    }
}
