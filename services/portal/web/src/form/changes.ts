import type { Text } from "../common/language.js";
import { type Schema, has } from "./check/schema.js";

/** Returns the labels of the fields that only one of two forms has. */
export function changes(before: Schema, after: Schema): { more: Text[]; less: Text[] } {
  return { more: lacking(after, before), less: lacking(before, after) };
}

function lacking(one: Schema, other: Schema): Text[] {
  return Object.entries(one.properties ?? {}).flatMap(([name, field]) => {
    const same = has(other.properties ?? {}, name) ? other.properties?.[name] : undefined;
    if (same === undefined) return field.label === undefined ? parts(field) : [field.label];
    return [...lacking(field, same), ...lacking(field.items ?? {}, same.items ?? {})];
  });
}

/** A part without a label of its own, such as all answers. */
function parts(schema: Schema): Text[] {
  return Object.values(schema.properties ?? {}).flatMap(({ label }) =>
    label === undefined ? [] : [label],
  );
}
