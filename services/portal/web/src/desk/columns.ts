/** Checks the names of the columns by the forms of the catalogue, as intake will. */

/** The part of a form that names its fields. */
export interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly maxItems?: number;
}

export type ColumnFault =
  | { readonly kind: "missing"; readonly name: string }
  /** `name` is empty where it is none of a field: it may be somebody's. */
  | { readonly kind: "unknown"; readonly column: number; readonly name: string }
  | { readonly kind: "twice"; readonly column: number; readonly other: number }
  | { readonly kind: "gap"; readonly column: number; readonly name: string }
  | { readonly kind: "too-many"; readonly most: number };

export const KEY = "idempotency_key";
const MOST = 500;
const NEEDED = [KEY, "/benefit"];
const IN_HEAD =
  /^\/(benefit|category|mandate|applicant\/(tax_code|given_name|family_name|single_name|birth_date|email|phone|iban))$/;

/** Returns every mistake in the names. Without forms fields of answers are not looked at. */
export function checkColumns(names: readonly string[], forms: readonly Shape[]): ColumnFault[] {
  if (names.length > MOST) return [{ kind: "too-many", most: MOST }];
  const faults: ColumnFault[] = [];
  for (const name of NEEDED) if (!names.includes(name)) faults.push({ kind: "missing", name });
  names.forEach((name, index) => {
    const column = index + 1;
    const first = names.indexOf(name);
    if (!isKnown(name, forms)) faults.push({ kind: "unknown", column, name: shown(name) });
    else if (first !== index) faults.push({ kind: "twice", column, other: first + 1 });
    else if (!follows(name, names)) faults.push({ kind: "gap", column, name });
  });
  return faults;
}

function isKnown(name: string, forms: readonly Shape[]): boolean {
  if (name === KEY || IN_HEAD.test(name)) return true;
  if (!name.startsWith("/answers/")) return false;
  return forms.length === 0 || forms.some((form) => isField(name.split("/").slice(2), form));
}

function isField(tokens: readonly string[], form: Shape): boolean {
  let shape: Shape | undefined = form;
  for (const token of tokens) {
    if (shape?.items !== undefined) {
      shape = isIndex(token) && Number(token) < (shape.maxItems ?? 0) ? shape.items : undefined;
    } else {
      const name: string = token.replaceAll("~1", "/").replaceAll("~0", "~");
      const { properties }: Shape = shape ?? {};
      shape = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
    }
  }
  return shape !== undefined && shape.items === undefined && shape.properties === undefined;
}

function isIndex(token: string): boolean {
  return /^(0|[1-9]\d{0,3})$/.test(token);
}

/** Whether each element of a list that the name leads through has a column of the element before. */
function follows(name: string, names: readonly string[]): boolean {
  const tokens = name.split("/");
  return tokens.every((token, depth) => {
    if (depth < 2 || !isIndex(token) || token === "0") return true;
    const before = [...tokens.slice(0, depth), String(Number(token) - 1), ""].join("/");
    return names.some((other) => `${other}/`.startsWith(before));
  });
}

function shown(name: string): string {
  return /^\/[a-z0-9_/]{1,299}$/.test(name) ? name : "";
}
