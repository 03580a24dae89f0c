import type { Why } from "../api/now.js";
import type { Context } from "../context.js";

/** What a reason speaks of, written for the reader. */
export interface Facts {
  /** A number of workers, of messages or of applications; a dash where there is none. */
  readonly count: (member: string) => string;
  readonly rate: (member: string) => string;
  readonly time: (member: string) => string;
  readonly word: (member: string) => string;
  readonly has: (member: string) => boolean;
}

/** Why so many workers are wanted, in the reader's language. */
export function whyText(context: Context, why: Why): string {
  const { formats, texts } = context;
  const number = (member: string, write: (value: number) => string): string => {
    const value = why[member];
    return typeof value === "number" ? write(value) : "–";
  };
  const text = (member: string): string => (typeof why[member] === "string" ? why[member] : "–");
  const facts: Facts = {
    count: (member) => number(member, (value) => formats.count(value)),
    rate: (member) => number(member, (value) => formats.rate(value)),
    time: (member) => (text(member) === "–" ? "–" : formats.time(text(member))),
    word: text,
    has: (member) => why[member] !== undefined && why[member] !== null,
  };
  return texts.workers.why[why.code]?.(facts) ?? why.code.replaceAll("_", " ");
}
