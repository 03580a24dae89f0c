import { test } from "node:test";
import { FAILED_REQUEST, inProfile } from "../support/browser.mjs";
import { see as look } from "../support/look.mjs";
import { LANGUAGES, benefitPages, pagesOf } from "../support/pages.mjs";
import { testInFull } from "../support/select.mjs";

const WORDS = {
  it: { begin: "Comincia", next: "Avanti", category: /^Professionisti/, send: "Controlla e invia" },
  en: { begin: "Begin", next: "Next", category: /^Professionals/, send: "Check and send" },
  de: { begin: "Beginnen", next: "Weiter", category: /^Freiberuflich/, send: "Prüfen und senden" },
};

export default function accessible(lab) {
  for (const language of LANGUAGES) {
    const declare = language === "it" ? test : testInFull;
    declare(`no page has anything that axe finds wrong, or scrolls sideways (${language})`, async () => {
      await inProfile(lab.browser, async (context) => {
        const page = await context.newPage();
        for (const path of pagesOf(language)) {
          await page.goto(lab.system.portal + path);
          await page.getByRole("heading", { level: 1 }).waitFor();
          const name = path.split("/").filter(Boolean).join("-");
          await look(page, `page-${name}`);
        }
      });
    });

    declare(`no step of the form has anything that axe finds wrong (${language})`, async () => {
      await inProfile(lab.browser, (context) => steps(context, lab.system.portal, language), {
        allowed: [FAILED_REQUEST],
      });
    });
  }
}

/** Empty steps, their mistakes, filled steps, the review. */
async function steps(context, portal, language) {
  const words = WORDS[language];
  const page = await context.newPage();
  const next = page.getByRole("button", { name: words.next, exact: true });
  const see = (state) => look(page, `form-${language}-${state}`);
  await page.goto(portal + benefitPages(language, "indemnity-march-2020").apply);
  await page.getByRole("button", { name: words.begin }).click();
  await next.waitFor();
  await see("general-empty");
  await next.click();
  await page.getByRole("alert").getByRole("link").first().waitFor();
  await see("general-mistakes");
  await page.getByRole("radio", { name: words.category }).check();
  await page.getByRole("textbox", { name: "IBAN" }).fill("IT60X0542811101000000123456");
  await next.click();
  await page.getByRole("checkbox").first().waitFor();
  await next.click();
  await page.getByRole("alert").getByRole("link").first().waitFor();
  await see("specific-mistakes");
  for (const box of await page.getByRole("main").getByRole("checkbox").all()) await box.check();
  await page.getByRole("radio").last().check();
  await next.click();
  await page.getByRole("heading", { level: 1, name: words.send }).waitFor();
  await see("review");
}
