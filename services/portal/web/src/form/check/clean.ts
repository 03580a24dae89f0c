/** Cleans texts as `shared/domain/src/clean.rs` does, so that the page and the API see the same. */

const INVISIBLE = /[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;
const DASH = /[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/gu;
const JOINER = /[\u200c\u200d]/gu;
const AROUND = /^\p{White_Space}+|\p{White_Space}+$/gu;

/** Normalisation form C, without invisible characters. Keeps white space. */
export function clean(text: string): string {
  return text.replace(INVISIBLE, "").normalize("NFC");
}

/** Without the white space around it. */
export function trim(text: string): string {
  return text.replace(AROUND, "");
}

/** A code in its stored form: no white space, plain dashes, ASCII letters in capitals. */
export function compact(code: string): string {
  const ascii = /^[\0-\x7f]*$/.test(code);
  const bare = ascii
    ? code.replace(/[ \t\n\f\r]/g, "")
    : clean(code)
        .replace(JOINER, "")
        .replace(/\p{White_Space}/gu, "")
        .replace(DASH, "-");
  return bare.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** Cleans each text of a JSON value. */
export function cleanAll<T>(value: T): T {
  if (typeof value === "string") return clean(value) as T;
  if (Array.isArray(value)) return value.map(cleanAll) as T;
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, cleanAll(of)])) as T;
  }
  return value;
}

/** Bytes of the text in UTF-8. */
export function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
