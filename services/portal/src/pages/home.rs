//! Home: what there is to apply for.

use maud::{Markup, html};

use super::progress::received_this_year;
use super::{Frame, Page, frame::SITE};
use crate::facts::{Facts, State};
use crate::place::Place;
use crate::words::first_sentence;

pub(super) fn page(frame: &Frame<'_>) -> Page {
    let lead = frame.say(
        "Scegli una prestazione: in cinque minuti la chiedi, e ricevi subito la prova che la domanda è al sicuro.",
        "Choose a benefit: you apply in five minutes, and get proof at once that your application is safe.",
        "Wählen Sie eine Leistung: Der Antrag dauert fünf Minuten, und Sie erhalten sofort den Nachweis, dass er sicher angekommen ist.",
    );
    Page {
        title: SITE.to_owned(),
        description: lead.to_owned(),
        body: html! {
            section.hero {
                div.container {
                    h1 { (frame.say("Di che cosa hai bisogno?", "What do you need?", "Was brauchen Sie?")) }
                    p.lead { (lead) }
                }
            }
            div.container {
                div.layout-aside {
                    ul.it-card-list {
                        @for benefit in in_order(frame.benefits) { li { (card(frame, benefit)) } }
                    }
                    aside { (numbers(frame)) (others(frame)) }
                }
            }
        },
    }
}

/// Returns what is open first, then what opens, then what is over.
fn in_order(benefits: &[Facts]) -> Vec<&Facts> {
    let mut benefits: Vec<&Facts> = benefits.iter().collect();
    benefits.sort_by_key(|benefit| match benefit.state {
        State::Open { .. } => (0, benefit.opening.closes),
        State::Paused { opens } => (1, opens),
        State::Before => (2, benefit.opening.opens),
        State::Over => (3, benefit.opening.closes),
    });
    benefits
}

fn card(frame: &Frame<'_>, benefit: &Facts) -> Markup {
    html! {
        article.it-card.card-benefit {
            div { (frame.status(benefit)) }
            h2.it-card-title {
                a href=(frame.path(Place::Benefit(&benefit.id))) data-element="service-link" {
                    (benefit.title.of(frame.language))
                }
            }
            p { (first_sentence(benefit.help.of(frame.language)).0) }
            p.meta {
                span { (frame.icon("calendar")) (frame.deadline(benefit)) }
                span { (frame.icon("clock")) (frame.order_in_short(benefit)) }
            }
            (frame.icon("chevron-right"))
        }
    }
}

fn numbers(frame: &Frame<'_>) -> Markup {
    html! {
        section.it-card aria-labelledby="numbers" {
            h2.h3 #numbers { (frame.say("Come sta andando", "How it is going", "Aktueller Stand")) }
            dl.figures {
                div {
                    dt { (received_this_year(frame)) }
                    dd data-progress="received" { "–" }
                }
                div {
                    dt { (frame.say(
                        "per registrarne una, adesso",
                        "to register one, now",
                        "bis zur Registrierung, derzeit",
                    )) }
                    dd { span data-progress="waiting_seconds" { "–" } " " small { "s" } }
                }
            }
            p { (frame.arrow(Place::Progress, frame.say("Tutti i numeri", "All numbers", "Alle Zahlen"))) }
        }
    }
}

fn others(frame: &Frame<'_>) -> Markup {
    html! {
        ul.list-unstyled.links {
            li { (frame.arrow(Place::Applications, frame.say("Le mie domande", "My applications", "Meine Anträge"))) }
            li { (frame.arrow(Place::Check, frame.say("Verifica una ricevuta", "Check a receipt", "Quittung prüfen"))) }
            li { (frame.arrow(Place::Help, frame.say("Aiuto", "Help", "Hilfe"))) }
        }
    }
}
