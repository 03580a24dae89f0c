import type { Config } from "../common/config.js";
import type { Language, Text } from "../common/language.js";
import type { Prepared, Session } from "../common/session.js";
import type { Cause } from "../common/retry.js";
import type { CommonTexts } from "../common/texts/it.js";
import { applicantSchema } from "./applicant.js";
import { type Benefit, formOf } from "./benefit.js";
import type { Schema } from "./check/schema.js";
import type { Kept } from "./draft.js";
import type { Mistake } from "./mistakes.js";
import type { FormTexts } from "./texts/it.js";
import type { Typed } from "./typed.js";

export const STEPS = ["information", "general", "specific", "review", "outcome"] as const;
export type Step = (typeof STEPS)[number];

/** An application that was accepted, as `history.state` keeps it over a reload. It names nobody. */
export interface Sent {
  readonly id: string;
  readonly received_at: string;
  readonly receipt: string;
  readonly title: Text;
  readonly warnings: readonly string[];
  readonly location: string | null;
  /** Once it is registered. */
  readonly protocol?: string;
  readonly registered_at?: string;
  /** It takes the place of a receipt that was shown: its application had been withdrawn. */
  readonly replaces?: true;
}

/** Something to say at the top of a step. */
export type Message =
  | { readonly kind: "closed"; readonly opensAt: string | null }
  | { readonly kind: "problem"; readonly text: keyof FormTexts & string; readonly detail?: string }
  /** What was closed is open by now. */
  | { readonly kind: "open" }
  /** The page was loaded again while the outcome of a sending was unknown. */
  | { readonly kind: "unsure" }
  | { readonly kind: "changed"; readonly more: readonly Text[]; readonly less: readonly Text[] };

/** Everything that the page shows comes from here. */
export interface Model {
  config: Config;
  language: Language;
  texts: FormTexts;
  common: CommonTexts;
  session: Session;
  benefit: Benefit;
  typed: Typed;
  step: Step;
  /** The furthest step that was reached. */
  reached: number;
  /** Whether the step leads back to the review, where *Modifica* was pressed. */
  fromReview: boolean;
  mistakes: readonly Mistake[];
  /** Whether the summary of mistakes is shown. */
  summary: boolean;
  message: Message | null;
  draft: Kept | null;
  /** What became of saving or opening a draft. */
  draftNote: string;
  /** An attempt to sign in that a click can open; `away` while the provider does not answer. */
  prepared: Prepared | "away" | null;
  popupNote: keyof FormTexts | null;
  /** While the outcome is unknown the form is locked. */
  sending: null | { readonly cause: Cause | null; readonly signedOut: boolean };
  /** Not before this instant of `performance.now()`: the channel is closed until then. */
  notBefore: number;
  sent: Sent | null;
  /** Which of several applications with the same content this is. */
  counter: number;
  /** A receipt that was shown belonged to an application that had been withdrawn. */
  replaces: boolean;
}

/** Returns the whole form as one schema: category, applicant, answers. */
export function wholeSchema(
  benefit: Benefit,
  category: Typed,
  texts: FormTexts,
  language: Language,
): Schema {
  const chosen = typeof category === "string" ? category : undefined;
  const answers = formOf(benefit, chosen);
  const { categories } = benefit;
  const ofCategory: Schema | null =
    categories === undefined
      ? null
      : {
          type: "string",
          enum: categories.map(({ id }) => id),
          enum_labels: Object.fromEntries(categories.map(({ id, title }) => [id, title])),
          label: {
            it: texts.category,
            en: texts.category,
            de: texts.category,
            [language]: texts.category,
          },
        };
  return {
    type: "object",
    order: ["category", "applicant", "answers"],
    required: [...(ofCategory === null ? [] : ["category"]), "applicant", "answers"],
    properties: {
      ...(ofCategory === null ? {} : { category: ofCategory }),
      applicant: applicantSchema(benefit.required_of_applicant),
      ...(answers === null ? {} : { answers }),
    },
  };
}

/** Which step has the field of a pointer. */
export function stepOf(pointer: string): "general" | "specific" {
  return pointer.startsWith("/answers") ? "specific" : "general";
}
