/** What an intermediary does at the desk, and the files that they bring. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { onProvider } from "./citizen.mjs";

/** The provider's invented employee of a patronato. */
export const EMPLOYEE = "intermediary-irene";
export const DESK = "/en/intermediaries/";
export const HEADER = [
  "idempotency_key",
  "/benefit",
  "/category",
  "/mandate",
  "/applicant/tax_code",
  "/applicant/given_name",
  "/applicant/family_name",
  "/applicant/iban",
  "/answers/no_pension",
  "/answers/no_citizenship_income",
  "/answers/activity",
].join(";");

const MONTHS = "ABCDEHLMPRST";
const CONSONANTS = "BCDFGLMNPRSTVZ";
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** What a character in an odd place counts (D.M. 23 December 1976): digits as the first letters. */
const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/** An invented tax code; each number has its own, up to 94,000 of them. */
export function taxCode(number) {
  const name = `RSS${CONSONANTS[Math.floor(number / 6720) % 14]}RA`;
  const [day, month, year] = [1 + (number % 28), Math.floor(number / 28) % 12, 60 + (Math.floor(number / 336) % 20)];
  const body = `${name}${year}${MONTHS[month]}${String(day).padStart(2, "0")}H501`;
  const value = (sign) => (DIGITS.indexOf(sign) < 10 ? DIGITS.indexOf(sign) : DIGITS.indexOf(sign) - 10);
  const sum = [...body].reduce((all, sign, at) => all + (at % 2 === 0 ? ODD[value(sign)] : value(sign)), 0);
  return body + DIGITS[10 + (sum % 26)];
}

const GOOD = { taxCode, iban: () => "IT60X0542811101000000123456", noPension: () => "sì" };
/** Three ways in which a row can be wrong. */
const BAD = [
  { iban: () => "IT60X0542811101000000123457" },
  { taxCode: (number) => `${taxCode(number).slice(0, 15)}${taxCode(number).endsWith("A") ? "B" : "A"}` },
  { noPension: () => "no" },
];

/** A row as a table has it; `mistake` counts the ways of being wrong, none by default. */
export function rowOf(number, mistake) {
  const { taxCode: code, iban, noPension } = { ...GOOD, ...(mistake === undefined ? {} : BAD[mistake % 3]) };
  const applicant = [code(number), "Maria", "Rossi", iban()];
  return [`row-${number}`, "indemnity-march-2020", "professionals", `PA ${number}`, ...applicant, noPension(), "si", "collaborator"].join(";");
}

/** A file of so many rows from `first` on; `isBad` says which of them, from 1, are wrong. */
export function fileOf(name, rows, { first = 0, isBad = () => false } = {}) {
  const lines = Array.from({ length: rows }, (_, at) => rowOf(first + at, isBad(at + 1) ? at : undefined));
  return textFile(name, `\ufeff${[HEADER, ...lines].join("\r\n")}\r\n`);
}

export function textFile(name, text) {
  return { name, mimeType: "text/csv", buffer: Buffer.from(text) };
}

/** Chooses a file at the desk, in whatever language it is. */
export async function choose(page, file) {
  await page.locator("input[type=file]").setInputFiles(file);
}

/** Signs in with the whole window, before any file is chosen; the provider may not ask again. */
export async function signInAtDesk(page, name = "Sign in") {
  await page.getByRole("main").getByRole("button", { name, exact: true }).click();
  const isSignedIn = page.locator("#session button").waitFor();
  await Promise.race([onProvider(page, EMPLOYEE), isSignedIn]);
  await isSignedIn;
}

/** Signs in by the window that opens beside a file. */
export async function signInBeside(page, name = "Sign in to send") {
  const opens = page.waitForEvent("popup");
  await page.getByRole("button", { name, exact: true }).click();
  await onProvider(await opens, EMPLOYEE);
  await page.locator("#session button").waitFor();
}

/** Rows that have their answer. */
export function answered(page) {
  return page.getByRole("progressbar").first().evaluate((bar) => bar.value);
}

/** Presses a button that saves a file; returns its text. */
export async function saved(page, button) {
  const saves = page.waitForEvent("download");
  await button.click();
  const path = await (await saves).path();
  return readFile(path, "utf8");
}

/** The cells of a table that the desk made, without its header. */
export function cells(table) {
  const lines = table.replace(/^\ufeff/, "").split("\r\n");
  assert.equal(lines.pop(), "", "a table ends with an end of line");
  return lines.slice(1).map((line) => line.split(";").map((cell) => cell.replace(/^"|"$/g, "").trim()));
}
