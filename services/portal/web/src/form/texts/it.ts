import phrases from "../../texts/violations/it.json";

const it = {
  phrases,
  mistakes: {
    date_unreadable: "scrivi una data che esiste, come 31/03/2020",
    number_unreadable: "scrivi un numero, come 1499,90",
    number_thousands: "non è chiaro se il segno separa le migliaia: scrivi 1000, oppure 1000,00",
  },

  // the way
  steps: {
    information: "Informativa",
    general: "Dati generali",
    specific: "Dati specifici",
    review: "Riepilogo",
    outcome: "Esito",
  },
  stepOf: (step: number, of: number) => `Passo ${step} di ${of}`,
  done: "fatto",
  next: "Avanti",
  back: "Indietro",
  backToReview: "Torna al riepilogo",
  optional: "(facoltativo)",
  yes: "Sì",
  no: "No",
  noAnswer: "Nessuna risposta",
  choose: "Scegli",
  confirmed: "Confermato",
  notGiven: "Non indicato",
  dateHint: "Giorno, mese e anno: 31/03/2020",
  amountHint: "In euro, per esempio 600 oppure 599,90",
  add: (what: string) => `Aggiungi: ${what}`,
  remove: (what: string) => `Togli: ${what}`,
  numbered: (what: string, number: number) => `${what} ${number}`,

  // mistakes
  errorTitle: (title: string) => `Errore: ${title}`,
  mistakesFound: (count: number) =>
    count === 1 ? "C'è una cosa da correggere" : `Ci sono ${count} cose da correggere`,

  // information
  application: (title: string) => `Domanda: ${title}`,
  informationLead:
    "Bastano pochi minuti. Puoi compilare adesso e accedere solo alla fine, per inviare.",
  needed: "Che cosa ti serve",
  neededIdentity: "SPID, CIE o CNS per accedere: nome e codice fiscale arrivano da lì.",
  dataTitle: "I tuoi dati",
  dataText: "Finché non invii, quello che scrivi resta in questa pagina. Non usiamo cookie.",
  dataLink: "Leggi l'informativa sulla privacy",
  orderArrival:
    "Le domande sono esaminate nell'ordine in cui arrivano. Se il sito è affollato non perdi il posto: vale l'istante della ricevuta.",
  orderOther: "Non serve fare in fretta: l'ordine di arrivo non conta.",
  start: "Comincia",

  // general
  generalTitle: "Dati generali",
  whoApplies: "Chi fa la domanda",
  nameAndFamilyName: "Nome e cognome",
  taxCode: "Codice fiscale",
  identityLater:
    "Nome e codice fiscale arrivano dal tuo accesso, quando invii: non devi scriverli.",
  category: "Per quale categoria chiedi la prestazione?",
  specificTitle: "Dati specifici",
  noQuestions: "Per questa prestazione non c'è altro da chiedere.",

  // review
  reviewTitle: "Controlla e invia",
  reviewLead:
    "Rileggi tutto con calma. Dopo l'invio la domanda non si cambia, ma si può ritirare e rifare.",
  change: "Modifica",
  changeWhat: (what: string) => `: ${what}`,
  signInToSend: "Per inviare serve accedere",
  signInText: "Si apre una finestra per accedere con SPID, CIE o CNS. Questa pagina resta com'è.",
  signInNow: "Accedi adesso",
  signIn: "Accedi",
  signInAgainTitle: "L'accesso è scaduto",
  signInAgainText:
    "Accedi di nuovo e l'invio continua da solo. Quello che hai scritto è ancora qui.",
  send: "Invia la domanda",
  popupBlocked:
    "Il browser ha bloccato la finestra: consenti le finestre di questo sito, poi premi di nuovo Accedi.",
  popupClosed: "La finestra si è chiusa prima della fine. Puoi riprovare quando vuoi.",
  popupRefused: "L'accesso non è riuscito. Puoi riprovare: quello che hai scritto è ancora qui.",
  anotherPerson:
    "Hai fatto l'accesso come un'altra persona. La domanda non è stata inviata: accedi con la tua identità.",
  notACitizen:
    "Questo accesso non ha un codice fiscale: per fare domanda per te accedi con la tua identità personale.",
  providerAway:
    "Il servizio di accesso in questo momento non risponde. Quello che hai scritto resta in questa pagina, e riproviamo da soli. Se devi chiuderla, salva una bozza.",

  // problems
  unsureTitle: "La pagina si è chiusa durante l'invio",
  unsureText:
    "Compila di nuovo gli stessi dati e invia: se la domanda era già arrivata, conta una volta sola.",
  problemTitle: "La domanda non è stata inviata",
  closedTitle: "Adesso non si può inviare",
  closedUntil: (when: string) =>
    `Riapre ${when}, ora italiana. Allora premi di nuovo Invia: non serve essere tra i primi.`,
  closed: "Le domande per questa prestazione sono chiuse.",
  openAgain: "Adesso è aperto: puoi inviare.",
  notOwn: "La domanda porta un altro codice fiscale di quello del tuo accesso.",
  unknownProblem:
    "Il servizio non ha accettato la domanda. Quello che hai scritto è ancora qui: riprova, e se non funziona chiedi aiuto.",
  help: "Aiuto e contatti",
  formChanged:
    "Le domande di questa prestazione sono cambiate mentre compilavi. Le tue risposte sono rimaste; controlla queste voci:",
  formChangedMore: (names: string) => `Nuove: ${names}.`,
  formChangedLess: (names: string) => `Non servono più: ${names}.`,

  // sending
  sendingTitle: "Stiamo inviando la tua domanda",
  sendingText: "Ci vuole un momento.",
  crowded:
    "Ci sono molte richieste. Non devi fare nulla: la pagina riprova da sola e la domanda conterà una volta sola.",
  unreachable:
    "Il servizio non risponde. Non devi fare nulla: la pagina riprova da sola e la domanda conterà una volta sola.",
  offline:
    "Sembra che tu non sia in rete. Quando torna la connessione la pagina invia da sola, e la domanda conterà una volta sola.",
  sendsAnew: "Avevi già inviato e ritirato la stessa domanda: la inviamo come domanda nuova.",
  keepOpen:
    "Lascia aperta questa pagina. Puoi usare altre app o bloccare lo schermo: quando torni, riprova subito.",
  isItSent: "Inviata?",
  notYet: "Non ancora",
  nextTry: "Prossimo tentativo",
  soon: "fra poco",
  doesOrderCount: "Fare prima conta?",
  orderDoesNotCount: "No, l'ordine di arrivo non conta",
  orderCounts: "Conta l'istante della ricevuta",
  afterReload: "Se la pagina si chiude, compila di nuovo gli stessi dati: conta una volta sola.",

  // receipt
  receiptTitle: "La tua domanda è al sicuro",
  received: (when: string) => `Ricevuta il ${when}, ora italiana`,
  benefit: "Prestazione",
  number: "Numero della domanda",
  protocol: "Numero di protocollo",
  copy: "Copia",
  copied: "Copiato",
  keepReceipt:
    "Conserva questa ricevuta: prova che hai inviato la domanda e quando. Non contiene il tuo nome, e chiunque può verificarla.",
  qr: "Inquadrato, apre la verifica della ricevuta",
  download: "Scarica",
  print: "Stampa",
  receiptAsText: "La ricevuta come testo",
  whatNext: "Che cosa succede adesso",
  receivedStage: "Ricevuta",
  registeredStage: "Registrata",
  registeredSoon: "di solito in pochi secondi: qui comparirà il numero di protocollo",
  outcomeStage: "Esito",
  outcomeText: "lo trovi nelle tue domande",
  replacesReceipt:
    "Questa ricevuta prende il posto di quella di prima: apparteneva a una domanda che avevi ritirato, perciò la pagina ha inviato la stessa come domanda nuova.",
  partsMissing:
    "Il codice e il file non si caricano in questo momento. La ricevuta vale lo stesso. Ricarica la pagina: la ricevuta resta.",
  loadAgain: "Ricarica la pagina",
  warningsTitle: "Forse c'è una svista",
  warningsText: "La domanda è valida lo stesso. Se qualcosa è sbagliato, puoi ritirarla e rifarla.",
  myApplications: "Vai alle mie domande",
  anotherOne: "Fai un'altra domanda",
  checkAt: "Si verifica su",
  fileName: "ricevuta",
  fileText:
    "Questo file è la ricevuta di una domanda. Conservalo: prova che la domanda è stata inviata, e quando. Non contiene il tuo nome.",

  // draft
  saveDraft: "Salva bozza",
  draftSaved: (until: string) =>
    `Bozza salvata, solo su questo dispositivo, fino al ${until}. Si apre solo con la tua identità.`,
  draftSavedHere: (until: string) =>
    `Bozza salvata, solo su questo dispositivo, fino al ${until}. Si apre solo in questa scheda del browser: per riaprirla anche dopo averla chiusa, accedi e salva di nuovo.`,
  draftFailed: "Questo browser non permette di salvare una bozza.",
  draftFound: (when: string) => `Su questo dispositivo c'è una bozza del ${when}.`,
  draftResume: "Riprendi la bozza",
  draftDelete: "Elimina la bozza",
  draftOfPerson: "Su questo dispositivo c'è una bozza. Se è tua, accedi per aprirla.",
  draftWiped:
    "Su questo dispositivo c'era una bozza di un'altra persona, o che non si può leggere: è stata eliminata.",

  // page
  languageLater:
    "L'altra lingua non si carica in questo momento. Quello che hai scritto è ancora qui.",
};

export type FormTexts = typeof it;
export default it;
