import type { Text } from "../../common/language.js";

/** A form or a part of one: the closed list of keywords of docs/CATALOGUE.md. */
export interface Schema {
  readonly type?: "object" | "array" | "string" | "number" | "integer" | "boolean";
  readonly label?: Text;
  readonly help?: Text;
  readonly enum?: readonly string[];
  readonly enum_labels?: Readonly<Record<string, Text>>;
  readonly const?: unknown;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly pattern_message?: Text;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly order?: readonly string[];
  readonly required?: readonly string[];
  readonly dependentRequired?: Readonly<Record<string, readonly string[]>>;
  readonly if?: Schema;
  readonly then?: Schema;
  readonly else?: Schema;
  readonly additionalProperties?: boolean;
}

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether an object has a field of its own, not one of every object, such as `constructor`. */
export function has(object: object, name: string): boolean {
  return Object.prototype.hasOwnProperty.call(object, name);
}

/** The pointer of a field or an element below a place (RFC 6901). */
export function below(pointer: string, name: string | number): string {
  return `${pointer}/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** The names of an object's fields in the order to ask them. */
export function ordered(schema: Schema): string[] {
  const properties = schema.properties ?? {};
  const named = (schema.order ?? []).filter((name) => has(properties, name));
  const rest = Object.keys(properties).filter((name) => !named.includes(name));
  return [...new Set(named), ...rest];
}
