/** A page is open while another build is deployed: it goes on, or says what to do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FAILED_REQUEST, inProfile, picture } from "../support/browser.mjs";
import { namesOf, withAnotherBuild } from "../support/build.mjs";
import { answerBicycle, bicycle, fillBicycle, withBenefit } from "../support/catalogue.mjs";
import { IBAN, PEOPLE, atStep, receiptNumber, signIn, speak } from "../support/citizen.mjs";
import { benefitPages } from "../support/pages.mjs";
import { changed, receiptOf } from "../support/receipts.mjs";

const SEND = "Send the application";
const UNKNOWN = "/assets/form.00000000.js";
/** What the form loads when it needs it. */
const GERMAN = "form/texts/de.js";
const PARTS = "form/receipt_parts.js";

export default function newBuild(lab) {
  test("a page of an earlier build goes on to its receipt after another is deployed", async () => {
    const id = "deployed-2026";
    await withBenefit(lab.system, id, await bicycle(id), () =>
      inProfile(lab.browser, (context) => acrossDeployment(context, lab.system, id)),
    );
  });

  test("what no build has any more is said plainly, and nothing that was typed is lost", async () => {
    const id = "gone-2026";
    await withBenefit(lab.system, id, await bicycle(id), () =>
      inProfile(lab.browser, (context) => withoutParts(context, lab.system, id), { allowed: [FAILED_REQUEST] }),
    );
  });

  test("a check whose code is gone says that it can't be checked now, never that it is false", async () => {
    const receipt = await receiptOf(lab.system);
    await inProfile(lab.browser, (context) => withoutCheck(context, lab.system, receipt), { allowed: [FAILED_REQUEST] });
  });
}

async function acrossDeployment(context, system, id) {
  const { portal } = system;
  const names = await namesOf(system);
  const loaded = assetsOf(context);
  const page = await context.newPage();
  const iban = page.getByRole("textbox", { name: "IBAN" });
  await page.goto(portal + benefitPages("en", id).apply);
  await page.getByRole("button", { name: "Begin" }).click();
  await atStep(page, "General data");
  await iban.fill(IBAN);
  assert.equal(loaded.has(names[GERMAN]), false, "loaded when it is needed");

  await withAnotherBuild(system, async () => {
    const newer = await namesOf(system);
    assert.notEqual(newer[GERMAN], names[GERMAN]);
    await unknownIsNoPage(portal);

    await speak(page, "de", "Allgemeine Daten");
    assert.equal(await iban.inputValue(), IBAN);
    await speak(page, "en", "General data");
    assert.equal(loaded.get(names[GERMAN]), 200);

    await page.getByRole("button", { name: "Next" }).click();
    await answerBicycle(page);
    await signIn(page, PEOPLE.luca);
    await page.getByRole("button", { name: SEND }).click();
    const number = await receiptNumber(page);
    await page.getByRole("img", { name: /opens the check/ }).waitFor();
    assert.equal(loaded.get(names[PARTS]), 200);
    assert.equal(loaded.has(newer[GERMAN]) || loaded.has(newer[PARTS]), false, "builds are not mixed");

    // loaded again, it is there as well
    await page.reload();
    assert.equal(await receiptNumber(page), number);
    await page.getByRole("img", { name: /opens the check/ }).waitFor();
  });
}

/** A script of no build is told apart from a page, and no cache keeps the answer. */
async function unknownIsNoPage(portal) {
  const answer = await fetch(portal + UNKNOWN);
  assert.equal(answer.status, 404);
  assert.equal(answer.headers.get("cache-control"), "no-store");
  assert.doesNotMatch(answer.headers.get("content-type"), /html|javascript/);
}

async function withoutParts(context, system, id) {
  const names = await namesOf(system);
  const page = await context.newPage();
  await gone(page, system, names[GERMAN]);
  await gone(page, system, names[PARTS]);
  await fillBicycle(page, system.portal, id);
  await page.getByRole("link", { name: /Deutsch$/ }).click();
  await page.getByText("The other language can't be loaded at the moment. What you entered is still here.").waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
  await page.getByRole("link", { name: "My applications" }).first().waitFor();
  await picture(page, "build-gone-language");
  await page.getByText("IT60 X054 2811 1010 0000 0123 456").waitFor();

  await signIn(page, PEOPLE.luca);
  await page.getByRole("button", { name: SEND }).click();
  const number = await receiptNumber(page);
  await page.getByText("The receipt is valid all the same.").waitFor();
  await page.getByRole("listitem").getByText(/^Protocol number \S+$/).waitFor();
  assert.equal(await page.getByRole("button", { name: "Download" }).count(), 0, "a button that does nothing");
  await picture(page, "build-gone-receipt");

  await page.unrouteAll();
  await page.getByRole("button", { name: "Load the page again" }).click();
  await page.getByRole("img", { name: /opens the check/ }).waitFor();
  assert.equal(await receiptNumber(page), number);
}

/** A browser without Ed25519 of its own loads the code for it. */
async function withoutCheck(context, system, receipt) {
  const names = await namesOf(system);
  const [, code] = Object.entries(names).find(([name]) => name.includes("@noble/ed25519"));
  const page = await context.newPage();
  await page.addInitScript(() => {
    SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException("unknown", "NotSupportedError"));
  });
  await gone(page, system, code);
  await page.goto(`${system.portal}/en/check/#${receipt}`);
  await page.getByRole("heading", { name: "It can’t be checked now" }).waitFor();
  await page.unrouteAll();
  await page.reload();
  await page.getByRole("heading", { name: "The receipt is valid" }).waitFor();
  await page.goto(`${system.portal}/en/check/#${changed(receipt, receipt.indexOf(".") + 40)}`);
  await page.getByRole("heading", { name: "The receipt is not valid" }).waitFor();
}

/** A script that the portal does not have: the page gets what it answers to an unknown name. */
async function gone(page, { portal }, name) {
  await page.route(`**/assets/${name}`, (route) => route.continue({ url: portal + UNKNOWN }));
}

/** The assets that the pages of a profile load: names, and the statuses of the answers. */
function assetsOf(context) {
  const loaded = new Map();
  context.on("response", (answer) => {
    const [, name] = /\/assets\/([^/]+)$/.exec(new URL(answer.url()).pathname) ?? [];
    if (name !== undefined) loaded.set(name, answer.status());
  });
  return loaded;
}
