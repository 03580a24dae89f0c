const it = {
  another: "Controlla un’altra ricevuta",
  pasteLabel: "Testo della ricevuta",
  pasteHelp: "È in fondo al file che hai scaricato, e comincia con eyJ. Puoi incollare anche tutto il file.",
  check: "Verifica",
  fileLabel: "Scegli il file della ricevuta",
  fileOrPictureLabel: "Scegli il file della ricevuta, o una foto del codice QR",
  fileHelp: "oppure trascinalo qui. Resta su questo dispositivo.",
  pasteFirst: "Incolla il testo della ricevuta",
  noReceiptInText: "In questo testo non c’è una ricevuta. Controlla di averla copiata tutta.",
  noReceiptInFile: "In questo file non c’è una ricevuta. Scegli il file che hai scaricato dopo l’invio.",
  noReceiptInPicture: "In questa immagine non si legge un codice. Prova con una foto più nitida, o con il file scaricato.",
  pictureNotRead: "Questo browser non legge i codici nelle immagini. Inquadra il codice con la fotocamera del telefono, o scegli il file scaricato.",
  validTitle: "La ricevuta è valida",
  valid: "Questa domanda è stata ricevuta, e nessuno ha cambiato la ricevuta.",
  invalidTitle: "La ricevuta non è valida",
  invalid: "Il testo è stato cambiato, manca un pezzo, o non viene da noi. Se la ricevuta è tua, prova con il file scaricato.",
  unknownTitle: "Adesso non si può verificare",
  unknown: "Qui manca la chiave con cui la ricevuta è firmata, o una parte della pagina. Non vuol dire che sia falsa: riprova più tardi, quando sei in rete.",
  again: "Riprova",
  benefit: "Prestazione",
  receivedAt: "Ricevuta",
  italianTime: "ora italiana",
  id: "Numero della domanda",
  digest: "Impronta di quanto inviato",
};

export type CheckTexts = typeof it;
export default it;
