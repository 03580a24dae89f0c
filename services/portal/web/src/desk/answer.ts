/** The lines with which intake answers a part, read as they come. */

import { textLines } from "./lines.js";

/** A mistake in a row, with no word of what was sent. */
export interface RowError {
  /** As the API numbers rows. */
  readonly row: number;
  /** The column, or empty. */
  readonly pointer: string;
  readonly message: string;
}

/** A row that was accepted. */
export interface AcceptedRow {
  /** As the API numbers rows. */
  readonly row: number;
  readonly id: string;
  readonly receivedAt: string;
  readonly receipt: string;
  /** Possible slips, which do not count against the application. */
  readonly warnings: readonly string[];
}

/** The counts of a part or of a batch, with their receipt. */
export interface BatchEnd {
  readonly id: string;
  readonly rows: number;
  readonly accepted: number;
  readonly refused: number;
  readonly receipt: string;
}

export type Line =
  | { readonly kind: "accepted"; readonly accepted: AcceptedRow }
  | { readonly kind: "refused"; readonly row: number; readonly errors: readonly RowError[] }
  /** The row's channel is closed, and opens again. */
  | { readonly kind: "closed"; readonly opensAt: string }
  /** The answer ends here, and the part is to be sent again. */
  | { readonly kind: "again" }
  | { readonly kind: "end"; readonly end: BatchEnd };

/** Problems of a row from which on nothing was read. */
const EARLY = ["unavailable", "internal", "too-slow"];
const PROBLEM = "urn:sportello:problem:";

/** Reads lines until the stream ends. Throws where a line is none of the API's. */
export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Line> {
  for await (const line of textLines(stream)) yield lineOf(line);
}

/** Reads one line. Throws where it is none of the API's. */
export function lineOf(text: string): Line {
  const line = object(JSON.parse(text));
  if (line["batch"] !== undefined) return { kind: "end", end: endOf(line["batch"]) };
  const row = line["row"];
  if (typeof row !== "number") throw new Error("a line without its row");
  if (line["problem"] === undefined) return { kind: "accepted", accepted: acceptedOf(row, line) };
  const problem = object(line["problem"]);
  const name = textOf(problem["type"]).replace(PROBLEM, "");
  const opensAt = textOf(problem["opens_at"]);
  if (EARLY.includes(name)) return { kind: "again" };
  if (name === "channel-closed" && opensAt !== "") return { kind: "closed", opensAt };
  return { kind: "refused", row, errors: errorsOf(row, problem) };
}

/** Reads the counts of a last line, or of the answer that joins receipts. */
export function endOf(value: unknown): BatchEnd {
  const { id, rows, accepted, refused, receipt } = object(value);
  const isGood =
    [id, receipt].every((text) => typeof text === "string") &&
    [rows, accepted, refused].every((count) => Number.isInteger(count));
  if (!isGood) throw new Error("a last line without its counts");
  return { id, rows, accepted, refused, receipt } as BatchEnd;
}

function acceptedOf(row: number, line: Readonly<Record<string, unknown>>): AcceptedRow {
  const warnings = Array.isArray(line["warnings"]) ? line["warnings"].map(object) : [];
  return {
    row,
    id: textOf(line["id"]),
    receivedAt: textOf(line["received_at"]),
    receipt: textOf(line["receipt"]),
    warnings: warnings.map(({ message }) => textOf(message)),
  };
}

function errorsOf(row: number, problem: Readonly<Record<string, unknown>>): RowError[] {
  const violations = Array.isArray(problem["violations"]) ? problem["violations"].map(object) : [];
  if (violations.length === 0) {
    const message = textOf(problem["detail"]) || textOf(problem["title"]);
    return [{ row, pointer: "", message }];
  }
  return violations.map((violation) => ({
    row,
    pointer: columnOf(textOf(violation["pointer"])),
    message: textOf(violation["message"]),
  }));
}

/** The column of the key has its name without the slash. */
function columnOf(pointer: string): string {
  return pointer === "/idempotency_key" ? "idempotency_key" : pointer;
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
