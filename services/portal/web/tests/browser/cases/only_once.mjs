import assert from "node:assert/strict";
import { test } from "node:test";
import { FAILED_REQUEST, inProfile, picture } from "../support/browser.mjs";
import { PEOPLE, fillIndemnity, receiptNumber, signIn } from "../support/citizen.mjs";
import { isSending, sendings } from "../support/sendings.mjs";

export default function onlyOnce(lab) {
  test("twenty clicks and a second tab with the same make one application", async () => {
    await inProfile(lab.browser, async (context) => {
      const sent = sendings(context);
      const page = await context.newPage();
      const copy = await context.newPage();
      for (const tab of [page, copy]) {
        await fillIndemnity(tab, lab.system.portal);
        await signIn(tab, PEOPLE.nicolo);
      }
      await Promise.all([page, copy].map(clickTwentyTimes));
      const [one, other] = [await receiptNumber(page), await receiptNumber(copy)];
      assert.equal(one, other);
      assert.equal(new Set(sent.map(({ key }) => key)).size, 1);
      assert.ok(sent.length <= 2, `${sent.length} sendings of two tabs`);
      await back(page);
      assert.equal(await receiptNumber(page), one, "Back shows no form that could be sent");
    });
  });

  test("intake that is away at the click brings one receipt later, without another click", async () => {
    await inProfile(
      lab.browser,
      async (context) => {
        const sent = sendings(context);
        const page = await context.newPage();
        await fillIndemnity(page, lab.system.portal);
        await signIn(page, PEOPLE.aisha);
        await lab.system.without(["intake"], async () => {
          await page.getByRole("button", { name: "Send the application" }).click();
          await page.getByText("the page tries again by itself").waitFor();
          await picture(page, "waiting");
          await page.waitForResponse((answer) => isSending(answer.request()));
        });
        await receiptNumber(page);
        assert.equal(new Set(sent.map(({ key }) => key)).size, 1);
        assert.ok(sent.length >= 2);
        sent.slice(1).forEach((now, index) => {
          const before = sent[index];
          const waited = now.at - before.answeredAt;
          assert.ok(waited >= before.retryAfter * 1000 - 50, `${waited} ms, told ${before.retryAfter} s`);
        });
      },
      { allowed: [FAILED_REQUEST] },
    );
  });
}

/** Presses Back, and waits until the page is where it wants to be. */
async function back(page) {
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        addEventListener("popstate", ({ state }) => state?.sent !== undefined && resolve());
        history.back();
      }),
  );
}

async function clickTwentyTimes(page) {
  await page.getByRole("button", { name: "Send the application" }).evaluate((button) => {
    for (let clicks = 0; clicks < 20; clicks += 1) button.click();
  });
}
