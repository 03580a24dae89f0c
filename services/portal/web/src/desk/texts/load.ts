import type { Dictionaries } from "../../common/language.js";
import type { DeskTexts } from "./it.js";

export const DESK_TEXTS: Dictionaries<DeskTexts> = {
  it: () => import("./it.js"),
  en: () => import("./en.js"),
  de: () => import("./de.js"),
};
