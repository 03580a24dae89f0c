/** The benefits by the portal's copies, for titles and for the questions of the forms. */

import { call } from "../common/api.js";
import type { Config } from "../common/config.js";
import type { Language, Text } from "../common/language.js";
import type { Shape } from "./content.js";
import type { Found } from "./model.js";

export interface Benefit {
  readonly title: Text;
  readonly order?: { readonly policy: string };
  readonly form?: Shape;
  readonly categories?: readonly { readonly id: string; readonly title: Text; readonly form: Shape }[];
}

export class Catalogue {
  readonly #config: Config;
  readonly #benefits = new Map<string, Promise<Benefit | null>>();

  constructor(config: Config) {
    this.#config = config;
  }

  /** Returns a benefit; `null` where the portal does not have it (any more). */
  get(id: string): Promise<Benefit | null> {
    const known = this.#benefits.get(id) ?? this.#load(id);
    this.#benefits.set(id, known);
    return known;
  }

  async #load(id: string): Promise<Benefit | null> {
    const url = `/data/benefits/${encodeURIComponent(id)}.json`;
    const answer = await call<Benefit>(url, { language: this.#config.language, seconds: 5 });
    return answer.kind === "ok" ? answer.body : null;
  }
}

/** Returns the form of an application; an empty one where it is not known. */
export function formOf(benefit: Benefit | null, category: string | undefined): Shape {
  return benefit?.categories?.find(({ id }) => id === category)?.form ?? benefit?.form ?? {};
}

/** Returns the title of a category. */
export function categoryTitle(benefit: Benefit | null, category: string, language: Language): string {
  return benefit?.categories?.find(({ id }) => id === category)?.title[language] ?? category;
}

/** Returns an application's ticket; status tells one of each, and only a draw makes use of it. */
export function ticketOf(benefit: Benefit | null, found: Found): string | undefined {
  return benefit?.order?.policy === "lottery" ? found.lottery_ticket : undefined;
}

const APPLY: Readonly<Record<Language, (id: string) => string>> = {
  it: (id) => `/it/prestazioni/${id}/domanda/`,
  en: (id) => `/en/benefits/${id}/apply/`,
  de: (id) => `/de/leistungen/${id}/antrag/`,
};

/** Returns the address of a benefit's form. */
export function applyPath(id: string, language: Language): string {
  return APPLY[language](encodeURIComponent(id));
}
