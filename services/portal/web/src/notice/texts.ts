import type { Language } from "../common/language.js";
import type { State } from "./progress.js";

/** So few that all languages are in the script: one request less on every page. */
export interface NoticeTexts {
  /** What matters, then what to do. */
  readonly states: Readonly<Record<Exclude<State, "well">, readonly [string, string]>>;
  readonly canSend: string;
  readonly sendingWaits: string;
  readonly openNow: string;
  readonly closedNow: string;
  readonly opens: (at: string) => string;
  readonly unknown: string;
}

export const TEXTS: Readonly<Record<Language, NoticeTexts>> = {
  it: {
    states: {
      "sending-waits": [
        "L’invio delle domande è in attesa.",
        "Puoi leggere e compilare tutto: la domanda parte da sola appena si può.",
      ],
      unknown: [
        "In questo momento non siamo raggiungibili.",
        "L’invio è in attesa. Quello che hai aperto resta qui, e la pagina riprova da sola.",
      ],
    },
    canSend: "Le domande si possono inviare",
    sendingWaits: "L’invio è in attesa: la pagina della domanda riprova da sola",
    openNow: "Aperta adesso",
    closedNow: "Chiusa adesso",
    opens: (at) => `Apre ${at}`,
    unknown: "non ancora noti",
  },
  en: {
    states: {
      "sending-waits": [
        "Sending applications waits.",
        "You can read and fill in everything: your application leaves by itself as soon as it can.",
      ],
      unknown: [
        "We can’t be reached at the moment.",
        "Sending waits. What you have opened stays here, and the page tries again by itself.",
      ],
    },
    canSend: "Applications can be sent",
    sendingWaits: "Sending waits: the page of the form tries again by itself",
    openNow: "Open now",
    closedNow: "Closed now",
    opens: (at) => `Opens ${at}`,
    unknown: "not yet known",
  },
  de: {
    states: {
      "sending-waits": [
        "Das Senden von Anträgen wartet.",
        "Sie können alles lesen und ausfüllen: Der Antrag geht von selbst ab, sobald es möglich ist.",
      ],
      unknown: [
        "Wir sind im Moment nicht erreichbar.",
        "Das Senden wartet. Was Sie geöffnet haben, bleibt hier, und die Seite versucht es von selbst erneut.",
      ],
    },
    canSend: "Anträge können gesendet werden",
    sendingWaits: "Das Senden wartet: Die Antragsseite versucht es von selbst erneut",
    openNow: "Jetzt offen",
    closedNow: "Jetzt geschlossen",
    opens: (at) => `Öffnet ${at}`,
    unknown: "noch nicht bekannt",
  },
};
