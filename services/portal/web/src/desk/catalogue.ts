/** The benefits by the portal's copies: there while everything behind the portal is away. */

import { call } from "../common/api.js";
import type { Config } from "../common/config.js";
import type { Text } from "../common/language.js";
import type { Shape } from "./columns.js";

export interface Benefit {
  readonly id: string;
  readonly title: Text;
  readonly form?: Shape;
  readonly categories?: readonly { readonly id: string; readonly title: Text; readonly form: Shape }[];
}

/** Returns all benefits; none where the portal itself does not answer. */
export async function loadBenefits(config: Config): Promise<Benefit[]> {
  const { language } = config;
  const progress = await call<{ benefits?: readonly { id: string }[] }>("/data/progress.json", { language });
  const ids = progress.kind === "ok" ? (progress.body.benefits ?? []).map(({ id }) => id) : [];
  const answers = ids.map((id) =>
    call<Benefit>(`/data/benefits/${encodeURIComponent(id)}.json`, { language }),
  );
  const loaded: Benefit[] = [];
  for (const [index, answer] of (await Promise.all(answers)).entries()) {
    if (answer.kind === "ok") loaded.push({ ...answer.body, id: ids[index] ?? "" });
  }
  return loaded;
}

/** Returns the forms of all benefits: a file may hold rows of several. */
export function formsOf(benefits: readonly Benefit[]): Shape[] {
  return benefits.flatMap(({ form, categories = [] }) => [
    ...(form === undefined ? [] : [form]),
    ...categories.map((category) => category.form),
  ]);
}

/** Returns the address of the file to fill in. */
export function templateUrl(config: Config, benefit: string, category: string): string {
  const query = category === "" ? "" : `?category=${encodeURIComponent(category)}`;
  return `${config.intake}/v1/benefits/${encodeURIComponent(benefit)}/batch-template${query}`;
}
