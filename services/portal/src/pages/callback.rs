//! The page to which the identity provider returns. Its address holds a code for one visitor, so
//! that it links nowhere else and no cache keeps it.

use maud::{DOCTYPE, html};

use super::{Frame, frame};
use crate::place::Place;
use sportello_domain::Language;

/// Returns the page, in all languages at once: its address has none.
pub(crate) fn callback(home: &Frame<'_>) -> String {
    let scripts = ["callback.js".to_owned()];
    let texts = [
        (
            Language::Italian,
            "Un momento: accesso in corso.",
            "Se non succede niente, torna alla pagina iniziale.",
        ),
        (
            Language::English,
            "One moment: signing you in.",
            "If nothing happens, go back to the first page.",
        ),
        (
            Language::German,
            "Einen Augenblick: Sie werden angemeldet.",
            "Wenn nichts geschieht, kehren Sie zur Startseite zurück.",
        ),
    ];
    let page = html! {
        (DOCTYPE)
        html lang="it" {
            head {
                (frame::head(home, "Accesso", &scripts))
                meta name="robots" content="noindex";
            }
            body {
                main #main tabindex="-1" {
                    div.container {
                        div.page {
                            h1.visually-hidden { "Accesso" }
                            div #island data-island="callback" role="status" {
                                @for (language, text, otherwise) in texts {
                                    div lang=(language.tag()) {
                                        p.lead { (text) }
                                        p { a href=(Place::Home.path(language)) { (otherwise) } }
                                    }
                                }
                            }
                        }
                    }
                }
                (frame::data_block(&frame::config(home, "callback")))
                (frame::tags(home, &scripts))
            }
        }
    };
    page.into_string()
}
