import assert from "node:assert/strict";
import { test } from "node:test";
import type { Schema } from "../../src/form/check/schema.js";
import { readDate, readNumber } from "../../src/form/numbers.js";
import { check } from "../../src/form/mistakes.js";
import { read } from "../../src/form/reading.js";
import { get, set, without } from "../../src/form/typed.js";

test("a number is read in either convention, and never guessed", () => {
  for (const [typed, number] of [
    ["1000", 1000],
    ["1000,50", 1000.5],
    ["1000.5", 1000.5],
    ["1.499,90", 1499.9],
    ["1,499.90", 1499.9],
    ["1 499,90 €", 1499.9],
    ["€ 600", 600],
    ["0,125", 0.125],
    ["1000,125", 1000.125],
    ["-3", -3],
    ["\u22123", -3],
  ] as const)
    assert.equal(readNumber(typed), number, typed);
  for (const typed of ["1.000", "1,000", "1.000.000", "12,345"])
    assert.equal(readNumber(typed), "unclear", typed);
  for (const typed of ["", "x", "1..2", "1,2,3", "1e3", "0x10", "Infinity"])
    assert.equal(readNumber(typed), null, typed);
});

test("a date is a text in the order of day, month and year", () => {
  for (const typed of ["31/03/2020", "31.3.2020", "31-03-2020", "2020-03-31", " 31 / 3 / 2020 "]) {
    assert.equal(readDate(typed), "2020-03-31", typed);
  }
  for (const typed of ["03/31/2020", "30/02/2020", "31/03/20", "2020/03/31x", "31 marzo 2020"]) {
    assert.equal(readDate(typed), null, typed);
  }
});

const CONDITIONAL: Schema = {
  type: "object",
  order: ["activity", "vat_number"],
  required: ["activity"],
  properties: {
    activity: { type: "string", enum: ["professional", "collaborator"] },
    vat_number: { type: "string", format: "vat-number" },
  },
  if: { required: ["activity"], properties: { activity: { const: "professional" } } },
  then: { required: ["vat_number"] },
};

test("the value of a field that a condition hides is dropped, and comes back empty only if it is", () => {
  const typed = { activity: "collaborator", vat_number: "12345670157" };
  assert.deepEqual(read(CONDITIONAL, typed).value, { activity: "collaborator" });
  assert.deepEqual(read(CONDITIONAL, { ...typed, activity: "professional" }).value, {
    activity: "professional",
    vat_number: "12345670157",
  });
  assert.deepEqual(read(CONDITIONAL, { vat_number: "12345670157" }).value, {});
});

test("an optional question left alone is absent", () => {
  const schema: Schema = {
    type: "object",
    properties: { disabled: { type: "boolean" }, note: { type: "string" } },
  };
  assert.deepEqual(read(schema, { disabled: undefined, note: " \u200b" }).value, {});
});

test("a list that is required shows its first element, and asks for its fields", () => {
  const child: Schema = {
    type: "object",
    required: ["tax_code"],
    properties: { tax_code: { type: "string", format: "tax-code" } },
  };
  const schema: Schema = {
    type: "object",
    required: ["children"],
    properties: { children: { type: "array", minItems: 1, maxItems: 3, items: child } },
  };
  const found = (typed: {}): string[] =>
    check(schema, typed).mistakes.map(({ pointer, code }) => `${pointer} ${code}`);
  assert.deepEqual(found({}), ["/children/0/tax_code required"]);
  assert.deepEqual(found({ children: [{ tax_code: "RSSMRA80A01H501U" }, {}] }), [
    "/children/1/tax_code required",
  ]);
});

test("a text that can't be read is one mistake, not also a missing field", () => {
  const schema: Schema = {
    type: "object",
    required: ["day", "amount"],
    properties: {
      day: { type: "string", format: "date" },
      amount: { type: "number", minimum: 1, maximum: 9 },
    },
  };
  const { mistakes } = check(schema, { day: "31/02/2020", amount: "1.000" });
  assert.deepEqual(
    mistakes.map(({ code }) => code),
    ["date_unreadable", "number_thousands"],
  );
});

test("what was typed is a tree that changes without the old one", () => {
  const before = set({}, ["children", 1, "name"], "Anna");
  assert.equal(get(before, ["children", 1, "name"]), "Anna");
  assert.equal(get(before, ["children", 0]), undefined);
  const after = without(before, ["children"], 0);
  assert.equal(get(after, ["children", 0, "name"]), "Anna");
  assert.equal(get(before, ["children", 1, "name"]), "Anna");
});
