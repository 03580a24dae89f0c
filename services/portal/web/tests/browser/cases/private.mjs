import assert from "node:assert/strict";
import { test } from "node:test";
import { inProfile, picture } from "../support/browser.mjs";
import { PEOPLE, fillIndemnity, receiptNumber, signIn } from "../support/citizen.mjs";
import { records } from "../support/storage.mjs";

/** What no storage, address or log may hold: typed data, and what the sign-in told. */
const CANARIES = ["IT60X0542811101000000123456", PEOPLE.pietro, "De Santis", "Pietro"];

export default function privateData(lab) {
  test("what a citizen types is in no storage, no address and no console", async () => {
    await inProfile(lab.browser, async (context, said) => {
      const addresses = [];
      context.on("request", (request) => addresses.push(request.url(), request.headers().referer ?? ""));
      const page = await context.newPage();
      await fillIndemnity(page, lab.system.portal);
      await signIn(page, PEOPLE.pietro);
      await holdsNothing(page, "review");

      await page.getByRole("button", { name: "Save draft" }).click();
      await page.getByText("Draft saved, on this device only").waitFor();
      await picture(page, "review-draft-saved");
      await holdsNothing(page, "draft");
      const drafts = await records(page);
      assert.ok(drafts.some(({ root }) => root === "key, not extractable"), "the draft has a key that no script reads");

      await page.getByRole("button", { name: "Send the application" }).click();
      const number = await receiptNumber(page);
      await holdsNothing(page, "receipt");
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Yes, sign out" }).click();
      await page.waitForURL(`${lab.system.portal}/`);
      await backShowsNobody(page, number);
      const places = [...addresses, ...said];
      for (const canary of CANARIES)
        for (const place of places) assert.ok(!decoded(place).includes(canary), `${canary} in ${place}`);
    });
  });
}

/** Goes back to the form, on a device that is handed on: nothing of the person is there. */
async function backShowsNobody(page, number) {
  // over the provider's page, which asked whether to sign out
  await page.evaluate(() => history.go(-2));
  await page.waitForURL("**/apply/");
  await page.getByRole("button", { name: "Begin" }).waitFor();
  const shown = await page.locator("body").innerText();
  for (const secret of [...CANARIES, number]) assert.ok(!shown.includes(secret), `${secret} after Back`);
}

/** An address with its tokens opened: what a log keeps, a reader can decode. */
function decoded(text) {
  const parts = text.split(/[.&=?/#]/).filter((part) => /^eyJ[\w-]{20,}$/.test(part));
  return [decodeURIComponent(text), ...parts.map((part) => Buffer.from(part, "base64url").toString())].join(" ");
}

async function holdsNothing(page, when) {
  const held = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state, document.cookie, location.href]));
  const all = decoded(held) + JSON.stringify(await records(page));
  for (const canary of CANARIES) assert.ok(!all.includes(canary), `${canary} at ${when}: ${all}`);
}
