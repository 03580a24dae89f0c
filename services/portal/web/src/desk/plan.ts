/**
 * Reads a file once before anything is sent: its digest, what is wrong with it as a whole, and how
 * it is cut into parts. Holds one chunk, the keys, and a line for each part.
 */

import { checkColumns, type ColumnFault, KEY, type Shape } from "./columns.js";
import { FileDigest } from "./digest.js";
import { type Header, type HeaderFault, readHeader, ROW_BYTES } from "./header.js";
import { type FileKind, HEAD_BYTES, kindOf } from "./kind.js";
import { RowMap } from "./row_map.js";
import { cellText, isBlank, rawCells, recordEnd } from "./table.js";

/** Most rows of a file. */
export const MOST_ROWS = 100_000;
/** Most rows and bytes of a part: half of what intake takes, for slow connections. */
const PART_ROWS = 500;
const PART_BYTES = 256 * 1024;
/** Most repeated keys that are named. */
const NAMED = 100;

/** A part of the file: bytes `from` to `to`, behind the header. */
export interface Part {
  /** From 1. */
  readonly number: number;
  readonly rowsBefore: number;
  readonly rows: number;
  readonly from: number;
  readonly to: number;
}

export interface Plan {
  readonly digest: string;
  readonly header: Header;
  readonly rows: number;
  readonly parts: readonly Part[];
  readonly map: RowMap;
}

/** Two rows of the spreadsheet with the same key. */
export interface Repeated {
  readonly row: number;
  readonly first: number;
}

/** Why a file can't be sent. */
export type Fault =
  | { readonly kind: "file"; readonly is: FileKind }
  | { readonly kind: "header"; readonly is: Exclude<HeaderFault, "missing"> }
  | { readonly kind: "columns"; readonly faults: readonly ColumnFault[] }
  | { readonly kind: "empty" }
  | { readonly kind: "not-utf8"; readonly row: number }
  | { readonly kind: "row-too-long"; readonly row: number }
  | { readonly kind: "too-many-rows"; readonly row: number }
  | { readonly kind: "keys"; readonly repeated: readonly Repeated[]; readonly count: number }
  /** The file is gone or has changed. */
  | { readonly kind: "unreadable" };

export type Checked = { readonly plan: Plan } | { readonly fault: Fault };

/** What a file is read from. */
export type Source = Pick<Blob, "stream" | "slice" | "size">;

/** Reads and checks a file; `onBytes` hears how many bytes have been read. */
export async function checkFile(
  file: Source,
  forms: readonly Shape[],
  onBytes: (bytes: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<Checked> {
  try {
    const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
    const kind = kindOf(head);
    if (kind !== null) return { fault: { kind: "file", is: kind } };
    const reading = new Reading(forms);
    const digest = new FileDigest();
    let read = 0;
    const reader = file.stream().getReader();
    for (;;) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      const fault = reading.push(value ?? new Uint8Array(), done);
      if (fault !== null) {
        void reader.cancel().catch(() => undefined);
        return { fault };
      }
      if (done) break;
      await digest.push(value);
      onBytes((read += value.length));
    }
    return reading.finish(await digest.finish());
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return { fault: { kind: "unreadable" } };
  }
}

/** The state of reading. */
class Reading {
  readonly #forms: readonly Shape[];
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #keys = new Map<string, number>();
  readonly #repeated: Repeated[] = [];
  readonly #parts: Part[] = [];
  readonly #map = new RowMap();
  #repeatedCount = 0;
  #header: Header | null = null;
  #keyColumn = 0;
  /** Bytes that are not a whole record yet, and where in the file they begin. */
  #rest: Uint8Array = new Uint8Array();
  #at = 0;
  /** The last row of the spreadsheet that was read. */
  #sheet = 0;
  #rows = 0;

  constructor(forms: readonly Shape[]) {
    this.#forms = forms;
  }

  push(chunk: Uint8Array, whole: boolean): Fault | null {
    const bytes = joined(this.#rest, chunk);
    const begin = this.#header === null ? this.#readHeader(bytes, whole) : 0;
    if (typeof begin !== "number") return begin;
    const header = this.#header;
    if (header === null) {
      this.#rest = bytes.slice();
      return null;
    }
    let from = begin;
    for (;;) {
      const end = recordEnd(bytes, from, header.separator, whole);
      if ((end < 0 ? bytes.length : end) - from > ROW_BYTES + 2) {
        return { kind: "row-too-long", row: this.#sheet + 1 };
      }
      if (end < 0) break;
      const fault = this.#record(bytes.subarray(from, end), this.#at + from, header);
      if (fault !== null) return fault;
      from = end;
    }
    this.#rest = bytes.slice(from);
    this.#at += from;
    return null;
  }

  finish(digest: string): Checked {
    if (this.#repeatedCount > 0) {
      return { fault: { kind: "keys", repeated: this.#repeated, count: this.#repeatedCount } };
    }
    if (this.#header === null || this.#rows === 0) return { fault: { kind: "empty" } };
    const plan = {
      digest,
      header: this.#header,
      rows: this.#rows,
      parts: this.#parts,
      map: this.#map,
    };
    return { plan };
  }

  /** Returns where the rows begin. */
  #readHeader(bytes: Uint8Array, whole: boolean): number | Fault {
    const header = readHeader(bytes, whole);
    if (header === null) return 0;
    if (header === "missing") return { kind: "empty" };
    if (typeof header === "string") return { kind: "header", is: header };
    const faults = checkColumns(header.names, this.#forms);
    if (faults.length > 0) return { kind: "columns", faults };
    this.#header = header;
    this.#keyColumn = header.names.indexOf(KEY);
    this.#sheet = header.row;
    return header.end;
  }

  #record(bytes: Uint8Array, at: number, { separator, prefix }: Header): Fault | null {
    this.#sheet += 1;
    const text = this.#decode(bytes);
    if (text === null) return { kind: "not-utf8", row: this.#sheet };
    if (isBlank(text, separator)) return null;
    if (this.#rows === MOST_ROWS) return { kind: "too-many-rows", row: this.#sheet };
    this.#rows += 1;
    this.#map.add(this.#rows, this.#sheet);
    this.#take(at, bytes.length, prefix.length);
    this.#key(cellText(rawCells(text, separator)[this.#keyColumn] ?? ""));
    return null;
  }

  #decode(bytes: Uint8Array): string | null {
    try {
      return this.#decoder.decode(bytes);
    } catch {
      return null;
    }
  }

  /** Puts a row into the last part, or into a new one. */
  #take(from: number, length: number, header: number): void {
    const last = this.#parts.at(-1);
    const to = from + length;
    if (last !== undefined && last.rows < PART_ROWS && header + to - last.from <= PART_BYTES) {
      this.#parts[this.#parts.length - 1] = { ...last, rows: last.rows + 1, to };
    } else {
      const number = this.#parts.length + 1;
      this.#parts.push({ number, rowsBefore: this.#rows - 1, rows: 1, from, to });
    }
  }

  #key(key: string): void {
    if (key === "") return;
    const first = this.#keys.get(key);
    if (first === undefined) {
      this.#keys.set(key, this.#sheet);
      return;
    }
    this.#repeatedCount += 1;
    if (this.#repeated.length < NAMED) this.#repeated.push({ row: this.#sheet, first });
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

/**
 * Returns the body of a part: the names of the columns, then its rows. The browser reads them from
 * the file as it sends them. Throws where the file is gone or has changed.
 */
export async function bodyOf(file: Source, { header }: Plan, part: Part): Promise<Blob> {
  await file.slice(part.from, part.from + 1).arrayBuffer();
  return new Blob([header.prefix, file.slice(part.from, part.to)]);
}

/** Returns the rows of a part, each with its number at the API. */
export function* rowsOf(
  bytes: Uint8Array,
  { header }: Plan,
  part: Part,
): Generator<[number, string]> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let row = part.rowsBefore;
  for (let from = 0; from < bytes.length;) {
    const end = recordEnd(bytes, from, header.separator, true);
    const record = decoder.decode(bytes.subarray(from, end));
    if (!isBlank(record, header.separator)) yield [(row += 1), record];
    from = end;
  }
}
