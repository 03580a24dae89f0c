import phrases from "../../texts/violations/en.json";
import type { FormTexts } from "./it.js";

const en: FormTexts = {
  phrases,
  mistakes: {
    date_unreadable: "enter a date that exists, such as 31/03/2020 (day, month, year)",
    number_unreadable: "enter a number, such as 1499.90",
    number_thousands: "it is unclear whether the sign separates thousands: enter 1000, or 1000.00",
  },

  steps: {
    information: "Information",
    general: "General data",
    specific: "Specific data",
    review: "Review",
    outcome: "Outcome",
  },
  stepOf: (step, of) => `Step ${step} of ${of}`,
  done: "done",
  next: "Next",
  back: "Back",
  backToReview: "Back to the review",
  optional: "(optional)",
  yes: "Yes",
  no: "No",
  noAnswer: "No answer",
  choose: "Choose",
  confirmed: "Confirmed",
  notGiven: "Not given",
  dateHint: "Day, month and year: 31/03/2020",
  amountHint: "In euro, for example 600 or 599.90",
  add: (what) => `Add: ${what}`,
  remove: (what) => `Remove: ${what}`,
  numbered: (what, number) => `${what} ${number}`,

  errorTitle: (title) => `Error: ${title}`,
  mistakesFound: (count) =>
    count === 1 ? "There is one thing to correct" : `There are ${count} things to correct`,

  application: (title) => `Application: ${title}`,
  informationLead:
    "It takes a few minutes. You can fill it in now and sign in only at the end, to send it.",
  needed: "What you need",
  neededIdentity: "SPID, CIE or CNS to sign in: your name and tax code come from there.",
  dataTitle: "Your data",
  dataText: "Until you send, what you enter stays in this page. We use no cookies.",
  dataLink: "Read the privacy notice",
  orderArrival:
    "Applications are examined in the order in which they arrive. A crowded site does not cost you your place: the instant on the receipt counts.",
  orderOther: "There is no need to hurry: the order of arrival does not count.",
  start: "Begin",

  generalTitle: "General data",
  whoApplies: "Who applies",
  nameAndFamilyName: "Name",
  taxCode: "Tax code",
  identityLater:
    "Your name and tax code come from your sign-in when you send: there is no need to enter them.",
  category: "In which category do you apply?",
  specificTitle: "Specific data",
  noQuestions: "There is nothing else to ask for this benefit.",

  reviewTitle: "Check and send",
  reviewLead:
    "Read everything again at your ease. Once sent, an application can't be changed, but it can be withdrawn and made again.",
  change: "Change",
  changeWhat: (what) => `: ${what}`,
  signInToSend: "Sign in to send",
  signInText: "A window opens to sign in with SPID, CIE or CNS. This page stays as it is.",
  signInNow: "Sign in now",
  signIn: "Sign in",
  signInAgainTitle: "Your sign-in has expired",
  signInAgainText:
    "Sign in again and the sending goes on by itself. What you entered is still here.",
  send: "Send the application",
  popupBlocked:
    "The browser blocked the window: allow windows of this site, then press Sign in again.",
  popupClosed: "The window was closed before the end. You can try again whenever you like.",
  popupRefused: "The sign-in did not succeed. You can try again: what you entered is still here.",
  anotherPerson:
    "You signed in as another person. The application was not sent: sign in with your own identity.",
  notACitizen:
    "This sign-in has no tax code: to apply for yourself, sign in with your personal identity.",
  providerAway:
    "The sign-in service does not answer at the moment. What you entered stays in this page, and we keep trying. If you have to close it, save a draft.",

  unsureTitle: "The page was closed while it was sending",
  unsureText:
    "Fill in the same again and send it: if the application had arrived already, it counts once.",
  problemTitle: "The application was not sent",
  closedTitle: "It can't be sent now",
  closedUntil: (when) =>
    `It opens again ${when}, Italian time. Then press Send again: there is no need to be among the first.`,
  closed: "Applications for this benefit are closed.",
  openAgain: "It is open now: you can send.",
  notOwn: "The application has another tax code than your sign-in.",
  unknownProblem:
    "The service did not accept the application. What you entered is still here: try again, and if it does not work, ask for help.",
  help: "Help and contacts",
  formChanged:
    "The questions of this benefit changed while you filled them in. Your answers were kept; check these entries:",
  formChangedMore: (names) => `New: ${names}.`,
  formChangedLess: (names) => `No longer needed: ${names}.`,

  sendingTitle: "We are sending your application",
  sendingText: "It takes a moment.",
  crowded:
    "There are many requests. You need do nothing: the page tries again by itself, and the application will count once.",
  unreachable:
    "The service does not answer. You need do nothing: the page tries again by itself, and the application will count once.",
  offline:
    "You seem to be offline. When the connection is back the page sends by itself, and the application will count once.",
  sendsAnew: "You had sent and withdrawn the same application: we are sending it as a new one.",
  keepOpen:
    "Leave this page open. You can use other apps or lock the screen: when you come back, it tries again at once.",
  isItSent: "Sent?",
  notYet: "Not yet",
  nextTry: "Next try",
  soon: "soon",
  doesOrderCount: "Does being early count?",
  orderDoesNotCount: "No, the order of arrival does not count",
  orderCounts: "The instant on the receipt counts",
  afterReload: "If the page closes, fill in the same again: it counts once.",

  receiptTitle: "Your application is safe",
  received: (when) => `Received on ${when}, Italian time`,
  benefit: "Benefit",
  number: "Number of the application",
  protocol: "Protocol number",
  copy: "Copy",
  copied: "Copied",
  keepReceipt:
    "Keep this receipt: it proves that you sent the application, and when. It does not have your name, and anybody can check it.",
  qr: "Scanned, it opens the check of the receipt",
  download: "Download",
  print: "Print",
  receiptAsText: "The receipt as text",
  whatNext: "What happens next",
  receivedStage: "Received",
  registeredStage: "Registered",
  registeredSoon: "usually within seconds: the protocol number will appear here",
  outcomeStage: "Outcome",
  outcomeText: "you find it in your applications",
  replacesReceipt:
    "This receipt takes the place of the one before: that belonged to an application that you had withdrawn, so the page sent the same as a new one.",
  partsMissing:
    "The code and the file can't be loaded at the moment. The receipt is valid all the same. Load the page again: the receipt stays.",
  loadAgain: "Load the page again",
  warningsTitle: "There may be a slip",
  warningsText:
    "The application is valid all the same. If something is wrong, you can withdraw it and make it again.",
  myApplications: "Go to my applications",
  anotherOne: "Make another application",
  checkAt: "It can be checked at",
  fileName: "receipt",
  fileText:
    "This file is the receipt of an application. Keep it: it proves that the application was sent, and when. It does not have your name.",

  saveDraft: "Save draft",
  draftSaved: (until) =>
    `Draft saved, on this device only, until ${until}. It opens with your identity alone.`,
  draftSavedHere: (until) =>
    `Draft saved, on this device only, until ${until}. It opens in this tab of the browser alone: to open it after you have closed the tab, sign in and save again.`,
  draftFailed: "This browser does not allow a draft to be saved.",
  draftFound: (when) => `On this device there is a draft of ${when}.`,
  draftResume: "Resume the draft",
  draftDelete: "Delete the draft",
  draftOfPerson: "There is a draft on this device. If it is yours, sign in to open it.",
  draftWiped:
    "There was a draft on this device of another person, or one that can't be read: it was deleted.",

  languageLater:
    "The other language can't be loaded at the moment. What you entered is still here.",
};

export default en;
