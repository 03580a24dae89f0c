import type { Dictionaries } from "../../common/language.js";
import type { FormTexts } from "./it.js";

export const FORM_TEXTS: Dictionaries<FormTexts> = {
  it: () => import("./it.js"),
  en: () => import("./en.js"),
  de: () => import("./de.js"),
};
