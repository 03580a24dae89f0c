import { call } from "../common/api.js";
import type { Config } from "../common/config.js";
import type { Text } from "../common/language.js";
import type { ApplicantField } from "./applicant.js";
import type { Schema } from "./check/schema.js";

/** A benefit, as `GET /v1/benefits/{id}` describes it; only what the form needs. */
export interface Benefit {
  readonly id: string;
  readonly version: string;
  readonly title: Text;
  readonly help?: Text | null;
  readonly one_per: readonly string[];
  readonly required_of_applicant: readonly ApplicantField[];
  readonly order: { readonly policy: "arrival" | "none" | "lottery" };
  readonly form?: Schema;
  readonly categories?: readonly Category[];
  readonly rules?: readonly Rule[];
}

export interface Category {
  readonly id: string;
  readonly title: Text;
  readonly help?: Text | null;
  readonly form: Schema;
}

/** A rule of the benefit: the API asks it; the page has its text in every language. */
export interface Rule {
  readonly code: string;
  readonly message: Text;
}

/** Reads the form, which stands in the page: no request for it can fail or take its time. */
export function readBenefit(): Benefit {
  return JSON.parse(document.getElementById("benefit")?.textContent ?? "") as Benefit;
}

/** Loads the form that intake has now: newer than the page's for up to a minute. */
export async function loadNewest(config: Config): Promise<Benefit | null> {
  const url = `${config.intake}/v1/benefits/${encodeURIComponent(config.benefit ?? "")}`;
  const answer = await call<Benefit>(url, { language: config.language });
  return answer.kind === "ok" ? answer.body : null;
}

/** Returns the category's form, or the benefit's where it has no categories. */
export function formOf(benefit: Benefit, category: string | undefined): Schema | null {
  if (benefit.categories === undefined) return benefit.form ?? null;
  return benefit.categories.find(({ id }) => id === category)?.form ?? null;
}
