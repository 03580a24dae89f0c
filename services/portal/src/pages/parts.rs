//! Parts that several pages have.

use maud::{Markup, html};

use super::Frame;
use crate::facts::{Amount, Facts, Policy, State};
use crate::place::Place;
use crate::words::{clock, euro, instant, until};

impl Frame<'_> {
    /// Returns an icon that says nothing by itself.
    pub(super) fn icon(&self, name: &str) -> Markup {
        self.icon_of("icon", name)
    }

    /// Returns a small icon beside a text.
    pub(super) fn small_icon(&self, name: &str) -> Markup {
        self.icon_of("icon icon-sm", name)
    }

    fn icon_of(&self, class: &str, name: &str) -> Markup {
        html! {
            @if let Some(url) = self.assets.url("icons.svg") {
                svg class=(class) aria-hidden="true" focusable="false" { use href={ (url) "#it-" (name) } {} }
            }
        }
    }

    /// Returns a link that leads on.
    pub(super) fn arrow(&self, place: Place<'_>, text: &str) -> Markup {
        html! { a.link-arrow href=(self.path(place)) { (text) (self.small_icon("arrow-right")) } }
    }

    /// Returns the way back to a page above.
    pub(super) fn breadcrumb(&self, place: Place<'_>, text: &str) -> Markup {
        html! {
            nav aria-label=(self.say("Percorso", "Breadcrumb", "Pfad")) {
                ol.breadcrumb data-element="breadcrumb" {
                    li.breadcrumb-item { a href=(self.path(place)) { (self.small_icon("arrow-left")) (text) } }
                }
            }
        }
    }

    /// Returns the way back to the benefits.
    pub(super) fn to_benefits(&self) -> Markup {
        self.breadcrumb(
            Place::Home,
            self.say("Tutte le prestazioni", "All benefits", "Alle Leistungen"),
        )
    }

    /// Returns the word for whether persons can apply now.
    pub(super) fn status(&self, benefit: &Facts) -> Markup {
        let (class, state, text) = match benefit.state {
            State::Open { .. } => (
                "status status-success",
                "open",
                self.say("Aperta adesso", "Open now", "Jetzt offen").to_owned(),
            ),
            State::Paused { opens } => {
                let at = clock(opens);
                let text = self.say("Apre alle", "Opens at", "Öffnet um").to_owned();
                (
                    "status status-primary status-next",
                    "paused",
                    format!("{text} {at}"),
                )
            }
            State::Before => {
                let at = instant(self.language, benefit.opening.opens);
                let text = self.say("Apre il", "Opens on", "Öffnet am").to_owned();
                (
                    "status status-primary status-next",
                    "before",
                    format!("{text} {at}"),
                )
            }
            State::Over => (
                "status",
                "over",
                self.say("Chiusa", "Closed", "Geschlossen").to_owned(),
            ),
        };
        html! { span class=(class) data-benefit=(benefit.id) data-state=(state) { (text) } }
    }

    /// Returns the first or the last day on which one can apply, whichever matters now.
    pub(super) fn deadline(&self, benefit: &Facts) -> String {
        let last = until(self.language, benefit.opening.closes);
        if benefit.state == State::Over {
            let text = self.say("Chiusa dal", "Closed since", "Geschlossen seit");
            let closed = instant(self.language, benefit.opening.closes);
            return format!("{text} {closed}");
        }
        let text = self.say("Si chiede fino al", "Apply until", "Antrag möglich bis");
        format!("{text} {last}")
    }

    /// Returns in a few words whether hurrying helps.
    pub(super) fn order_in_short(&self, benefit: &Facts) -> &'static str {
        match benefit.order.policy {
            Policy::Arrival if benefit.has_limit() => self.say(
                "Conta l’ordine di arrivo",
                "The order of arrival counts",
                "Die Reihenfolge zählt",
            ),
            Policy::None | Policy::Arrival => self.say(
                "L’ordine di arrivo non conta",
                "The order of arrival does not matter",
                "Die Reihenfolge spielt keine Rolle",
            ),
            Policy::Lottery => self.say("Decide un sorteggio", "A draw decides", "Das Los entscheidet"),
        }
    }

    /// Returns an amount in words.
    pub(super) fn amount(&self, amount: Amount) -> String {
        match amount {
            Amount::Fixed { fixed } => euro(self.language, fixed),
            Amount::Requested { at_most } => {
                let up_to = self.say("fino a", "up to", "bis zu");
                format!("{up_to} {}", euro(self.language, at_most))
            }
        }
    }

    /// Returns how to apply without the form: through somebody, by telephone, from a program.
    pub(super) fn other_ways(&self) -> Markup {
        let office = &self.config.office;
        html! {
            ul {
                li { (self.say(
                    "Vai a un patronato o a un CAF: invia la domanda per te, gratis.",
                    "Go to a patronato or a CAF (tax assistance centre): they send the application for you, free of charge.",
                    "Gehen Sie zu einem Patronat oder Steuerbeistandszentrum (CAF): Dort wird der Antrag kostenlos für Sie gestellt.",
                )) }
                li {
                    (self.say("Chiama il contact center: ", "Call the contact centre: ", "Rufen Sie das Callcenter an: "))
                    @if let Some(phone) = &office.phone {
                        a href={ "tel:" (phone.replace(' ', "")) } { (phone) } "."
                    } @else {
                        (self.say("il numero è sul sito di ", "the number is on the site of ", "Die Nummer steht auf der Website von "))
                        (office.name) "."
                    }
                }
                @if let Some(email) = &office.email {
                    li {
                        (self.say("Scrivi a ", "Write to ", "Schreiben Sie an "))
                        a href={ "mailto:" (email) } { (email) } "."
                    }
                }
                li { (self.say(
                    "Usa un programma che parla con la nostra API, per esempio quello del tuo consulente.",
                    "Use a program that speaks with our API, such as your consultant’s.",
                    "Nutzen Sie ein Programm, das mit unserer API arbeitet, etwa das Ihrer Beratung.",
                )) }
            }
        }
    }
}
