import type { CommonTexts } from "./it.js";

const de: CommonTexts = {
  signIn: "Anmelden",
  signOut: "Abmelden",
  signedInAs: "Angemeldet als",
  cannotSignIn:
    "Der Anmeldedienst antwortet im Moment nicht. Versuchen Sie es in einigen Minuten wieder.",
};

export default de;
