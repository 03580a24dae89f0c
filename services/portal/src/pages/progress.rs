//! How it is going: the last numbers known, and what is open when.

use maud::{Markup, html};

use super::{Frame, Page};
use crate::facts::Facts;
use crate::place::Place;
use crate::progress::Numbers;
use crate::words::{instant_to_the_second, number, until};

pub(super) fn page(frame: &Frame<'_>) -> Page {
    let title = frame.say("Come sta andando", "How it is going", "Aktueller Stand");
    let lead = frame.say(
        "Quante domande sono arrivate e quante sono registrate, quanto si aspetta, e che cosa è aperto. Gli stessi numeri per tutti.",
        "How many applications arrived and how many are registered, how long it takes, and what is open. The same numbers for everybody.",
        "Wie viele Anträge eingegangen und wie viele registriert sind, wie lange es dauert und was offen ist. Dieselben Zahlen für alle.",
    );
    Page {
        title: title.to_owned(),
        description: lead.to_owned(),
        body: html! {
            div.container {
                h1 { (title) }
                p.lead { (lead) }
                section.it-card aria-labelledby="now" {
                    h2.h3 #now { (frame.say("Adesso", "Now", "Jetzt")) }
                    (intake(frame))
                    (figures(frame))
                    (age(frame))
                }
                h2.mt { (frame.say("Che cosa è aperto", "What is open", "Was offen ist")) }
                (openings(frame))
                (meaning(frame))
            }
        },
    }
}

fn intake(frame: &Frame<'_>) -> Markup {
    let answers = frame.numbers.is_none_or(|numbers| numbers.intake_answers);
    let (class, state, text) = if answers {
        (
            "status status-success",
            "open",
            frame.say(
                "Le domande si possono inviare",
                "Applications can be sent",
                "Anträge können gesendet werden",
            ),
        )
    } else {
        (
            "status status-warning",
            "waiting",
            frame.say(
                "L’invio è in attesa: la pagina della domanda riprova da sola",
                "Sending waits: the page of the form tries again by itself",
                "Das Senden wartet: Die Antragsseite versucht es von selbst erneut",
            ),
        )
    };
    html! { p { span class=(class) data-progress-state="intake" data-state=(state) { (text) } } }
}

fn figures(frame: &Frame<'_>) -> Markup {
    let known = |value: fn(&Numbers) -> Option<u64>| {
        let value = frame.numbers.and_then(value);
        value.map_or_else(|| "–".to_owned(), |value| number(frame.language, value))
    };
    let received = known(|numbers| numbers.received);
    let registered = known(|numbers| numbers.registered);
    let last_minute = known(|numbers| numbers.registered_last_minute);
    let waiting = known(Numbers::whole_seconds);
    html! {
        dl.figures {
            div {
                dt { (received_this_year(frame)) }
                dd data-progress="received" { (received) }
            }
            div {
                dt { (frame.say(
                        "registrate quest’anno",
                        "registered this year",
                        "registriert in diesem Jahr",
                    )) }
                dd data-progress="registered" { (registered) }
            }
            div {
                dt { (frame.say("nell’ultimo minuto", "in the last minute", "in der letzten Minute")) }
                dd data-progress="registered_last_minute" { (last_minute) }
            }
            div {
                dt { (frame.say(
                    "dalla ricevuta alla registrazione",
                    "from receipt to registration",
                    "von der Quittung bis zur Registrierung",
                )) }
                dd {
                    span data-progress="waiting_seconds" { (waiting) } " "
                    small { "s" }
                }
            }
        }
    }
}

/// Returns the name of the number of applications that arrived.
pub(super) fn received_this_year(frame: &Frame<'_>) -> &'static str {
    frame.say(
        "ricevute quest’anno",
        "received this year",
        "eingegangen in diesem Jahr",
    )
}

fn age(frame: &Frame<'_>) -> Markup {
    let at = frame.numbers.and_then(|numbers| numbers.at);
    html! {
        p.small.text-secondary.mt {
            (frame.say("Numeri di: ", "Numbers of: ", "Zahlen von: "))
            span data-progress="numbers_at" {
                @match at {
                    Some(at) => (instant_to_the_second(frame.language, at)),
                    None => (frame.say("non ancora noti", "not yet known", "noch nicht bekannt")),
                }
            }
        }
    }
}

fn openings(frame: &Frame<'_>) -> Markup {
    let caption = frame.say(
        "Prestazioni e orari",
        "Benefits and hours",
        "Leistungen und Zeiten",
    );
    html! {
        div.table-responsive tabindex="0" role="region" aria-label=(caption) {
            table.table {
                caption.visually-hidden { (caption) }
                thead {
                    tr {
                        th scope="col" { (frame.say("Prestazione", "Benefit", "Leistung")) }
                        th scope="col" { (frame.say("Adesso", "Now", "Jetzt")) }
                        th scope="col" { (frame.say("Ogni giorno", "Each day", "Täglich")) }
                        th scope="col" { (frame.say("Ultimo giorno", "Last day", "Letzter Tag")) }
                    }
                }
                tbody { @for benefit in frame.benefits { (row(frame, benefit)) } }
            }
        }
    }
}

fn row(frame: &Frame<'_>, benefit: &Facts) -> Markup {
    let windows = &benefit.windows.citizen;
    html! {
        tr {
            th scope="row" {
                a href=(frame.path(Place::Benefit(&benefit.id))) { (benefit.title.of(frame.language)) }
            }
            td.text-nowrap { (frame.status(benefit)) }
            td {
                @if windows.is_empty() {
                    (frame.say("24 ore su 24", "day and night", "rund um die Uhr"))
                } @else {
                    (crate::words::hours(frame.language, windows))
                }
            }
            td.text-nowrap { (until(frame.language, benefit.opening.closes)) }
        }
    }
}

fn meaning(frame: &Frame<'_>) -> Markup {
    html! {
        div.page {
            h2 { (frame.say("Che cosa vogliono dire", "What they mean", "Was sie bedeuten")) }
            p { (frame.say(
                "Con la ricevuta la domanda è al sicuro: da quel momento non devi fare altro. La registrazione viene dopo, una domanda alla volta, e può richiedere più tempo quando arrivano in molti. L’attesa non cambia l’esito.",
                "With the receipt your application is safe: from then on you need do nothing. Registration comes later, one application after the other, and may take longer when many arrive. The wait does not change the outcome.",
                "Mit der Quittung ist der Antrag sicher: Ab dann müssen Sie nichts mehr tun. Die Registrierung folgt, ein Antrag nach dem anderen, und kann bei großem Andrang länger dauern. Das Warten ändert nichts am Ergebnis.",
            )) }
            p { (frame.say(
                "«Ricevute» conta le domande registrate e quelle che aspettano di esserlo. Fra queste ci possono essere ritiri e invii ripetuti: perciò il numero può scendere un poco.",
                "“Received” counts the applications that are registered and those that wait to be. Among the latter there may be withdrawals and repeated sendings, so that the number may go down a little.",
                "„Eingegangen“ zählt die registrierten Anträge und die, die darauf warten. Darunter können Rücknahmen und wiederholte Sendungen sein; die Zahl kann daher etwas sinken.",
            )) }
            p { (frame.say(
                "Gli orari sono in ora italiana.",
                "Hours are in Italian time.",
                "Die Zeiten sind in italienischer Zeit angegeben.",
            )) }
        }
    }
}
