import type { CommonTexts } from "./it.js";

const en: CommonTexts = {
  signIn: "Sign in",
  signOut: "Sign out",
  signedInAs: "You are signed in as",
  cannotSignIn: "The sign-in service does not answer at the moment. Try again in a few minutes.",
};

export default en;
