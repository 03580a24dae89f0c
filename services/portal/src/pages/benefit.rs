//! A benefit: who can have it, how much, until when, and how.

use maud::{Markup, html};

use serde_json::{Value, json};

use super::{Frame, Page, frame};
use crate::facts::{Category, Facts, Question, State};
use crate::place::Place;
use crate::words::{capital, first_sentence, hours, instant, until};

pub(super) fn page(frame: &Frame<'_>, benefit: &Facts) -> Page {
    let title = benefit.title.of(frame.language);
    let (help, more) = first_sentence(benefit.help.of(frame.language));
    Page {
        title: title.to_owned(),
        description: help.to_owned(),
        body: html! {
            div.container {
                (frame.to_benefits())
                div.layout-aside {
                    div.page {
                        h1 data-element="service-title" { (title) }
                        p.lead data-element="service-description" { (help) }
                        // on a wide screen the card beside says it
                        p.meta.d-lg-none {
                            span { (frame.status(benefit)) }
                            span { (frame.icon("calendar")) (frame.deadline(benefit)) }
                        }
                        @if !more.is_empty() { p.mt { (more) } }
                        (frame.order(benefit))
                        (index(frame, benefit))
                        (who(frame, benefit))
                        (how_much(frame, benefit))
                        (needed(frame, benefit))
                        (how(frame))
                        (frame.rules(benefit))
                    }
                    aside { (card(frame, benefit)) }
                }
            }
            (frame::block("application/ld+json", "metatag", &for_search_engines(frame, benefit)))
        },
    }
}

impl Frame<'_> {
    /// Returns the main action, while it is of use.
    fn apply(&self, benefit: &Facts, class: &str) -> Markup {
        html! {
            @if benefit.state == State::Over {
                a class=(class) href=(self.path(Place::Applications)) {
                    (self.say("Guarda le tue domande", "See your applications", "Ihre Anträge ansehen"))
                }
            } @else {
                a class=(class) href=(self.path(Place::Apply(&benefit.id))) data-element="service-online-access" {
                    (self.say("Chiedi la prestazione", "Apply for the benefit", "Leistung beantragen"))
                }
            }
        }
    }

    /// Returns the hours of a channel.
    fn daily(&self, windows: &[String]) -> String {
        if windows.is_empty() {
            return self
                .say(
                    "Tutti i giorni, 24 ore su 24",
                    "Every day, day and night",
                    "Täglich rund um die Uhr",
                )
                .to_owned();
        }
        let every_day = self.say("Tutti i giorni", "Every day", "Täglich");
        let zone = self.say("ora italiana", "Italian time", "italienische Zeit");
        format!("{every_day} {}, {zone}", hours(self.language, windows))
    }

    fn fields_of_applicant<'t>(&self, benefit: &'t Facts) -> Vec<&'t str>
    where
        Self: 't,
    {
        let word = |field: &String| match field.as_str() {
            "email" => self.say("un indirizzo e-mail", "an e-mail address", "eine E-Mail-Adresse"),
            "phone" => self.say(
                "un numero di telefono",
                "a telephone number",
                "eine Telefonnummer",
            ),
            "iban" => self.say(
                "l’IBAN di un conto intestato a te",
                "the IBAN of an account in your name",
                "die IBAN eines Kontos auf Ihren Namen",
            ),
            _ => self.say("la data di nascita", "your date of birth", "Ihr Geburtsdatum"),
        };
        benefit.required_of_applicant.iter().map(word).collect()
    }
}

/// Describes the benefit in the words of schema.org.
fn for_search_engines(frame: &Frame<'_>, benefit: &Facts) -> Value {
    let base = frame.config.public_url.as_str().trim_end_matches('/');
    let service_url = format!("{base}{}", frame.path(Place::Apply(&benefit.id)));
    json!({
        "@context": "https://schema.org",
        "@type": "GovernmentService",
        "name": benefit.title.of(frame.language),
        "description": benefit.help.of(frame.language),
        "inLanguage": frame.language.tag(),
        "serviceOperator": { "@type": "GovernmentOrganization", "name": frame.config.office.name },
        "areaServed": { "@type": "Country", "name": "IT" },
        "availableChannel": { "@type": "ServiceChannel", "serviceUrl": service_url },
    })
}

/// Returns what matters at a glance: open or not, until when, how much, how often.
fn card(frame: &Frame<'_>, benefit: &Facts) -> Markup {
    let language = frame.language;
    let amounts: Vec<String> = benefit
        .amounts()
        .into_iter()
        .map(|amount| capital(&frame.amount(amount)))
        .collect();
    let opens = frame.say("Dal", "From", "Ab");
    html! {
        section.it-card aria-labelledby="state" data-element="service-calendar-list" {
            div data-element="service-status" { (frame.status(benefit)) }
            h2.h3.mt #state { (frame.deadline(benefit)) }
            @if benefit.state == State::Before {
                p { (opens) " " (instant(language, benefit.opening.opens)) " "
                    (frame.say("al", "to", "bis")) " " (until(language, benefit.opening.closes)) "." }
            }
            p data-element="service-calendar-text" { (frame.daily(&benefit.windows.citizen)) "." }
            @if benefit.windows.intermediary != benefit.windows.citizen {
                p.small.text-secondary {
                    (frame.say("Per i patronati: ", "For intermediaries: ", "Für Patronate: "))
                    (frame.daily(&benefit.windows.intermediary)) "."
                }
            }
            dl.definitions {
                @if !amounts.is_empty() {
                    div {
                        dt { (frame.say("Quanto spetta", "Amount", "Betrag")) }
                        dd { (amounts.join("\n")) }
                    }
                }
                div {
                    dt { (frame.say("Ordine", "Order", "Reihenfolge")) }
                    dd { (frame.order_in_short(benefit)) }
                }
            }
            (frame.apply(benefit, "btn btn-primary w-100 mt"))
        }
    }
}

/// Returns the parts of the page, for those who look for one of them.
fn index(frame: &Frame<'_>, benefit: &Facts) -> Markup {
    let amounts = !benefit.amounts().is_empty();
    let parts = [
        (
            "who",
            frame.say("Chi può chiederla", "Who can apply", "Wer sie beantragen kann"),
            true,
        ),
        (
            "how-much",
            frame.say("Quanto spetta", "How much it is", "Wie hoch sie ist"),
            amounts,
        ),
        (
            "needed",
            frame.say("Che cosa serve", "What you need", "Was Sie brauchen"),
            true,
        ),
        (
            "how",
            frame.say("Come funziona", "How it works", "Wie es geht"),
            true,
        ),
        ("rules", frame.say("Le regole", "The rules", "Die Regeln"), true),
        (
            "retention",
            frame.say("I tuoi dati", "Your data", "Ihre Daten"),
            true,
        ),
    ];
    html! {
        nav.page-index aria-label=(frame.say("In questa pagina", "On this page", "Auf dieser Seite")) data-element="page-index" {
            ul.meta.list-unstyled {
                @for (id, text, is_there) in parts {
                    @if is_there { li { a href={ "#" (id) } { (text) } } }
                }
            }
        }
    }
}

fn who(frame: &Frame<'_>, benefit: &Facts) -> Markup {
    let questions = benefit.questions(frame.language);
    let declared: Vec<&Question<'_>> = questions
        .iter()
        .filter(|question| question.is_declaration)
        .collect();
    html! {
        h2 #who { (frame.say("Chi può chiederla", "Who can apply", "Wer sie beantragen kann")) }
        div data-element="service-addressed" {
            @if benefit.categories.is_empty() {
                p { (frame.say(
                    "Chi ha i requisiti descritti qui sopra.",
                    "People who meet the conditions described above.",
                    "Wer die oben beschriebenen Voraussetzungen erfüllt.",
                )) }
            } @else {
                p { (frame.say(
                    "Chi appartiene a una di queste categorie. Nella domanda scegli la tua.",
                    "People in one of these categories. You choose yours in the application.",
                    "Personen in einer dieser Gruppen. Im Antrag wählen Sie Ihre Gruppe.",
                )) }
                @for one in &benefit.categories { (category(frame, benefit, one)) }
            }
        }
        @if !declared.is_empty() {
            h3.mt { (frame.say("Che cosa dovrai dichiarare", "What you will have to declare", "Was Sie erklären müssen")) }
            ul { @for question in declared { li { (question.label) } } }
        }
    }
}

fn category(frame: &Frame<'_>, benefit: &Facts, category: &Category) -> Markup {
    let own = benefit.own_questions(category, frame.language);
    html! {
        details {
            summary { (category.title.of(frame.language)) }
            @if let Some(help) = &category.help { p { (help.of(frame.language)) } }
            @if let Some(amount) = category.amount {
                p { (frame.say("Quanto spetta: ", "Amount: ", "Betrag: ")) (frame.amount(amount)) "." }
            }
            @if !own.is_empty() {
                p { (frame.say("Ti chiediamo anche:", "We also ask you:", "Wir fragen Sie auch:")) }
                ul { @for question in own { li { (question.label) (optional(frame, &question)) } } }
            }
            @if !category.articles.is_empty() {
                p.small.text-secondary { (frame.articles(&category.articles)) }
            }
        }
    }
}

fn optional(frame: &Frame<'_>, question: &Question<'_>) -> Markup {
    html! {
        @if !question.is_required {
            " " span.text-secondary { (frame.say("(non sempre)", "(not always)", "(nicht immer)")) }
        }
    }
}

fn how_much(frame: &Frame<'_>, benefit: &Facts) -> Markup {
    let own: Vec<&Category> = benefit
        .categories
        .iter()
        .filter(|one| one.amount.is_some())
        .collect();
    html! {
        @if !benefit.amounts().is_empty() {
            h2 #how-much { (frame.say("Quanto spetta", "How much it is", "Wie hoch sie ist")) }
            div data-element="service-achieved" {
                @if let Some(amount) = benefit.amount {
                    p { strong { (capital(&frame.amount(amount))) } "." }
                }
                @if !own.is_empty() {
                    ul {
                        @for one in own {
                            @if let Some(amount) = one.amount {
                                li { (one.title.of(frame.language)) ": " strong { (frame.amount(amount)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn needed(frame: &Frame<'_>, benefit: &Facts) -> Markup {
    let questions = benefit.questions(frame.language);
    let asked = questions.iter().filter(|question| !question.is_declaration);
    html! {
        h2 #needed { (frame.say("Che cosa serve", "What you need", "Was Sie brauchen")) }
        ul data-element="service-needed" {
            li { (frame.say(
                "SPID, CIE o CNS, per accedere prima di inviare: nome e codice fiscale arrivano da lì",
                "SPID, CIE or CNS, to sign in before sending: your name and tax code come from there",
                "SPID, CIE oder CNS, um sich vor dem Senden anzumelden: Name und Steuernummer kommen von dort",
            )) }
            @for field in frame.fields_of_applicant(benefit) { li { (field) } }
            @for question in asked {
                li {
                    (question.label) (optional(frame, question))
                    @if let Some(help) = question.help { br; span.small.text-secondary { (help) } }
                }
            }
        }
        p { (frame.say(
            "Non ti chiediamo altro, e non servono allegati.",
            "We ask for nothing else, and no attachments are needed.",
            "Mehr fragen wir nicht, und Anlagen sind nicht nötig.",
        )) }
    }
}

fn how(frame: &Frame<'_>) -> Markup {
    let steps = [
        (
            frame.say("Compili la domanda", "You fill in the form", "Sie füllen den Antrag aus"),
            frame.say(
                "Cinque minuti. Puoi cominciare anche senza accedere, e salvare una bozza su questo dispositivo.",
                "Five minutes. You can begin without signing in, and save a draft on this device.",
                "Fünf Minuten. Sie können ohne Anmeldung beginnen und einen Entwurf auf diesem Gerät speichern.",
            ),
        ),
        (
            frame.say("Rivedi e invii", "You review and send", "Sie prüfen und senden"),
            frame.say(
                "Accedi, rileggi tutto in una pagina, e invii. Se c’è molta gente la pagina riprova da sola, e la domanda conta una volta sola.",
                "You sign in, read all of it on one page, and send. In a crowd the page tries again by itself, and the application counts once.",
                "Sie melden sich an, lesen alles auf einer Seite und senden. Bei großem Andrang versucht es die Seite von selbst erneut, und der Antrag zählt nur einmal.",
            ),
        ),
        (
            frame.say("Hai la ricevuta", "You have the receipt", "Sie haben die Quittung"),
            frame.say(
                "Subito: prova quando hai inviato, anche se qualcosa poi si guasta. Conservala.",
                "At once: it proves when you applied, even if something fails later. Keep it.",
                "Sofort: Sie beweist, wann Sie den Antrag gestellt haben, auch wenn später etwas ausfällt. Bewahren Sie sie auf.",
            ),
        ),
        (
            frame.say("La domanda è registrata", "Your application is registered", "Ihr Antrag ist registriert"),
            frame.say(
                "Di solito in pochi secondi, con un numero di protocollo. Trovi lo stato in «Le mie domande».",
                "Usually within seconds, with a protocol number. Its state is under “My applications”.",
                "Meist in wenigen Sekunden, mit einer Protokollnummer. Den Stand finden Sie unter „Meine Anträge“.",
            ),
        ),
    ];
    html! {
        h2 #how { (frame.say("Come funziona", "How it works", "Wie es geht")) }
        ol.timeline {
            @for (title, text) in steps {
                li { span.timeline-title { (title) } p { (text) } }
            }
        }
        p.mt { (frame.say(
            "Hai cambiato idea o c’è un errore? Puoi ritirare la domanda e, finché la prestazione è aperta, farne un’altra.",
            "Have you changed your mind, or is something wrong? You can withdraw the application and, while the benefit is open, make another.",
            "Haben Sie es sich anders überlegt, oder ist etwas falsch? Sie können den Antrag zurückziehen und, solange die Leistung offen ist, einen neuen stellen.",
        )) }
        p { (frame.arrow(Place::Help, frame.say(
            "Senza computer: patronati e telefono",
            "Without a computer: patronati and telephone",
            "Ohne Computer: Patronate und Telefon",
        ))) }
    }
}
