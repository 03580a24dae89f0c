/** Benefits that a test drops into the folder of the running system, and takes away again. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { takenAway, until } from "./browser.mjs";
import { IBAN, atStep } from "./citizen.mjs";
import { benefitPages } from "./pages.mjs";
import { ROOT } from "./system.mjs";

const BICYCLE = join(ROOT, "loadtests/tests/loadtests/catalogue/bicycle-bonus-2026.toml");

/** The text of the bicycle bonus under another id, changed. */
export async function bicycle(id, change = (text) => text) {
  const text = await readFile(BICYCLE, "utf8");
  return change(text.replace('id = "bicycle-bonus-2026"', `id = "${id}"`));
}

/** Runs `work` while a benefit is in the folder, and known to portal and intake. */
export async function withBenefit(system, id, text, work) {
  const file = join(system.catalogue, `${id}.toml`);
  try {
    await put(system, id, text);
    return await work();
  } finally {
    await rm(file, { force: true });
    takenAway.add(id);
  }
}

/** Writes a benefit's file, and waits until portal and intake have what it says. */
export async function put(system, id, text) {
  const before = await versions(system, id);
  await writeFile(join(system.catalogue, `${id}.toml`), text);
  await until(`the benefit ${id}`, async () => {
    const now = await versions(system, id);
    return now.every((version, index) => version !== null && version !== before[index]);
  });
}

/** What portal and intake say of a benefit; `null` where they do not have it. */
async function versions({ portal, intake }, id) {
  const addresses = [`${portal}/data/benefits/${id}.json`, `${intake}/v1/benefits/${id}`];
  return Promise.all(
    addresses.map(async (address) => {
      const answer = await fetch(address);
      return answer.ok ? answer.text() : null;
    }),
  );
}

/** Fills in the bicycle bonus in English, from its first step to the review. */
export async function fillBicycle(page, portal, id) {
  const by = (role, name) => page.getByRole(role, { name });
  await page.goto(portal + benefitPages("en", id).apply);
  await by("button", "Begin").click();
  await atStep(page, "General data");
  await by("textbox", "IBAN").fill(IBAN);
  await by("button", "Next").click();
  await answerBicycle(page);
}

/** Answers the bicycle bonus's own questions, up to the review. */
export async function answerBicycle(page) {
  const by = (role, name) => page.getByRole(role, { name });
  await atStep(page, "Specific data");
  await by("radio", "City bicycle").check();
  await by("textbox", "Amount asked for, in euro").fill("499.90");
  await by("textbox", "VAT number of the shop").fill("12345670157");
  await by("textbox", "Date of the invoice").fill("14/02/2026");
  await by("textbox", "Total, in euro").fill("1499.90");
  await by("checkbox", "I declare that the bicycle is new.").check();
  await by("button", "Next").click();
  await atStep(page, "Check and send");
}

/** Daily hours that begin in half an hour, in Italian time, as a benefit's file writes them. */
export function hoursThatBeginLater(now = Date.now()) {
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Rome", hour: "2-digit", minute: "2-digit" });
  const [opens, closes] = [30, 90].map((minutes) => clock.format(now + minutes * 60_000));
  return `\n[windows]\ncitizen = ["${opens}-${closes}"]\n`;
}
