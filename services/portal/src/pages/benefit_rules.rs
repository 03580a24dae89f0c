//! The rules of a benefit in plain words: order, money, how often, with what, for how long.

use maud::{Markup, html};

use super::Frame;
use crate::facts::{Disposal, Facts, PastCap, Policy};
use crate::place::Place;
use crate::words::{euro, instant, term, until};

impl Frame<'_> {
    /// Returns whether hurrying helps, as the first thing after what the benefit is.
    pub(super) fn order(&self, benefit: &Facts) -> Markup {
        let has_limit = benefit.has_limit();
        let (title, text) = match benefit.order.policy {
            Policy::Arrival if has_limit => (
                self.say("Conta l’ordine di arrivo", "The order of arrival counts", "Die Reihenfolge zählt"),
                self.say(
                    "Le domande sono esaminate nell’ordine in cui arrivano, finché ci sono fondi. Vale l’istante scritto sulla ricevuta, non quello in cui la domanda è registrata: se c’è molta gente la pagina riprova da sola, e non serve fare altro.",
                    "Applications are examined in the order in which they arrive, while there is money. The time on the receipt counts, not that of the registration: in a crowd the page tries again by itself, and you need to do nothing else.",
                    "Die Anträge werden in der Reihenfolge ihres Eingangs geprüft, solange Geld da ist. Es zählt der Zeitpunkt auf der Quittung, nicht der der Registrierung: Bei großem Andrang versucht es die Seite von selbst erneut, und Sie müssen nichts weiter tun.",
                ),
            ),
            Policy::None if has_limit => (
                self.no_hurry(),
                self.say(
                    "L’ordine di arrivo non conta: la domanda dell’ultimo giorno vale come la prima. Se i fondi non bastano, la decisione è la stessa per tutti, dopo la chiusura.",
                    "The order of arrival does not matter: an application of the last day counts like the first. If there is not enough money, the decision is the same for all, after the closing.",
                    "Die Reihenfolge spielt keine Rolle: Ein Antrag vom letzten Tag zählt wie der erste. Reicht das Geld nicht, fällt nach dem Ende für alle dieselbe Entscheidung.",
                ),
            ),
            Policy::None | Policy::Arrival => (
                self.no_hurry(),
                self.say(
                    "L’ordine di arrivo non conta, e non c’è un limite di fondi: basta inviare la domanda entro il termine.",
                    "The order of arrival does not matter, and there is no limit to the money: it is enough to apply before the closing.",
                    "Die Reihenfolge spielt keine Rolle, und das Geld ist nicht begrenzt: Es genügt, den Antrag fristgerecht zu stellen.",
                ),
            ),
            Policy::Lottery => (
                self.no_hurry(),
                self.say(
                    "Se i fondi non bastano per tutti decide un sorteggio pubblico, dopo la chiusura: ogni domanda ha la stessa probabilità, la prima come l’ultima.",
                    "If there is not enough money for all, a public draw decides after the closing: each application has the same chance, the first like the last.",
                    "Reicht das Geld nicht für alle, entscheidet nach dem Ende ein öffentliches Los: Jeder Antrag hat dieselbe Chance, der erste wie der letzte.",
                ),
            ),
        };
        html! {
            div.callout data-order=(policy_word(benefit.order.policy)) {
                p.callout-title { (self.icon("clock")) (title) }
                p { (text) }
            }
        }
    }

    fn no_hurry(&self) -> &'static str {
        self.say(
            "Non serve fare in fretta",
            "There is no need to hurry",
            "Sie brauchen sich nicht zu beeilen",
        )
    }

    /// Returns articles of the law of a benefit.
    pub(super) fn articles(&self, articles: &[String]) -> String {
        let word = if articles.len() == 1 {
            self.say("Articolo", "Article", "Artikel")
        } else {
            self.say("Articoli", "Articles", "Artikel")
        };
        let and = self.say(" e ", " and ", " und ");
        let listed = match articles.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{}{and}{last}", rest.join(", ")),
            _ => articles.concat(),
        };
        format!("{word} {listed}")
    }

    /// Returns the rules, and how long data are kept.
    pub(super) fn rules(&self, benefit: &Facts) -> Markup {
        let law = &benefit.law;
        html! {
            h2 #rules { (self.say("Le regole", "The rules", "Die Regeln")) }
            p { a href=(law.url) lang="it" { (law.act) } ". " (self.articles(&law.articles)) "." }
            ul {
                li { (self.how_often(benefit)) }
                (self.incompatible(benefit))
                (self.money(benefit))
                @if let Some(seed) = &benefit.order.seed {
                    li { (self.say("Il sorteggio è avvenuto con: ", "The draw was made with: ", "Gelost wurde mit: ")) (seed) "." }
                }
            }
            (self.retention(benefit))
        }
    }

    fn how_often(&self, benefit: &Facts) -> String {
        let questions = benefit.questions(self.language);
        let lists = benefit
            .one_per
            .iter()
            .filter_map(|pointer| pointer.strip_prefix("/answers/"));
        let names = lists.filter_map(|pointer| pointer.split('/').next());
        let label = |name| questions.iter().find(|question| question.name == name);
        let subjects: Vec<&str> = names.filter_map(label).map(|question| question.label).collect();
        let for_person = benefit.one_per.iter().any(|pointer| pointer == "applicant");
        match (for_person, subjects.as_slice()) {
            (false, []) => self
                .say(
                    "Si può chiedere più volte.",
                    "You can apply several times.",
                    "Sie können sie mehrmals beantragen.",
                )
                .to_owned(),
            (true, []) => self
                .say(
                    "Una volta sola per persona: se invii due domande vale la prima.",
                    "Once for each person: if you send two applications, the first counts.",
                    "Einmal je Person: Bei zwei Anträgen zählt der erste.",
                )
                .to_owned(),
            (for_person, subjects) => {
                let persons = if for_person {
                    self.say("per persona e ", "for each person and ", "je Person und ")
                } else {
                    ""
                };
                let once = self.say("Una volta sola ", "Once ", "Einmal ");
                let each = self.say(
                    "per ognuno di quelli che indichi in",
                    "for each of those that you name under",
                    "für jede Angabe unter",
                );
                let first = self.say(
                    "Se arrivano due domande vale la prima.",
                    "Of two applications the first counts.",
                    "Von zwei Anträgen zählt der erste.",
                );
                format!("{once}{persons}{each} «{}». {first}", subjects.join("», «"))
            }
        }
    }

    fn incompatible(&self, benefit: &Facts) -> Markup {
        let others = benefit.incompatible_with.iter().filter_map(|id| self.benefit(id));
        html! {
            @for other in others {
                li {
                    (self.say("Non si può avere insieme a: ", "Can’t be had together with: ", "Nicht zusammen möglich mit: "))
                    a href=(self.path(Place::Benefit(&other.id))) { (other.title.of(self.language)) } "."
                }
            }
        }
    }

    fn money(&self, benefit: &Facts) -> Markup {
        let limits = benefit.categories.iter().filter_map(|category| {
            let budget = category.budget?;
            Some((category.title.of(self.language), budget.cap))
        });
        let past_cap = benefit.past_cap().map(|past_cap| match past_cap {
            PastCap::Reserve => self.say(
                "Oltre il limite la domanda è accolta con riserva: vale se arrivano altri fondi.",
                "Past the limit an application is received with reservation: it counts if more money comes.",
                "Über der Grenze wird ein Antrag unter Vorbehalt angenommen: Er zählt, wenn weiteres Geld kommt.",
            ),
            PastCap::Refuse => self.say(
                "Oltre il limite la domanda non è accolta.",
                "Past the limit an application is refused.",
                "Über der Grenze wird ein Antrag abgelehnt.",
            ),
        });
        html! {
            @if let Some(budget) = benefit.budget {
                li {
                    (self.say("Fondi in tutto: ", "Money in all: ", "Mittel insgesamt: "))
                    (euro(self.language, budget.cap)) "."
                }
            }
            @for (title, cap) in limits {
                li {
                    (self.say("Fondi per la categoria «", "Money for the category “", "Mittel für die Gruppe „")) (title)
                    (self.say("»: ", "”: ", "“: ")) (euro(self.language, cap)) "."
                }
            }
            @if let Some(text) = past_cap { li { (text) } }
        }
    }

    fn retention(&self, benefit: &Facts) -> Markup {
        let language = self.language;
        let (for_long, ends) = (
            term(language, benefit.retention.days),
            instant(language, benefit.retention.ends),
        );
        let closed = until(language, benefit.opening.closes);
        let kept = match benefit.retention.then {
            Disposal::Pseudonymise => self.say(
                "Poi togliamo nome, codice fiscale, contatti, conto e risposte: restano solo numero di protocollo, date, importo e decisione.",
                "Then we remove name, tax code, contacts, account and answers: only protocol number, dates, amount and decision remain.",
                "Danach entfernen wir Name, Steuernummer, Kontakte, Konto und Antworten: Nur Protokollnummer, Daten, Betrag und Entscheidung bleiben.",
            ),
            Disposal::Purge => self.say(
                "Poi la cancelliamo: resta solo quante domande sono arrivate.",
                "Then we erase it: only the number of applications remains.",
                "Danach löschen wir ihn: Nur die Zahl der Anträge bleibt.",
            ),
        };
        let sentence = match language {
            sportello_domain::Language::Italian => {
                format!("Conserviamo la domanda per {for_long} dalla chiusura ({closed}), fino al {ends}.")
            }
            sportello_domain::Language::English => {
                format!("We keep your application for {for_long} after the closing ({closed}), until {ends}.")
            }
            sportello_domain::Language::German => format!(
                "Wir bewahren den Antrag nach dem Ende ({closed}) auf, Dauer: {for_long}, bis {ends}."
            ),
        };
        html! {
            h2 #retention { (self.say("I tuoi dati", "Your data", "Ihre Daten")) }
            p { (sentence) " " (kept) }
            p { (self.arrow(Place::Privacy, self.say(
                "Chi li vede, e i tuoi diritti",
                "Who sees them, and your rights",
                "Wer sie sieht, und Ihre Rechte",
            ))) }
        }
    }
}

fn policy_word(policy: Policy) -> &'static str {
    match policy {
        Policy::None => "none",
        Policy::Arrival => "arrival",
        Policy::Lottery => "lottery",
    }
}
