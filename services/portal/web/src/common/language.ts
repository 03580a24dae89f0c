/** The languages of the portal: those of the API. */
export type Language = "it" | "en" | "de";

export const LANGUAGES: readonly Language[] = ["it", "en", "de"];

/** The same text in every language, as the catalogue writes it. */
export type Text = Readonly<Record<Language, string>>;

/** One file of texts a language, loaded when it is needed. */
export type Dictionaries<T> = Readonly<Record<Language, () => Promise<{ default: T }>>>;

/** Loads the texts of one language. */
export async function load<T>(dictionaries: Dictionaries<T>, language: Language): Promise<T> {
  return (await dictionaries[language]()).default;
}
