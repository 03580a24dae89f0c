const it = {
  // the template
  templateTitle: "Il modello",
  templateText: "Un file con le colonne giuste, da riempire con un foglio di calcolo.",
  benefit: "Prestazione",
  category: "Categoria",
  downloadTemplate: "Scarica il modello",
  templateAway: "In questo momento il modello non si può scaricare. Riprova fra qualche minuto.",

  // the file
  drop: "Trascina qui un file, o sceglilo",
  dropAnother: "Trascina qui un altro file, o sceglilo",
  dropHint:
    "CSV UTF-8, fino a 100.000 righe. Prima di inviare lo controlliamo su questo dispositivo.",
  oneFile: "Un file alla volta: abbiamo preso il primo.",
  checking: (percent: string) => `Controlliamo il file: ${percent}`,
  checked: (rows: string) =>
    rows === "1" ? "1 riga, pronta da inviare" : `${rows} righe, pronte da inviare`,
  checkedText: "Il file è in ordine. Finché non invii, resta su questo dispositivo.",
  again: (answered: string, rows: string) =>
    `Questo file era già stato inviato in parte: ${answered} righe su ${rows} hanno la risposta. Si continua da lì, e nessuna domanda conta due volte.`,
  send: (rows: string) => (rows === "1" ? "Invia 1 riga" : `Invia ${rows} righe`),
  goOn: "Continua l’invio",
  signInToSend: "Accedi per inviare",
  signInTitle: "Accedi con le credenziali del tuo ente",
  signInText:
    "Puoi preparare e controllare il file anche prima. L’accesso serve per inviare e per vedere gli invii.",
  signIn: "Accedi",
  signInFailed: "L’accesso non è riuscito. Riprova.",
  popupClosed: "La finestra di accesso si è chiusa prima della fine. Riprova.",
  popupBlocked:
    "Il browser ha bloccato la finestra di accesso. Consentila per questo sito e riprova.",
  anotherPerson: "Ha fatto l’accesso un’altra persona. Accedi con le stesse credenziali di prima.",

  // what is wrong with the file
  faultTitle: "Questo file non si può inviare così",
  faultNothingSent: "Non abbiamo inviato niente. Correggi il file e sceglilo di nuovo.",
  files: {
    xlsx: "È una cartella di lavoro di Excel (.xlsx).",
    xls: "È una cartella di lavoro di un Excel meno recente (.xls).",
    ods: "È un foglio elettronico OpenDocument (.ods).",
    zip: "È un archivio ZIP.",
    pdf: "È un documento PDF.",
    html: "È una pagina web o un documento XML.",
    gzip: "È un file compresso (gzip).",
    utf16: "È un testo in UTF-16, come lo salva «Testo Unicode».",
  },
  saveAsCsv:
    "Aprilo con il foglio di calcolo, scegli «Salva con nome», tipo «CSV UTF-8», e carica quel file.",
  separator:
    "Le celle sono separate da tabulazioni o da un altro segno. Salva il file come CSV, con punti e virgola o virgole.",
  headerTooLong: "La riga con i nomi delle colonne è troppo lunga. Parti dal modello.",
  headerNotUtf8: "I nomi delle colonne non sono in UTF-8. Salva il file come «CSV UTF-8».",
  empty: "Nel file non c’è nessuna riga da inviare.",
  notUtf8: (row: string) =>
    `Alla riga ${row} ci sono lettere che non sono in UTF-8: il file è salvato con un’altra codifica, per esempio Windows-1252. Salvalo come «CSV UTF-8».`,
  rowTooLong: (row: string) =>
    `La riga ${row} è troppo lunga. Forse una cella comincia con le virgolette e non finisce: chiudile, e raddoppia quelle dentro la cella.`,
  tooManyRows: (row: string) =>
    `Il file ha più di 100.000 righe. Metti quelle dalla ${row} in poi in un altro file.`,
  unreadable: "Il file non si può leggere: forse è stato spostato o modificato. Sceglilo di nuovo.",
  columnsTitle: "Le colonne da correggere",
  columnMissing: (name: string) => `Manca la colonna ${name}`,
  columnUnknown: (column: string, name: string) =>
    name === ""
      ? `Colonna ${column}: nessun modulo ha questo campo`
      : `Colonna ${column}, ${name}: nessun modulo ha questo campo`,
  columnTwice: (column: string, other: string) =>
    `La colonna ${column} ha lo stesso nome della colonna ${other}`,
  columnGap: (column: string, name: string) =>
    `Colonna ${column}, ${name}: manca la colonna dell’elemento precedente; si conta da 0`,
  columnsTooMany: (most: string) => `Le colonne sono più di ${most}`,
  keysTitle: (count: number, shown: string) =>
    count === 1 ? "Una chiave compare due volte" : `${shown} righe hanno una chiave che c’è già`,
  keysText: "Ogni domanda ha una chiave propria (colonna idempotency_key). Cambia una delle due.",
  keyRow: "Riga",
  keyFirst: "Stessa chiave della riga",

  // the sending
  ofRows: (rows: string) => (rows === "1" ? "di 1 riga" : `di ${rows} righe`),
  accepted: "accettate",
  toMend: "da correggere",
  timeLeft: "tempo che manca",
  pace: (rows: string) => `${rows} righe al secondo`,
  seconds: "s",
  minutes: "min",
  hours: "h",
  unknown: "–",
  progress: "Righe che hanno la risposta",
  said: (answered: string, rows: string) => `${answered} righe su ${rows} hanno la risposta.`,
  pause: "Pausa",
  pausing: "Aspettiamo le ultime risposte…",
  paused: "In pausa. Quello che è partito è al sicuro.",
  resume: "Riprendi",
  leave: "Lascia questo file",
  waiting: {
    crowded:
      "Ci sono molte richieste. Non devi fare nulla: la pagina riprova da sola, e ogni domanda conta una volta sola.",
    unreachable:
      "Il servizio non risponde o la rete manca. La pagina riprova da sola, e ogni domanda conta una volta sola.",
  },
  signedOut: "L’accesso è finito, per sicurezza. Accedi di nuovo: l’invio continua da dov’era.",
  closedTitle: "Il canale per gli intermediari è chiuso",
  closedUntil: (at: string) =>
    `Riapre ${at}, ora italiana. Lascia aperta la pagina o scegli allora lo stesso file: si continua da qui.`,
  closed: "Torna quando riapre e scegli lo stesso file: si continua da qui.",
  retry: "Riprova",
  refusedTitle: "L’invio si è fermato",
  wrongRole:
    "Da qui inviano patronati, CAF e consulenti. Con questo accesso puoi chiedere una prestazione per te.",
  joining: "Tutte le righe hanno la risposta. Un momento: prepariamo la ricevuta.",
  doneTitle: (accepted: string) =>
    accepted === "1" ? "1 domanda è al sicuro" : `${accepted} domande sono al sicuro`,
  doneNone: "Nessuna domanda è stata accettata",
  doneClean: "Tutte le righe sono state accettate.",
  doneErrors: (refused: string) =>
    `Righe da correggere: ${refused}. Le altre non vanno rispedite. Scarica quelle da correggere, mettile a posto e carica quel file.`,
  receipt: "Scarica la ricevuta dell’invio",
  receipts: "Scarica le ricevute delle domande",

  // mistakes
  errorsTitle: "Righe da correggere",
  row: "Riga",
  rowToMend: "Riga nel file da correggere",
  column: "Colonna",
  message: "Che cosa correggere",
  wholeRow: "tutta la riga",
  firstOf: (shown: string) =>
    `Qui vedi le prime ${shown} cose da correggere. Nei file ci sono tutte.`,
  downloadRows: "Scarica le righe, da correggere e rispedire",
  downloadMessages: "Scarica l’elenco di che cosa correggere",
  rowsFile: "da-correggere",
  messagesFile: "che-cosa-correggere",
  receiptFile: "ricevuta-invio",
  application: "Numero della domanda",
  receivedAt: "Ricevuta il",
  applicationReceipt: "Ricevuta",
  warnings: "Da controllare",
  receiptsFile: "ricevute",
  outcomesFile: "esiti",
  preparing: "Prepariamo il file…",

  // the batches
  batchesTitle: "Gli invii da questo dispositivo",
  batchesText: (days: string) =>
    `Ricordiamo qui conteggi e ricevute, non i dati delle domande: per ${days} giorni, o fino a quando esci.`,
  noBatches: "Da questo dispositivo non è ancora partito nessun invio.",
  filterBatches: "Quali invii",
  batchFilters: {
    all: "Tutti",
    unfinished: "Interrotti",
    "to-mend": "Con righe da correggere",
    finished: "Senza errori",
  },
  noSuchBatch: "Nessun invio di questo tipo.",
  batchOf: (at: string) => `Invio del ${at}`,
  rowsCount: (rows: string) => (rows === "1" ? "1 riga" : `${rows} righe`),
  unfinished: "Interrotto",
  finished: "Completo",
  unfinishedText: "Scegli di nuovo lo stesso file: l’invio continua da dov’era.",
  look: "Vedi che cosa è successo",
  lookAgain: "Aggiorna",
  looking: "Un momento…",
  lookAway: "Adesso non si può leggere. Riprova fra poco: le domande sono al sicuro.",
  notFound: "Per questo accesso l’invio non c’è: forse è di un altro ente, o non è più conservato.",
  signInToLook: "Accedi per vedere che cosa è successo.",
  forget: "Togli da questo dispositivo",
  outcomes: {
    registered: "Registrate",
    reserve: "Con riserva",
    duplicate: "Vale un’altra domanda",
    incompatible: "Non cumulabili",
    refused: "Non accolte",
    conflict: "Vale quella di prima",
    withdrawn: "Ritirate",
  },
  queued: "In coda",
  repeated: "Righe ripetute",
  deadLettered: "Le guarda l’ufficio",
  filter: "Mostra le righe",
  all: "Tutte",
  outcomeColumn: "Esito",
  explanation: "Perché",
  nothingListed: "Nessuna riga con questo esito.",
  firstRows: (shown: string) => `Qui vedi le prime ${shown} righe. Nel file ci sono tutte.`,
  downloadOutcomes: "Scarica l’elenco",
};

export type DeskTexts = typeof it;
export default it;
