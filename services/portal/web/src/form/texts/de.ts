import phrases from "../../texts/violations/de.json";
import type { FormTexts } from "./it.js";

const de: FormTexts = {
  phrases,
  mistakes: {
    date_unreadable: "schreiben Sie ein bestehendes Datum, zum Beispiel 31.03.2020",
    number_unreadable: "schreiben Sie eine Zahl, zum Beispiel 1499,90",
    number_thousands:
      "es ist unklar, ob das Zeichen Tausender trennt: schreiben Sie 1000 oder 1000,00",
  },

  steps: {
    information: "Information",
    general: "Allgemeine Daten",
    specific: "Besondere Daten",
    review: "Übersicht",
    outcome: "Ergebnis",
  },
  stepOf: (step, of) => `Schritt ${step} von ${of}`,
  done: "erledigt",
  next: "Weiter",
  back: "Zurück",
  backToReview: "Zurück zur Übersicht",
  optional: "(freiwillig)",
  yes: "Ja",
  no: "Nein",
  noAnswer: "Keine Antwort",
  choose: "Wählen",
  confirmed: "Bestätigt",
  notGiven: "Nicht angegeben",
  dateHint: "Tag, Monat und Jahr: 31.03.2020",
  amountHint: "In Euro, zum Beispiel 600 oder 599,90",
  add: (what) => `Hinzufügen: ${what}`,
  remove: (what) => `Entfernen: ${what}`,
  numbered: (what, number) => `${what} ${number}`,

  errorTitle: (title) => `Fehler: ${title}`,
  mistakesFound: (count) =>
    count === 1 ? "Eine Angabe ist zu berichtigen" : `${count} Angaben sind zu berichtigen`,

  application: (title) => `Antrag: ${title}`,
  informationLead:
    "Es dauert wenige Minuten. Sie können jetzt ausfüllen und sich erst am Ende anmelden, um zu senden.",
  needed: "Was Sie brauchen",
  neededIdentity: "SPID, CIE oder CNS für die Anmeldung: Name und Steuernummer kommen von dort.",
  dataTitle: "Ihre Daten",
  dataText:
    "Bis Sie senden, bleibt auf dieser Seite, was Sie schreiben. Wir verwenden keine Cookies.",
  dataLink: "Datenschutzhinweise lesen",
  orderArrival:
    "Die Anträge werden in der Reihenfolge ihres Eingangs geprüft. Bei großem Andrang verlieren Sie Ihren Platz nicht: Es zählt der Zeitpunkt auf der Quittung.",
  orderOther: "Sie müssen sich nicht beeilen: Die Reihenfolge des Eingangs zählt nicht.",
  start: "Beginnen",

  generalTitle: "Allgemeine Daten",
  whoApplies: "Wer den Antrag stellt",
  nameAndFamilyName: "Name",
  taxCode: "Steuernummer",
  identityLater:
    "Name und Steuernummer kommen beim Senden aus Ihrer Anmeldung: Sie müssen sie nicht schreiben.",
  category: "In welcher Gruppe beantragen Sie die Leistung?",
  specificTitle: "Besondere Daten",
  noQuestions: "Für diese Leistung gibt es nichts weiter zu fragen.",

  reviewTitle: "Prüfen und senden",
  reviewLead:
    "Lesen Sie alles in Ruhe noch einmal. Nach dem Senden lässt sich der Antrag nicht ändern, aber zurückziehen und neu stellen.",
  change: "Ändern",
  changeWhat: (what) => `: ${what}`,
  signInToSend: "Zum Senden bitte anmelden",
  signInText:
    "Es öffnet sich ein Fenster für die Anmeldung mit SPID, CIE oder CNS. Diese Seite bleibt, wie sie ist.",
  signInNow: "Jetzt anmelden",
  signIn: "Anmelden",
  signInAgainTitle: "Ihre Anmeldung ist abgelaufen",
  signInAgainText:
    "Melden Sie sich wieder an, und das Senden geht von selbst weiter. Was Sie geschrieben haben, ist noch hier.",
  send: "Antrag senden",
  popupBlocked:
    "Der Browser hat das Fenster blockiert: Erlauben Sie Fenster dieser Website und drücken Sie wieder auf Anmelden.",
  popupClosed:
    "Das Fenster wurde vor dem Ende geschlossen. Sie können es jederzeit wieder versuchen.",
  popupRefused:
    "Die Anmeldung ist nicht gelungen. Sie können es wieder versuchen: Was Sie geschrieben haben, ist noch hier.",
  anotherPerson:
    "Sie haben sich als eine andere Person angemeldet. Der Antrag wurde nicht gesendet: Melden Sie sich mit Ihrer eigenen Identität an.",
  notACitizen:
    "Diese Anmeldung hat keine Steuernummer: Um für sich selbst einen Antrag zu stellen, melden Sie sich mit Ihrer persönlichen Identität an.",
  providerAway:
    "Der Anmeldedienst antwortet im Moment nicht. Was Sie geschrieben haben, bleibt auf dieser Seite, und wir versuchen es weiter. Müssen Sie die Seite schließen, speichern Sie einen Entwurf.",

  unsureTitle: "Die Seite wurde während des Sendens geschlossen",
  unsureText:
    "Füllen Sie dasselbe noch einmal aus und senden Sie es: War der Antrag schon angekommen, zählt er einmal.",
  problemTitle: "Der Antrag wurde nicht gesendet",
  closedTitle: "Jetzt kann nicht gesendet werden",
  closedUntil: (when) =>
    `Es öffnet wieder: ${when}, italienische Zeit. Drücken Sie dann wieder auf Senden: Sie müssen nicht unter den Ersten sein.`,
  closed: "Für diese Leistung werden keine Anträge mehr angenommen.",
  openAgain: "Jetzt ist es offen: Sie können senden.",
  notOwn: "Der Antrag hat eine andere Steuernummer als Ihre Anmeldung.",
  unknownProblem:
    "Der Dienst hat den Antrag nicht angenommen. Was Sie geschrieben haben, ist noch hier: Versuchen Sie es wieder, und bitten Sie um Hilfe, wenn es nicht gelingt.",
  help: "Hilfe und Kontakte",
  formChanged:
    "Die Fragen zu dieser Leistung haben sich geändert, während Sie ausgefüllt haben. Ihre Antworten sind geblieben; prüfen Sie diese Angaben:",
  formChangedMore: (names) => `Neu: ${names}.`,
  formChangedLess: (names) => `Nicht mehr nötig: ${names}.`,

  sendingTitle: "Wir senden Ihren Antrag",
  sendingText: "Es dauert einen Augenblick.",
  crowded:
    "Es gibt viele Anfragen. Sie müssen nichts tun: Die Seite versucht es von selbst wieder, und der Antrag zählt einmal.",
  unreachable:
    "Der Dienst antwortet nicht. Sie müssen nichts tun: Die Seite versucht es von selbst wieder, und der Antrag zählt einmal.",
  offline:
    "Sie scheinen nicht verbunden zu sein. Sobald die Verbindung wieder da ist, sendet die Seite von selbst, und der Antrag zählt einmal.",
  sendsAnew:
    "Sie hatten denselben Antrag gesendet und zurückgezogen: Wir senden ihn als neuen Antrag.",
  keepOpen:
    "Lassen Sie diese Seite offen. Sie können andere Apps verwenden oder den Bildschirm sperren: Wenn Sie zurückkommen, versucht sie es sofort wieder.",
  isItSent: "Gesendet?",
  notYet: "Noch nicht",
  nextTry: "Nächster Versuch",
  soon: "in Kürze",
  doesOrderCount: "Zählt es, früher zu sein?",
  orderDoesNotCount: "Nein, die Reihenfolge des Eingangs zählt nicht",
  orderCounts: "Es zählt der Zeitpunkt auf der Quittung",
  afterReload:
    "Wenn sich die Seite schließt, füllen Sie dasselbe noch einmal aus: Es zählt einmal.",

  receiptTitle: "Ihr Antrag ist in Sicherheit",
  received: (when) => `Eingegangen am ${when}, italienische Zeit`,
  benefit: "Leistung",
  number: "Nummer des Antrags",
  protocol: "Protokollnummer",
  copy: "Kopieren",
  copied: "Kopiert",
  keepReceipt:
    "Bewahren Sie diese Quittung auf: Sie beweist, dass und wann Sie den Antrag gesendet haben. Ihr Name steht nicht darin, und alle können sie prüfen.",
  qr: "Mit der Kamera gelesen, öffnet er die Prüfung der Quittung",
  download: "Herunterladen",
  print: "Drucken",
  receiptAsText: "Die Quittung als Text",
  whatNext: "Was jetzt geschieht",
  receivedStage: "Eingegangen",
  registeredStage: "Registriert",
  registeredSoon: "meist in wenigen Sekunden: Hier erscheint dann die Protokollnummer",
  outcomeStage: "Ergebnis",
  outcomeText: "Sie finden es bei Ihren Anträgen",
  replacesReceipt:
    "Diese Quittung ersetzt die vorige: Sie gehörte zu einem Antrag, den Sie zurückgezogen hatten. Deshalb hat die Seite denselben als neuen Antrag gesendet.",
  partsMissing:
    "Der Code und die Datei lassen sich im Moment nicht laden. Die Quittung gilt trotzdem. Laden Sie die Seite neu: Die Quittung bleibt.",
  loadAgain: "Seite neu laden",
  warningsTitle: "Vielleicht ist etwas verschrieben",
  warningsText:
    "Der Antrag ist trotzdem gültig. Ist etwas falsch, können Sie ihn zurückziehen und neu stellen.",
  myApplications: "Zu meinen Anträgen",
  anotherOne: "Noch einen Antrag stellen",
  checkAt: "Zu prüfen auf",
  fileName: "quittung",
  fileText:
    "Diese Datei ist die Quittung eines Antrags. Bewahren Sie sie auf: Sie beweist, dass und wann der Antrag gesendet wurde. Ihr Name steht nicht darin.",

  saveDraft: "Entwurf speichern",
  draftSaved: (until) =>
    `Entwurf gespeichert, nur auf diesem Gerät, bis ${until}. Er öffnet sich nur mit Ihrer Identität.`,
  draftSavedHere: (until) =>
    `Entwurf gespeichert, nur auf diesem Gerät, bis ${until}. Er öffnet sich nur in diesem Tab des Browsers: Um ihn auch danach zu öffnen, melden Sie sich an und speichern Sie erneut.`,
  draftFailed: "Dieser Browser erlaubt es nicht, einen Entwurf zu speichern.",
  draftFound: (when) => `Auf diesem Gerät gibt es einen Entwurf vom ${when}.`,
  draftResume: "Entwurf fortsetzen",
  draftDelete: "Entwurf löschen",
  draftOfPerson:
    "Auf diesem Gerät gibt es einen Entwurf. Wenn er Ihnen gehört, melden Sie sich an, um ihn zu öffnen.",
  draftWiped:
    "Auf diesem Gerät war ein Entwurf einer anderen Person, oder einer, der nicht lesbar ist: Er wurde gelöscht.",

  languageLater:
    "Die andere Sprache lässt sich im Moment nicht laden. Was Sie geschrieben haben, ist noch hier.",
};

export default de;
