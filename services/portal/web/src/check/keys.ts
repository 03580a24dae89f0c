/**
 * The keys to check with, from wherever they can be had: intake, the portal's copy, the copy that
 * the browser keeps. They are fetched when the page opens, so that checks need no network.
 */

import type { Config } from "../common/config.js";
import { receiptKeys } from "../common/keys.js";
import type { Jwks } from "../common/receipt.js";

export class Keys {
  readonly #config: Config;
  #known: Promise<Jwks>;

  constructor(config: Config) {
    this.#config = config;
    this.#known = this.#fetch();
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
