/** Sending again: what counts once, what was withdrawn, what intake refuses, what has changed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FAILED_REQUEST, inProfile, picture } from "../support/browser.mjs";
import { bicycle, fillBicycle, put, withBenefit } from "../support/catalogue.mjs";
import { PEOPLE, atStep, receiptNumber, signIn } from "../support/citizen.mjs";
import { testInFull } from "../support/select.mjs";
import { sendings } from "../support/sendings.mjs";

const SEND = "Send the application";

export default function again(lab) {
  testInFull("Enter held down, and the tab duplicated on the review page, make one application", async () => {
    const id = "held-2026";
    await withBenefit(lab.system, id, await bicycle(id), () =>
      inProfile(lab.browser, (context) => heldAndDuplicated(context, lab.system, id)),
    );
  });

  testInFull("what intake's rules refuse leads to that field, keeps the rest, and counts once mended", async () => {
    const id = "refused-2026";
    await withBenefit(lab.system, id, await bicycle(id), () =>
      inProfile(lab.browser, (context) => secondInvoice(context, lab.system, id), { allowed: [FAILED_REQUEST] }),
    );
  });

  testInFull("a form that has changed meanwhile is fetched, keeps the answers, and says what changed", async () => {
    const id = "changed-2026";
    await withBenefit(lab.system, id, await bicycle(id), () =>
      inProfile(lab.browser, (context) => changedMeanwhile(context, lab.system, id), { allowed: [FAILED_REQUEST] }),
    );
  });

  testInFull("after a withdrawal no receipt of the withdrawn application is shown, not for a moment", async () => {
    const id = "withdrawn-2026";
    await withBenefit(lab.system, id, await bicycle(id), () =>
      inProfile(lab.browser, (context) => withdrawnThenAgain(context, lab.system, id)),
    );
  });

  test("the tab that saw the withdrawal knows it, though status is silent", async () => {
    const id = "withdrawn-here-2026";
    await withBenefit(lab.system, id, await bicycle(id), () =>
      inProfile(lab.browser, (context) => againInTheSameTab(context, lab.system, id)),
    );
  });

  testInFull("a receipt that was shown too early gives way to another, and the page says so", async () => {
    const id = "withdrawn-elsewhere-2026";
    await withBenefit(lab.system, id, await bicycle(id), () =>
      inProfile(lab.browser, (context) => toldLate(context, lab.system, id), { allowed: [FAILED_REQUEST] }),
    );
  });
}

async function heldAndDuplicated(context, system, id) {
  const sent = sendings(context);
  const page = await context.newPage();
  await fillBicycle(page, system.portal, id);
  await signIn(page, PEOPLE.luca);
  // a duplicate has the address, the history's entry and the tab's storage, and an empty form
  const opened = page.waitForEvent("popup");
  await page.evaluate(() => void window.open(location.href));
  const copy = await opened;
  await fillBicycle(copy, system.portal, id);
  await signIn(copy, PEOPLE.luca);
  for (const tab of [page, copy]) await tab.getByRole("button", { name: SEND }).focus();
  for (let times = 0; times < 20; times += 1) {
    for (const tab of [page, copy]) await tab.keyboard.down("Enter");
  }
  for (const tab of [page, copy]) await tab.keyboard.up("Enter");
  const numbers = [await receiptNumber(page), await receiptNumber(copy)];
  assert.equal(numbers[0], numbers[1]);
  assert.equal(new Set(sent.map(({ key }) => key)).size, 1);
  assert.ok(sent.length <= 2, `${sent.length} sendings of two tabs`);
}

async function secondInvoice(context, system, id) {
  const sent = sendings(context);
  const page = await context.newPage();
  await fillBicycle(page, system.portal, id);
  await page.getByRole("button", { name: /^Change\s*: Invoices 2|^Change\s*: Invoices/ }).first().click();
  await page.getByRole("button", { name: "Add: Invoices" }).click();
  const second = page.getByRole("group", { name: "Invoices 2" });
  await second.getByRole("textbox", { name: "VAT number of the shop" }).fill("12345670157");
  await second.getByRole("textbox", { name: "Date of the invoice" }).fill("31/12/2025");
  await second.getByRole("textbox", { name: "Total, in euro" }).fill("10");
  await page.getByRole("button", { name: "Back to the review" }).click();
  await signIn(page, PEOPLE.luca);
  await page.getByRole("button", { name: SEND }).click();

  const summary = page.getByRole("alert");
  const link = summary.getByRole("link", { name: /the invoice is from before 2026/ });
  await link.waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "error-summary");
  await picture(page, "refused-by-a-rule");
  await link.click();
  const date = second.getByRole("textbox", { name: "Date of the invoice" });
  assert.ok(await date.evaluate((field) => field === document.activeElement), "the link leads to the second date");
  assert.equal(await page.getByRole("textbox", { name: "Amount asked for, in euro" }).inputValue(), "499.90");
  assert.equal(await second.getByRole("textbox", { name: "Total, in euro" }).inputValue(), "10");
  await date.fill("15/02/2026");
  await page.getByRole("button", { name: "Back to the review" }).click();
  await atStep(page, "Check and send");
  await page.getByRole("button", { name: SEND }).click();
  await receiptNumber(page);
  assert.equal(sent.length, 2);
  assert.notEqual(sent[0].key, sent[1].key, "another content has another key");
}

async function changedMeanwhile(context, system, id) {
  const page = await context.newPage();
  await fillBicycle(page, system.portal, id);
  await signIn(page, PEOPLE.luca);
  await put(system, id, await bicycle(id, withColourForFrame));
  await page.getByRole("button", { name: SEND }).click();
  await page.getByText("The questions of this benefit changed while you filled them in.").waitFor();
  await page.getByText("New: Colour.").waitFor();
  await page.getByText("No longer needed: Frame number.").waitFor();
  await picture(page, "form-changed");
  assert.equal(await page.getByRole("textbox", { name: "Total, in euro" }).inputValue(), "1499.90");
  await page.getByRole("textbox", { name: "Colour" }).fill("red");
  await page.getByRole("button", { name: "Back to the review" }).click();
  await atStep(page, "Check and send");
  await page.getByRole("button", { name: SEND }).click();
  await receiptNumber(page);
}

/** The same benefit, that asks for a colour, and no longer for the frame's number. */
function withColourForFrame(text) {
  const from = text.indexOf("[form.properties.frame_number]");
  const to = text.indexOf("[form.properties.amount]");
  const colour = `[form.properties.colour]
type = "string"
maxLength = 20
label = { it = "Colore", en = "Colour", de = "Farbe" }

`;
  return (text.slice(0, from) + colour + text.slice(to))
    .replace('required = ["kind", ', 'required = ["kind", "colour", ')
    .replace('frame_number = "AB12345"', 'colour = "red"');
}

async function withdrawnThenAgain(context, system, id) {
  const shown = await receiptsShown(context);
  const first = await send(context, system, id);
  await (await withdraw(context, system)).close();
  const page = await context.newPage();
  await watchReceipts(page);
  await fillBicycle(page, system.portal, id);
  await signIn(page, PEOPLE.giulia);
  await page.getByRole("button", { name: SEND }).click();
  const second = await receiptNumber(page);
  assert.notEqual(second, first);
  assert.deepEqual([...new Set(shown)], [second], "only the new receipt was ever shown");
}

async function againInTheSameTab(context, system, id) {
  const shown = await receiptsShown(context);
  const first = await send(context, system, id);
  const page = await withdraw(context, system);
  await watchReceipts(page);
  // the newest application is the first
  await page.getByRole("link", { name: "Apply again" }).first().click();
  await page.waitForURL(`**/${id}/apply/`);
  await fillBicycle(page, system.portal, id);
  await signIn(page, PEOPLE.giulia);
  await silent(system, async () => {
    await page.getByRole("button", { name: SEND }).click();
    const second = await receiptNumber(page);
    assert.notEqual(second, first);
    assert.deepEqual([...new Set(shown)], [second], "only the new receipt was ever shown");
  });
}

async function toldLate(context, system, id) {
  const first = await send(context, system, id);
  await (await withdraw(context, system)).close();
  const page = await context.newPage();
  await fillBicycle(page, system.portal, id);
  await signIn(page, PEOPLE.giulia);
  await silent(system, async () => {
    await page.getByRole("button", { name: SEND }).click();
    // nobody waits for the receipt: what it is worth is found out later
    assert.equal(await receiptNumber(page), first);
  });
  await page.getByText("This receipt takes the place of the one before").waitFor();
  await picture(page, "receipt-replaced");
  assert.notEqual(await receiptNumber(page), first);
  await page.getByRole("listitem").getByText(/^Protocol number \S+$/).waitFor();
}

/** Runs `work` while status takes connections and says nothing. */
async function silent(system, work) {
  await system.tell("freeze status");
  try {
    await work();
  } finally {
    await system.tell("thaw status");
  }
}

/** The numbers that pages watched by `watchReceipts` show, in a list that grows. */
async function receiptsShown(context) {
  const shown = [];
  await context.exposeFunction("receiptShown", (number) => shown.push(number));
  return shown;
}

/** Notes every number that the page shows on a receipt. */
async function watchReceipts(page) {
  await page.addInitScript(() => {
    new MutationObserver(() => {
      const number = document.querySelector(".receipt-number .font-monospace")?.textContent;
      if (number) void globalThis.receiptShown(number);
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });
}

async function send(context, system, id) {
  const page = await context.newPage();
  await fillBicycle(page, system.portal, id);
  await signIn(page, PEOPLE.giulia);
  await page.getByRole("button", { name: SEND }).click();
  const number = await receiptNumber(page);
  await page.getByRole("listitem").getByText(/^Protocol number \S+$/).waitFor();
  await page.close();
  return number;
}

/** Withdraws it under "My applications"; returns that page. */
async function withdraw(context, system) {
  const page = await context.newPage();
  await page.goto(`${system.portal}/en/applications/`);
  await page.getByRole("button", { name: "Sign in with SPID, CIE or CNS" }).click();
  // the newest is the first
  const card = page.getByRole("article").filter({ hasText: "Bicycle bonus" }).first();
  await card.getByRole("button", { name: "Withdraw the application" }).click();
  await page.getByRole("button", { name: "Yes, withdraw it" }).click();
  await card.getByText("Withdrawn", { exact: true }).first().waitFor();
  return page;
}
