import assert from "node:assert/strict";
import { test } from "node:test";
import { FAILED_REQUEST, inProfile, picture } from "../../support/browser.mjs";
import { press } from "../../support/citizen.mjs";
import { OPERATORS, REASON, agree, openConsole, openSection, replace } from "../../support/operator.mjs";

const CHANNEL = "Indennità di 600 euro per marzo 2020, citizens";

export default function twoOperators(lab) {
  test("the second of two operators is told who was faster, and loses no text", async () => {
    const { system, browser } = lab;
    const allowed = [FAILED_REQUEST];
    await inProfile(
      browser,
      async (olgas) => {
        const olga = await openConsole(olgas, system, OPERATORS.olga);
        await inProfile(browser, async (annas) => {
          const anna = await openConsole(annas, system, OPERATORS.anna);
          await askToClose(olga);
          const reason = olga.getByRole("dialog").getByRole("textbox", { name: "Reason" });
          await replace(olga, reason, "something else went wrong");

          await askToClose(anna);
          await agree(anna, "Close");
          await anna.getByRole("article", { name: CHANNEL }).getByText("Closed now").waitFor();

          const step = olga.getByRole("dialog");
          await press(olga, step.getByRole("button", { name: "Close", exact: true }));
          const alert = step.getByRole("alert");
          await alert.getByText("Somebody was faster").waitFor();
          const said = await alert.innerText();
          assert.match(said, new RegExp(`${OPERATORS.anna}[\\s\\S]*${REASON}`));
          assert.match(said, /Closed, whatever the hours/);
          assert.equal(await reason.inputValue(), "something else went wrong");
          await picture(olga, "console-conflict");

          await press(olga, step.getByRole("button", { name: "Do it all the same" }));
          const card = olga.getByRole("article", { name: CHANNEL });
          await card.getByText("something else went wrong").waitFor();
          await press(olga, card.getByRole("button", { name: /^Back to the hours/ }));
          await agree(olga, "Back to the hours");
          await card.getByText("By the benefit’s hours").waitFor();
        });
      },
      { allowed },
    );
  });

  test("three tabs of a browser share one stream, and another goes on when one closes", async () => {
    const { system, browser } = lab;
    await inProfile(browser, async (context) => {
      const streams = [];
      context.on("request", (request) => {
        if (request.url().endsWith("/v1/live")) streams.push(request.frame().page());
      });
      const tabs = [];
      for (let count = 0; count < 3; count += 1) tabs.push(await openConsole(context, system, OPERATORS.olga));
      for (const tab of tabs) await moves(tab);
      assert.equal(streams.length, 1);
      await streams[0].close();
      const others = tabs.filter((tab) => tab !== streams[0]);
      for (const tab of others) await moves(tab);
      assert.equal(streams.length, 2);
    });
  });
}

async function askToClose(page) {
  await openSection(page, "Channels");
  const card = page.getByRole("article", { name: CHANNEL });
  await press(page, card.getByRole("button", { name: /^Close/ }));
}

/** Waits until the numbers of a tab are those of another second. */
async function moves(page) {
  const clock = page.locator(".console-clock time");
  const before = await clock.getAttribute("datetime");
  await page.waitForFunction(
    (last) => document.querySelector(".console-clock time")?.getAttribute("datetime") !== last,
    before,
  );
}
