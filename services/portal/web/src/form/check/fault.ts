import type { Text } from "../../common/language.js";
import type it from "../../texts/violations/it.json";

/** A phrase of the API, as `services/portal/tests/portal/texts.rs` writes them out. */
export type Phrase = keyof typeof it;

/** All phrases in one language. */
export type Phrases = Readonly<Record<Phrase, string>>;

/** What is wrong with one value. */
export interface Fault {
  /** The API's stable code. */
  readonly code: string;
  readonly phrase: Phrase;
  /** What stands in the phrase's `{…}`, or depends on the language. */
  readonly limit?: number | string;
  readonly position?: number;
  readonly choices?: Choices;
  /** What the form itself says, in place of the phrase. */
  readonly own?: Text | undefined;
}

/** The values to choose from, and their labels. */
export interface Choices {
  readonly values: readonly unknown[];
  readonly labels: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A fault and its place: a JSON pointer into the application. */
export interface Violation extends Fault {
  readonly pointer: string;
}

/** A fault whose phrase has the code's own name. */
export function fault(code: Phrase & string): Fault {
  return { code, phrase: code };
}

/** A fault at a character, counted from 1. */
export function faultAt(code: Phrase & string, position: number): Fault {
  return { code, phrase: code, position };
}
