import assert from "node:assert/strict";
import { test } from "node:test";
import type { Schema } from "../../src/form/check/schema.js";
import { asked } from "../../src/form/conditions.js";
import { say } from "../../src/form/check/say.js";
import it from "../../src/texts/violations/it.json";

const CHILD: Schema = {
  type: "object",
  required: ["family_name"],
  properties: {
    given_name: { type: "string" },
    family_name: { type: "string" },
    single_name: { type: "boolean" },
  },
  if: { required: ["single_name"], properties: { single_name: { const: true } } },
  else: { required: ["given_name"] },
};

test("a field of one branch is asked only while its condition holds", () => {
  assert.deepEqual(asked(CHILD, {}).names, ["given_name", "family_name", "single_name"]);
  assert.ok(asked(CHILD, {}).required.has("given_name"));
  assert.deepEqual(asked(CHILD, { single_name: true }).names, ["family_name", "single_name"]);
});

test("fields are asked in the order of the form", () => {
  const schema = { ...CHILD, order: ["single_name", "family_name", "nothing"] };
  assert.deepEqual(asked(schema, {}).names, ["single_name", "family_name", "given_name"]);
});

test("a limit is written with a decimal comma in Italian", () => {
  assert.equal(
    say({ code: "too_small", phrase: "too_small", limit: 0.5 }, it, "it"),
    "il valore minimo è 0,5",
  );
  assert.equal(
    say({ code: "const", phrase: "const", limit: "^$&$" }, it, "it"),
    it.const.replace("{limit}", () => "^$&$"),
  );
});
