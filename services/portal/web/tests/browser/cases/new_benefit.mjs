import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { inProfile, picture, takenAway, until } from "../support/browser.mjs";
import { atStep, receiptNumber, signIn, PEOPLE, press, take, type } from "../support/citizen.mjs";
import { benefitPages } from "../support/pages.mjs";
import { ROOT } from "../support/system.mjs";

const ID = "bicycle-bonus-2026";
const FILE = join(ROOT, "loadtests/tests/loadtests/catalogue", `${ID}.toml`);

const A_MINUTE = 60_000;

/** The heading of the form, and a question that it asks. */
const FORM = {
  it: ["Domanda: Bonus bicicletta", "IBAN"],
  en: ["Application: Bicycle bonus", "IBAN"],
  de: ["Antrag: Fahrradbonus", "IBAN"],
};

export default function newBenefit(lab) {
  test("a benefit dropped into the folder has its form within a minute, by keyboard alone", async () => {
    const { system, browser } = lab;
    const dropped = join(system.catalogue, `${ID}.toml`);
    await copyFile(FILE, dropped);
    try {
      await until("the form of a new benefit", async () => {
        const answers = await Promise.all([
          ...Object.keys(FORM).map((language) => fetch(system.portal + benefitPages(language, ID).apply)),
          fetch(`${system.intake}/v1/benefits/${ID}`),
        ]);
        return answers.every(({ ok }) => ok);
      }, A_MINUTE);
      await inProfile(browser, async (context) => {
        const page = await context.newPage();
        for (const [language, [heading]] of Object.entries(FORM)) {
          await page.goto(system.portal + benefitPages(language, ID).apply);
          await page.getByRole("heading", { level: 1, name: heading }).waitFor();
          await picture(page, `new-benefit-${language}`);
        }
        await fillIn(page, system.portal);
      });
    } finally {
      await rm(dropped);
      takenAway.add(ID);
    }
  });
}

async function fillIn(page, portal) {
  const by = (role, name) => page.getByRole(role, { name });
  await page.goto(portal + benefitPages("en", ID).apply);
  await press(page, by("button", "Begin"));
  await atStep(page, "General data");
  await type(page, by("textbox", "IBAN"), "IT60X0542811101000000123456");
  await press(page, by("button", "Next"));
  await atStep(page, "Specific data");
  await take(page, by("radio", "City bicycle"));
  await type(page, by("textbox", "Amount asked for, in euro"), "499.90");
  await type(page, by("textbox", "VAT number of the shop"), "12345670157");
  await type(page, by("textbox", "Date of the invoice"), "14/02/2026");
  await type(page, by("textbox", "Total, in euro"), "1499.90");
  await take(page, by("checkbox", "I declare that the bicycle is new."));
  await picture(page, "new-benefit-specific");
  await press(page, by("button", "Next"));
  await atStep(page, "Check and send");
  await signIn(page, PEOPLE.luca);
  await press(page, by("button", "Send the application"));
  await receiptNumber(page);
}
