/** What a citizen does, by the roles and names that a screen reader tells. */
import assert from "node:assert/strict";

/** Invented people of the identity provider's list. */
export const PEOPLE = {
  marta: "RNLMRT84C52H501S",
  luca: "BLLLCU79S30F205M",
  giulia: "DMCGLI91L44F839Z",
  nicolo: "FOXNCL68A09L219I",
  aisha: "BNLSHA95E61Z330Z",
  pietro: "DSNPTR00B29D612J",
  elena: "BRNLNE57M57A952H",
  /** Never applies for anything. */
  franco: "CSTFNC88R02G27PV",
};
export const IBAN = "IT60X0542811101000000123456";
export const INDEMNITY = "/en/benefits/indemnity-march-2020/";

/** Moves the focus with the Tab key alone until it is on `target`. */
export async function reach(page, target, most = 80) {
  for (let tabs = 0; tabs < most; tabs += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`the keyboard does not reach ${target} with ${most} tabs`);
}

/** Reaches a link or a button, and presses it. */
export async function press(page, target) {
  await reach(page, target);
  await page.keyboard.press("Enter");
}

/** Reaches a field, and types into it. */
export async function type(page, target, text) {
  await reach(page, target);
  await page.keyboard.type(text);
}

/** Reaches a checkbox or the first of several choices, and takes it. */
export async function take(page, target) {
  await reach(page, target);
  await page.keyboard.press("Space");
}

/** Waits for a step: its heading takes the focus. */
export async function atStep(page, name) {
  await page.getByRole("heading", { level: 1, name }).waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "H1");
}

/** Fills in the indemnity as a collaborator, from its first step to the review. */
export async function fillIndemnity(page, portal, iban = IBAN) {
  await page.goto(`${portal}${INDEMNITY}apply/`);
  await page.getByRole("button", { name: "Begin" }).click();
  await atStep(page, "General data");
  await page.getByRole("radio", { name: "Professionals with a VAT number and collaborators" }).check();
  await page.getByRole("textbox", { name: "IBAN" }).fill(iban);
  await page.getByRole("button", { name: "Next" }).click();
  await atStep(page, "Specific data");
  await page.getByRole("radio", { name: "Collaborator with a co.co.co. contract" }).check();
  await page.getByRole("checkbox", { name: /^I declare that I have no pension/ }).check();
  await page.getByRole("checkbox", { name: /citizenship income/ }).check();
  await page.getByRole("button", { name: "Next" }).click();
  await atStep(page, "Check and send");
}

/** The review's own button, not the header's. */
export function signInButton(page) {
  return page.getByRole("main").getByRole("button", { name: /^Sign in/ }).last();
}

/** Signs in at the review, in the window that opens. */
export async function signIn(page, taxCode) {
  await throughPopup(page, taxCode);
  await page.getByRole("button", { name: "Send the application" }).waitFor();
}

/** The identity provider's own page; a second window of a profile closes by itself. */
export async function onProvider(popup, taxCode) {
  const field = popup.getByRole("textbox", { name: "Tax code" });
  const isAsked = await Promise.race([
    field.waitFor().then(() => true),
    popup.waitForEvent("close").then(() => false),
  ]).catch(() => false);
  if (!isAsked) return;
  await field.fill(taxCode);
  // the window may be gone before the key is up: then all went well
  await field.press("Enter").catch((error) => {
    if (!popup.isClosed()) throw error;
  });
}

/** Presses the button that opens the provider's window, and signs in there. */
export async function throughPopup(page, taxCode) {
  const opens = page.waitForEvent("popup");
  await signInButton(page).click();
  await onProvider(await opens, taxCode);
}

/** Changes the language in place, and waits for a heading in it. */
export async function speak(page, language, heading) {
  const names = { it: /Italiano$/, en: /English$/, de: /Deutsch$/ };
  await page.getByRole("link", { name: names[language] }).click();
  await page.getByRole("heading", { name: heading }).first().waitFor();
}

/** Waits for the receipt, and returns the number of the application. */
export async function receiptNumber(page) {
  await page.getByRole("heading", { level: 1, name: "Your application is safe" }).waitFor();
  const number = page.getByRole("definition").filter({ hasText: /[0-9a-f]{8}-[0-9a-f]{4}-/ });
  return /[0-9a-f-]{36}/.exec(await number.innerText())[0];
}
