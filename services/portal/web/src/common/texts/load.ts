import type { Dictionaries } from "../language.js";
import type { CommonTexts } from "./it.js";

export const COMMON_TEXTS: Dictionaries<CommonTexts> = {
  it: () => import("./it.js"),
  en: () => import("./en.js"),
  de: () => import("./de.js"),
};
