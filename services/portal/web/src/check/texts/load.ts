import type { Dictionaries } from "../../common/language.js";
import type { CheckTexts } from "./it.js";

export const CHECK_TEXTS: Dictionaries<CheckTexts> = {
  it: () => import("./it.js"),
  en: () => import("./en.js"),
  de: () => import("./de.js"),
};
