import { call } from "./api.js";
import type { Config } from "./config.js";
import type { Jwks } from "./receipt.js";

/**
 * Returns the office's public keys for receipts: intake's, else those that the portal knew last, so
 * that receipts can be checked while intake is away. `null` where neither answers.
 */
export async function receiptKeys(config: Config): Promise<Jwks | null> {
  for (const url of [`${config.intake}/.well-known/jwks.json`, "/data/keys.json"]) {
    const answer = await call<Jwks>(url, { language: config.language, seconds: 5 });
    if (answer.kind === "ok" && Array.isArray(answer.body.keys)) return answer.body;
  }
  return null;
}
