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

/** A receipt as `shared/receipt` makes it, one of `others + 1` in its token. */
function receipt({ header = {}, claims = {}, claim = "receipt", others = 0 } = {}): string {
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
  const head = encoded({ alg: "EdDSA", typ: "receipt+sd-jwt", kid: "k1", ...header });
  const signed = `${head}.${encoded({ iss: "https://x", iat: 1, _sd_alg: "sha-256", _sd: digests, ...claims })}`;
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString("base64url")}~${disclosure}~`;
}

test("a digest is that of the standard (RFC 9901, section 4.2.3)", async () => {
  const disclosure = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0";
  assert.equal(await sha256(disclosure), "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0");
});

test("a receipt is valid, alone and as one of eight", async () => {
  for (const others of [0, 7]) {
    const verdict = await checkReceipt(receipt({ others }), KEYS);
    assert.equal(verdict.verdict, "valid");
    assert.ok(verdict.verdict === "valid" && verdict.receipt.application_id === "06e5ea93");
  }
});

test("any character that is changed makes it invalid", async () => {
  const good = receipt();
  for (let at = 0; at < good.length; at += 1) {
    const other = good[at] === "A" ? "B" : "A";
    const verdict = await checkReceipt(good.slice(0, at) + other + good.slice(at + 1), KEYS);
    // a change in the header may name another key: that one says nothing
    assert.notEqual(verdict.verdict, "valid", `character ${at}`);
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
  const [token = ""] = good.split("~");
  for (const bad of [
    "",
    "a.b.c",
    "a.b.c~d~",
    token,
    `${token}~`,
    `${token}~~`,
    `${good}x~`,
    good.slice(0, -1),
    "x".repeat(100_000),
    receipt({ header: { typ: "batch-receipt+jwt" } }),
    receipt({ header: { alg: "none" } }),
    receipt({ claims: { _sd_alg: "sha-512" } }),
    receipt({ claims: { _sd: "x" } }),
    receipt({ claim: "other" }),
  ]) {
    assert.equal((await checkReceipt(bad, KEYS)).verdict, "invalid", bad.slice(0, 60));
  }
});

test("a receipt is found in an address, and in a text with line ends", () => {
  const good = receipt();
  assert.equal(findReceipt(`https://x.example/it/verifica/#${good}`), good);
  assert.equal(findReceipt(` ${good.slice(0, 50)}\n${good.slice(50)} `), good);
});
