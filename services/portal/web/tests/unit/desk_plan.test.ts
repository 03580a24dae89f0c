import assert from "node:assert/strict";
import test from "node:test";
import { guardedRecord, messages, quoted, rowsToMend } from "../../src/desk/error_files.js";
import { bodyOf, checkFile, type Plan, rowsOf } from "../../src/desk/plan.js";

const HEADER = "idempotency_key;/benefit;/mandate";

/** A file that comes in chunks of so many bytes. */
function fileOf(content: string | Uint8Array<ArrayBuffer>, chunk = 65_536) {
  const blob = new Blob([content]);
  return {
    size: blob.size,
    slice: (from: number, to: number) => blob.slice(from, to),
    stream: () =>
      new ReadableStream<Uint8Array<ArrayBuffer>>({
        async start(controller) {
          const bytes = new Uint8Array(await blob.arrayBuffer());
          for (let from = 0; from < bytes.length; from += chunk) {
            controller.enqueue(bytes.slice(from, from + chunk));
          }
          controller.close();
        },
      }),
  };
}

async function planOf(content: string, chunk?: number): Promise<Plan> {
  const checked = await checkFile(fileOf(content, chunk), []);
  assert.ok("plan" in checked, JSON.stringify(checked));
  return checked.plan;
}

async function faultOf(content: string | Uint8Array<ArrayBuffer>): Promise<unknown> {
  const checked = await checkFile(fileOf(content), []);
  return "fault" in checked ? checked.fault : null;
}

const row = (key: string | number, mandate = "PA 1") =>
  `${key};indemnity-march-2020;${mandate}\r\n`;

test("a file is cut at ends of rows, however its bytes come", async () => {
  const rows = Array.from({ length: 1203 }, (_, index) => row(index, `"PA\r\n${index}; ""x"""`));
  const content = `\ufeff${HEADER}\r\n${rows.join("")}`;
  const plan = await planOf(content);
  assert.deepEqual(
    plan.parts.map(({ number, rowsBefore, rows }) => [number, rowsBefore, rows]),
    [
      [1, 0, 500],
      [2, 500, 500],
      [3, 1000, 203],
    ],
  );
  for (const chunk of [97, 1000])
    assert.deepEqual((await planOf(content, chunk)).parts, plan.parts);
  const few = content.slice(0, 2000);
  assert.deepEqual((await planOf(few, 1)).parts, (await planOf(few)).parts);
  let joined = "";
  for (const part of plan.parts) {
    const body = await (await bodyOf(fileOf(content), plan, part)).text();
    assert.ok(body.startsWith(`${HEADER}\r\n`));
    joined += body.slice(HEADER.length + 2);
  }
  assert.equal(joined, rows.join(""));
});

test("a part has at most 256 KiB", async () => {
  const plan = await planOf(
    `${HEADER}\n${Array.from({ length: 20 }, (_, n) => row(n, "x".repeat(60_000))).join("")}`,
  );
  assert.equal(plan.parts.length, 5);
  for (const { from, to } of plan.parts) assert.ok(HEADER.length + 2 + to - from <= 256 * 1024);
});

test("blank rows count in a spreadsheet and not at the API", async () => {
  const content = `sep=;\n\n${HEADER}\n${row(1)};;\n\n${row(2)}${row(3)};;;;\n\n`;
  const plan = await planOf(content);
  assert.equal(plan.rows, 3);
  assert.deepEqual(
    [1, 2, 3].map((row) => plan.map.toSheet(row)),
    [3, 6, 7],
  );
  const [part] = plan.parts;
  assert.ok(part !== undefined && plan.parts.length === 1);
  const bytes = new Uint8Array(await fileOf(content).slice(part.from, part.to).arrayBuffer());
  assert.deepEqual(
    [...rowsOf(bytes, plan, part)],
    [
      [1, row(1)],
      [2, row(2)],
      [3, row(3)],
    ],
  );
  assert.ok(
    (await (await bodyOf(fileOf(content), plan, part)).text())
      .startsWith(`sep=;\r\n${HEADER}`),
  );
});

test("the same bytes have the same digest, and others another", async () => {
  const content = `${HEADER}\n${Array.from({ length: 30_000 }, (_, n) => row(n, "x".repeat(40))).join("")}`;
  const { digest } = await planOf(content);
  assert.match(digest, /^[\w-]{43}$/);
  assert.equal((await planOf(content, 4099)).digest, digest);
  assert.notEqual((await planOf(content.replace("29999;", "29998x;"))).digest, digest);
});

test("what is wrong with a file as a whole is known before it is sent", async () => {
  assert.deepEqual(await faultOf(""), { kind: "empty" });
  assert.deepEqual(await faultOf(`${HEADER}\n;;\n`), { kind: "empty" });
  assert.deepEqual(await faultOf("PK\x03\x04xl/workbook"), { kind: "file", is: "xlsx" });
  assert.deepEqual(await faultOf("/benefit\n"), {
    kind: "columns",
    faults: [{ kind: "missing", name: "idempotency_key" }],
  });
  const latin = Uint8Array.from([
    ...new TextEncoder().encode(`${HEADER}\n${row(1)}2;x;Niccol`),
    0xf2,
    10,
  ]);
  assert.deepEqual(await faultOf(latin), { kind: "not-utf8", row: 3 });
  assert.deepEqual(await faultOf(`${HEADER}\n${row(1)}2;x;"PA\n${row(3).repeat(3000)}`), {
    kind: "row-too-long",
    row: 3,
  });
  const many = Array.from({ length: 100_001 }, (_, n) => `${n};b;m\n`).join("");
  assert.deepEqual(await faultOf(`${HEADER}\n${many}`), { kind: "too-many-rows", row: 100_002 });
});

test("keys that come twice in a file are named with both rows", async () => {
  const rows = Array.from({ length: 1500 }, (_, n) => row(n === 1400 ? 10 : n));
  rows[1450] = row('" 20 "');
  assert.deepEqual(await faultOf(`${HEADER}\n${rows.join("")}`), {
    kind: "keys",
    repeated: [
      { row: 1402, first: 12 },
      { row: 1452, first: 22 },
    ],
    count: 2,
  });
  // a row without a key is a mistake of its own
  assert.equal(await faultOf(`${HEADER}\n${row("")}${row("")}`), null);
});

test("the rows that were refused are a file that can be sent", async () => {
  const rows = Array.from({ length: 700 }, (_, n) => row(n));
  rows[5] = row("=5", '"-1;\n2"');
  const content = `\ufeff${HEADER}\r\n${rows.join("")}`;
  const plan = await planOf(content);
  const errors = [
    { row: 6, pointer: "idempotency_key", message: "una chiave" },
    { row: 6, pointer: "/mandate", message: 'un "mandato"' },
    { row: 650, pointer: "", message: "=x" },
  ];
  const mend = await rowsToMend(fileOf(content), plan, errors);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(await mend.arrayBuffer());
  assert.equal(text, `\ufeff${HEADER}\r\n =5;indemnity-march-2020;" -1;\n2"\r\n${row(649)}`);
  assert.equal((await planOf(text)).rows, 2);
  const names = {
    row: "Riga",
    rowToMend: "Riga da correggere",
    column: "Colonna",
    message: "Testo",
  };
  const lines = new TextDecoder()
    .decode(await messages(plan, errors, names).arrayBuffer())
    .split("\r\n");
  assert.deepEqual(lines, [
    '"Riga";"Riga da correggere";"Colonna";"Testo"',
    '"7";"2";"idempotency_key";"una chiave"',
    '"7";"2";"/mandate";"un ""mandato"""',
    '"651";"3";"";" =x"',
    "",
  ]);
});

test("no cell begins a formula", () => {
  assert.equal(guardedRecord('=1;+2;"@3";-4;a=b\n', ";"), ' =1; +2;" @3"; -4;a=b\r\n');
  assert.equal(quoted("=HYPERLINK()"), '" =HYPERLINK()"');
});
