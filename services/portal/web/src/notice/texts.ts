import type { Language } from "../common/language.js";
import type { State } from "./progress.js";

/** So few that all languages are in the script: one request less on every page. */
export interface NoticeTexts {
  /** What matters, then what to do: two lines on a phone, since they move what is below. */
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
      "sending-waits": ["L’invio è in attesa.", "Puoi compilare: la domanda parte da sola appena si può."],
      unknown: ["Non siamo raggiungibili.", "L’invio è in attesa: la pagina riprova da sola."],
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
      "sending-waits": ["Sending waits.", "You can fill in the form: it leaves by itself as soon as it can."],
      unknown: ["We can’t be reached now.", "Sending waits: the page tries again by itself."],
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
      "sending-waits": ["Das Senden wartet.", "Sie können ausfüllen: Der Antrag geht ab, sobald es möglich ist."],
      unknown: ["Wir sind nicht erreichbar.", "Das Senden wartet: Die Seite versucht es von selbst erneut."],
    },
    canSend: "Anträge können gesendet werden",
    sendingWaits: "Das Senden wartet: Die Antragsseite versucht es von selbst erneut",
    openNow: "Jetzt offen",
    closedNow: "Jetzt geschlossen",
    opens: (at) => `Öffnet ${at}`,
    unknown: "noch nicht bekannt",
  },
};
