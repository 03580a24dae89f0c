//! Legal notes: who publishes the pages, licences, what a receipt is in law.

use maud::html;

use super::{Frame, Page};

pub(super) fn page(frame: &Frame<'_>) -> Page {
    let title = frame.say("Note legali", "Legal notes", "Rechtliche Hinweise");
    let lead = frame.say(
        "Chi pubblica queste pagine, con quali licenze, e che valore hanno.",
        "Who publishes these pages, under which licences, and what they are worth.",
        "Wer diese Seiten veröffentlicht, unter welchen Lizenzen und mit welcher Geltung.",
    );
    Page {
        title: title.to_owned(),
        description: lead.to_owned(),
        body: html! {
            div.container {
                div.page {
                    h1 { (title) }
                    p.lead { (lead) }
                    h2 { (frame.say("Chi pubblica", "Publisher", "Herausgeber")) }
                    p { (frame.config.office.name) "." }
                    h2 { (frame.say("Valore dei testi", "What the texts are worth", "Geltung der Texte")) }
                    p { (frame.say(
                        "I testi spiegano la legge in parole semplici; vale la legge. Le versioni inglese e tedesca sono di aiuto; fa fede quella italiana, salvo le norme sull’uso del tedesco in provincia di Bolzano.",
                        "The texts explain the law in plain words; the law counts. The English and German versions are for help; the Italian one is authentic, except for the rules on the use of German in the province of Bolzano.",
                        "Die Texte erklären das Gesetz in einfachen Worten; es gilt das Gesetz. Die englische und die deutsche Fassung dienen der Hilfe; verbindlich ist die italienische, unbeschadet der Bestimmungen über den Gebrauch des Deutschen in der Provinz Bozen.",
                    )) }
                    p { (frame.say(
                        "La ricevuta prova l’invio e il suo istante. Non è la decisione sulla domanda.",
                        "The receipt proves the sending and its time. It is not the decision on the application.",
                        "Die Quittung beweist das Senden und seinen Zeitpunkt. Sie ist nicht die Entscheidung über den Antrag.",
                    )) }
                    h2 { (frame.say("Licenze", "Licences", "Lizenzen")) }
                    p data-element="legal-notes-section" { (frame.say(
                        "In applicazione del principio open by default ai sensi dell’articolo 52 del decreto legislativo 7 marzo 2005, n. 82 (CAD) e salvo dove diversamente specificato, i testi di queste pagine e i numeri pubblicati sono rilasciati sotto licenza CC-BY 4.0.",
                        "Under the principle of open by default of article 52 of legislative decree 82 of 7 March 2005 (CAD), and except where stated otherwise, the texts of these pages and the numbers published are released under the licence CC BY 4.0.",
                        "Nach dem Grundsatz „open by default“ gemäß Artikel 52 des gesetzesvertretenden Dekrets Nr. 82 vom 7. März 2005 (CAD) und soweit nicht anders angegeben stehen die Texte dieser Seiten und die veröffentlichten Zahlen unter der Lizenz CC BY 4.0.",
                    )) }
                    ul {
                        li { a href="https://creativecommons.org/licenses/by/4.0/deed.it" { "CC BY 4.0" } }
                        li { (frame.say("Il programma: ", "The program: ", "Das Programm: "))
                            a href="https://joinup.ec.europa.eu/collection/eupl/eupl-text-eupl-12" { "EUPL 1.2" } }
                        li { (frame.say("L’aspetto: ", "The design: ", "Die Gestaltung: ")) "Bootstrap Italia, BSD 3-Clause" }
                        li { (frame.say("Il carattere: ", "The typeface: ", "Die Schrift: ")) "Titillium Web, SIL Open Font License 1.1" }
                    }
                }
            }
        },
    }
}
