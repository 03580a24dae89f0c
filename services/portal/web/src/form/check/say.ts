import type { Language } from "../../common/language.js";
import type { Choices, Fault, Phrases } from "./fault.js";

/** Most values that a text lists. */
const MOST_LISTED = 20;

/** Puts a fault into words: the API's, to the letter. */
export function say(fault: Fault, phrases: Phrases, language: Language): string {
  const { limit, position, choices, own } = fault;
  if (own !== undefined) return own[language];
  return phrases[fault.phrase]
    .replace("{position}", String(position))
    .replace("{choices}", () => (choices === undefined ? "" : listed(choices, language)))
    .replace("{limit}", () =>
      typeof limit === "number" ? decimal(limit, language) : String(limit),
    );
}

/** Italian and German write a decimal comma. */
function decimal(value: number, language: Language): string {
  return language === "en" ? String(value) : String(value).replace(".", ",");
}

function listed({ values, labels }: Choices, language: Language): string {
  const names = values.slice(0, MOST_LISTED).map((value) => {
    const name = typeof value === "string" ? value : JSON.stringify(value);
    const label = labels[name]?.[language];
    return label === undefined ? name : `${name} (${label})`;
  });
  return `${names.join(", ")}${values.length > MOST_LISTED ? ", …" : ""}`;
}
