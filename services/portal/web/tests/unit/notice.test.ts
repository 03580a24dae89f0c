import assert from "node:assert/strict";
import test from "node:test";
import { shown } from "../../src/notice/fill.js";
import { nextLook, type Progress, readProgress, stateAfter } from "../../src/notice/progress.js";

const PROGRESS: Progress = {
  at: "2020-04-01T08:42:07Z",
  intake: { answers: true },
  received: 330_001,
  registered: 312_408,
  registered_last_minute: null,
  waiting_seconds: 0.2,
  numbers_at: "2020-04-01T08:42:05Z",
  benefits: [],
};

test("the notice is quiet while intake answers, and says when it does not", () => {
  assert.equal(stateAfter(PROGRESS, null, 0), "well");
  assert.equal(stateAfter({ ...PROGRESS, intake: { answers: false } }, "well", 0), "sending-waits");
});

test("the first look that fails is told, a single one later is not", () => {
  assert.equal(stateAfter(null, null, 1), "unknown");
  assert.equal(stateAfter(null, "well", 1), "well");
  assert.equal(stateAfter(null, "well", 2), "unknown");
  assert.equal(stateAfter(null, "sending-waits", 1), "unknown");
});

test("looks are spread around ten seconds", () => {
  assert.equal(nextLook(() => 0), 8000);
  assert.equal(nextLook(() => 1), 12_000);
});

test("numbers are the reader's, and times are Italy's", () => {
  assert.equal(shown(PROGRESS, "received", "de"), "330.001");
  assert.equal(shown(PROGRESS, "registered", "it"), "312.408");
  assert.equal(shown(PROGRESS, "registered", "en"), "312,408");
  assert.equal(shown(PROGRESS, "registered_last_minute", "it"), "–");
  assert.equal(shown(PROGRESS, "waiting_seconds", "de"), "1");
  assert.equal(shown({ ...PROGRESS, received: undefined as unknown as null }, "received", "it"), "–");
  assert.match(shown(PROGRESS, "numbers_at", "it"), /10:42:05/);
  assert.equal(shown({ ...PROGRESS, numbers_at: null }, "numbers_at", "it"), "non ancora noti");
});

test("another document than the portal's says nothing", () => {
  assert.equal(readProgress("<html>"), null);
  assert.equal(readProgress(null), null);
  assert.equal(readProgress({}), null);
  assert.equal(readProgress({ intake: null, benefits: [] }), null);
  assert.deepEqual(readProgress(PROGRESS), PROGRESS);
});
