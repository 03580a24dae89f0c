import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyOf, digestOf, keyOf } from "../../src/form/body.js";

const MARTA = { taxCode: "RNLMRT84C52H501S", givenName: "Marta", familyName: "Rinaldi" };
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

test("the same application is the same bytes, in whatever order its fields came", () => {
  const one = bodyOf("b", MARTA, {
    answers: { a: 1 },
    applicant: { iban: "IT1", email: "m@example.org" },
    category: "c",
  });
  const other = bodyOf("b", MARTA, {
    category: "c",
    applicant: { email: "m@example.org", iban: "IT1" },
    answers: { a: 1 },
  });
  assert.equal(text(one), text(other));
  assert.equal(
    text(one),
    '{"benefit":"b","category":"c","applicant":{"tax_code":"RNLMRT84C52H501S","given_name":"Marta",' +
      '"family_name":"Rinaldi","email":"m@example.org","iban":"IT1"},"answers":{"a":1}}',
  );
});

test("a person with a single name has it as family name", () => {
  const body = text(bodyOf("b", { ...MARTA, givenName: null, familyName: "Ng" }, {}));
  assert.match(body, /"family_name":"Ng","single_name":true/);
  assert.doesNotMatch(body, /given_name/);
});

test("the key is the digest of the bytes, and a counter where several are meant", async () => {
  const digest = await digestOf(new TextEncoder().encode("{}"));
  const key = keyOf(digest, 1);
  assert.equal(key, "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o");
  assert.equal(keyOf(digest, 2), `${key}.2`);
  assert.match(`${key}.2`, /^[A-Za-z0-9_.-]{1,255}$/);
});
