import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { FAILED_REQUEST, inProfile, picture, takenAway, until } from "../support/browser.mjs";
import { IBAN, atStep } from "../support/citizen.mjs";
import { changed, otherKey, receiptOf } from "../support/receipts.mjs";
import { benefitPages } from "../support/pages.mjs";
import { ROOT } from "../support/system.mjs";

const BICYCLE = join(ROOT, "loadtests/tests/loadtests/catalogue/bicycle-bonus-2026.toml");
const ID = "hostile-2026";
const MARKUP = '</script><script>document.title = "taken"</script><img src=x onerror="document.title = 1">';

export default function hostile(lab) {
  test("markup in a benefit's texts is text, on its page and in its form", async () => {
    const { system, browser } = lab;
    const dropped = join(system.catalogue, `${ID}.toml`);
    const benefit = await readFile(BICYCLE, "utf8");
    await writeFile(
      dropped,
      benefit
        .replace('id = "bicycle-bonus-2026"', `id = "${ID}"`)
        .replaceAll('"Bicycle bonus"', `'${MARKUP}'`)
        .replaceAll('"Frame number"', `'${MARKUP}'`)
        .replaceAll('"City bicycle"', `'${MARKUP}'`),
    );
    try {
      const pages = benefitPages("en", ID);
      await until("the hostile benefit", async () => (await fetch(system.portal + pages.apply)).ok);
      await inProfile(browser, async (context) => {
        const page = await context.newPage();
        await page.goto(system.portal + pages.benefit);
        await page.getByRole("heading", { level: 1, name: MARKUP }).waitFor();
        await page.goto(system.portal + pages.apply);
        await page.getByRole("heading", { level: 1, name: MARKUP }).waitFor();
        await page.getByRole("button", { name: "Begin" }).click();
        await page.getByRole("textbox", { name: "IBAN" }).fill(IBAN);
        await page.getByRole("button", { name: "Next" }).click();
        await atStep(page, "Specific data");
        await page.getByRole("radio", { name: MARKUP }).check();
        await picture(page, "hostile");
        assert.notEqual(await page.title(), "taken");
        assert.equal(await page.getByRole("img", { name: "x" }).count(), 0);
      });
    } finally {
      await rm(dropped);
      takenAway.add(ID);
    }
  });

  test("a receipt is valid as it stands alone, and other things are told apart", async () => {
    const receipt = await receiptOf(lab.system);
    await inProfile(lab.browser, (context) => check(context, lab.system.portal, receipt), { allowed: [FAILED_REQUEST] });
  });
}

/** Gives good and bad receipts to a page that has nothing but what stands in it. */
async function check(context, portal, receipt) {
  const page = await context.newPage();
  // the keys stand in the page
  await page.route(/\/(jwks|keys)\.json$/, (route) => route.abort());
  for (const [name, text, said] of [
    ["valid", receipt, "The receipt is valid"],
    ["changed", changed(receipt), "The receipt is not valid"],
    ["unknown-key", otherKey(receipt), "It can’t be checked now"],
    ["nonsense", "https://example.org/ something else", "There is no receipt in this text"],
  ]) {
    await page.goto(`${portal}/en/check/`);
    await page.getByRole("textbox", { name: "Text of the receipt" }).fill(text);
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await page.getByText(said).first().waitFor();
    await picture(page, `check-${name}`);
  }
}
