import type { CheckTexts } from "./it.js";

const en: CheckTexts = {
  another: "Check another receipt",
  pasteLabel: "Text of the receipt",
  pasteHelp: "It is at the end of the file that you downloaded, and begins with eyJ. You can also paste the whole file.",
  check: "Check",
  fileLabel: "Choose the file of the receipt",
  fileOrPictureLabel: "Choose the file of the receipt, or a picture of the QR code",
  fileHelp: "or drop it here. It stays on this device.",
  pasteFirst: "Paste the text of the receipt",
  noReceiptInText: "There is no receipt in this text. Check that you copied all of it.",
  noReceiptInFile: "There is no receipt in this file. Choose the file that you downloaded after sending.",
  noReceiptInPicture: "No code can be read in this picture. Try a sharper one, or the file that you downloaded.",
  pictureNotRead: "This browser does not read codes in pictures. Point your phone’s camera at the code, or choose the file that you downloaded.",
  validTitle: "The receipt is valid",
  valid: "This application was received, and nobody has changed the receipt.",
  invalidTitle: "The receipt is not valid",
  invalid: "The text was changed, a piece is missing, or it is not ours. If the receipt is yours, try the file that you downloaded.",
  unknownTitle: "It can’t be checked now",
  unknown: "The key that signed the receipt, or a part of this page, is missing here. That does not mean that it is false: try again later, when you are online.",
  again: "Try again",
  benefit: "Benefit",
  receivedAt: "Received",
  italianTime: "Italian time",
  id: "Number of the application",
  digest: "Digest of what was sent",
};

export default en;
