import assert from "node:assert/strict";
import { test } from "node:test";
import { inProfile } from "../../support/browser.mjs";
import { press } from "../../support/citizen.mjs";
import { see } from "../../support/look.mjs";
import { OPERATORS, REASON, agree, openConsole, openSection, replace, sendOne } from "../../support/operator.mjs";

/** A process that states nothing for a minute and a half has ended. */
const SILENT_MS = 180_000;

export default function tail(lab) {
  test("the last second of a killed process is closed with its name and a reason", { timeout: 600_000 }, async () => {
    const { system, browser } = lab;
    await inProfile(browser, async (context) => {
      const page = await openConsole(context, system, OPERATORS.olga);
      await page.getByRole("heading", { name: "Nothing is lost", exact: true }).waitFor();
      await sendOne(system, "indemnity-march-2020");
      await system.tell("kill intake", "start intake");
      const open = page.getByRole("heading", { name: "the last second of a killed process is open" });
      await open.waitFor({ timeout: SILENT_MS });
      await see(page, "console-tail");
      const button = page.getByRole("button", { name: /^Close the last second of [0-9a-f]{16} \(\w+\)$/ });
      while ((await button.count()) > 0) await close(page, button.first());
      await page.getByRole("heading", { name: "Nothing is lost", exact: true }).waitFor();
      await openSection(page, "Audit");
      const entry = page.getByRole("row").filter({ hasText: "closed the last second of a process" }).first();
      await entry.waitFor();
      assert.match(await entry.innerText(), new RegExp(REASON));
    });
  });
}

async function close(page, button) {
  const name = await button.innerText();
  const process = name.split(" ").at(-2);
  await press(page, button);
  const step = page.getByRole("dialog");
  const typed = step.getByRole("textbox", { name: "Are you sure?" });
  await replace(page, typed, "another");
  await agree(page, "Close it");
  await step.getByText(`Type exactly ${process}.`).waitFor();
  await see(page, "console-tail-step");
  await replace(page, typed, process);
  await press(page, step.getByRole("button", { name: "Close it", exact: true }));
  await step.waitFor({ state: "hidden" });
  await page.getByRole("button", { name, exact: true }).waitFor({ state: "detached" });
}
