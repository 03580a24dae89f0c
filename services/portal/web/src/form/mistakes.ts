import type { ApiViolation } from "../common/api.js";
import type { Language } from "../common/language.js";
import type { Rule } from "./benefit.js";
import { violations } from "./check/checker.js";
import type { Fault } from "./check/fault.js";
import { say } from "./check/say.js";
import { type Schema, ordered } from "./check/schema.js";
import { type Read, type Unreadable, read } from "./reading.js";
import type { FormTexts } from "./texts/it.js";
import type { Typed } from "./typed.js";

/** A mistake that is shown at its field, whoever found it; its words follow the language. */
export type Mistake =
  | { readonly by: "form"; readonly pointer: string; readonly code: string; readonly fault: Fault }
  | { readonly by: "page"; readonly pointer: string; readonly code: Unreadable["code"] }
  | {
      readonly by: "api";
      readonly pointer: string;
      readonly code: string;
      readonly message: string;
    };

export interface Checked extends Read {
  readonly mistakes: readonly Mistake[];
}

/** Reads and checks everything that was typed. */
export function check(schema: Schema, typed: Typed): Checked {
  const { value, unreadable } = read(schema, typed);
  const there = new Set(unreadable.map(({ pointer }) => pointer));
  const found = violations(schema, value, "")
    // a text that can't be read is neither missing nor of a wrong type
    .filter(({ pointer }) => !there.has(pointer))
    .map((violation): Mistake => ({
      by: "form",
      pointer: violation.pointer,
      code: violation.code,
      fault: violation,
    }));
  const own = unreadable.map((mistake): Mistake => ({ by: "page", ...mistake }));
  return { value, unreadable, mistakes: [...own, ...found] };
}

/** Puts mistakes into the order in which the form asks, for the summary. */
export function inOrder(schema: Schema, mistakes: readonly Mistake[]): Mistake[] {
  const places = new Map(mistakes.map((mistake) => [mistake, placeOf(schema, mistake.pointer)]));
  const place = (mistake: Mistake): string => places.get(mistake) ?? "";
  return [...mistakes].sort((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0));
}

/** A text by which pointers sort as the form asks. */
function placeOf(schema: Schema, pointer: string): string {
  let of: Schema | undefined = schema;
  const place = pointer
    .split("/")
    .slice(1)
    .map((name) => {
      const index =
        of?.type === "array" ? Number(name) : of === undefined ? -1 : ordered(of).indexOf(name);
      of = of?.type === "array" ? of.items : of?.properties?.[name];
      return String(index === -1 ? 9999 : index).padStart(4, "0");
    });
  return place.join("/");
}

/** Takes over what the API found. */
export function ofApi({ pointer, code, message }: ApiViolation): Mistake {
  return { by: "api", pointer, code, message };
}

/** Puts a mistake into words. */
export function words(
  mistake: Mistake,
  texts: FormTexts,
  language: Language,
  rules: readonly Rule[] = [],
): string {
  switch (mistake.by) {
    case "page":
      return texts.mistakes[mistake.code];
    case "form":
      return say(mistake.fault, texts.phrases, language);
    case "api":
      // after a change of language the API's words are known for rules and for plain phrases
      return rules.find(({ code }) => code === mistake.code)?.message[language] ?? mistake.message;
  }
}
