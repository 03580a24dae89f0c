import type { DeskTexts } from "./it.js";

const en: DeskTexts = {
  templateTitle: "The template",
  templateText: "A file with the right columns, to fill in with a spreadsheet program.",
  benefit: "Benefit",
  category: "Category",
  downloadTemplate: "Download the template",
  templateAway: "The template can't be downloaded at the moment. Try again in a few minutes.",

  drop: "Drop a file here, or choose one",
  dropAnother: "Drop another file here, or choose one",
  dropHint: "CSV UTF-8, up to 100,000 rows. Before anything is sent we check it on this device.",
  oneFile: "One file at a time: we took the first.",
  checking: (percent) => `We are checking the file: ${percent}`,
  checked: (rows) => (rows === "1" ? "1 row, ready to send" : `${rows} rows, ready to send`),
  checkedText: "The file is in order. Until you send it, it stays on this device.",
  again: (answered, rows) =>
    `A part of this file was sent before: ${answered} of ${rows} rows have their answer. It goes on from there, and no application counts twice.`,
  send: (rows) => (rows === "1" ? "Send 1 row" : `Send ${rows} rows`),
  goOn: "Go on sending",
  signInToSend: "Sign in to send",
  signInTitle: "Sign in with the credentials of your organisation",
  signInText:
    "You can prepare and check the file before. You sign in to send it and to see your batches.",
  signIn: "Sign in",
  signInFailed: "The sign-in did not work. Try again.",
  popupClosed: "The sign-in window was closed before the end. Try again.",
  popupBlocked: "The browser blocked the sign-in window. Allow it for this site and try again.",
  anotherPerson: "Another person has signed in. Sign in with the same credentials as before.",

  faultTitle: "This file can't be sent as it is",
  faultNothingSent: "Nothing was sent. Mend the file and choose it again.",
  files: {
    xlsx: "It is an Excel workbook (.xlsx).",
    xls: "It is a workbook of an older Excel (.xls).",
    ods: "It is an OpenDocument spreadsheet (.ods).",
    zip: "It is a ZIP archive.",
    pdf: "It is a PDF document.",
    html: "It is a web page or an XML document.",
    gzip: "It is a compressed file (gzip).",
    utf16: "It is a text in UTF-16, as “Unicode text” saves it.",
  },
  saveAsCsv:
    "Open it with the spreadsheet program, choose “Save as”, type “CSV UTF-8”, and load that file.",
  separator:
    "The cells are separated by tabs or another sign. Save the file as CSV, with semicolons or commas.",
  headerTooLong: "The line with the names of the columns is too long. Begin with the template.",
  headerNotUtf8: "The names of the columns are not in UTF-8. Save the file as “CSV UTF-8”.",
  empty: "There is no row to send in the file.",
  notUtf8: (row) =>
    `Row ${row} has letters that are not in UTF-8: the file is saved in another encoding, such as Windows-1252. Save it as “CSV UTF-8”.`,
  rowTooLong: (row) =>
    `Row ${row} is too long. Perhaps a cell begins with a quote and does not end: close it, and double the quotes within the cell.`,
  tooManyRows: (row) =>
    `The file has more than 100,000 rows. Put those from row ${row} on into another file.`,
  unreadable: "The file can't be read: perhaps it was moved or changed. Choose it again.",
  columnsTitle: "The columns to mend",
  columnMissing: (name) => `The column ${name} is missing`,
  columnUnknown: (column, name) =>
    name === ""
      ? `Column ${column}: no form has this field`
      : `Column ${column}, ${name}: no form has this field`,
  columnTwice: (column, other) => `Column ${column} has the same name as column ${other}`,
  columnGap: (column, name) =>
    `Column ${column}, ${name}: the element before has no column; counting begins at 0`,
  columnsTooMany: (most) => `There are more than ${most} columns`,
  keysTitle: (count, shown) =>
    count === 1 ? "One key occurs twice" : `${shown} rows have a key that was there before`,
  keysText:
    "Each application has a key of its own (column idempotency_key). Change one of the two.",
  keyRow: "Row",
  keyFirst: "Same key as row",

  ofRows: (rows) => (rows === "1" ? "of 1 row" : `of ${rows} rows`),
  accepted: "accepted",
  toMend: "to mend",
  timeLeft: "time left",
  pace: (rows) => `${rows} rows a second`,
  seconds: "s",
  minutes: "min",
  hours: "h",
  unknown: "–",
  progress: "Rows that have their answer",
  said: (answered, rows) => `${answered} of ${rows} rows have their answer.`,
  pause: "Pause",
  pausing: "We are waiting for the last answers…",
  paused: "Paused. What was sent is safe.",
  resume: "Go on",
  leave: "Leave this file",
  waiting: {
    crowded:
      "There are many requests. You need not do anything: the page tries again by itself, and each application counts once.",
    unreachable:
      "The service does not answer, or there is no network. The page tries again by itself, and each application counts once.",
  },
  signedOut:
    "The sign-in has ended, for security. Sign in again: the sending goes on where it was.",
  closedTitle: "The channel for intermediaries is closed",
  closedUntil: (at) =>
    `It opens again on ${at}, Italian time. Leave the page open, or choose the same file then: it goes on from here.`,
  closed: "Come back when it opens and choose the same file: it goes on from here.",
  retry: "Try again",
  refusedTitle: "The sending has stopped",
  wrongRole:
    "Here patronati, CAF and consultants send. With this sign-in you can apply for yourself.",
  joining: "All rows have their answer. One moment: we are preparing the receipt.",
  doneTitle: (accepted) =>
    accepted === "1" ? "1 application is safe" : `${accepted} applications are safe`,
  doneNone: "No application was accepted",
  doneClean: "All rows were accepted.",
  doneErrors: (refused) =>
    `Rows to mend: ${refused}. Do not send the others again. Download the rows to mend, mend them and load that file.`,
  receipt: "Download the receipt of the batch",
  receipts: "Download the receipts of the applications",

  errorsTitle: "Rows to mend",
  row: "Row",
  rowToMend: "Row in the file to mend",
  column: "Column",
  message: "What to mend",
  wholeRow: "the whole row",
  firstOf: (shown) => `Here are the first ${shown} things to mend. The files have all of them.`,
  downloadRows: "Download the rows, to mend and send again",
  downloadMessages: "Download the list of what to mend",
  rowsFile: "to-mend",
  messagesFile: "what-to-mend",
  receiptFile: "batch-receipt",
  application: "Number of the application",
  receivedAt: "Received at",
  applicationReceipt: "Receipt",
  warnings: "To check",
  receiptsFile: "receipts",
  outcomesFile: "outcomes",
  preparing: "We are preparing the file…",

  batchesTitle: "Batches from this device",
  batchesText: (days) =>
    `We remember counts and receipts here, no data of applications: for ${days} days, or until you sign out.`,
  noBatches: "No batch has been sent from this device yet.",
  filterBatches: "Which batches",
  batchFilters: {
    all: "All",
    unfinished: "Interrupted",
    "to-mend": "With rows to mend",
    finished: "Without mistakes",
  },
  noSuchBatch: "There is no such batch.",
  batchOf: (at) => `Batch of ${at}`,
  rowsCount: (rows) => (rows === "1" ? "1 row" : `${rows} rows`),
  unfinished: "Interrupted",
  finished: "Complete",
  unfinishedText: "Choose the same file again: the sending goes on where it was.",
  look: "See what became of it",
  lookAgain: "Refresh",
  looking: "One moment…",
  lookAway: "It can't be read now. Try again soon: the applications are safe.",
  notFound:
    "There is no such batch for this sign-in: it may be of another organisation, or is not kept any more.",
  signInToLook: "Sign in to see what became of it.",
  forget: "Remove from this device",
  outcomes: {
    registered: "Registered",
    reserve: "With reservation",
    duplicate: "Another application counts",
    incompatible: "Not combinable",
    refused: "Not accepted",
    conflict: "The earlier one counts",
    withdrawn: "Withdrawn",
  },
  queued: "In the queue",
  repeated: "Repeated rows",
  deadLettered: "The office looks at them",
  filter: "Show the rows",
  all: "All",
  outcomeColumn: "Outcome",
  explanation: "Why",
  nothingListed: "No row has this outcome.",
  firstRows: (shown) => `Here are the first ${shown} rows. The file has all of them.`,
  downloadOutcomes: "Download the list",
};

export default en;
