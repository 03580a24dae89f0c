import assert from "node:assert/strict";
import { test } from "node:test";
import { added, isCount, NONE, removed, toggled } from "../../src/console/selection.js";

const [a, b] = [
  { letter: "a", version: 1 },
  { letter: "b", version: 4 },
];

test("a selection keeps the letters in the versions that were seen when they were chosen", () => {
  const page = [{ ...a }, { ...b }];
  const chosen = added(NONE, page);
  // the list is read again: a letter has changed, another has arrived
  page[0] = { letter: "a", version: 2 };
  page.push({ letter: "c", version: 1 });
  assert.deepEqual(chosen.items, [a, b]);
  assert.deepEqual(added(chosen, page.slice(0, 1)).items, [a, b]);
  assert.throws(() => (chosen.items as unknown as object[]).push({ letter: "d" }));
  assert.throws(() => Object.assign(chosen.items[0] as object, { version: 9 }));
});

test("a letter is in or out, and what goes out of the filter stays chosen", () => {
  const both = toggled(toggled(NONE, a), b);
  assert.deepEqual(both.items, [a, b]);
  assert.deepEqual(toggled(both, a).items, [b]);
  assert.deepEqual(removed(both, [b, { letter: "z", version: 1 }]).items, [a]);
  assert.ok(both.has("a") && !both.has("c"));
});

test("the number that is typed is exactly the number, however it is written", () => {
  for (const typed of ["1204", " 1204 ", "1.204", "1,204", "1 204", "1’204"]) assert.ok(isCount(typed, 1204), typed);
  for (const typed of ["", "1203", "12.04", "1204.0", "1204 letters", "-1204", "1e3"]) {
    assert.ok(!isCount(typed, 1204), typed);
  }
});
