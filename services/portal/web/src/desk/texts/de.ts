import type { DeskTexts } from "./it.js";

const de: DeskTexts = {
  templateTitle: "Die Vorlage",
  templateText:
    "Eine Datei mit den richtigen Spalten, zum Ausfüllen mit einer Tabellenkalkulation.",
  benefit: "Leistung",
  category: "Gruppe",
  downloadTemplate: "Vorlage herunterladen",
  templateAway:
    "Die Vorlage lässt sich im Moment nicht herunterladen. Versuchen Sie es in einigen Minuten wieder.",

  drop: "Datei hierher ziehen oder auswählen",
  dropAnother: "Eine andere Datei hierher ziehen oder auswählen",
  dropHint: "CSV UTF-8, bis zu 100.000 Zeilen. Vor dem Senden prüfen wir sie auf diesem Gerät.",
  oneFile: "Eine Datei auf einmal: Wir haben die erste genommen.",
  checking: (percent) => `Wir prüfen die Datei: ${percent}`,
  checked: (rows) =>
    rows === "1" ? "1 Zeile, bereit zum Senden" : `${rows} Zeilen, bereit zum Senden`,
  checkedText: "Die Datei ist in Ordnung. Bis Sie senden, bleibt sie auf diesem Gerät.",
  again: (answered, rows) =>
    `Ein Teil dieser Datei wurde schon gesendet: ${answered} von ${rows} Zeilen haben ihre Antwort. Es geht von dort weiter, und kein Antrag zählt doppelt.`,
  send: (rows) => (rows === "1" ? "1 Zeile senden" : `${rows} Zeilen senden`),
  goOn: "Weiter senden",
  signInToSend: "Anmelden und senden",
  signInTitle: "Melden Sie sich mit den Zugangsdaten Ihrer Einrichtung an",
  signInText:
    "Sie können die Datei schon vorher vorbereiten und prüfen. Die Anmeldung braucht es zum Senden und um Ihre Sendungen zu sehen.",
  signIn: "Anmelden",
  signInFailed: "Die Anmeldung hat nicht geklappt. Versuchen Sie es noch einmal.",
  popupClosed: "Das Anmeldefenster wurde vor dem Ende geschlossen. Versuchen Sie es noch einmal.",
  popupBlocked:
    "Der Browser hat das Anmeldefenster gesperrt. Erlauben Sie es für diese Seite und versuchen Sie es noch einmal.",
  anotherPerson:
    "Eine andere Person hat sich angemeldet. Melden Sie sich mit denselben Zugangsdaten wie zuvor an.",

  faultTitle: "Diese Datei lässt sich so nicht senden",
  faultNothingSent:
    "Es wurde nichts gesendet. Berichtigen Sie die Datei und wählen Sie sie noch einmal.",
  files: {
    xlsx: "Es ist eine Excel-Arbeitsmappe (.xlsx).",
    xls: "Es ist eine Arbeitsmappe eines älteren Excel (.xls).",
    ods: "Es ist eine OpenDocument-Tabelle (.ods).",
    zip: "Es ist ein ZIP-Archiv.",
    pdf: "Es ist ein PDF-Dokument.",
    html: "Es ist eine Webseite oder ein XML-Dokument.",
    gzip: "Es ist eine komprimierte Datei (gzip).",
    utf16: "Es ist ein Text in UTF-16, wie ihn »Unicode-Text« speichert.",
  },
  saveAsCsv:
    "Öffnen Sie sie mit der Tabellenkalkulation, wählen Sie »Speichern unter«, Typ »CSV UTF-8«, und laden Sie diese Datei.",
  separator:
    "Die Zellen sind durch Tabulatoren oder ein anderes Zeichen getrennt. Speichern Sie die Datei als CSV, mit Strichpunkten oder Kommas.",
  headerTooLong: "Die Zeile mit den Namen der Spalten ist zu lang. Gehen Sie von der Vorlage aus.",
  headerNotUtf8:
    "Die Namen der Spalten sind nicht in UTF-8. Speichern Sie die Datei als »CSV UTF-8«.",
  empty: "In der Datei ist keine Zeile zum Senden.",
  notUtf8: (row) =>
    `In Zeile ${row} stehen Buchstaben, die nicht in UTF-8 sind: Die Datei ist anders kodiert, zum Beispiel in Windows-1252. Speichern Sie sie als »CSV UTF-8«.`,
  rowTooLong: (row) =>
    `Zeile ${row} ist zu lang. Vielleicht beginnt eine Zelle mit einem Anführungszeichen und endet nicht: Schließen Sie es, und verdoppeln Sie die Zeichen in der Zelle.`,
  tooManyRows: (row) =>
    `Die Datei hat mehr als 100.000 Zeilen. Legen Sie die Zeilen ab ${row} in eine andere Datei.`,
  unreadable:
    "Die Datei lässt sich nicht lesen: Vielleicht wurde sie verschoben oder geändert. Wählen Sie sie noch einmal.",
  columnsTitle: "Diese Spalten sind zu berichtigen",
  columnMissing: (name) => `Die Spalte ${name} fehlt`,
  columnUnknown: (column, name) =>
    name === ""
      ? `Spalte ${column}: Kein Formular hat dieses Feld`
      : `Spalte ${column}, ${name}: Kein Formular hat dieses Feld`,
  columnTwice: (column, other) => `Spalte ${column} heißt wie Spalte ${other}`,
  columnGap: (column, name) =>
    `Spalte ${column}, ${name}: Das vorige Element hat keine Spalte; gezählt wird ab 0`,
  columnsTooMany: (most) => `Es gibt mehr als ${most} Spalten`,
  keysTitle: (count, shown) =>
    count === 1
      ? "Ein Schlüssel kommt zweimal vor"
      : `${shown} Zeilen haben einen Schlüssel, den es schon gibt`,
  keysText:
    "Jeder Antrag hat einen eigenen Schlüssel (Spalte idempotency_key). Ändern Sie einen der beiden.",
  keyRow: "Zeile",
  keyFirst: "Gleicher Schlüssel wie Zeile",

  ofRows: (rows) => (rows === "1" ? "von 1 Zeile" : `von ${rows} Zeilen`),
  accepted: "angenommen",
  toMend: "zu berichtigen",
  timeLeft: "verbleibende Zeit",
  pace: (rows) => `${rows} Zeilen in der Sekunde`,
  seconds: "s",
  minutes: "min",
  hours: "h",
  unknown: "–",
  progress: "Zeilen, die ihre Antwort haben",
  said: (answered, rows) => `${answered} von ${rows} Zeilen haben ihre Antwort.`,
  pause: "Pause",
  pausing: "Wir warten auf die letzten Antworten…",
  paused: "Angehalten. Was gesendet wurde, ist sicher.",
  resume: "Weiter",
  leave: "Diese Datei verlassen",
  waiting: {
    crowded:
      "Es gibt viele Anfragen. Sie müssen nichts tun: Die Seite versucht es von selbst wieder, und jeder Antrag zählt einmal.",
    unreachable:
      "Der Dienst antwortet nicht, oder das Netz fehlt. Die Seite versucht es von selbst wieder, und jeder Antrag zählt einmal.",
  },
  signedOut:
    "Die Anmeldung ist zur Sicherheit abgelaufen. Melden Sie sich wieder an: Es geht dort weiter, wo es war.",
  closedTitle: "Der Weg für Vermittlungsstellen ist geschlossen",
  closedUntil: (at) =>
    `Er öffnet wieder am ${at}, italienische Zeit. Lassen Sie die Seite offen, oder wählen Sie dann dieselbe Datei: Es geht von hier weiter.`,
  closed:
    "Kommen Sie wieder, wenn er öffnet, und wählen Sie dieselbe Datei: Es geht von hier weiter.",
  retry: "Noch einmal versuchen",
  refusedTitle: "Das Senden wurde angehalten",
  wrongRole:
    "Hier senden Patronate, Steuerbeistandszentren und Beratungen. Mit dieser Anmeldung können Sie für sich selbst einen Antrag stellen.",
  joining: "Alle Zeilen haben ihre Antwort. Einen Moment: Wir bereiten die Quittung vor.",
  doneTitle: (accepted) =>
    accepted === "1" ? "1 Antrag ist sicher" : `${accepted} Anträge sind sicher`,
  doneNone: "Kein Antrag wurde angenommen",
  doneClean: "Alle Zeilen wurden angenommen.",
  doneErrors: (refused) =>
    `Zeilen zu berichtigen: ${refused}. Senden Sie die anderen nicht noch einmal. Laden Sie die Zeilen herunter, berichtigen Sie sie und laden Sie diese Datei hoch.`,
  receipt: "Quittung der Sendung herunterladen",
  receipts: "Quittungen der Anträge herunterladen",

  errorsTitle: "Zeilen, die zu berichtigen sind",
  row: "Zeile",
  rowToMend: "Zeile in der Datei zum Berichtigen",
  column: "Spalte",
  message: "Was zu berichtigen ist",
  wholeRow: "die ganze Zeile",
  firstOf: (shown) => `Hier stehen die ersten ${shown} Mängel. In den Dateien sind alle.`,
  downloadRows: "Zeilen herunterladen, zum Berichtigen und Senden",
  downloadMessages: "Liste der Mängel herunterladen",
  rowsFile: "zu-berichtigen",
  messagesFile: "was-zu-berichtigen-ist",
  receiptFile: "quittung-der-sendung",
  application: "Nummer des Antrags",
  receivedAt: "Eingegangen am",
  applicationReceipt: "Quittung",
  warnings: "Zu prüfen",
  receiptsFile: "quittungen",
  outcomesFile: "ergebnisse",
  preparing: "Wir bereiten die Datei vor…",

  batchesTitle: "Sendungen von diesem Gerät",
  batchesText: (days) =>
    `Wir merken uns hier Zahlen und Quittungen, keine Daten von Anträgen: ${days} Tage lang, oder bis Sie sich abmelden.`,
  noBatches: "Von diesem Gerät wurde noch nichts gesendet.",
  filterBatches: "Welche Sendungen",
  batchFilters: {
    all: "Alle",
    unfinished: "Unterbrochen",
    "to-mend": "Mit Zeilen zum Berichtigen",
    finished: "Ohne Mängel",
  },
  noSuchBatch: "Es gibt keine solche Sendung.",
  batchOf: (at) => `Sendung vom ${at}`,
  rowsCount: (rows) => (rows === "1" ? "1 Zeile" : `${rows} Zeilen`),
  unfinished: "Unterbrochen",
  finished: "Vollständig",
  unfinishedText: "Wählen Sie dieselbe Datei noch einmal: Es geht dort weiter, wo es war.",
  look: "Ansehen, was daraus geworden ist",
  lookAgain: "Aktualisieren",
  looking: "Einen Moment…",
  lookAway:
    "Das lässt sich jetzt nicht lesen. Versuchen Sie es bald wieder: Die Anträge sind sicher.",
  notFound:
    "Für diese Anmeldung gibt es die Sendung nicht: Vielleicht gehört sie einer anderen Einrichtung, oder sie wird nicht mehr aufbewahrt.",
  signInToLook: "Melden Sie sich an, um zu sehen, was daraus geworden ist.",
  forget: "Von diesem Gerät entfernen",
  outcomes: {
    registered: "Registriert",
    reserve: "Mit Vorbehalt",
    duplicate: "Ein anderer Antrag gilt",
    incompatible: "Nicht vereinbar",
    refused: "Nicht angenommen",
    conflict: "Der frühere gilt",
    withdrawn: "Zurückgezogen",
  },
  queued: "In der Warteschlange",
  repeated: "Wiederholte Zeilen",
  deadLettered: "Das Amt sieht sie an",
  filter: "Zeilen zeigen",
  all: "Alle",
  outcomeColumn: "Ergebnis",
  explanation: "Warum",
  nothingListed: "Keine Zeile hat dieses Ergebnis.",
  firstRows: (shown) => `Hier stehen die ersten ${shown} Zeilen. In der Datei sind alle.`,
  downloadOutcomes: "Liste herunterladen",
};

export default de;
