/** The languages of the console: operators' own by default, and English. */
export type ConsoleLanguage = "it" | "en";

/** Returns the console's language of a page; Italian where the page is in another. */
export function consoleLanguage(language: string): ConsoleLanguage {
  return language === "en" ? "en" : "it";
}
