import assert from "node:assert/strict";
import { test } from "node:test";
import { delaySeconds, isTransient, retryAfterSeconds } from "../../src/common/retry.js";

test("no try comes before Retry-After, and tries spread over up to a minute", () => {
  assert.equal(
    delaySeconds(1, 0, () => 0),
    0,
  );
  assert.equal(
    delaySeconds(1, 5, () => 0),
    5,
  );
  const longest = [1, 2, 3, 4, 5, 6, 7, 8, 20].map((failures) =>
    delaySeconds(failures, 0, () => 1),
  );
  assert.deepEqual(longest, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
  assert.equal(
    delaySeconds(9, 30, () => 0.5),
    60,
  );
});

test("Retry-After is read as seconds, or as a date by the server's own clock", () => {
  assert.equal(retryAfterSeconds("7", null), 7);
  assert.equal(retryAfterSeconds(null, null), 0);
  assert.equal(retryAfterSeconds("soon", null), 0);
  const [date, answered] = ["Wed, 01 Apr 2020 06:00:10 GMT", "Wed, 01 Apr 2020 06:00:00 GMT"];
  assert.equal(retryAfterSeconds(date, answered), 10);
  assert.equal(retryAfterSeconds(date, null), 0);
});

test("only answers that say later are sent again", () => {
  for (const status of [408, 429, 500, 502, 503, 504]) assert.ok(isTransient(status), `${status}`);
  for (const status of [400, 401, 403, 413, 415, 422]) assert.ok(!isTransient(status), `${status}`);
});
