/**
 * Records and cells of a table as text (RFC 4180), read as intake reads them: a quote opens a cell
 * only at its beginning; LF, CR and CR LF end a record; blanks around a cell do not count.
 */

const LF = 10;
const CR = 13;
const QUOTE = 34;

/** What `trim_cell` of `shared/catalogue` takes away: white space and invisible marks. */
const BLANK = "[\\s\\u0085\\u00ad\\u061c\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060\\u2066-\\u2069\\ufeff]";
const AROUND = new RegExp(`^${BLANK}+|${BLANK}+$`, "g");
const BLANKS = new RegExp(`${BLANK}+`, "g");

/** The sign between the cells of a row. */
export type Separator = ";" | ",";

/**
 * Returns the index behind the record that begins at `from`, its end of line included; -1 where the
 * bytes do not show where it ends. `whole`: no more bytes follow.
 */
export function recordEnd(bytes: Uint8Array, from: number, separator: Separator, whole: boolean): number {
  const delimiter = separator.charCodeAt(0);
  const { length } = bytes;
  let isQuoted = false;
  let atStart = true;
  for (let at = from; at < length; at += 1) {
    const byte = bytes[at];
    if (isQuoted) {
      if (byte !== QUOTE) continue;
      // doubled, it is a quote of the cell
      if (bytes[at + 1] === QUOTE) at += 1;
      else if (at + 1 === length && !whole) return -1;
      else isQuoted = false;
    } else if (byte === QUOTE && atStart) {
      isQuoted = true;
      atStart = false;
    } else if (byte === LF) {
      return at + 1;
    } else if (byte === CR) {
      if (at + 1 === length) return whole ? length : -1;
      return bytes[at + 1] === LF ? at + 2 : at + 1;
    } else {
      atStart = byte === delimiter;
    }
  }
  return whole && from < length ? length : -1;
}

/** Returns the cells of a record as they stand, quotes included. */
export function rawCells(record: string, separator: Separator): string[] {
  const cells: string[] = [];
  let begin = 0;
  let isQuoted = false;
  const text = record.replace(/(\r\n|\r|\n)$/, "");
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (isQuoted) {
      if (sign !== '"') continue;
      if (text[at + 1] === '"') at += 1;
      else isQuoted = false;
    } else if (sign === '"' && at === begin) {
      isQuoted = true;
    } else if (sign === separator) {
      cells.push(text.slice(begin, at));
      begin = at + 1;
    }
  }
  cells.push(text.slice(begin));
  return cells;
}

/** Returns the text of a cell that stands in a record so. */
export function cellText(raw: string): string {
  if (!raw.startsWith('"')) return trim(raw);
  const end = /^"((?:[^"]|"")*)"?/.exec(raw);
  const rest = raw.slice(end?.[0].length ?? 0);
  return trim((end?.[1] ?? "").replaceAll('""', '"') + rest);
}

export function trim(text: string): string {
  return text.replace(AROUND, "");
}

/** Whether a record has only blank cells: such a record is no row. */
export function isBlank(record: string, separator: Separator): boolean {
  // most records begin with a letter or a digit
  if (/^[A-Za-z0-9]/.test(record)) return false;
  return record.replaceAll(separator, "").replaceAll('"', "").replace(BLANKS, "") === "";
}
