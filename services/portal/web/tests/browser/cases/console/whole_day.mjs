import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { inProfile, picture, until } from "../../support/browser.mjs";
import { press, reach, take } from "../../support/citizen.mjs";
import {
  OPERATORS,
  REASON,
  agree,
  openConsole,
  openSection,
  outcomeOf,
  replace,
  sendMany,
  sendOne,
  tile,
} from "../../support/operator.mjs";

const MANY = 16_000;
/** So many wait when the estimate is judged: two workers have been measured by then. */
const LEFT = 7_000;
const INDEMNITY = "indemnity-march-2020";
const PASSING = "indemnity-of-a-day";
const DAY_MS = 180_000;
/** Part of the time by which an estimate of it may be wrong. */
const WITHIN = 0.2;

export default function wholeDay(lab) {
  test("an operator goes through a whole day by keyboard alone", { timeout: 600_000 }, async () => {
    const { system, browser } = lab;
    await inProfile(browser, async (context) => {
      const page = await openConsole(context, system, OPERATORS.olga);
      const isWhole = () => page.getByRole("heading", { name: "Nothing is lost" }).waitFor();
      await isWhole();
      await picture(page, "console-quiet");

      await setWorkers(page, 0);
      const { id } = await system.withSlowDatabase(async () => {
        await sendMany(system, MANY);
        const poison = await sendPoison(system);
        await openSection(page, "Now");
        // no worker runs: the console keeps the ledger itself
        await holds(page, "In the queue", "16,001");
        await picture(page, "console-backlog");

        await setTarget(page, { minutesBehind: 1, atMost: 2 });
        await openSection(page, "Now");
        await drainsAsEstimated(page);
        await isWhole();
        await picture(page, "console-drained");
        return poison;
      });

      await mendAndRequeue(page);
      assert.equal(await until("the mended application", () => outcomeOf(system, id)), "registered");
      await openSection(page, "Now");
      await isWhole();
      await auditSays(page, ["set the workers", "mended a letter", "requeued a letter"]);
    });
  });
}

/** Waits until a tile of the section "Now" says a text. */
async function holds(page, name, text) {
  await tile(page, name).getByText(text, { exact: true }).waitFor({ timeout: DAY_MS });
}

/** Reads the estimate while many wait, and compares it with the time until none does. */
async function drainsAsEstimated(page) {
  const waiting = async () => Number((await tile(page, "In the queue").innerText()).replace(",", ""));
  await until("a smaller backlog", async () => (await waiting()) < LEFT);
  const shown = await tile(page, "Queue empty in").innerText();
  const begun = performance.now();
  assert.match(shown, /^\d+(–\d+)? s$/);
  await picture(page, "console-draining");
  await holds(page, "Queue empty in", "empty");
  const took = (performance.now() - begun) / 1000;
  await holds(page, "In the queue", "0");
  const range = shown.match(/\d+/g).map(Number);
  const said = (range[0] + range.at(-1)) / 2;
  const compared = `“${shown}” was shown, and it took ${took.toFixed(1)} s`;
  assert.ok(took > 20, compared);
  assert.ok(Math.abs(said - took) <= took * WITHIN, compared);
}

/** Returns the form of the section "Workers", with a number by hand or without. */
async function openWorkersForm(page, isByHand) {
  await openSection(page, "Workers");
  const byHand = page.getByRole("checkbox", { name: "A number by hand, for some time" });
  await byHand.waitFor();
  if ((await byHand.isChecked()) !== isByHand) await take(page, byHand);
}

/** Sets a target, and waits until as many workers run as it may have. */
async function setTarget(page, { minutesBehind, atMost }) {
  await openWorkersForm(page, false);
  await replace(page, page.getByRole("textbox", { name: "Minutes behind at most" }), String(minutesBehind));
  await replace(page, page.getByRole("textbox", { name: "At most", exact: true }), String(atMost));
  await picture(page, "console-target");
  await press(page, page.getByRole("button", { name: "Next: see what will happen" }));
  const step = page.getByRole("dialog");
  await step.getByText(`The target becomes “never more than ${minutesBehind} min behind”`).waitFor();
  await step.getByText("The number by hand ends now: the target decides again.").waitFor();
  await picture(page, "console-target-step");
  await agree(page, "Set");
  await page.getByText(new RegExp(`Wanted ${atMost}, running ${atMost},`)).waitFor({ timeout: DAY_MS });
}

/** Sets a number of workers by hand, and waits until they run. */
async function setWorkers(page, count) {
  await openWorkersForm(page, true);
  await replace(page, page.getByRole("textbox", { name: "At least" }), "0");
  await replace(page, page.getByRole("textbox", { name: "Workers", exact: true }), String(count));
  await press(page, page.getByRole("button", { name: "Next: see what will happen" }));
  await page.getByRole("dialog").getByText(`Workers become ${count}`).waitFor();
  await picture(page, `console-workers-${count}`);
  await agree(page, "Set");
  await page.getByText(new RegExp(`Wanted ${count}, running ${count},`)).waitFor({ timeout: DAY_MS });
  await page.getByText(`Set by ${OPERATORS.olga},`).waitFor();
}

/** Sends an application for a benefit that is gone when a worker reads it. */
async function sendPoison(system) {
  const file = join(system.catalogue, `${PASSING}.toml`);
  const indemnity = await readFile(join(system.catalogue, `${INDEMNITY}.toml`), "utf8");
  await writeFile(file, indemnity.replace(`id = "${INDEMNITY}"`, `id = "${PASSING}"`));
  const isThere = async () => (await fetch(`${system.intake}/v1/benefits/${PASSING}`)).ok;
  try {
    await until("the passing benefit", isThere);
    return await sendOne(system, PASSING);
  } finally {
    await rm(file);
    await until("the passing benefit's end", async () => !(await isThere()));
  }
}

async function mendAndRequeue(page) {
  const menu = page.getByRole("navigation", { name: "Sections" });
  await menu.getByRole("link", { name: "Dead letters (1)" }).waitFor();
  await openSection(page, "Dead letters");
  const row = page.getByRole("row").filter({ hasText: "unknown benefit" });
  await picture(page, "console-letters");
  await press(page, row.getByRole("link"));
  await page.getByRole("heading", { level: 2, name: "Dead letter" }).waitFor();
  assert.equal(await page.getByRole("textbox", { name: "Content (JSON)" }).count(), 0);

  await replace(page, page.getByRole("textbox", { name: "Why do you need to read it?" }), REASON);
  await press(page, page.getByRole("button", { name: "Show the content" }));
  const content = page.getByRole("textbox", { name: "Content (JSON)" });
  await content.waitFor();
  const before = await content.inputValue();
  await replace(page, content, before.replace(PASSING, INDEMNITY));
  await picture(page, "console-letter");
  await press(page, page.getByRole("button", { name: "Mend" }));
  await page.getByRole("dialog").getByText("Changed lines: 1.").waitFor();
  await agree(page, "Mend");
  await page.getByRole("definition").filter({ hasText: "mended" }).first().waitFor();

  await press(page, page.getByRole("main").getByRole("button", { name: "Requeue" }));
  await agree(page, "Requeue");
  await page.getByRole("definition").getByText("registered", { exact: true }).waitFor({ timeout: DAY_MS });
  await picture(page, "console-letter-settled");
}

async function auditSays(page, deeds) {
  await openSection(page, "Audit");
  for (const deed of deeds) {
    const entry = page.getByRole("row").filter({ hasText: deed }).first();
    await entry.waitFor();
    assert.match(await entry.innerText(), new RegExp(`${OPERATORS.olga}[\\s\\S]*${REASON}`));
  }
  const download = page.waitForEvent("download");
  await press(page, page.getByRole("button", { name: "Download as CSV" }));
  const csv = await readFile(await (await download).path(), "utf8");
  assert.match(csv, /set_workers/);
  assert.doesNotMatch(csv, new RegExp(`${OPERATORS.olga}|${REASON}`));
  await reach(page, page.getByRole("link", { name: "Now" }));
}
