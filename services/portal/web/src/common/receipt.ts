/**
 * Checks a receipt: a JWT (RFC 7519) signed with Ed25519, as `shared/receipt` writes it, or an
 * earlier one, an SD-JWT (RFC 9901) of one disclosure. Needs nothing but the office's public keys.
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

type Fields = Readonly<Record<string, unknown>>;

const INVALID: Verdict = { verdict: "invalid" };
/** Far longer than any receipt. */
const LONGEST = 8192;
const SHAPE = /^([\w-]+)\.([\w-]+)\.([\w-]+)(?:~([\w-]+)~)?$/;

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
  const [, header = "", claims = "", signature = "", disclosure] = parts;
  const { typ, alg, kid } = object(header);
  const expected = disclosure === undefined ? "receipt+jwt" : "receipt+sd-jwt";
  if (typ !== expected || alg !== "EdDSA" || typeof kid !== "string") return INVALID;
  const key = keys.keys.find(
    (key) => key.kid === kid && key.kty === "OKP" && key.crv === "Ed25519",
  );
  if (key === undefined) return { verdict: "unknown-key" };
  const message = new TextEncoder().encode(`${header}.${claims}`);
  const isGood = await verify(key, fromBase64Url(signature), message);
  if (isGood === null) return { verdict: "unknown-key" };
  if (!isGood) return INVALID;
  const signed = object(claims);
  const receipt = disclosure === undefined ? claimed(signed) : await disclosed(signed, disclosure);
  return isReceipt(receipt) ? { verdict: "valid", receipt } : INVALID;
}

/** What the claims of a receipt say. */
function claimed({ jti, iat, benefit, digest }: Fields): unknown {
  if (typeof iat !== "number") return null;
  return {
    application_id: jti,
    benefit,
    received_at: new Date(Math.round(iat * 1000)).toISOString(),
    content_digest: digest,
  };
}

/** What the disclosure of an earlier receipt says, if its digest is among the signed ones. */
async function disclosed(signed: Fields, disclosure: string): Promise<unknown> {
  const { _sd_alg: algorithm, _sd: digests } = signed;
  const listed = Array.isArray(digests) && digests.includes(await sha256(disclosure));
  if (algorithm !== "sha-256" || !listed) return null;
  const [, claim, receipt] = json(disclosure) as unknown[];
  return claim === "receipt" ? receipt : null;
}

function json(part: string): unknown {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(fromBase64Url(part));
  return JSON.parse(text) as unknown;
}

function object(part: string): Fields {
  const read = json(part);
  return typeof read === "object" && read !== null ? (read as Fields) : {};
}

function isReceipt(value: unknown): value is Receipt {
  if (typeof value !== "object" || value === null) return false;
  const fields = value as Fields;
  return ["application_id", "benefit", "received_at", "content_digest"].every(
    (name) => typeof fields[name] === "string",
  );
}
