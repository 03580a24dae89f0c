import assert from "node:assert/strict";
import { test } from "node:test";
import { inProfile, picture } from "../support/browser.mjs";
import { DESK, HEADER, choose, fileOf, rowOf, textFile } from "../support/intermediary.mjs";

const table = (...rows) => [HEADER, ...rows, ""].join("\r\n");

/** Files that can't be sent, and what the desk says of each. */
const FILES = [
  [
    "workbook.xlsx",
    Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(26), Buffer.from("[Content_Types].xml"), Buffer.alloc(200)]),
    ["It is an Excel workbook (.xlsx).", "CSV UTF-8"],
  ],
  [
    "windows.csv",
    Buffer.concat([Buffer.from(`${HEADER}\r\n${rowOf(1)}\r\n${rowOf(2).replace("Maria", "Niccol")}`), Buffer.from([0xf2, 13, 10])]),
    ["Row 3 has letters that are not in UTF-8", "Windows-1252"],
  ],
  ["no-key.csv", Buffer.from(table("x").replace("idempotency_key;", "")), ["The column idempotency_key is missing"]],
  ["unknown.csv", Buffer.from(table("x").replace("/mandate", "/answers/shoe_size")), ["Column 4, /answers/shoe_size: no form has this field"]],
  ["tabs.csv", Buffer.from(table("x").replaceAll(";", "\t")), ["The cells are separated by tabs or another sign"]],
  ["twice.csv", Buffer.from(table(rowOf(1), rowOf(2), rowOf(3).replace("row-3", "row-1"))), ["One key occurs twice"]],
  ["empty.csv", Buffer.from(""), ["There is no row to send in the file."]],
  ["only-names.csv", Buffer.from(table()), ["There is no row to send in the file."]],
  ["many.csv", fileOf("", 100_001).buffer, ["The file has more than 100,000 rows. Put those from row 100,002 on into another file."]],
];

export default function deskFiles(lab) {
  test("what is wrong with a file is said in plain words before anything is sent", async () => {
    await inProfile(lab.browser, async (context) => {
      const sent = [];
      context.on("request", (request) => request.method() === "GET" || sent.push(request.url()));
      const page = await context.newPage();
      await page.goto(lab.system.portal + DESK);
      for (const [name, buffer, sentences] of FILES) {
        await choose(page, { ...textFile(name, ""), buffer });
        const card = page.getByRole("article", { name });
        await card.getByText("This file can't be sent as it is").waitFor();
        for (const sentence of sentences) await card.getByText(sentence).first().waitFor();
        await card.getByText("Nothing was sent.").waitFor();
        await page.waitForFunction((title) => document.activeElement?.textContent?.includes(title), name);
        await picture(page, `desk-file-${name.replace(/\.\w+$/, "")}`);
      }
      const rows = page.getByRole("row").filter({ hasText: "4" });
      await choose(page, { ...textFile("twice.csv", ""), buffer: FILES[5][1] });
      await rows.getByRole("cell", { name: "2", exact: true }).waitFor();
      assert.deepEqual(sent, []);
    });
  });
}
