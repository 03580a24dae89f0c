import assert from "node:assert/strict";
import { test } from "node:test";
import { inProfile, picture } from "../support/browser.mjs";
import { ALL_PAGES, benefitPages } from "../support/pages.mjs";

const OTHERWISE = { it: /patronato/, en: /patronato/, de: /Patronat/ };

export default function javascriptOff(lab) {
  test("without JavaScript all can be read, and the form says how else to apply", async () => {
    await inProfile(
      lab.browser,
      async (context) => {
        const page = await context.newPage();
        for (const path of ALL_PAGES) {
          await page.goto(lab.system.portal + path);
          const main = page.getByRole("main");
          assert.ok((await main.getByRole("heading", { level: 1 }).innerText()).length > 3, path);
          // a control that does nothing would be worse than none
          const controls = main.getByRole("button").or(main.getByRole("textbox"));
          assert.equal(await controls.count(), 0, `${path} has a control that does nothing`);
        }
        for (const [language, otherwise] of Object.entries(OTHERWISE)) {
          await page.goto(lab.system.portal + benefitPages(language, "indemnity-march-2020").apply);
          assert.match(await page.getByRole("main").innerText(), otherwise);
          await picture(page, `javascript-off-${language}`);
        }
      },
      { javaScriptEnabled: false },
    );
  });
}
