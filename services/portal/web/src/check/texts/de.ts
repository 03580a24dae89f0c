import type { CheckTexts } from "./it.js";

const de: CheckTexts = {
  another: "Eine andere Quittung prüfen",
  pasteLabel: "Text der Quittung",
  pasteHelp: "Er steht am Ende der heruntergeladenen Datei und beginnt mit eyJ. Sie können auch die ganze Datei einfügen.",
  check: "Prüfen",
  fileLabel: "Datei der Quittung wählen",
  fileOrPictureLabel: "Datei der Quittung oder ein Bild des QR-Codes wählen",
  fileHelp: "oder hierher ziehen. Sie bleibt auf diesem Gerät.",
  pasteFirst: "Fügen Sie den Text der Quittung ein",
  noReceiptInText: "In diesem Text ist keine Quittung. Prüfen Sie, ob Sie ihn ganz kopiert haben.",
  noReceiptInFile: "In dieser Datei ist keine Quittung. Wählen Sie die Datei, die Sie nach dem Senden heruntergeladen haben.",
  noReceiptInPicture: "In diesem Bild ist kein Code zu lesen. Versuchen Sie es mit einem schärferen Bild oder mit der heruntergeladenen Datei.",
  pictureNotRead: "Dieser Browser liest keine Codes in Bildern. Richten Sie die Kamera Ihres Telefons auf den Code, oder wählen Sie die heruntergeladene Datei.",
  validTitle: "Die Quittung ist gültig",
  valid: "Dieser Antrag ist eingegangen, und niemand hat die Quittung verändert.",
  invalidTitle: "Die Quittung ist nicht gültig",
  invalid: "Der Text wurde verändert, ein Stück fehlt, oder er stammt nicht von uns. Wenn es Ihre Quittung ist, versuchen Sie es mit der heruntergeladenen Datei.",
  unknownTitle: "Sie lässt sich jetzt nicht prüfen",
  unknown: "Hier fehlt der Schlüssel, mit dem die Quittung signiert ist, oder ein Teil der Seite. Das heißt nicht, dass sie falsch ist: Versuchen Sie es später erneut, wenn Sie online sind.",
  again: "Erneut versuchen",
  benefit: "Leistung",
  receivedAt: "Eingegangen",
  italianTime: "italienische Zeit",
  id: "Nummer des Antrags",
  digest: "Prüfsumme des Gesendeten",
};

export default de;
