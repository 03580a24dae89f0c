import assert from "node:assert/strict";
import { mock, test } from "node:test";
import type { Now } from "../../src/console/api/now.js";
import { estimate, measured } from "../../src/console/estimate.js";
import { History, rows, total } from "../../src/console/live/history.js";
import { faded, pastPoint } from "../../src/console/live/points.js";
import { Speaker } from "../../src/console/live/speaker.js";

const NOW = {
  sample: 7,
  at: "2020-04-01T08:42:07Z",
  ledger: { verdict: { value: "whole" }, equations: [], compared_since: "2020-04-01T06:00:00Z", gaps: [] },
  channels: [
    {
      channel: "citizen",
      arrivals_per_second: { value: 100 },
      confirms_per_second: { value: 100 },
      settled_per_second: { value: 400 },
      outstanding: { value: 6000 },
      oldest_age_seconds: { unknown_since: "2020-04-01T08:42:00Z" },
    },
  ],
  benefits: [],
  time_to_drain: { state: "clears", least: 15, most: 25 },
  workers: {
    wanted: { value: 6 },
    running: { value: 4 },
    busy: { value: 2 },
    why: [{ code: "floor", workers: 1 }],
    held_back: { value: false },
    seconds_per_application: { value: 0.001 },
    hand: { error: "the platform can't be reached" },
  },
  rejections: { value: [{ reason: "overloaded", per_second: 1, total: 3 }] },
  latencies: [],
  dead_letters: { value: 0 },
  services: [{ service: "intake", address: "a", health: { value: "fail" }, checks: [{}], version: { value: "1" } }],
  nodes: [],
} as unknown as Now;

test("what can't be read any more is unknown in every place, and never an old value", () => {
  const since = "2020-04-01T08:42:09Z";
  const text = JSON.stringify(faded(NOW, since));
  assert.doesNotMatch(text, /"value"/);
  // one was unknown before, and says since when
  assert.equal(text.split(since).length - 1, 14);
  assert.deepEqual(faded(NOW, since).time_to_drain, { state: "unknown" });
  assert.deepEqual(faded(NOW, since).workers.why, []);
  assert.deepEqual(faded(NOW, since).workers.hand, {});
});

test("a point of a chart has null for what is unknown, and 0 for what is 0", () => {
  const point = pastPoint(NOW);
  assert.equal(point.get("outstanding:citizen"), 6000);
  assert.equal(point.get("oldest_age:citizen"), null);
  assert.equal(point.get("dead_letters"), 0);
});

test("a history is bounded, takes no point twice, and knows where a column began", () => {
  const history = new History(3);
  history.replace([1, 2, 3, 4], new Map([["a", [10, 20, null, 40]]]));
  assert.deepEqual([history.at, history.column("a")], [[2, 3, 4], [20, null, 40]]);
  history.push(4, new Map([["a", 99]]));
  history.push(5, new Map([["a", 50], ["b", 1]]));
  assert.deepEqual([history.at, history.column("a"), history.column("b")], [[3, 4, 5], [null, 40, 50], [null, null, 1]]);
  assert.deepEqual(history.column("c"), [null, null, null]);
});

test("a sum is unknown where a part is, and a row is the mean of what is known", () => {
  assert.deepEqual(total([[1, 2, null], [10, null, 30]]), [11, null, null]);
  const made = rows([1, 2, 3, 4, 5], [[1, 3, null, 5, 7]], 2);
  assert.deepEqual(made, [
    { at: 4, values: [6] },
    { at: 2, values: [3] },
  ]);
});

test("a row keeps its values when the next point comes", () => {
  const at = Array.from({ length: 3600 }, (_, index) => 7_200 + index);
  const before = rows(at, [at], 60);
  const after = rows([...at.slice(1), 10_800], [[...at.slice(1), 10_800]], 60);
  assert.equal(before.length, 60);
  assert.deepEqual(after.slice(1, 60), before.slice(0, 59));
});

test("an estimate is made of the backlog, the arrivals and what one worker settles", () => {
  const found = measured(NOW);
  assert.deepEqual(found, { backlog: 6000, arrivals: 100, each: 200 });
  assert.deepEqual(estimate(found, 2), { is: "seconds", seconds: 20 });
  assert.deepEqual(estimate(found, 0), { is: "grows", by: 100 });
  assert.deepEqual(estimate(null, 4), { is: "unknown" });
  assert.equal(measured(faded(NOW, NOW.at)), null);
});

test("only changes of state are said, and at most one sentence in ten seconds", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let clock = 0;
  const said: string[] = [];
  const speaker = new Speaker((text) => said.push(text), () => clock);
  speaker.note("verdict", "whole", "whole");
  speaker.note("verdict", "whole", "whole");
  assert.deepEqual(said, []);
  speaker.note("verdict", "suspect", "suspect");
  assert.deepEqual(said, ["suspect"]);
  clock = 3000;
  speaker.note("drain", "clears", "clears");
  speaker.note("drain", "grows", "grows");
  speaker.note("verdict", "lost", "lost");
  mock.timers.tick(6999);
  assert.deepEqual(said, ["suspect"]);
  clock = 10_000;
  mock.timers.tick(1);
  assert.deepEqual(said, ["suspect", "lost"]);
  mock.timers.reset();
});
