import type { Dictionaries } from "../../common/language.js";
import type { ApplicationsTexts } from "./it.js";

export const APPLICATIONS_TEXTS: Dictionaries<ApplicationsTexts> = {
  it: () => import("./it.js"),
  en: () => import("./en.js"),
  de: () => import("./de.js"),
};
