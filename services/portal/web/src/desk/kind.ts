/** Kinds of files that people mistake for a table as text, by their first bytes, as intake sees them. */

export type FileKind = "xlsx" | "xls" | "ods" | "zip" | "pdf" | "html" | "gzip" | "utf16";

/** Bytes that show the kind of any file. */
export const HEAD_BYTES = 256;

const MAGIC: readonly (readonly [string, FileKind])[] = [
  ["PK\x03\x04", "zip"],
  ["PK\x05\x06", "zip"],
  ["\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"],
  ["\xff\xfe", "utf16"],
  ["\xfe\xff", "utf16"],
  ["%PDF-", "pdf"],
  ["\x1f\x8b\x08", "gzip"],
];
/** Names and contents of the first entry of archives that are spreadsheets. */
const IN_ARCHIVE: readonly (readonly [string, FileKind])[] = [
  ["opendocument.spreadsheet", "ods"],
  ["[Content_Types].xml", "xlsx"],
  ["_rels/", "xlsx"],
  ["docProps/", "xlsx"],
  ["xl/", "xlsx"],
];

/** Returns the kind of a file that is no table as text; `null` where it may be one. */
export function kindOf(head: Uint8Array): FileKind | null {
  const bytes = String.fromCharCode(...head.subarray(0, HEAD_BYTES));
  const magic = MAGIC.find(([start]) => bytes.startsWith(start))?.[1];
  if (magic === "zip") return IN_ARCHIVE.find(([name]) => bytes.includes(name))?.[1] ?? "zip";
  if (magic !== undefined) return magic;
  // no character of UTF-8 but U+0000 has such a byte
  if (bytes.slice(0, 2).includes("\0")) return "utf16";
  return /^(\xef\xbb\xbf)?[ \t\r\n\f]*</.test(bytes) ? "html" : null;
}
