/**
 * Checks answers against a form: JSON Schema 2020-12, as far as forms use it. Finds exactly what
 * the API finds (a test holds both against each other), but for rules in CEL.
 */

import type { Fault, Violation } from "./fault.js";
import { refusal } from "./formats.js";
import { isMultipleOf } from "./multiple_of.js";
import { type Json, type Schema, below, has, isObject } from "./schema.js";

/** Returns the violations of a value that is clean, each place and code once. */
export function violations(schema: Schema, value: unknown, pointer = "/answers"): Violation[] {
  const known = new Set<string>();
  return all(schema, value, pointer).filter(({ pointer, code }) => {
    const key = `${code} ${pointer}`;
    return !known.has(key) && known.add(key) !== undefined;
  });
}

/** Whether a value fits: for the condition of an `if`. */
export function fits(schema: Schema, value: unknown): boolean {
  return all(schema, value, "").length === 0;
}

function all(schema: Schema, value: unknown, pointer: string): Violation[] {
  const own = ofValue(schema, value).map((fault) => ({ ...fault, pointer }));
  if (isObject(value)) return [...own, ...ofObject(schema, value, pointer)];
  if (!Array.isArray(value) || schema.items === undefined) return own;
  const { items, maxItems = value.length } = schema;
  // as the API does, look no further than the first element too many
  const looked = value.slice(0, maxItems + 1);
  return [...own, ...looked.flatMap((item, index) => all(items, item, below(pointer, index)))];
}

function ofObject(schema: Schema, value: Json, pointer: string): Violation[] {
  const { properties = {}, required = [], dependentRequired = {} } = schema;
  const dependent = Object.entries(dependentRequired).filter(([name]) => has(value, name));
  const missing = [...required, ...dependent.flatMap(([, names]) => names)]
    .filter((name) => !has(value, name))
    .map((name) => at(below(pointer, name), { code: "required", phrase: "required" }));
  const unknown =
    schema.additionalProperties === false
      ? Object.keys(value)
          .filter((name) => !has(properties, name))
          .map((name) =>
            at(below(pointer, name), { code: "unknown_field", phrase: "unknown_field" }),
          )
      : [];
  const fields = Object.entries(properties)
    .filter(([name]) => has(value, name))
    .flatMap(([name, field]) => all(field, value[name], below(pointer, name)));
  return [...missing, ...unknown, ...fields, ...ofCondition(schema, value, pointer)];
}

function ofCondition(schema: Schema, value: Json, pointer: string): Violation[] {
  if (schema.if === undefined) return [];
  const branch = fits(schema.if, value) ? schema.then : schema.else;
  return branch === undefined ? [] : all(branch, value, pointer);
}

function at(pointer: string, fault: Fault): Violation {
  return { ...fault, pointer };
}

function ofValue(schema: Schema, value: unknown): Fault[] {
  const faults: (Fault | null)[] = [
    ofType(schema, value),
    ofConst(schema, value),
    ofEnum(schema, value),
  ];
  if (typeof value === "string") faults.push(...ofText(schema, value));
  if (typeof value === "number") faults.push(...ofNumber(schema, value));
  if (Array.isArray(value)) faults.push(...ofList(schema, value));
  return faults.filter((fault) => fault !== null);
}

function ofType({ type }: Schema, value: unknown): Fault | null {
  const good = {
    object: isObject(value),
    array: Array.isArray(value),
    string: typeof value === "string",
    number: typeof value === "number",
    integer: Number.isInteger(value),
    boolean: typeof value === "boolean",
  };
  return type === undefined || good[type] ? null : { code: "type", phrase: `type/${type}` };
}

function ofConst(schema: Schema, value: unknown): Fault | null {
  if (!has(schema, "const") || same(schema.const, value)) return null;
  if (schema.const === true) return { code: "must_be_confirmed", phrase: "must_be_confirmed" };
  const limit = typeof schema.const === "string" ? schema.const : JSON.stringify(schema.const);
  return { code: "const", phrase: "const", limit };
}

function ofEnum(schema: Schema, value: unknown): Fault | null {
  if (schema.enum === undefined || schema.enum.some((option) => same(option, value))) return null;
  const choices = { values: schema.enum, labels: schema.enum_labels ?? {} };
  return { code: "not_allowed", phrase: "not_allowed", choices };
}

function ofText(schema: Schema, text: string): (Fault | null)[] {
  const { length } = [...text];
  return [
    limited("too_short", schema.minLength, (limit) => length < limit),
    limited("too_long", schema.maxLength, (limit) => length > limit),
    schema.pattern !== undefined && !matches(schema.pattern, text)
      ? { code: "pattern", phrase: "pattern", own: schema.pattern_message }
      : null,
    schema.format === undefined ? null : refusal(schema.format, text),
  ];
}

function ofNumber({ minimum, maximum, multipleOf }: Schema, value: number): (Fault | null)[] {
  const small = minimum !== undefined && value < minimum;
  const large = maximum !== undefined && value > maximum;
  const uneven = multipleOf !== undefined && !isMultipleOf(value, multipleOf);
  const phrase = multipleOf === 0.01 ? "multiple_of/cents" : "multiple_of";
  return [
    small ? { code: "too_small", phrase: "too_small", limit: minimum } : null,
    large ? { code: "too_large", phrase: "too_large", limit: maximum } : null,
    uneven ? { code: "multiple_of", phrase, limit: multipleOf } : null,
  ];
}

function ofList(schema: Schema, list: readonly unknown[]): (Fault | null)[] {
  const looked = list.slice(0, (schema.maxItems ?? list.length) + 1).map(canonical);
  const repeated = schema.uniqueItems === true && new Set(looked).size < looked.length;
  return [
    limited("too_few", schema.minItems, (limit) => list.length < limit),
    limited("too_many", schema.maxItems, (limit) => list.length > limit),
    repeated ? { code: "not_unique", phrase: "not_unique" } : null,
  ];
}

function limited(
  code: "too_short" | "too_long" | "too_few" | "too_many",
  limit: number | undefined,
  wrong: (limit: number) => boolean,
): Fault | null {
  if (limit === undefined || !wrong(limit)) return null;
  return { code, phrase: limit === 1 ? `${code}/one` : `${code}/other`, limit };
}

/** A pattern that this browser can't read is left to the API. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return true;
  }
}

function same(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

/** A text that equal values share, whatever the order of their fields. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isObject(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
