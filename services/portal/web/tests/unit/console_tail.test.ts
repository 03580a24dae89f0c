import assert from "node:assert/strict";
import { test } from "node:test";
import type { Gap } from "../../src/console/api/now.js";
import { tailOf } from "../../src/console/view/tail.js";

const OPEN: Gap = { verdict: "open", channel: "citizen", process: "00000000000000ff", numbers: "4981-" };

test("only an open tail can be closed, and from the number that was seen", () => {
  assert.deepEqual(tailOf(OPEN), { channel: "citizen", process: "00000000000000ff", from: 4981 });
  assert.equal(tailOf({ ...OPEN, verdict: "lost", numbers: "4117-4120" }), null);
  assert.equal(tailOf({ ...OPEN, verdict: "suspect", numbers: "4117" }), null);
  const { process: _, ...unnamed } = OPEN;
  assert.equal(tailOf(unnamed), null);
});
