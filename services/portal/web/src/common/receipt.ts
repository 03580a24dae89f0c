/**
 * Checks a receipt: an SD-JWT (RFC 9901) of one disclosure, signed with Ed25519, as
 * `shared/receipt` writes it. Needs nothing but the office's public keys.
 */

import { fromBase64Url, sha256 } from "./base64url.js";
import { type Ed25519Key, verify } from "./ed25519.js";

/** A set of public keys (RFC 7517). */
export interface Jwks {
  readonly keys: readonly Ed25519Key[];
}

/** What a receipt says. It names nobody. */
export interface Receipt {
  readonly application_id: string;
  readonly benefit: string;
  readonly received_at: string;
  /** The digest of the content as RFC 9530 writes it. */
  readonly content_digest: string;
}

export type Verdict =
  | { readonly verdict: "valid"; readonly receipt: Receipt }
  /** Signed by a key that is not among these, or not to be checked here: says nothing about it. */
  | { readonly verdict: "unknown-key" }
  | { readonly verdict: "invalid" };

const INVALID: Verdict = { verdict: "invalid" };
/** Far longer than any receipt. */
const LONGEST = 8192;
const SHAPE = /^([\w-]+)\.([\w-]+)\.([\w-]+)~([\w-]+)~$/;

/** Checks a receipt against the office's keys. */
export async function checkReceipt(text: string, keys: Jwks): Promise<Verdict> {
  try {
    return await check(text, keys);
  } catch {
    return INVALID; // not base64url, not JSON
  }
}

async function check(text: string, keys: Jwks): Promise<Verdict> {
  const parts = text.length <= LONGEST ? SHAPE.exec(text) : null;
  if (parts === null) return INVALID;
  const [, header = "", claims = "", signature = "", disclosure = ""] = parts;
  const { typ, alg, kid } = object(header);
  if (typ !== "receipt+sd-jwt" || alg !== "EdDSA" || typeof kid !== "string") return INVALID;
  const key = keys.keys.find(
    (key) => key.kid === kid && key.kty === "OKP" && key.crv === "Ed25519",
  );
  if (key === undefined) return { verdict: "unknown-key" };
  const message = new TextEncoder().encode(`${header}.${claims}`);
  const isGood = await verify(key, fromBase64Url(signature), message);
  if (isGood === null) return { verdict: "unknown-key" };
  if (!isGood) return INVALID;
  const { _sd_alg: algorithm, _sd: digests } = object(claims);
  const listed = Array.isArray(digests) && digests.includes(await sha256(disclosure));
  if (algorithm !== "sha-256" || !listed) return INVALID;
  const [, claim, receipt] = json(disclosure) as unknown[];
  return claim === "receipt" && isReceipt(receipt) ? { verdict: "valid", receipt } : INVALID;
}

function json(part: string): unknown {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(fromBase64Url(part));
  return JSON.parse(text) as unknown;
}

function object(part: string): Readonly<Record<string, unknown>> {
  const read = json(part);
  return typeof read === "object" && read !== null ? (read as Record<string, unknown>) : {};
}

function isReceipt(value: unknown): value is Receipt {
  if (typeof value !== "object" || value === null) return false;
  const fields = value as Record<string, unknown>;
  return ["application_id", "benefit", "received_at", "content_digest"].every(
    (name) => typeof fields[name] === "string",
  );
}
