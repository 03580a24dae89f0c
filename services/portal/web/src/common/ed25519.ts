import { fromBase64Url } from "./base64url.js";

/** A public key of Ed25519 as a JWK (RFC 8037): `x` is the key. */
export interface Ed25519Key {
  readonly kty: string;
  readonly crv?: string;
  readonly kid?: string;
  readonly x?: string;
}

/** Whether the signature of a message is good; `null` where this browser can't tell now. */
export async function verify(
  key: Ed25519Key,
  signature: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
): Promise<boolean | null> {
  const raw = fromBase64Url(key.x ?? "");
  const imported = await importKey(raw);
  if (imported !== null) {
    return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
  }
  // browsers of before 2025: the same check in plain code, loaded only here
  const noble = await import("@noble/ed25519").catch(() => null);
  if (noble === null) return null;
  return noble.verifyAsync(signature, message, raw, { zip215: false }).catch(() => false);
}

async function importKey(raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey | null> {
  try {
    return await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return null;
  }
}
