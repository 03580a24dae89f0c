/** When it is crowded or closed: the page waits as it was told, whatever the device's clock says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FAILED_REQUEST, inProfile, until } from "../support/browser.mjs";
import { bicycle, fillBicycle, hoursThatBeginLater, withBenefit } from "../support/catalogue.mjs";
import { PEOPLE, fillIndemnity, receiptNumber, signIn } from "../support/citizen.mjs";
import { isSending, sendings } from "../support/sendings.mjs";
import { hide, show } from "../support/tabs.mjs";

const HOUR = 3_600_000;
/** How far the openings are spread over the pages that wait, in seconds. */
const SPREAD = 30;

export default function crowded(lab) {
  for (const hours of [3, -3]) {
    test(`closed shows Rome's time in New York, the clock ${hours} h wrong, and waits`, async () => {
      const id = hours > 0 ? "closed-ahead-2026" : "closed-behind-2026";
      const text = await bicycle(id, (benefit) => benefit + hoursThatBeginLater());
      await withBenefit(lab.system, id, text, () =>
        inProfile(lab.browser, (context) => closed(context, lab.system, id, hours), {
          allowed: [FAILED_REQUEST],
          timezoneId: "America/New_York",
        }),
      );
    });
  }

  test("a page that is told to come back in 40 s comes back then, and not before", async () => {
    await inProfile(lab.browser, (context) => tooMany(context, lab.system), { allowed: [FAILED_REQUEST] });
  });

  test("a tab that was hidden for six minutes sends within two seconds of being shown", async () => {
    await inProfile(lab.browser, (context) => hidden(context, lab.system), { allowed: [FAILED_REQUEST] });
  });
}

async function closed(context, system, id, hours) {
  const sent = sendings(context);
  const page = await context.newPage();
  await page.clock.install({ time: Date.now() + hours * HOUR });
  await fillBicycle(page, system.portal, id);
  await signIn(page, PEOPLE.nicolo);
  const answered = page.waitForResponse((answer) => isSending(answer.request()));
  const send = page.getByRole("button", { name: "Send the application" });
  await send.click();
  const answer = await answered;
  const { opens_at: opensAt } = await answer.json();
  const told = Number(answer.headers()["retry-after"]);
  await page.getByText(`It opens again ${inRome(opensAt)}, Italian time.`).waitFor();

  // almost open: neither the page nor a click sends
  await page.clock.fastForward((told - 60) * 1000);
  await send.click();
  await page.waitForFunction(() => document.activeElement?.id === "message");
  assert.equal(sent.length, 1, "sent again before the opening");
  // open: it says so, and sends nothing by itself
  await page.clock.fastForward((60 + SPREAD) * 1000);
  await page.getByText("It is open now: you can send.").waitFor();
  assert.equal(sent.length, 1, "sent without a click");
  await send.click();
  await until("the second sending", () => sent.length === 2);
}

/** "Monday 30 November 2026 at 18:00", by the clocks in Italy. */
function inRome(instant) {
  const as = (style) => new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Rome", ...style }).format(new Date(instant));
  return `${as({ dateStyle: "full" })}, ${as({ timeStyle: "short" })}`;
}

async function tooMany(context, system) {
  const sent = sendings(context);
  const page = await context.newPage();
  await page.clock.install();
  await fillIndemnity(page, system.portal);
  await signIn(page, PEOPLE.nicolo);
  // the limits of this system are out of reach: something before intake says it once
  await page.route("**/v1/applications", (route) => route.fulfill({ status: 429, headers: { "Retry-After": "40" } }), { times: 1 });
  await page.getByRole("button", { name: "Send the application" }).click();
  await page.getByText("There are many requests.").waitFor();
  await page.clock.fastForward(30_000);
  // what is due has run by the time the page answers
  await page.evaluate(() => document.title);
  assert.equal(sent.length, 1, "sent before the 40 s were over");
  await page.clock.fastForward(12_000);
  await receiptNumber(page);
  assert.equal(sent.length, 2);
  assert.equal(sent[0].key, sent[1].key);
}

async function hidden(context, system) {
  const sent = sendings(context);
  const page = await context.newPage();
  await page.clock.install();
  // the slowest of all pages: no other waits for longer of its own
  await page.addInitScript(() => (Math.random = () => 0.99));
  await fillIndemnity(page, system.portal);
  await signIn(page, PEOPLE.aisha);
  await system.without(["intake"], async () => {
    await page.getByRole("button", { name: "Send the application" }).click();
    await page.getByText("the page tries again by itself").waitFor();
    await hide(page);
    // a hidden page has its clocks run once a minute
    for (let minute = 1; minute <= 6; minute += 1) {
      const before = sent.length;
      await page.clock.fastForward(60_000);
      await until(`the try in minute ${minute}`, () => sent.length > before && sent.at(-1).answeredAt > 0);
    }
    // what the last answer asked for is over, and no clock runs: nothing but being shown can send
    await page.clock.fastForward(sent.at(-1).retryAfter * 1000 + 1000);
    await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1));
  });
  const tries = sent.length;
  const accepted = page.waitForResponse((answer) => isSending(answer.request()) && answer.status() === 202);
  await page.clock.resume();
  const shownAt = performance.now();
  await show(page);
  await accepted;
  const took = performance.now() - shownAt;
  assert.ok(took <= 2000, `sent ${Math.round(took)} ms after the tab was shown`);
  assert.equal(sent.length, tries + 1);
  await receiptNumber(page);
}
