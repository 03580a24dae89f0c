import assert from "node:assert/strict";
import { test } from "node:test";
import { FAILED_REQUEST, inProfile, picture, until } from "../support/browser.mjs";
import {
  DESK,
  answered,
  cells,
  choose,
  fileOf,
  rowOf,
  saved,
  signInAtDesk,
  signInBeside,
  textFile,
} from "../support/intermediary.mjs";
import { testInFull } from "../support/select.mjs";

const ROWS = 10_000;
/** 300 of them, in every part of the file. */
const isBad = (row) => row % 100 === 7 || row % 100 === 8 || row % 100 === 51;
const LONG = 300_000;

export default function desk(lab) {
  test("rows count once and mistakes are mended, though all is cut and reloaded", async () => {
    await inProfile(
      lab.browser,
      async (context) => {
        const page = await context.newPage();
        const button = (name) => page.getByRole("button", { name, exact: true });
        const file = fileOf("aprile.csv", ROWS, { isBad });
        await page.goto(lab.system.portal + DESK);
        await signInAtDesk(page);
        await choose(page, file);
        await button("Send 10,000 rows").click();
        await cutAtAThird(page, lab.system);

        await choose(page, file);
        await page.getByText("A part of this file was sent before").waitFor();
        await picture(page, "desk-again");
        await signInBeside(page);
        const began = performance.now();
        await button("Go on sending").click();
        await page.getByText("9,700 applications are safe").first().waitFor({ timeout: LONG });
        console.log(`the other two thirds took ${Math.round((performance.now() - began) / 1000)} s`);
        await picture(page, "desk-done");
        const receipts = cells(await saved(page, button("Download the receipts of the applications").first()));
        const what = cells(await saved(page, button("Download the list of what to mend")));
        const rows = await saved(page, button("Download the rows, to mend and send again"));
        namesEachMistake(what);
        hasEachReceipt(receipts);

        await choose(page, textFile("aprile-corretto.csv", mended(rows)));
        await button("Send 300 rows").click();
        await page.getByText("300 applications are safe").first().waitFor({ timeout: LONG });
        await registered(page, ["300", "9,700"]);
        await picture(page, "desk-batches");

        await page.goto(`${lab.system.portal}/en/check/`);
        await page.getByRole("textbox", { name: "Text of the receipt" }).fill(receipts.at(-1)[3]);
        await page.getByRole("button", { name: "Check", exact: true }).click();
        await page.getByText("The receipt is valid").first().waitFor();
      },
      { allowed: [FAILED_REQUEST] },
    );
  });

  testInFull("a sign-out on any page leaves nothing of the desk on the device", async () => {
    await inProfile(lab.browser, async (context) => {
      const page = await context.newPage();
      await page.goto(lab.system.portal + DESK);
      await signInAtDesk(page);
      await sendThree(page, 20_000);
      const other = await context.newPage();
      await other.goto(`${lab.system.portal}/en/applications/`);
      await other.getByRole("main").getByRole("button", { name: "Sign in with SPID, CIE or CNS" }).click();
      await other.getByRole("button", { name: "Sign out" }).click();
      // the desk in the other tab goes, too
      await page.waitForURL(`${lab.system.portal}/en/`);
      await other.getByRole("button", { name: "Yes, sign out" }).waitFor();
      assert.deepEqual(await databases(page), []);

      await page.goto(lab.system.portal + DESK);
      await page.getByText("No batch has been sent from this device yet.").waitFor();
      await signInAtDesk(page);
      await sendThree(page, 20_100);
      assert.notDeepEqual(await databases(page), []);
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Yes, sign out" }).click();
      await page.waitForURL(`${lab.system.portal}/`);
      assert.deepEqual(await databases(page), []);
    });
  });
}

async function sendThree(page, first) {
  await choose(page, fileOf("pochi.csv", 3, { first }));
  await page.getByRole("button", { name: "Send 3 rows" }).click();
  await page.getByText("3 applications are safe").first().waitFor();
}

function databases(page) {
  return page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
}

/** Kills intake once a third of the rows have their answer, and reloads the page meanwhile. */
async function cutAtAThird(page, system) {
  await until("a third of the rows", async () => (await answered(page)) >= ROWS / 3, LONG);
  await picture(page, "desk-sending");
  await system.tell("kill intake");
  try {
    await page.getByText("The page tries again by itself").first().waitFor();
    await picture(page, "desk-waiting");
    assert.ok((await answered(page)) < ROWS);
    await page.reload();
    await page.getByText("Interrupted").waitFor();
  } finally {
    await system.tell("start intake");
  }
}

/** Each bad row is named once, with its number in the spreadsheet, whose first row is the header. */
function namesEachMistake(what) {
  const bad = Array.from({ length: ROWS }, (_, at) => at + 1).filter(isBad);
  assert.deepEqual(what.map(([row]) => Number(row)), bad.map((row) => row + 1));
  assert.deepEqual(what.map(([, toMend]) => Number(toMend)), bad.map((_, at) => at + 2));
  assert.deepEqual(
    new Set(what.map(([, , column]) => column)),
    new Set(["/applicant/iban", "/applicant/tax_code", "/answers/no_pension"]),
  );
  assert.ok(what.every(([, , , message]) => message.length > 0));
}

function hasEachReceipt(receipts) {
  const good = Array.from({ length: ROWS }, (_, at) => at + 1).filter((row) => !isBad(row));
  assert.deepEqual(receipts.map(([row]) => Number(row)), good.map((row) => row + 1));
  assert.equal(new Set(receipts.map(([, id]) => id)).size, good.length);
  assert.ok(receipts.every(([, , at, receipt]) => at.endsWith("Z") && /^[\w.~-]{300,}$/.test(receipt)));
}

/** Mends what is wrong in each row, and leaves the file otherwise as it was saved. */
function mended(rows) {
  const [header, ...lines] = rows.split("\r\n");
  assert.equal(lines.length, 301);
  const good = lines.map((line) => (line === "" ? "" : rowOf(Number(/^row-(\d+)/.exec(line)[1]))));
  return [header, ...good].join("\r\n");
}

/** Waits until the batches, newest first, have so many applications on the register, and no others. */
async function registered(page, counts) {
  for (const [at, count] of counts.entries()) {
    const card = page.getByRole("article").filter({ hasText: "Batch of" }).nth(at);
    await until(`${count} are registered`, async () => {
      const figures = await card.getByRole("term").allInnerTexts();
      if (figures.length > 0 && !figures.includes("In the queue")) return true;
      await card.getByRole("button", { name: /^(Refresh|See what became of it)$/ }).click();
      return false;
    }, LONG);
    assert.deepEqual(await card.getByRole("term").allInnerTexts(), ["Registered"]);
    assert.deepEqual(await card.getByRole("definition").allInnerTexts(), [count]);
  }
}
