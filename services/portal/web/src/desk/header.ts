/** The lines before the first row: empty lines, perhaps `sep=;`, then the names of the columns. */

import { cellText, isBlank, rawCells, type Separator, trim } from "./table.js";

/** Most bytes of the line of names, and of a row. */
export const ROW_BYTES = 65_536;

export interface Header {
  readonly separator: Separator;
  readonly names: readonly string[];
  /** What every part of the file begins with. */
  readonly prefix: Uint8Array<ArrayBuffer>;
  readonly hasMark: boolean;
  /** The row of the spreadsheet that holds the names. */
  readonly row: number;
  /** Where in the file the next record begins. */
  readonly end: number;
}

export type HeaderFault = "separator" | "too-long" | "not-utf8" | "missing";

/**
 * Reads the header from the beginning of a file. `null`: more bytes are needed.
 */
export function readHeader(bytes: Uint8Array, whole: boolean): Header | HeaderFault | null {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  let said: Separator | null = null;
  let row = 0;
  for (let from = hasMark ? 3 : 0; ; ) {
    const line = lineAt(bytes, from, whole);
    if (line === null) return bytes.length - from > ROW_BYTES ? "too-long" : whole ? "missing" : null;
    const text = decode(bytes.subarray(from, line.end));
    if (text === null) return "not-utf8";
    from = line.next;
    row += 1;
    if (isEmpty(text)) continue;
    const says: string | undefined = said === null ? saidBy(text) : undefined;
    if (says !== undefined) {
      if (says !== ";" && says !== ",") return "separator";
      said = says;
      row -= 1; // a spreadsheet does not show it
      continue;
    }
    const separator: Separator | null = said ?? separatorOf(text);
    if (separator === null) return "separator";
    const prefix = new TextEncoder().encode(`${said === null ? "" : `sep=${said}\r\n`}${text}\r\n`);
    if (prefix.length > ROW_BYTES) return "too-long";
    const names = withoutTail(rawCells(text, separator).map(cellText));
    return { separator, names, prefix, hasMark, row, end: from };
  }
}

interface Line {
  readonly end: number;
  readonly next: number;
}

/** A line of names ends at the first end of line, quotes or not. */
function lineAt(bytes: Uint8Array, from: number, whole: boolean): Line | null {
  for (let at = from; at < bytes.length; at += 1) {
    if (bytes[at] === 10) return { end: at, next: at + 1 };
    if (bytes[at] !== 13) continue;
    if (at + 1 === bytes.length && !whole) return null;
    return { end: at, next: bytes[at + 1] === 10 ? at + 2 : at + 1 };
  }
  return whole && from < bytes.length ? { end: bytes.length, next: bytes.length } : null;
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function isEmpty(line: string): boolean {
  return isBlank(line.replaceAll("\t", "").replaceAll(",", ""), ";");
}

/** Returns the sign that a line `sep=;` says, also with what a program adds that saves it as a row. */
function saidBy(line: string): string | undefined {
  const signs = /^"*sep=(.*)$/i.exec(trim(line))?.[1];
  return signs === undefined ? undefined : (/^(;)[;"]*$|^(,)[,"]*$/.exec(signs)?.[0]?.[0] ?? "");
}

/** No name of a column contains any of these signs. */
function separatorOf(line: string): Separator | null {
  const first = /[,;\t]/.exec(line)?.[0];
  if (first === "\t") return null;
  return first === ";" ? ";" : ",";
}

/** Separators at the end of the line are no columns. */
function withoutTail(names: readonly string[]): string[] {
  let { length } = names;
  while (length > 0 && names[length - 1] === "") length -= 1;
  return names.slice(0, length);
}
