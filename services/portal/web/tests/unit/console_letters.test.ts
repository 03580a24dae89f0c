import assert from "node:assert/strict";
import { test } from "node:test";
import { asHeader } from "../../src/console/letters/detail.js";
import { changedLines, jsonProblem, packed, pretty } from "../../src/console/letters/json_text.js";

const TEXT = '{"amount":1.10,"big":12345678901234567890,"text":"a: \\"b\\", {c}","list":[1,[],{}],"none":null}';

test("a content that is laid out and packed again is the same byte for byte", () => {
  assert.equal(packed(pretty(TEXT)), TEXT);
  assert.match(pretty(TEXT), /^\{\n {2}"amount": 1\.10,\n {2}"big": 12345678901234567890,/);
  assert.equal(pretty(pretty(TEXT)), pretty(TEXT));
});

test("what is no JSON stays as it is, and says what is wrong", () => {
  assert.equal(pretty("{ broken"), "{ broken");
  assert.notEqual(jsonProblem("{ broken"), "");
  assert.equal(jsonProblem(TEXT), "");
});

test("changed lines are counted once, wherever they stand", () => {
  assert.equal(changedLines("a\nb\nc", "a\nB\nc"), 1);
  assert.equal(changedLines("a\nb", "b\na"), 0);
  assert.equal(changedLines("a", "a\nb\nc"), 2);
});

test("a reason travels in a header as the bytes of its UTF-8", () => {
  const sent = asHeader("perché l’IBAN è sbagliato");
  assert.ok([...sent].every((character) => character.charCodeAt(0) < 256));
  const bytes = Uint8Array.from(sent, (character) => character.charCodeAt(0));
  assert.equal(new TextDecoder().decode(bytes), "perché l’IBAN è sbagliato");
});
