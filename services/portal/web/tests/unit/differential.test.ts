/**
 * Holds the page's checker against the API: `services/portal/tests/portal/corpus.rs` wrote what the
 * API finds wrong with each example, and the page must find the same, word for word.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { cleanAll } from "../../src/form/check/clean.js";
import { violations } from "../../src/form/check/checker.js";
import { say } from "../../src/form/check/say.js";
import type { Schema } from "../../src/form/check/schema.js";
import type { Language } from "../../src/common/language.js";
import de from "../../src/texts/violations/de.json";
import en from "../../src/texts/violations/en.json";
import it from "../../src/texts/violations/it.json";

interface FormLine {
  required_of_applicant: string[];
  schema: Schema;
  example: Record<string, unknown>;
}

interface CaseLine {
  at: string;
  to?: unknown;
  in: Language;
  found: [string, string, string][];
}

const phrases = { it, en, de };
const FILE = "tests/unit/corpus.ndjson";
const TEXTS = ["tax_code", "given_name", "family_name", "birth_date", "email", "phone", "iban"];
const FORMATS: Record<string, string> = {
  tax_code: "tax-code",
  given_name: "given-name",
  family_name: "family-name",
  birth_date: "birth-date",
  email: "email",
  phone: "phone",
  iban: "iban",
};

/** The form with all that the API knows of an applicant. */
function whole({ required_of_applicant: required, schema }: FormLine): Schema {
  const properties = Object.fromEntries(
    TEXTS.map((name): [string, Schema] => [name, { type: "string", format: FORMATS[name]! }]),
  );
  return {
    type: "object",
    properties: {
      applicant: {
        type: "object",
        properties,
        required: ["tax_code", "given_name", "family_name", ...required],
      },
      answers: schema,
    },
  };
}

/** Puts a value in its place, or takes it away. */
function changed(example: Record<string, unknown>, { at, to }: CaseLine): unknown {
  const copy = structuredClone(example);
  const path = at
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = path.pop()!;
  const parent = path.reduce<any>((place, token) => place[token], copy);
  if (to !== undefined) parent[last] = to;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return copy;
}

test("the page finds what the API finds, in the same words", () => {
  let form: FormLine | null = null;
  let cases = 0;
  for (const line of readFileSync(FILE, "utf8")
    .split("\n")
    .filter((line) => line !== "")) {
    const read = JSON.parse(line) as FormLine | CaseLine;
    if ("schema" in read) {
      form = read;
      continue;
    }
    assert.ok(form !== null);
    const found = violations(whole(form), cleanAll(changed(form.example, read)), "")
      .map((violation) => [
        violation.pointer,
        violation.code,
        say(violation, phrases[read.in], read.in),
      ])
      .sort();
    assert.deepEqual(found, read.found.sort(), `${read.at} = ${JSON.stringify(read.to)}`);
    cases += 1;
  }
  assert.ok(cases > 1000, `${cases} cases`);
});
