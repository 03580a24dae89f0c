import assert from "node:assert/strict";
import { test } from "node:test";
import { Formats, fromRome, toRome } from "../../src/console/formats.js";

const [it, en] = [new Formats("it"), new Formats("en")];

test("numbers are grouped as each language groups them, also those of four digits", () => {
  assert.deepEqual([it.count(1_204_118), it.count(1204)], ["1.204.118", "1.204"]);
  assert.deepEqual([en.count(1_204_118), en.count(1204)], ["1,204,118", "1,204"]);
  assert.deepEqual([en.rate(820.4), en.rate(2.44), en.rate(0)], ["820", "2.4", "0"]);
  assert.deepEqual([en.rate(-0), en.count(-0)], ["0", "0"]);
  assert.deepEqual([en.bytes(900), en.bytes(1536), en.bytes(3 * 2 ** 30)], ["900 B", "1.5 KiB", "3.0 GiB"]);
});

test("spans have two units at most, and settings none that is zero", () => {
  assert.deepEqual([0, 42, 200, 3900, 97_200].map((seconds) => en.span(seconds)), [
    "0 s",
    "42 s",
    "3 min 20 s",
    "1 h 05 min",
    "1 d 3 h",
  ]);
  assert.deepEqual([300, 310, 3600, 40].map((seconds) => en.shortSpan(seconds)), ["5 min", "5 min 10 s", "1 h", "40 s"]);
});

test("an estimate is a range in one unit, and never shorter than it may be", () => {
  assert.equal(en.spans(170, 235), "2–4 min");
  assert.equal(en.spans(20, 55), "20–55 s");
  assert.equal(en.spans(3 * 3600, 5.5 * 3600), "3–6 h");
  assert.equal(en.spans(0, 0.4), "0–1 s");
  assert.equal(en.spans(180, 180), "3 min");
});

test("latencies are in the unit that shows them", () => {
  assert.deepEqual([0.0034, 0.082, 1.25].map((seconds) => en.latency(seconds)), ["3.4 ms", "82 ms", "1.3 s"]);
});

test("times are Italy's with the offset, in summer and in winter", () => {
  const now = Date.parse("2020-04-01T12:00:00Z");
  assert.equal(en.time("2020-04-01T08:42:07Z", now), "10:42:07 +02:00");
  assert.equal(en.time("2020-03-31T21:59:59Z", now), "31 Mar 2020, 23:59:59 +02:00");
  assert.equal(en.time("2020-01-15T23:30:00Z", Date.parse("2020-01-16T08:00:00Z")), "00:30:00 +01:00");
  assert.equal(it.dayAndTime("2020-04-01T08:42:07Z"), "1 apr 2020, 10:42:07 +02:00");
});

test("what is typed is Italy's time, also where the clocks change", () => {
  assert.equal(fromRome("2020-04-01T08:00"), "2020-04-01T06:00:00.000Z");
  assert.equal(fromRome("2020-01-01T08:00"), "2020-01-01T07:00:00.000Z");
  // 2:30 comes twice: the first one
  assert.equal(fromRome("2020-10-25T02:30"), "2020-10-25T00:30:00.000Z");
  // 2:30 is skipped: an hour later
  assert.equal(fromRome("2020-03-29T02:30"), "2020-03-29T01:30:00.000Z");
  assert.equal(fromRome(""), null);
  assert.equal(toRome("2020-04-01T06:00:00Z"), "2020-04-01T08:00");
});
