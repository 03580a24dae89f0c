import type { ApplicationStatus } from "../model.js";

type Statuses = Readonly<Record<ApplicationStatus, string>>;

const statuses: Statuses = {
  queued: "Ricevuta",
  registered: "Registrata",
  reserve: "Con riserva",
  duplicate: "Vale un’altra domanda",
  incompatible: "Vale un’altra domanda",
  refused: "Non accolta",
  conflict: "Vale quella di prima",
  withdrawn: "Ritirata",
};

/** One sentence for each status, until its reason is known. */
const meanings: Statuses = {
  queued: "È al sicuro: sarà registrata fra poco.",
  registered: "È registrata e sarà esaminata.",
  reserve: "È registrata con riserva: le risorse stanziate potrebbero non bastare.",
  duplicate: "Vale una domanda ricevuta prima, al posto di questa.",
  incompatible: "Vale una domanda ricevuta prima, per una prestazione che non si può cumulare con questa.",
  refused: "Non conta.",
  conflict: "Con la stessa chiave era arrivata prima un’altra domanda, e vale quella.",
  withdrawn: "È stata ritirata e non conta più.",
};

/** The words of `shared/domain/src/reason.rs`. */
const reasons: Readonly<Record<string, string>> = {
  regular: "La domanda è registrata e sarà esaminata.",
  same_person: "Vale la domanda ricevuta prima per la stessa persona e la stessa prestazione.",
  same_subject:
    "La prestazione è già chiesta da una domanda ricevuta prima, per esempio per lo stesso figlio.",
  incompatible_benefit:
    "Vale una domanda ricevuta prima per una prestazione che non si può cumulare con questa.",
  past_cap: "Le risorse stanziate non bastano per questa domanda.",
  before_opening: "La domanda è arrivata prima dell'apertura dei termini.",
  after_closing: "La domanda è arrivata dopo la chiusura dei termini.",
  outside_window: "La domanda è arrivata fuori dall'orario previsto per questo canale.",
  key_reused:
    "Vale la domanda ricevuta prima con la stessa chiave di invio. Per inviarne un'altra usa una chiave nuova.",
  withdrawn_by_applicant: "La domanda è stata ritirata dalla persona interessata.",
  withdrawn_by_submitter: "La domanda è stata ritirata dall'intermediario che l'aveva inviata.",
};

const it = {
  statuses,
  meanings,
  reasons,
  signInWith: "Accedi con SPID, CIE o CNS",
  signInFailed: "L’accesso non è riuscito. Riprova: le tue domande sono al sicuro.",
  sessionOver: "L’accesso è finito, per sicurezza. Accedi di nuovo per vedere le tue domande.",
  loading: "Cerchiamo le tue domande…",
  count: (n: number) => (n === 1 ? "Una domanda" : `${n} domande`),
  none: "Non c’è ancora nessuna domanda",
  noneYet:
    "Una domanda appena inviata compare qui quando è registrata, di solito in pochi secondi. La ricevuta vale da subito.",
  see: "Vedi le prestazioni",
  refresh: "Aggiorna",
  awayTitle: "In questo momento non possiamo mostrarle",
  away: "Le tue domande sono al sicuro. La pagina riprova da sola.",
  protocol: (number: string) => `Protocollo ${number}`,
  receivedOn: (at: string) => `ricevuta il ${at}`,
  amount: "Importo chiesto",
  ticket: "Numero per il sorteggio",
  history: "Che cosa è successo",
  content: "Che cosa hai inviato",
  accesses: "Chi l’ha vista",
  accessesHelp: "Ogni lettura lascia una riga, anche la tua.",
  noAccess: "Non l’ha vista ancora nessuno.",
  more: "Mostra le precedenti",
  detailsLoading: "Un momento…",
  detailsAway: "Adesso non si può leggere.",
  again: "Riprova",
  received: "Ricevuta",
  outcome: "Esito",
  outcomeHere: "lo troverai qui",
  soonRegistered: "di solito in pochi secondi",
  receivedEarlier: "Vale un momento di ricezione precedente",
  conflict: "È arrivato un altro contenuto con la stessa chiave: non conta",
  replaced: "Vale il contenuto che era arrivato prima",
  mended: "L’ufficio ha corretto il contenuto, che non si poteva registrare",
  changed: "È cambiata",
  roles: { applicant: "Tu", submitter: "Chi l’ha inviata per te", operator: "Una persona dell’ufficio" } as Readonly<
    Record<string, string>
  >,
  operations: {
    find: "ha visto lo stato",
    list: "l’ha vista in un elenco",
    content: "ha letto che cosa c’è scritto",
  } as Readonly<Record<string, string>>,
  reason: "Motivo",
  applicant: {
    family_name: "Cognome",
    given_name: "Nome",
    tax_code: "Codice fiscale",
    birth_date: "Data di nascita",
    iban: "IBAN",
    email: "E-mail",
    phone: "Telefono",
  },
  mandate: "Mandato",
  category: "Categoria",
  confirmed: "Confermato",
  yes: "Sì",
  no: "No",
  withdraw: "Ritira la domanda",
  withdrawTitle: "Vuoi ritirare questa domanda?",
  withdrawText: (number: string) =>
    `La domanda ${number} non conterà più, e non si può tornare indietro. Finché la prestazione è aperta puoi farne un’altra.`,
  withdrawYes: "Sì, ritira la domanda",
  withdrawNo: "No, lasciala com’è",
  withdrawing: "Stiamo inviando la tua richiesta…",
  withdrawSent: "La tua richiesta di ritiro è al sicuro. Fra pochi secondi qui vedrai «Ritirata».",
  withdrawFailed: "La richiesta di ritiro non è partita: il servizio non risponde. La domanda è rimasta com’era. Riprova.",
  applyAgain: "Chiedi di nuovo",
};

export type ApplicationsTexts = typeof it;
export default it;
