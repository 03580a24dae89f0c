/** Fields that a condition hides lose their values: shown again, they are empty. */

import type { Json, Schema } from "./check/schema.js";
import { asked } from "./conditions.js";
import { read } from "./reading.js";
import type { Typed } from "./typed.js";

/** Returns what was typed without the values of fields that are hidden now. */
export function withoutHidden(schema: Schema, typed: Typed): Typed {
  if (Array.isArray(typed)) {
    const { items } = schema;
    return items === undefined ? typed : typed.map((item: Typed) => withoutHidden(items, item));
  }
  if (typeof typed !== "object" || schema.properties === undefined) return typed;
  const { properties } = schema;
  const names = new Set(asked(schema, (read(schema, typed).value ?? {}) as Json).names);
  // what another category asks stays: the choice may be changed back
  const kept = Object.entries(typed).filter(([name]) => names.has(name) || !(name in properties));
  return Object.fromEntries(
    kept.map(([name, value]) => [name, withoutHidden(properties[name] ?? {}, value as Typed)]),
  );
}
