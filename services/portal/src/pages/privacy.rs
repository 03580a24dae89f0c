//! Privacy: what happens to personal data (GDPR, articles 13 and 14).

use maud::{Markup, html};

use super::{Frame, Page};
use crate::place::Place;
use crate::words::{instant, term};

pub(super) fn page(frame: &Frame<'_>) -> Page {
    let title = frame.say("Privacy", "Privacy", "Datenschutz");
    let lead = frame.say(
        "Che cosa facciamo con i tuoi dati, in breve: solo ciò che serve alla tua domanda.",
        "What we do with your data, in short: only what your application needs.",
        "Was wir mit Ihren Daten tun, kurz gesagt: nur, was Ihr Antrag braucht.",
    );
    Page {
        title: title.to_owned(),
        description: lead.to_owned(),
        body: html! {
            div.container {
                div.page {
                    h1 { (title) }
                    p.lead { (lead) }
                    (responsible(frame))
                    (what_for(frame))
                    (on_this_site(frame))
                    (who_reads(frame))
                    (how_long(frame))
                    (rights(frame))
                }
            }
        },
    }
}

fn responsible(frame: &Frame<'_>) -> Markup {
    let office = &frame.config.office;
    html! {
        h2 { (frame.say("Chi è responsabile", "Who is responsible", "Wer verantwortlich ist")) }
        p {
            (frame.say("Titolare del trattamento: ", "Controller: ", "Verantwortlich: ")) (office.name) "."
            @if let Some(email) = &office.privacy_email {
                " " (frame.say(
                    "Il responsabile della protezione dei dati risponde a ",
                    "The data protection officer answers at ",
                    "Die oder der Datenschutzbeauftragte antwortet unter ",
                ))
                a href={ "mailto:" (email) } { (email) } "."
            }
        }
    }
}

fn what_for(frame: &Frame<'_>) -> Markup {
    html! {
        h2 { (frame.say("A che cosa servono", "What they are for", "Wozu sie dienen")) }
        p { (frame.say(
            "Usiamo i dati della domanda per decidere se la prestazione ti spetta e per pagarla. La base è la legge che la prevede: un compito di interesse pubblico (regolamento UE 2016/679, articolo 6, paragrafo 1, lettera e). Chiediamo solo ciò che la legge rende necessario; senza, la domanda non può essere esaminata.",
            "We use the data of the application to decide whether you are entitled to the benefit and to pay it. The basis is the law that grants it: a task in the public interest (Regulation (EU) 2016/679, article 6(1)(e)). We ask only for what the law makes necessary; without it the application can’t be examined.",
            "Wir nutzen die Daten des Antrags, um zu entscheiden, ob Ihnen die Leistung zusteht, und um sie auszuzahlen. Grundlage ist das Gesetz, das sie vorsieht: eine Aufgabe im öffentlichen Interesse (Verordnung (EU) 2016/679, Artikel 6 Absatz 1 Buchstabe e). Wir fragen nur, was das Gesetz nötig macht; ohne diese Angaben kann der Antrag nicht geprüft werden.",
        )) }
        p { (frame.say(
            "Nessuna decisione dipende da un profilo di te. La registrazione è automatica e segue regole pubbliche, le stesse per tutti: sono nella pagina di ogni prestazione.",
            "No decision depends on a profile of you. Registration is automatic and follows public rules, the same for all: they are on the page of each benefit.",
            "Keine Entscheidung beruht auf einem Profil von Ihnen. Die Registrierung geschieht automatisch nach öffentlichen Regeln, für alle gleich: Sie stehen auf der Seite jeder Leistung.",
        )) }
    }
}

fn on_this_site(frame: &Frame<'_>) -> Markup {
    html! {
        h2 { (frame.say("Su questo sito", "On this site", "Auf dieser Website")) }
        ul {
            li { (frame.say(
                "Nessun cookie, nessuna statistica di visite, niente da altri siti.",
                "No cookies, no statistics of visits, nothing from other sites.",
                "Keine Cookies, keine Besuchsstatistik, nichts von anderen Websites.",
            )) }
            li { (frame.say(
                "Ciò che scrivi resta sul tuo dispositivo finché non invii. Una bozza la salvi solo tu: è cifrata, resta su questo dispositivo, e si cancella dopo l’invio, quando esci e alla scadenza.",
                "What you type stays on your device until you send. Only you save a draft: it is encrypted, stays on this device, and is erased after sending, at sign-out and at its term.",
                "Was Sie schreiben, bleibt auf Ihrem Gerät, bis Sie senden. Einen Entwurf speichern nur Sie: Er ist verschlüsselt, bleibt auf diesem Gerät und wird nach dem Senden, beim Abmelden und nach Ablauf gelöscht.",
            )) }
            li { (frame.say(
                "Gli indirizzi delle pagine non contengono mai dati personali.",
                "The addresses of pages never hold personal data.",
                "Die Adressen der Seiten enthalten nie personenbezogene Daten.",
            )) }
            li { (frame.say(
                "La verifica di una ricevuta avviene nel tuo browser: la ricevuta non viene inviata.",
                "A receipt is checked in your browser: the receipt is not sent.",
                "Eine Quittung wird in Ihrem Browser geprüft: Die Quittung wird nicht gesendet.",
            )) }
        }
    }
}

fn who_reads(frame: &Frame<'_>) -> Markup {
    html! {
        h2 { (frame.say("Chi li vede", "Who sees them", "Wer sie sieht")) }
        p { (frame.say(
            "Tu; l’intermediario che ha inviato la domanda per te; le persone dell’ente che la esaminano, e solo con un motivo. Ogni lettura resta in un registro che puoi vedere in «Le mie domande».",
            "You; the intermediary that sent the application for you; the people of the office who examine it, and only with a reason. Each reading is kept in a journal, which you can see under “My applications”.",
            "Sie; die Stelle, die den Antrag für Sie gesendet hat; die Personen der Behörde, die ihn prüfen, und nur mit Grund. Jedes Lesen steht in einem Protokoll, das Sie unter „Meine Anträge“ sehen.",
        )) }
        p { (frame.arrow(Place::Applications, frame.say("Le mie domande", "My applications", "Meine Anträge"))) }
    }
}

fn how_long(frame: &Frame<'_>) -> Markup {
    let language = frame.language;
    html! {
        h2 { (frame.say("Per quanto tempo", "For how long", "Wie lange")) }
        div.table-responsive tabindex="0" role="region" aria-labelledby="terms" {
            table.table {
                caption.visually-hidden #terms { (frame.say(
                    "Quanto conserviamo le domande di ogni prestazione",
                    "How long we keep the applications for each benefit",
                    "Wie lange wir die Anträge jeder Leistung aufbewahren",
                )) }
                thead {
                    tr {
                        th scope="col" { (frame.say("Prestazione", "Benefit", "Leistung")) }
                        th scope="col" { (frame.say("Dalla chiusura", "After the closing", "Nach dem Ende")) }
                        th scope="col" { (frame.say("Fino al", "Until", "Bis")) }
                    }
                }
                tbody {
                    @for benefit in frame.benefits {
                        tr {
                            th scope="row" {
                                a href={ (frame.path(Place::Benefit(&benefit.id))) "#retention" } {
                                    (benefit.title.of(language))
                                }
                            }
                            td { (term(language, benefit.retention.days)) }
                            td { (instant(language, benefit.retention.ends)) }
                        }
                    }
                }
            }
        }
    }
}

fn rights(frame: &Frame<'_>) -> Markup {
    html! {
        h2 { (frame.say("I tuoi diritti", "Your rights", "Ihre Rechte")) }
        p { (frame.say(
            "Puoi vedere i tuoi dati, farli correggere, limitarne l’uso, opporti, e farli cancellare dove la legge non impone di conservarli (articoli da 15 a 21 del regolamento). Molto puoi farlo da te in «Le mie domande»: leggere la domanda, vedere chi l’ha letta, ritirarla.",
            "You can see your data, have them corrected, restrict their use, object, and have them erased where the law does not require that they are kept (articles 15 to 21 of the Regulation). Much of it you can do yourself under “My applications”: read the application, see who read it, withdraw it.",
            "Sie können Ihre Daten einsehen, berichtigen lassen, ihre Nutzung einschränken, widersprechen und sie löschen lassen, wo das Gesetz keine Aufbewahrung verlangt (Artikel 15 bis 21 der Verordnung). Vieles können Sie selbst unter „Meine Anträge“ tun: den Antrag lesen, sehen, wer ihn gelesen hat, ihn zurückziehen.",
        )) }
        p {
            (frame.say(
                "Se pensi che i tuoi dati siano trattati male puoi rivolgerti al ",
                "If you think that your data are handled wrongly you can turn to the ",
                "Wenn Sie meinen, dass Ihre Daten falsch behandelt werden, wenden Sie sich an den ",
            ))
            a href="https://www.garanteprivacy.it" lang="it" { "Garante per la protezione dei dati personali" } "."
        }
    }
}
