/** Makes of what was typed what is sent: clean texts, numbers, dates; hidden and empty left out. */

import { clean, compact, trim } from "./check/clean.js";
import { type Json, type Schema, below, ordered } from "./check/schema.js";
import { asked, conditionals } from "./conditions.js";
import { readDate, readNumber } from "./numbers.js";
import type { Typed } from "./typed.js";

/** A text that can't be read as what its field is. */
export interface Unreadable {
  readonly pointer: string;
  readonly code: "date_unreadable" | "number_unreadable" | "number_thousands";
}

export interface Read {
  readonly value: unknown;
  readonly unreadable: readonly Unreadable[];
}

/** Stands for a text that is there, but can't be read. */
const UNREADABLE = Symbol("unreadable");

export function read(schema: Schema, typed: Typed, pointer = ""): Read {
  const unreadable: Unreadable[] = [];
  const value = readField(schema, typed, pointer, unreadable);
  return { value: value === UNREADABLE ? undefined : value, unreadable };
}

function readField(
  schema: Schema,
  typed: Typed,
  pointer: string,
  unreadable: Unreadable[],
  optional = false,
): unknown {
  switch (schema.type) {
    case "object": {
      const value = readObject(schema, typed, pointer, unreadable);
      // a group that may be left out, and was
      return optional && Object.keys(value).length === 0 ? undefined : value;
    }
    case "array":
      return readList(schema, typed, pointer, unreadable);
    case "boolean":
      return typeof typed === "boolean" ? typed : undefined;
    case "number":
    case "integer":
      return typeof typed === "string" ? number(typed, pointer, unreadable) : undefined;
    default:
      return typeof typed === "string" ? text(schema, typed, pointer, unreadable) : undefined;
  }
}

function readObject(schema: Schema, typed: Typed, pointer: string, unreadable: Unreadable[]): Json {
  const fields =
    typeof typed === "object" && !Array.isArray(typed) ? (typed as Record<string, Typed>) : {};
  const one = (name: string, into: Unreadable[]): unknown => {
    const field = schema.properties?.[name] ?? {};
    const required = schema.required?.includes(name) ?? false;
    return readField(
      field,
      fields[name] ?? shownEmpty(field, required),
      below(pointer, name),
      into,
      !required,
    );
  };
  const all = (names: readonly string[], into: Unreadable[]): Json => {
    const read = names.map((name) => [name, one(name, into)] as const);
    return Object.fromEntries(
      read.filter(([, value]) => value !== undefined && value !== UNREADABLE),
    );
  };
  // a condition looks at fields that no condition hides
  const hidden = conditionals(schema);
  const always = all(
    ordered(schema).filter((name) => !hidden.has(name)),
    [],
  );
  return all(asked(schema, always).names, unreadable);
}

/** The elements of a list that are shown before any was added: a list that is required has some. */
export function shownEmpty(schema: Schema, required: boolean): Typed {
  if (schema.type === "object") return {};
  if (schema.type !== "array" || !required) return undefined;
  return Array.from({ length: Math.max(1, schema.minItems ?? 1) }, () => undefined);
}

function readList(
  schema: Schema,
  typed: Typed,
  pointer: string,
  unreadable: Unreadable[],
): unknown {
  const items = Array.isArray(typed) ? (typed as Typed[]) : [];
  if (items.length === 0) return undefined;
  const of = schema.items ?? {};
  return items.map((item, index) => {
    const value = readField(of, item, below(pointer, index), unreadable);
    // an empty element keeps its place: the others keep their numbers
    return value === undefined || value === UNREADABLE ? (of.type === "object" ? {} : "") : value;
  });
}

function number(typed: string, pointer: string, unreadable: Unreadable[]): unknown {
  if (trim(clean(typed)) === "") return undefined;
  const read = readNumber(typed);
  if (typeof read === "number") return read;
  unreadable.push({ pointer, code: read === "unclear" ? "number_thousands" : "number_unreadable" });
  return UNREADABLE;
}

function text(schema: Schema, typed: string, pointer: string, unreadable: Unreadable[]): unknown {
  const bare = trim(clean(typed));
  if (bare === "") return undefined;
  switch (schema.format) {
    case "date":
    case "birth-date": {
      const date = readDate(bare);
      if (date === null) unreadable.push({ pointer, code: "date_unreadable" });
      return date ?? UNREADABLE;
    }
    case "tax-code":
    case "vat-number":
    case "iban":
      // one way to write them, so that the same application is the same bytes
      return compact(bare);
    default:
      return bare;
  }
}
