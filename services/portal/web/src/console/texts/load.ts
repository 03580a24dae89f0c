import type { ConsoleLanguage } from "../language.js";
import type { ConsoleTexts } from "./it.js";

export const CONSOLE_TEXTS: Readonly<Record<ConsoleLanguage, () => Promise<{ default: ConsoleTexts }>>> = {
  it: () => import("./it.js"),
  en: () => import("./en.js"),
};
