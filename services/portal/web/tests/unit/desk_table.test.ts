import assert from "node:assert/strict";
import test from "node:test";
import { checkColumns } from "../../src/desk/columns.js";
import { readHeader } from "../../src/desk/header.js";
import { kindOf } from "../../src/desk/kind.js";
import { RowMap } from "../../src/desk/row_map.js";
import { cellText, isBlank, rawCells, recordEnd } from "../../src/desk/table.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function records(text: string): string[] {
  const all = bytes(text);
  const found: string[] = [];
  for (let from = 0; from < all.length; ) {
    const end = recordEnd(all, from, ";", true);
    found.push(new TextDecoder("utf-8", { ignoreBOM: true }).decode(all.subarray(from, end)));
    from = end;
  }
  return found;
}

test("records end at the ends of lines that stand in no quotes", () => {
  assert.deepEqual(records('1;"a\n;b";c\r\n2;"say ""x""\r";\n3'), [
    '1;"a\n;b";c\r\n',
    '2;"say ""x""\r";\n',
    "3",
  ]);
  assert.deepEqual(records("1\r2\r\r\n3\n"), ["1\r", "2\r", "\r\n", "3\n"]);
  // a quote within a cell opens nothing
  assert.deepEqual(records('1;5"\n2;x"y"\n'), ['1;5"\n', '2;x"y"\n']);
});

test("a record whose end is not there yet has none", () => {
  for (const text of ["1;2", "1\r", '1;"a', '1;"a"']) {
    assert.equal(recordEnd(bytes(text), 0, ";", false), -1, text);
    assert.equal(recordEnd(bytes(text), 0, ";", true), text.length, text);
  }
});

test("cells are read as intake reads them", () => {
  const cells = rawCells('\u00a0a ;"b;""c""";"d\ne";f"g;\r\n', ";");
  assert.deepEqual(cells, ["\u00a0a ", '"b;""c"""', '"d\ne"', 'f"g', ""]);
  assert.deepEqual(cells.map(cellText), ["a", 'b;"c"', "d\ne", 'f"g', ""]);
});

test("a row of blanks is none", () => {
  for (const blank of ["\n", ";;;\r\n", ' ;\t;\u00a0;""\n', "\ufeff;\u200b\n"]) {
    assert.ok(isBlank(blank, ";"), JSON.stringify(blank));
  }
  for (const row of [";;x\n", "0\n", ";,\n"]) assert.ok(!isBlank(row, ";"), row);
});

test("files of other kinds are known by their first bytes", () => {
  const zip = (name: string) => bytes(`PK\x03\x04${"\0".repeat(26)}${name}${"\0".repeat(100)}`);
  const kinds: [Uint8Array, string | null][] = [
    [zip("[Content_Types].xml"), "xlsx"],
    [zip("xl/workbook.xml"), "xlsx"],
    [zip("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"), "ods"],
    [zip("applications.csv"), "zip"],
    [Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0]), "xls"],
    [Uint8Array.from([0xff, 0xfe, 0x69, 0]), "utf16"],
    [bytes("i\0d\0"), "utf16"],
    [bytes("%PDF-1.7\n"), "pdf"],
    [bytes("\ufeff \r\n<?xml version"), "html"],
    [Uint8Array.from([0x1f, 0x8b, 8, 0]), "gzip"],
    [bytes("\ufeffidempotency_key;/benefit\n"), null],
    [bytes(""), null],
  ];
  for (const [head, kind] of kinds) assert.equal(kindOf(head), kind);
});

test("a header is found behind what spreadsheets put before it", () => {
  const names = ["idempotency_key", "/benefit"];
  const cases: [string, string, number][] = [
    ["idempotency_key;/benefit\n1", ";", 1],
    ["idempotency_key,/benefit,,\r\n1", ",", 1],
    ["\ufeffsep=;\r\nidempotency_key;/benefit\r\n1", ";", 1],
    ['"sep=,",,\nidempotency_key,/benefit\n1', ",", 1],
    [";;;\n\u00a0;\n\n idempotency_key ;\"/benefit\";\n1", ";", 4],
  ];
  for (const [text, separator, row] of cases) {
    const header = readHeader(bytes(text), true);
    assert.ok(header !== null && typeof header === "object", text);
    assert.deepEqual([header.separator, header.names, header.row], [separator, names, row], text);
    assert.equal(header.hasMark, text.startsWith("\ufeff"));
    assert.equal(new TextDecoder().decode(bytes(text).subarray(header.end)), "1");
  }
  assert.equal(readHeader(bytes("idempotency_key\t/benefit\n"), true), "separator");
  assert.equal(readHeader(bytes("sep=|\na|b\n"), true), "separator");
  assert.equal(readHeader(bytes("\n;;\n"), true), "missing");
  assert.equal(readHeader(bytes("idempotency_key;/ben"), false), null);
  assert.equal(readHeader(Uint8Array.from([0xe0, 0x41, 10]), true), "not-utf8");
  assert.equal(readHeader(bytes("x".repeat(70_000)), false), "too-long");
});

test("columns are checked by the forms", () => {
  const form = {
    properties: {
      amount: { type: "number" },
      children: { maxItems: 3, items: { properties: { tax_code: { type: "string" } } } },
    },
  };
  const check = (...names: string[]) => checkColumns(["idempotency_key", "/benefit", ...names], [form]);
  assert.deepEqual(check("/applicant/iban", "/answers/amount", "/answers/children/0/tax_code"), []);
  assert.deepEqual(checkColumns(["/answers/amount"], [form]), [
    { kind: "missing", name: "idempotency_key" },
    { kind: "missing", name: "/benefit" },
  ]);
  assert.deepEqual(check("/answers/shoe_size", "RSSMRA80A01H501U", "/answers/children"), [
    { kind: "unknown", column: 3, name: "/answers/shoe_size" },
    { kind: "unknown", column: 4, name: "" },
    { kind: "unknown", column: 5, name: "/answers/children" },
  ]);
  assert.deepEqual(check("/benefit"), [{ kind: "twice", column: 3, other: 2 }]);
  assert.deepEqual(check("/answers/children/1/tax_code"), [
    { kind: "gap", column: 3, name: "/answers/children/1/tax_code" },
  ]);
  assert.deepEqual(check("/answers/children/3/tax_code", "/answers/constructor")[1]?.kind, "unknown");
  assert.deepEqual(checkColumns(new Array(501).fill("x"), [form]), [{ kind: "too-many", most: 500 }]);
});

test("rows are numbered as a spreadsheet does", () => {
  const map = new RowMap();
  [2, 3, 6, 7, 9].forEach((sheet, index) => map.add(index + 1, sheet));
  assert.deepEqual([1, 2, 3, 4, 5].map((row) => map.toSheet(row)), [2, 3, 6, 7, 9]);
  assert.deepEqual(map.pairs, [1, 2, 3, 6, 5, 9]);
  assert.equal(new RowMap([1, 2]).toSheet(100_000), 100_001);
});
