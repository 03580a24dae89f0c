//! Accessibility: what was done, what is missing, whom to tell.

use maud::{Markup, html};

use super::{Frame, Page};

pub(super) fn page(frame: &Frame<'_>) -> Page {
    let title = frame.say("Accessibilità", "Accessibility", "Barrierefreiheit");
    let lead = frame.say(
        "Queste pagine sono fatte per tutti: con la tastiera, con un lettore di schermo, ingrandite, su un telefono vecchio.",
        "These pages are made for everybody: with the keyboard, with a screen reader, enlarged, on an old phone.",
        "Diese Seiten sind für alle gemacht: mit der Tastatur, mit einem Screenreader, vergrößert, auf einem alten Telefon.",
    );
    let statement = frame.config.accessibility_statement_url.as_ref();
    Page {
        title: title.to_owned(),
        description: lead.to_owned(),
        body: html! {
            div.container {
                div.page {
                    h1 { (title) }
                    p.lead { (lead) }
                    h2 { (frame.say("La misura", "The measure", "Der Maßstab")) }
                    p { (frame.say(
                        "Le regole sono quelle della norma EN 301 549 e delle WCAG 2.1, livello AA, come le chiede la legge 4/2004.",
                        "The rules are those of the standard EN 301 549 and of WCAG 2.1, level AA, as law 4/2004 requires.",
                        "Maßstab sind die Norm EN 301 549 und die WCAG 2.1, Stufe AA, wie es das Gesetz 4/2004 verlangt.",
                    )) }
                    @if let Some(statement) = statement {
                        p { a href=(statement) { (frame.say(
                            "Dichiarazione di accessibilità",
                            "Accessibility declaration",
                            "Erklärung zur Barrierefreiheit",
                        )) } }
                    }
                    h2 { (frame.say("Che cosa manca", "What is missing", "Was fehlt")) }
                    ul {
                        li { (frame.say(
                            "Per inviare una domanda da queste pagine serve JavaScript. Tutto il resto si legge anche senza.",
                            "To send an application from these pages JavaScript is needed. All else can be read without it.",
                            "Um von diesen Seiten einen Antrag zu senden, ist JavaScript nötig. Alles andere ist auch ohne lesbar.",
                        )) }
                        li { (frame.say(
                            "I testi delle leggi sono su altri siti, e sono in italiano.",
                            "The texts of the laws are on other sites, and in Italian.",
                            "Die Gesetzestexte stehen auf anderen Websites und sind auf Italienisch.",
                        )) }
                    }
                    (complaints(frame))
                    h2 { (frame.say("Intanto", "Meanwhile", "In der Zwischenzeit")) }
                    (frame.other_ways())
                }
            }
        },
    }
}

/// Whom to tell: the office, then the ombudsman (law 4/2004, article 3-quinquies).
fn complaints(frame: &Frame<'_>) -> Markup {
    let office = &frame.config.office;
    html! {
        h2 { (frame.say("Qualcosa non va?", "Is something wrong?", "Stimmt etwas nicht?")) }
        p {
            (frame.say(
                "Dillo all’ente: rispondiamo entro 30 giorni. ",
                "Tell the office: we answer within 30 days. ",
                "Sagen Sie es der Behörde: Wir antworten innerhalb von 30 Tagen. ",
            ))
            @if let Some(email) = &office.email {
                a data-element="accessibility-feedback" href={ "mailto:" (email) } { (email) }
            } @else {
                (office.name)
            }
        }
        p {
            (frame.say(
                "Se la risposta non basta puoi rivolgerti al ",
                "If the answer is not enough you can turn to the ",
                "Wenn die Antwort nicht genügt, wenden Sie sich an den ",
            ))
            a href="https://www.agid.gov.it/it/agenzia/difensore-civico-il-digitale" lang="it" {
                "Difensore civico per il digitale"
            } "."
        }
    }
}
