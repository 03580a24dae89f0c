/** The receipts of accepted rows, as a table that a program or a person reads. */

import type { AcceptedRow } from "./answer.js";
import { quoted } from "./error_files.js";
import type { RowMap } from "./row_map.js";
import type { DeskTexts } from "./texts/it.js";

const TYPE = "text/csv;charset=utf-8";

/** The names of the columns. */
export type ReceiptColumns = Pick<
  DeskTexts,
  "row" | "application" | "receivedAt" | "applicationReceipt" | "warnings"
>;

/** Returns the lines of a part. They are long: the text leaves the page's memory. */
export function receiptLines(rows: readonly AcceptedRow[], map: RowMap): Blob {
  const lines = rows.map(({ row, id, receivedAt, receipt, warnings }) =>
    line(String(map.toSheet(row)), id, receivedAt, receipt, warnings.join(" ")),
  );
  return new Blob(lines, { type: TYPE });
}

/** Joins the lines of all parts to a file. */
export function receiptsFile(parts: readonly Blob[], names: ReceiptColumns): Blob {
  const { row, application, receivedAt, applicationReceipt, warnings } = names;
  const header = line(row, application, receivedAt, applicationReceipt, warnings);
  return new Blob(["\ufeff", header, ...parts], { type: TYPE });
}

function line(...cells: string[]): string {
  return `${cells.map(quoted).join(";")}\r\n`;
}
