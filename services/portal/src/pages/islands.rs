//! The pages whose middle a script makes: the form, the check of a receipt, my applications, the
//! desk. Without scripts they say what to do instead.

use maud::{Markup, html};

use super::frame::{alone, json_block};
use super::{Frame, Page};
use crate::facts::Facts;
use crate::place::Place;
use crate::words::first_sentence;

impl Frame<'_> {
    /// Returns what stands in the place of the island until its script is there.
    fn waiting(&self) -> Markup {
        html! {
            p.text-secondary { (self.say(
                "Si apre fra un momento. Se non compare niente, ricarica la pagina.",
                "It opens in a moment. If nothing appears, load the page again.",
                "Es öffnet sich gleich. Wenn nichts erscheint, laden Sie die Seite neu.",
            )) }
        }
    }

    /// Returns what those without scripts need to know.
    fn without_scripts(&self, what: &str, ways: &Markup) -> Markup {
        html! {
            noscript {
                div.callout.warning {
                    p.callout-title { (self.say(
                        "In questo browser JavaScript è spento",
                        "JavaScript is off in this browser",
                        "In diesem Browser ist JavaScript aus",
                    )) }
                    p { (what) }
                    (ways)
                }
            }
        }
    }

    fn island(&self, name: &str, without: &Markup) -> Markup {
        html! { div #island data-island=(name) { (self.waiting()) (without) } }
    }
}

/// The frame of the form's page, for the change of the language while somebody fills it in.
pub(super) fn frame_of_apply(frame: &Frame<'_>, benefit: &Facts) -> String {
    let breadcrumb = frame.breadcrumb(Place::Benefit(&benefit.id), benefit.title.of(frame.language));
    alone(frame, &title_of_apply(frame, benefit), &breadcrumb)
}

fn title_of_apply(frame: &Frame<'_>, benefit: &Facts) -> String {
    let name = benefit.title.of(frame.language);
    format!("{}: {name}", frame.say("Domanda", "Application", "Antrag"))
}

/// The form. Its heading is inside the island, since each step has its own.
pub(super) fn apply(frame: &Frame<'_>, benefit: &Facts) -> Page {
    let name = benefit.title.of(frame.language);
    let title = title_of_apply(frame, benefit);
    let without = frame.without_scripts(
        frame.say(
            "Per compilare la domanda qui serve JavaScript: così i tuoi dati restano su questo dispositivo finché non invii. Accendilo, oppure:",
            "To fill in the form here JavaScript is needed: so your data stay on this device until you send. Turn it on, or:",
            "Um den Antrag hier auszufüllen, ist JavaScript nötig: So bleiben Ihre Daten auf diesem Gerät, bis Sie senden. Schalten Sie es ein, oder:",
        ),
        &frame.other_ways(),
    );
    Page {
        description: first_sentence(benefit.help.of(frame.language)).0.to_owned(),
        body: html! {
            div.container {
                (frame.breadcrumb(Place::Benefit(&benefit.id), name))
                div.page {
                    div #island data-island="form" {
                        h1 { (title) }
                        (frame.waiting())
                        (without)
                    }
                }
            }
            (json_block("application/json", "benefit", &benefit.document))
        },
        title,
    }
}

/// The check of a receipt. The keys stand in the page, so that it needs nothing else.
pub(super) fn check(frame: &Frame<'_>) -> Page {
    let title = frame.say("Verifica una ricevuta", "Check a receipt", "Quittung prüfen");
    let lead = frame.say(
        "Chiunque può controllare che una ricevuta sia vera. Il controllo avviene su questo dispositivo, anche senza rete: la ricevuta non viene inviata a nessuno.",
        "Anybody can check that a receipt is genuine. The check happens on this device, also offline: the receipt is sent to nobody.",
        "Alle können prüfen, ob eine Quittung echt ist. Die Prüfung geschieht auf diesem Gerät, auch ohne Netz: Die Quittung wird niemandem gesendet.",
    );
    let without = frame.without_scripts(
        frame.say(
            "Per controllare la ricevuta qui serve JavaScript. Senza, puoi usare un programma qualsiasi che verifica firme Ed25519, con le nostre chiavi pubbliche:",
            "To check the receipt here JavaScript is needed. Without it you can use any program that checks Ed25519 signatures, with our public keys:",
            "Um die Quittung hier zu prüfen, ist JavaScript nötig. Sonst können Sie ein beliebiges Programm nutzen, das Ed25519-Signaturen prüft, mit unseren öffentlichen Schlüsseln:",
        ),
        &html! { p { a href="/data/keys.json" { "/data/keys.json" } } },
    );
    let page = simple(frame, "check", title, lead, &without);
    Page {
        body: html! {
            (page.body)
            @if let Some(keys) = frame.keys { (json_block("application/json", "keys", keys)) }
        },
        ..page
    }
}

pub(super) fn applications(frame: &Frame<'_>) -> Page {
    let title = frame.say("Le mie domande", "My applications", "Meine Anträge");
    let lead = frame.say(
        "Accedi per vedere che cosa è successo alle tue domande, chi le ha lette, e per ritirarne una.",
        "Sign in to see what became of your applications and who read them, and to withdraw one.",
        "Melden Sie sich an, um zu sehen, was aus Ihren Anträgen geworden ist und wer sie gelesen hat, oder um einen zurückzuziehen.",
    );
    let without = frame.without_scripts(
        frame.say(
            "Per vedere le tue domande qui serve JavaScript. Accendilo, oppure:",
            "To see your applications here JavaScript is needed. Turn it on, or:",
            "Um Ihre Anträge hier zu sehen, ist JavaScript nötig. Schalten Sie es ein, oder:",
        ),
        &frame.other_ways(),
    );
    simple(frame, "applications", title, lead, &without)
}

fn simple(frame: &Frame<'_>, island: &str, title: &str, lead: &str, without: &Markup) -> Page {
    Page {
        title: title.to_owned(),
        description: lead.to_owned(),
        body: html! {
            div.container {
                div.page {
                    h1 { (title) }
                    p.lead { (lead) }
                    (frame.island(island, without))
                }
            }
        },
    }
}

pub(super) fn desk(frame: &Frame<'_>) -> Page {
    let title = frame.say("Carica domande", "Upload applications", "Anträge hochladen");
    let lead = frame.say(
        "Per patronati, CAF e consulenti: fino a 100.000 righe in un file. Ogni riga ha la sua risposta mentre le altre partono.",
        "For patronati, CAF and consultants: up to 100,000 rows in a file. Each row has its answer while the others are on their way.",
        "Für Patronate, Steuerbeistandszentren und Beratungen: bis zu 100.000 Zeilen in einer Datei. Jede Zeile hat ihre Antwort, während die anderen noch unterwegs sind.",
    );
    let templates = html! {
        ul {
            @for benefit in frame.benefits {
                li { a href={ (frame.config.intake_url) "/v1/benefits/" (benefit.id) } { (benefit.title.of(frame.language)) } }
            }
        }
    };
    let without = frame.without_scripts(
        frame.say(
            "Per caricare un file qui serve JavaScript. Senza, il tuo programma può inviarlo alla nostra API. Le prestazioni, per programmi:",
            "To upload a file here JavaScript is needed. Without it your program can send it to our API. The benefits, for programs:",
            "Um hier eine Datei hochzuladen, ist JavaScript nötig. Sonst kann Ihr Programm sie an unsere API senden. Die Leistungen, für Programme:",
        ),
        &templates,
    );
    Page {
        title: title.to_owned(),
        description: lead.to_owned(),
        body: html! {
            div.container {
                h1 { (title) }
                p.lead { (lead) }
                (frame.island("desk", &without))
            }
        },
    }
}
