//! The page for addresses that do not exist, in all languages at once.

use maud::{DOCTYPE, html};
use sportello_domain::Language;

use super::{Frame, frame};
use crate::place::Place;

pub(crate) fn not_found(home: &Frame<'_>) -> String {
    let texts = [
        (
            Language::Italian,
            "Questa pagina non c’è",
            "L’indirizzo è scritto male, o la prestazione non è più qui.",
            "Vai alle prestazioni",
        ),
        (
            Language::English,
            "This page does not exist",
            "The address has a mistake, or the benefit is no longer here.",
            "Go to the benefits",
        ),
        (
            Language::German,
            "Diese Seite gibt es nicht",
            "Die Adresse enthält einen Fehler, oder die Leistung ist nicht mehr hier.",
            "Zu den Leistungen",
        ),
    ];
    let page = html! {
        (DOCTYPE)
        html lang="it" {
            head {
                (frame::head(home, "Questa pagina non c’è", &[]))
                meta name="robots" content="noindex";
            }
            body {
                (frame::skiplinks(home))
                (frame::header(home))
                main #main tabindex="-1" {
                    div.container {
                        div.page {
                            @for (index, (language, title, text, link)) in texts.into_iter().enumerate() {
                                section lang=(language.tag()) {
                                    @if index == 0 { h1 { (title) } } @else { h2 { (title) } }
                                    p { (text) }
                                    p { a.btn.btn-outline-primary href=(Place::Home.path(language)) { (link) } }
                                }
                            }
                        }
                    }
                }
                (frame::footer(home))
            }
        }
    };
    page.into_string()
}
