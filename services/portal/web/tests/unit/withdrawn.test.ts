import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { sha256 } from "../../src/common/base64url.js";
import { noteWithdrawn, timesWithdrawn } from "../../src/common/withdrawn.js";

const stored = new Map<string, string>();
Object.assign(globalThis, {
  sessionStorage: {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, value: string) => stored.set(name, value),
  },
});
beforeEach(() => stored.clear());

const DIGEST = await sha256("an application");
/** The same as the API writes it. */
const FIELD = `sha-256=:${DIGEST.replaceAll("-", "+").replaceAll("_", "/")}=:`;

test("each withdrawn application with a content counts once", () => {
  assert.equal(timesWithdrawn(DIGEST), 0);
  noteWithdrawn("1", FIELD);
  noteWithdrawn("1", FIELD);
  assert.equal(timesWithdrawn(DIGEST), 1);
  noteWithdrawn("2", FIELD);
  assert.equal(timesWithdrawn(DIGEST), 2);
});

test("another content, or what is no digest, counts for nothing", async () => {
  noteWithdrawn("1", FIELD);
  noteWithdrawn("2", "sha-512=:x:");
  assert.equal(timesWithdrawn(await sha256("another")), 0);
  assert.equal(timesWithdrawn(DIGEST), 1);
});

test("the storage tells no digest, and what another program wrote there is nothing", () => {
  noteWithdrawn("1", FIELD);
  assert.ok(![...stored.values()].some((value) => value.includes(DIGEST.slice(0, 10))));
  for (const spoilt of ["{", "null", "7", '"text"']) {
    stored.set("withdrawn", spoilt);
    assert.equal(timesWithdrawn(DIGEST), 0);
  }
});
