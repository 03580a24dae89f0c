import type { Dictionaries } from "../language.js";
import de from "./de.js";
import en from "./en.js";
import it, { type CommonTexts } from "./it.js";

/** So few that they are in each script: one request less. */
export const COMMON_TEXTS: Dictionaries<CommonTexts> = {
  it: () => Promise.resolve({ default: it }),
  en: () => Promise.resolve({ default: en }),
  de: () => Promise.resolve({ default: de }),
};
