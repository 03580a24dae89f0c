import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { sha256 } from "../../src/common/base64url.js";
import { findReceipt } from "../../src/check/find.js";
import { checkReceipt } from "../../src/common/receipt.js";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const KEYS = {
  keys: [
    {
      ...(publicKey.export({ format: "jwk" }) as { kty: string; crv: string; x: string }),
      kid: "k1",
    },
  ],
};

const encoded = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString("base64url");
const digest = (text: string): string => createHash("sha256").update(text).digest("base64url");

const HEADER = { alg: "EdDSA", typ: "receipt+jwt", kid: "k1" };
const CLAIMS = {
  iss: "https://x",
  jti: "06e5ea93",
  iat: 1585730527.123,
  benefit: "b",
  digest: "sha-256=:x:",
  holders: ["x"],
};

function signed(header: unknown, claims: unknown): string {
  const token = `${encoded(header)}.${encoded(claims)}`;
  return `${token}.${sign(null, Buffer.from(token), privateKey).toString("base64url")}`;
}

/** A receipt as `shared/receipt` makes it. */
function receipt({ header = {}, claims = {} } = {}): string {
  return signed({ ...HEADER, ...header }, { ...CLAIMS, ...claims });
}

/** An earlier receipt, one of `others + 1` in its token. */
function earlierReceipt({ header = {}, claims = {}, claim = "receipt", others = 0 } = {}): string {
  const said = {
    application_id: "06e5ea93",
    benefit: "b",
    received_at: "2020-04-01T08:42:07Z",
    content_digest: "sha-256=:x:",
  };
  const disclosure = encoded(["salt", claim, said]);
  const digests = [
    digest(disclosure),
    ...Array.from({ length: others }, (_, index) => digest(`${index}`)),
  ].sort();
  const head = { ...HEADER, typ: "receipt+sd-jwt", ...header };
  const token = signed(head, { iss: "https://x", iat: 1, _sd_alg: "sha-256", _sd: digests, ...claims });
  return `${token}~${disclosure}~`;
}

test("a digest is that of the standard (RFC 9901, section 4.2.3)", async () => {
  const disclosure = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0";
  assert.equal(await sha256(disclosure), "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0");
});

test("a receipt says what was signed", async () => {
  assert.deepEqual(await checkReceipt(receipt(), KEYS), {
    verdict: "valid",
    receipt: {
      application_id: "06e5ea93",
      benefit: "b",
      received_at: "2020-04-01T08:42:07.123Z",
      content_digest: "sha-256=:x:",
    },
  });
});

test("an earlier receipt stays valid, alone and as one of eight", async () => {
  for (const others of [0, 7]) {
    const verdict = await checkReceipt(earlierReceipt({ others }), KEYS);
    assert.equal(verdict.verdict, "valid");
    assert.ok(verdict.verdict === "valid" && verdict.receipt.application_id === "06e5ea93");
  }
});

test("any character that is changed makes it invalid", async () => {
  for (const good of [receipt(), earlierReceipt()]) {
    for (let at = 0; at < good.length; at += 1) {
      const other = good[at] === "A" ? "B" : "A";
      const verdict = await checkReceipt(good.slice(0, at) + other + good.slice(at + 1), KEYS);
      // a change in the header may name another key: that one says nothing
      assert.notEqual(verdict.verdict, "valid", `character ${at}`);
    }
  }
});

test("a key that is not known says nothing of the receipt", async () => {
  assert.equal(
    (await checkReceipt(receipt({ header: { kid: "k2" } }), KEYS)).verdict,
    "unknown-key",
  );
  assert.equal((await checkReceipt(receipt(), { keys: [] })).verdict, "unknown-key");
});

test("other signed tokens, other claims and no receipts at all are invalid", async () => {
  const good = receipt();
  const earlier = earlierReceipt();
  const [token = ""] = earlier.split("~");
  for (const bad of [
    "",
    "a.b.c",
    "a.b.c~d~",
    token,
    `${token}~`,
    `${token}~~`,
    `${earlier}x~`,
    earlier.slice(0, -1),
    good.slice(0, -1),
    `${good}~${encoded(["salt", "receipt", {}])}~`,
    "x".repeat(100_000),
    receipt({ header: { typ: "batch-receipt+jwt" } }),
    receipt({ header: { alg: "none" } }),
    receipt({ header: { typ: "receipt+sd-jwt" } }),
    receipt({ claims: { iat: "x" } }),
    receipt({ claims: { jti: 1 } }),
    receipt({ claims: { digest: null } }),
    earlierReceipt({ header: { typ: "receipt+jwt" } }),
    earlierReceipt({ claims: { _sd_alg: "sha-512" } }),
    earlierReceipt({ claims: { _sd: "x" } }),
    earlierReceipt({ claim: "other" }),
  ]) {
    assert.equal((await checkReceipt(bad, KEYS)).verdict, "invalid", bad.slice(0, 60));
  }
});

test("a receipt is found in an address, in a text with line ends, and before a full stop", () => {
  for (const good of [receipt(), earlierReceipt()]) {
    assert.equal(findReceipt(`https://x.example/it/verifica/#${good}`), good);
    assert.equal(findReceipt(` ${good.slice(0, 50)}\n${good.slice(50)} `), good);
    assert.equal(findReceipt(`The receipt is ${good}.`), good);
  }
});
