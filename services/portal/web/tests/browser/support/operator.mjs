/** What an operator does, by the roles and names that a screen reader tells; and what arrives. */
import assert from "node:assert/strict";
import { press, reach } from "./citizen.mjs";

/** Operators of the identity provider's list. */
export const OPERATORS = { olga: "operator-olga", anna: "operator-anna" };
export const REASON = "rehearsal of an opening day";

/** Opens the console in a new tab, and signs in; a second tab of a profile is not asked again. */
export async function openConsole(context, system, operator, language = "en") {
  const page = await context.newPage();
  await page.goto(`${system.console}/${language}/`);
  await press(page, page.getByRole("main").getByRole("button"));
  const isOpen = page.getByRole("heading", { level: 1, name: language === "en" ? "Now" : "Adesso" });
  const field = page.getByRole("textbox", { name: "Tax code" });
  await isOpen.or(field).waitFor();
  if (await field.isVisible()) {
    await field.fill(operator);
    await field.press("Enter");
  }
  await isOpen.waitFor();
  return page;
}

/** Opens a section by the menu. */
export async function openSection(page, name) {
  await press(page, page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name }));
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

/** Puts a text in the place of what stands in a field. */
export async function replace(page, field, text) {
  await reach(page, field);
  await page.keyboard.press("Control+A");
  await page.keyboard.type(text);
}

/** Gives a reason in the second step, the number where one is asked for, and agrees. */
export async function agree(page, button, count = null) {
  const step = page.getByRole("dialog");
  await step.getByText("This will happen:").waitFor();
  await replace(page, step.getByRole("textbox", { name: "Reason" }), REASON);
  if (count !== null) await replace(page, step.getByRole("textbox", { name: "How many?" }), String(count));
  await press(page, step.getByRole("button", { name: button, exact: true }));
}

/** Returns a number of the section "Now" by its tile, as it stands there. */
export function tile(page, name) {
  return page.getByRole("region", { name, exact: true }).getByRole("paragraph").first();
}

const MONTHS = "ABCDEHLMPRST";
const ODD = { 0: 1, 1: 0, 2: 5, 3: 7, 4: 9, 5: 13, 6: 15, 7: 17, 8: 19, 9: 21 };
const ODD_LETTERS = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/** The tax code of an invented Mario Rossi of Milan, another one for each number below 20,000. */
function taxCode(number) {
  const year = String(40 + Math.floor(number / 336)).padStart(2, "0");
  const day = String(1 + (number % 28)).padStart(2, "0");
  const first = `RSSMRA${year}${MONTHS[Math.floor(number / 28) % 12]}${day}F205`;
  const sum = [...first].reduce((all, letter, index) => {
    const isDigit = letter >= "0" && letter <= "9";
    const value = isDigit ? Number(letter) : letter.charCodeAt(0) - 65;
    if (index % 2 === 1) return all + value;
    return all + (isDigit ? ODD[letter] : ODD_LETTERS[value]);
  }, 0);
  return first + String.fromCharCode(65 + (sum % 26));
}

function application(benefit, code) {
  return {
    benefit,
    category: "professionals",
    applicant: { tax_code: code, given_name: "Mario", family_name: "Rossi", iban: "IT60X0542811101000000123456" },
    answers: { no_pension: true, no_citizenship_income: true, activity: "collaborator" },
  };
}

/** Sends applications of so many people, as an intermediary. */
export async function sendMany(system, count) {
  const rows = Array.from({ length: count }, (_, number) => ({
    idempotency_key: `rehearsal-${number}`,
    application: { ...application("indemnity-march-2020", taxCode(number)), mandate: `M-${number}` },
  }));
  const answer = await fetch(`${system.intake}/v1/batches`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${system.tokens.intermediary}`,
      "Idempotency-Key": "rehearsal",
      "Content-Type": "application/x-ndjson",
      "Accept-Language": "en",
    },
    body: `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`,
  });
  const last = JSON.parse((await answer.text()).trim().split("\n").at(-1));
  assert.equal(last.batch?.accepted, count, JSON.stringify(last));
}

/** Sends one application as the citizen of the system's token; returns its id and its receipt. */
export async function sendOne(system, benefit) {
  const answer = await fetch(`${system.intake}/v1/applications`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${system.tokens.citizen}`,
      "Idempotency-Key": `poison-${benefit}`,
      "Content-Type": "application/json",
      "Accept-Language": "en",
    },
    body: JSON.stringify(application(benefit, system.tax_code)),
  });
  assert.equal(answer.status, 202, await answer.clone().text());
  return answer.json();
}

/** Returns what became of an application, as its holder reads it. */
export async function outcomeOf(system, id) {
  const answer = await fetch(`${system.status}/v1/applications/${id}`, {
    headers: { Authorization: `Bearer ${system.tokens.citizen}`, "Accept-Language": "en" },
  });
  return answer.ok ? (await answer.json()).status : null;
}
