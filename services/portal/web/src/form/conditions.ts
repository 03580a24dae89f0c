/** Which fields of an object are asked, and which of them can't be left empty. */

import { fits } from "./check/checker.js";
import { type Json, type Schema, has, ordered } from "./check/schema.js";

export interface Asked {
  readonly names: readonly string[];
  readonly required: ReadonlySet<string>;
}

/** Returns the fields to ask, given the values of those that no condition hides. */
export function asked(schema: Schema, value: Json): Asked {
  const conditional = conditionals(schema);
  const branch = activeBranch(schema, value);
  const shown = named(branch);
  const dependent = Object.entries(schema.dependentRequired ?? {})
    .filter(([name]) => has(value, name))
    .flatMap(([, names]) => names);
  return {
    names: ordered(schema).filter((name) => !conditional.has(name) || shown.has(name)),
    required: new Set([...(schema.required ?? []), ...(branch?.required ?? []), ...dependent]),
  };
}

/** Returns the fields that only a condition shows: those that `then` or `else` alone ask for. */
export function conditionals(schema: Schema): ReadonlySet<string> {
  const always = new Set([...(schema.required ?? []), ...named(schema.if)]);
  const branches = [...named(schema.then), ...named(schema.else)];
  return new Set(branches.filter((name) => !always.has(name)));
}

function activeBranch(schema: Schema, value: Json): Schema | undefined {
  if (schema.if === undefined) return undefined;
  return fits(schema.if, value) ? schema.then : schema.else;
}

function named(schema: Schema | undefined): ReadonlySet<string> {
  return new Set([...(schema?.required ?? []), ...Object.keys(schema?.properties ?? {})]);
}
