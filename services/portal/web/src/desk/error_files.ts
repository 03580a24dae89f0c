/**
 * Two files about rows that were refused: the rows themselves, with the columns of the file they
 * came in, so that they can be sent once mended; and what to mend.
 */

import type { RowError } from "./answer.js";
import { type Plan, rowsOf, type Source } from "./plan.js";
import { rawCells, type Separator } from "./table.js";
import type { DeskTexts } from "./texts/it.js";

const END = "\r\n";
const MARK = "\ufeff";
/** What a spreadsheet may take for the beginning of a formula. */
const FORMULA = /^(["]?)(?=[=+\-@\t\r\n＝＋－＠])/;

/** The rows that were refused, as a file that, mended, can be sent. Reads only their parts. */
export async function rowsToMend(
  file: Source,
  plan: Plan,
  errors: Iterable<RowError>,
): Promise<Blob> {
  const bad = new Set([...errors].map(({ row }) => row));
  const pieces: BlobPart[] = [plan.header.hasMark ? MARK : "", plan.header.prefix];
  for (const part of plan.parts) {
    if (!hasAny(bad, part.rowsBefore + 1, part.rowsBefore + part.rows)) continue;
    const bytes = new Uint8Array(await file.slice(part.from, part.to).arrayBuffer());
    for (const [row, record] of rowsOf(bytes, plan, part)) {
      if (bad.has(row)) pieces.push(guardedRecord(record, plan.header.separator));
    }
  }
  return new Blob(pieces, { type: "text/csv;charset=utf-8" });
}

function hasAny(rows: ReadonlySet<number>, first: number, last: number): boolean {
  for (let row = first; row <= last; row += 1) if (rows.has(row)) return true;
  return false;
}

/** A record whose cells begin no formula: the API ignores the space before. */
export function guardedRecord(record: string, separator: Separator): string {
  const cells = rawCells(record, separator).map((cell) => cell.replace(FORMULA, "$1 "));
  return cells.join(separator) + END;
}

/** The names of the columns of the second file. */
export type MessageColumns = Pick<DeskTexts, "row" | "rowToMend" | "column" | "message">;

/** What to mend: the row in the file that was sent, that in the file to mend, column and text. */
export function messages(plan: Plan, errors: Iterable<RowError>, names: MessageColumns): Blob {
  const { separator } = plan.header;
  const line = (...cells: string[]): string =>
    cells.map((cell) => quoted(cell)).join(separator) + END;
  const lines = [MARK, line(names.row, names.rowToMend, names.column, names.message)];
  // the names stand in the first row of the file to mend
  let [last, toMend] = [0, 1];
  for (const { row, pointer, message } of errors) {
    if (row !== last) toMend += 1;
    last = row;
    lines.push(line(String(plan.map.toSheet(row)), String(toMend), pointer, message));
  }
  return new Blob(lines, { type: "text/csv;charset=utf-8" });
}

/** A cell as text, which begins no formula. */
export function quoted(text: string): string {
  return `"${text.replace(/^(?=[=+\-@\t\r\n])/, " ").replaceAll('"', '""')}"`;
}
