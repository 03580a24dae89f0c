import assert from "node:assert/strict";
import { test } from "node:test";
import { DEADLINE, FAILED_REQUEST, inProfile, picture } from "../support/browser.mjs";
import { ALL_PAGES, LANGUAGES, benefitPages } from "../support/pages.mjs";
import { IN_FULL } from "../support/select.mjs";

/** Within so many milliseconds a page says that sending waits; a busy machine may take longer. */
const SOON = IN_FULL ? 5000 : DEADLINE;

// started again from the end: status needs the keys of intake
const EVERYTHING = ["status", "intake", "worker-1", "identity-provider", "rabbitmq", "postgres"];

const BENEFIT = {
  it: ["Indennità di 600 euro per marzo 2020", "L’ordine di arrivo non conta"],
  en: ["Indemnity of 600 euro for March 2020", "The order of arrival does not matter"],
  de: ["Entschädigung von 600 Euro für März 2020", "Die Reihenfolge spielt keine Rolle"],
};
const WAITS = {
  it: "L’invio è in attesa.",
  en: "Sending waits.",
  de: "Das Senden wartet.",
};

export default function stopped(lab) {
  test("with everything behind it stopped each page is there, and says that sending waits", async () => {
    const { system, browser } = lab;
    await system.without(EVERYTHING, async () => {
      for (const path of ALL_PAGES) {
        const answer = await fetch(system.portal + path);
        assert.equal(answer.status, 200, path);
        assert.match(await answer.text(), /<\/html>\s*$/, path);
      }
      for (const language of LANGUAGES) {
        const { benefit } = benefitPages(language, "indemnity-march-2020");
        const source = await (await fetch(system.portal + benefit)).text();
        for (const text of BENEFIT[language]) assert.ok(source.includes(text), `${benefit}: ${text}`);
        await inProfile(browser, (context) => saysSo(context, system.portal + benefit, language), {
          allowed: [FAILED_REQUEST],
        });
      }
    });
  });
}

/** The notice is there soon after the page, and the page has what it has on other days. */
async function saysSo(context, url, language) {
  const page = await context.newPage();
  await page.goto(url);
  const notice = page.getByRole("status").filter({ hasText: WAITS[language] });
  await notice.waitFor({ timeout: SOON });
  await page.getByRole("heading", { level: 1, name: BENEFIT[language][0] }).waitFor();
  await picture(page, `stopped-${language}`);
}
