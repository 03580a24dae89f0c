//! Help: questions and answers, and the other ways to apply.

use maud::{Markup, html};

use super::{Frame, Page};
use crate::place::Place;

pub(super) fn page(frame: &Frame<'_>) -> Page {
    let title = frame.say("Aiuto", "Help", "Hilfe");
    let lead = frame.say(
        "Le domande più frequenti, e come chiedere una prestazione senza computer.",
        "Frequent questions, and how to apply without a computer.",
        "Häufige Fragen, und wie Sie ohne Computer einen Antrag stellen.",
    );
    Page {
        title: title.to_owned(),
        description: lead.to_owned(),
        body: html! {
            div.container {
                div.page {
                    h1 { (title) }
                    p.lead { (lead) }
                    h2 { (frame.say("Prima di inviare", "Before you send", "Vor dem Senden")) }
                    @for (question, answer) in before(frame) { (entry(question, answer)) }
                    h2 { (frame.say("Quando c’è molta gente", "When it is crowded", "Bei großem Andrang")) }
                    @for (question, answer) in crowded(frame) { (entry(question, answer)) }
                    h2 { (frame.say("Dopo l’invio", "After sending", "Nach dem Senden")) }
                    @for (question, answer) in after(frame) { (entry(question, answer)) }
                    p.mt { (frame.arrow(Place::Progress, frame.say("Come sta andando", "How it is going", "Aktueller Stand"))) }
                    h2 #other-ways { (frame.say("Senza computer", "Without a computer", "Ohne Computer")) }
                    (frame.other_ways())
                }
            }
        },
    }
}

type Entry<'a> = (&'a str, &'a str);

fn entry(question: &str, answer: &str) -> Markup {
    html! { details { summary { (question) } p { (answer) } } }
}

fn before(frame: &Frame<'_>) -> [Entry<'static>; 4] {
    [
        (
            frame.say("Come accedo?", "How do I sign in?", "Wie melde ich mich an?"),
            frame.say(
                "Con SPID, con la carta d’identità elettronica (CIE) o con la CNS. Serve solo prima di inviare: la domanda puoi compilarla anche senza.",
                "With SPID, with the electronic identity card (CIE) or with CNS. You need it only before sending: you can fill in the form without.",
                "Mit SPID, mit der elektronischen Identitätskarte (CIE) oder mit der CNS. Das ist erst vor dem Senden nötig: Ausfüllen können Sie den Antrag auch ohne.",
            ),
        ),
        (
            frame.say("Posso interrompere e riprendere?", "Can I stop and go on later?", "Kann ich unterbrechen und später weitermachen?"),
            frame.say(
                "Sì: con «Salva bozza» la domanda resta su questo dispositivo, cifrata, e solo lì. Si cancella dopo l’invio, quando esci e dopo qualche giorno. Su un computer che usano anche altri non salvarla.",
                "Yes: with “Save draft” the form stays on this device, encrypted, and nowhere else. It is erased after sending, when you sign out and after some days. Don’t save it on a computer that others use.",
                "Ja: Mit „Entwurf speichern“ bleibt der Antrag verschlüsselt auf diesem Gerät, und nur dort. Er wird nach dem Senden, beim Abmelden und nach einigen Tagen gelöscht. Speichern Sie ihn nicht auf einem Computer, den auch andere nutzen.",
            ),
        ),
        (
            frame.say("Serve fare in fretta?", "Do I have to hurry?", "Muss ich mich beeilen?"),
            frame.say(
                "Quasi mai. La pagina di ogni prestazione dice se l’ordine di arrivo conta. Se non conta, la domanda dell’ultimo giorno vale come la prima.",
                "Hardly ever. The page of each benefit says whether the order of arrival counts. Where it does not, an application of the last day counts like the first.",
                "Fast nie. Auf der Seite jeder Leistung steht, ob die Reihenfolge zählt. Wenn nicht, zählt ein Antrag vom letzten Tag wie der erste.",
            ),
        ),
        (
            frame.say("Posso fare la domanda per un’altra persona?", "Can I apply for somebody else?", "Kann ich den Antrag für jemand anderen stellen?"),
            frame.say(
                "Da qui no: ognuno chiede per sé. Per gli altri la inviano patronati, CAF e consulenti, con una delega.",
                "Not from here: everybody applies for themselves. Patronati, CAF and consultants send applications for others, with a mandate.",
                "Von hier aus nicht: Alle beantragen für sich selbst. Für andere senden ihn Patronate, Steuerbeistandszentren und Beratungen mit Vollmacht.",
            ),
        ),
    ]
}

fn crowded(frame: &Frame<'_>) -> [Entry<'static>; 3] {
    [
        (
            frame.say("Ho premuto «Invia» e la pagina aspetta. Che cosa faccio?", "I pressed “Send” and the page waits. What do I do?", "Ich habe „Senden“ gedrückt und die Seite wartet. Was tun?"),
            frame.say(
                "Niente: tieni aperta la pagina. Riprova da sola, e la domanda conta una volta sola anche se parte più volte.",
                "Nothing: keep the page open. It tries again by itself, and the application counts once even if it is sent several times.",
                "Nichts: Lassen Sie die Seite offen. Sie versucht es von selbst erneut, und der Antrag zählt nur einmal, auch wenn er mehrmals gesendet wird.",
            ),
        ),
        (
            frame.say("Ho chiuso o ricaricato la pagina mentre inviava.", "I closed or reloaded the page while it was sending.", "Ich habe die Seite beim Senden geschlossen oder neu geladen."),
            frame.say(
                "Guarda in «Le mie domande». Se non c’è, compila di nuovo con gli stessi dati: se era già arrivata conta una volta sola.",
                "Look under “My applications”. If it is not there, fill in the same again: if it had arrived already, it counts once.",
                "Sehen Sie unter „Meine Anträge“ nach. Steht er nicht dort, füllen Sie ihn mit denselben Daten noch einmal aus: War er schon angekommen, zählt er nur einmal.",
            ),
        ),
        (
            frame.say("Il sito di accesso (SPID, CIE) non risponde.", "The site for signing in (SPID, CIE) does not answer.", "Die Anmeldung (SPID, CIE) antwortet nicht."),
            frame.say(
                "Compila intanto la domanda e salva la bozza. Riprova ad accedere più tardi: finché la prestazione è aperta non perdi niente.",
                "Fill in the form meanwhile and save the draft. Try to sign in later: while the benefit is open you lose nothing.",
                "Füllen Sie inzwischen den Antrag aus und speichern Sie den Entwurf. Versuchen Sie die Anmeldung später erneut: Solange die Leistung offen ist, verlieren Sie nichts.",
            ),
        ),
    ]
}

fn after(frame: &Frame<'_>) -> [Entry<'static>; 4] {
    [
        (
            frame.say("Che cosa prova la ricevuta?", "What does the receipt prove?", "Was beweist die Quittung?"),
            frame.say(
                "Che la tua domanda, con quel contenuto, è arrivata in quell’istante. È firmata: chiunque può controllarla, e nessuno può cambiarla.",
                "That your application, with that content, arrived at that time. It is signed: anybody can check it, and nobody can change it.",
                "Dass Ihr Antrag mit diesem Inhalt zu diesem Zeitpunkt angekommen ist. Sie ist signiert: Alle können sie prüfen, und niemand kann sie ändern.",
            ),
        ),
        (
            frame.say("Ho la ricevuta ma non ancora il numero di protocollo.", "I have the receipt but no protocol number yet.", "Ich habe die Quittung, aber noch keine Protokollnummer."),
            frame.say(
                "Va bene così: la domanda è al sicuro, ed è in fila per la registrazione. Il numero compare in «Le mie domande».",
                "That is fine: the application is safe, and waits for its registration. The number appears under “My applications”.",
                "Das ist in Ordnung: Der Antrag ist sicher und wartet auf die Registrierung. Die Nummer erscheint unter „Meine Anträge“.",
            ),
        ),
        (
            frame.say("Ho sbagliato un dato.", "I made a mistake.", "Ich habe einen Fehler gemacht."),
            frame.say(
                "In «Le mie domande» ritira la domanda e, finché la prestazione è aperta, inviane un’altra. Dove conta l’ordine di arrivo vale l’istante della nuova.",
                "Withdraw the application under “My applications” and, while the benefit is open, send another. Where the order of arrival counts, the time of the new one counts.",
                "Ziehen Sie den Antrag unter „Meine Anträge“ zurück und senden Sie, solange die Leistung offen ist, einen neuen. Wo die Reihenfolge zählt, gilt der Zeitpunkt des neuen.",
            ),
        ),
        (
            frame.say("Chi può leggere la mia domanda?", "Who can read my application?", "Wer kann meinen Antrag lesen?"),
            frame.say(
                "Tu, chi l’ha inviata per te, e le persone dell’ente che la esaminano. Ogni lettura è annotata: in «Le mie domande» vedi chi, quando e perché.",
                "You, whoever sent it for you, and the people of the office who examine it. Each reading is noted: under “My applications” you see who, when and why.",
                "Sie, wer ihn für Sie gesendet hat, und die Personen der Behörde, die ihn prüfen. Jedes Lesen wird vermerkt: Unter „Meine Anträge“ sehen Sie, wer, wann und warum.",
            ),
        ),
    ]
}
