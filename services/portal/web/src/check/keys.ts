/**
 * The keys to check with. They stand in the page, so that a check needs no network and asks nobody;
 * where they do not, or a receipt is of another key, from wherever they can be had: intake, the
 * portal's copy, the copy that the browser keeps.
 */

import type { Config } from "../common/config.js";
import { receiptKeys } from "../common/keys.js";
import type { Jwks } from "../common/receipt.js";

export class Keys {
  readonly #config: Config;
  #known: Promise<Jwks>;

  constructor(config: Config) {
    this.#config = config;
    const inPage = keysIn(document);
    this.#known = inPage === null ? this.#fetch() : Promise.resolve(inPage);
  }

  /** Returns the keys known; none where they can't be had. */
  known(): Promise<Jwks> {
    return this.#known;
  }

  /** Asks again, and keeps the keys of before where nothing answers. */
  async again(): Promise<Jwks> {
    const before = await this.#known;
    const now = await this.#fetch();
    this.#known = Promise.resolve(now.keys.length > 0 ? now : before);
    return this.#known;
  }

  async #fetch(): Promise<Jwks> {
    return (await receiptKeys(this.#config)) ?? (await stored()) ?? { keys: [] };
  }
}

/** Returns the keys that stand in the page; the portal may not have known any when it made it. */
function keysIn(page: Document): Jwks | null {
  const block = page.getElementById("keys");
  return block === null ? null : (JSON.parse(block.textContent ?? "") as Jwks);
}

/** Returns the portal's copy as the browser has it, however old: public keys do not spoil. */
async function stored(): Promise<Jwks | null> {
  try {
    const answer = await fetch("/data/keys.json", { cache: "force-cache", credentials: "omit" });
    const keys = (await answer.json()) as Jwks;
    return answer.ok && Array.isArray(keys.keys) ? keys : null;
  } catch {
    return null;
  }
}
