import assert from "node:assert/strict";
import { test } from "node:test";
import { inProfile, picture } from "../support/browser.mjs";
import { IBAN, INDEMNITY, atStep, speak } from "../support/citizen.mjs";

export default function mistakes(lab) {
  test("an empty step says what is missing, and each link leads to its field", async () => {
    await inProfile(lab.browser, async (context) => {
      const page = await general(context, lab.system.portal);
      await page.getByRole("button", { name: "Next" }).click();
      const summary = page.getByRole("alert");
      await summary.getByRole("heading", { name: "There are 2 things to correct" }).waitFor();
      await page.waitForFunction(() => document.activeElement?.contains(document.querySelector("[role=alert] h2")));
      assert.match(await page.title(), /^Error: /);
      await picture(page, "mistakes-summary");
      for (const link of await summary.getByRole("link").all()) {
        await link.click();
        const focused = page.locator(":focus");
        assert.match(await focused.getAttribute("id"), /category|iban/);
      }
      const iban = page.getByRole("textbox", { name: "IBAN" });
      assert.equal(await iban.getAttribute("aria-invalid"), "true");
      const described = (await iban.getAttribute("aria-describedby")).split(" ");
      const texts = await Promise.all(described.map((id) => page.locator(`[id="${id}"]`).innerText()));
      assert.ok(texts.every((text) => text.length > 0), `described by ${texts}`);
    });
  });

  test("empty fields that are passed by are no mistakes, and a wrong code moves nothing", async () => {
    await inProfile(lab.browser, async (context) => {
      const page = await general(context, lab.system.portal);
      const iban = page.getByRole("textbox", { name: "IBAN" });
      await iban.focus();
      await page.keyboard.press("Tab");
      assert.equal(await iban.getAttribute("aria-invalid"), null);
      const next = page.getByRole("button", { name: "Next" });
      const before = await below(page, next);
      await iban.fill("IT60X0542811101000000123457");
      await page.getByRole("radio").first().check();
      await page.waitForFunction(() => document.querySelector("[aria-invalid=true]") !== null);
      assert.equal(await below(page, next), before);
      await picture(page, "mistakes-iban");
      await iban.fill("it60 x054 2811 1010 0000 0123 456");
      assert.equal(await iban.getAttribute("aria-invalid"), null);
      // one click on the button, from inside the field
      await next.click();
      await atStep(page, "Specific data");
    });
  });

  test("another language keeps what was typed, and says the open mistakes in its words", async () => {
    await inProfile(lab.browser, async (context) => {
      const page = await general(context, lab.system.portal);
      const iban = page.getByRole("textbox", { name: "IBAN" });
      await iban.fill("IT60");
      await page.getByRole("button", { name: "Next" }).click();
      const summary = page.getByRole("alert");
      await summary.getByRole("heading", { name: "There are 2 things to correct" }).waitFor();
      await speak(page, "de", "Allgemeine Daten");
      await summary.getByRole("heading", { name: "2 Angaben sind zu berichtigen" }).waitFor();
      assert.match(await page.title(), /^Fehler: /);
      assert.equal(await iban.inputValue(), "IT60");
      assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
      assert.equal(await iban.getAttribute("aria-invalid"), "true");
    });
  });

  test("a value whose field is hidden is gone, also from the review", async () => {
    await inProfile(lab.browser, async (context) => {
      const page = await general(context, lab.system.portal);
      await page.getByRole("radio", { name: "Professionals with a VAT number" }).check();
      await page.getByRole("textbox", { name: "IBAN" }).fill(IBAN);
      await page.getByRole("button", { name: "Next" }).click();
      await atStep(page, "Specific data");
      const professional = page.getByRole("radio", { name: "Professional with an active VAT number" });
      const number = page.getByRole("textbox", { name: "VAT number" });
      assert.equal(await number.count(), 0);
      await professional.check();
      await number.fill("12345670157");
      await page.getByRole("radio", { name: "Collaborator" }).check();
      await number.waitFor({ state: "detached" });
      for (const box of await page.getByRole("main").getByRole("checkbox").all()) await box.check();
      await page.getByRole("button", { name: "Next" }).click();
      await atStep(page, "Check and send");
      assert.doesNotMatch(await page.getByRole("main").innerText(), /12345670157/);
      await page.getByRole("button", { name: /Change\s*: What was your activity/ }).click();
      await page.getByRole("button", { name: "Back to the review" }).waitFor();
      await professional.check();
      assert.equal(await number.inputValue(), "");
    });
  });
}

/** How far below the beginning of the content something stands: a notice above may come and go. */
async function below(page, target) {
  const [main, box] = [await page.getByRole("main").boundingBox(), await target.boundingBox()];
  return Math.round(box.y - main.y);
}

/** The first step with questions, empty. */
async function general(context, portal) {
  const page = await context.newPage();
  await page.goto(`${portal}${INDEMNITY}apply/`);
  await page.getByRole("button", { name: "Begin" }).click();
  await atStep(page, "General data");
  return page;
}
