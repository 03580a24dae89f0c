/**
 * Who is signed in, on this page only. The token lives in a closure: no storage, no cookie, no
 * address has it, so that it ends with the page.
 *
 * Before a form is open the sign-in takes the whole window. While one is open it takes a popup,
 * whose answer comes back on a `BroadcastChannel` that only its `state` names.
 */

import type { Config } from "./config.js";
import { type Attempt, STORED, type StoredAttempt, takeStored } from "./attempt.js";
import { forgetDevice, tellSignOut } from "./device.js";
import * as oauth from "./oauth.js";

/** A person, as their token names them. */
export interface Person {
  /** Absent for an employee of an intermediary. */
  readonly taxCode: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
}

export type PopupResult =
  | "signed-in"
  | "closed"
  | "blocked"
  | "refused"
  | "another-person"
  /** Another attempt took its place. */
  | "replaced";

/** An attempt whose popup can be opened at once, inside a click. */
export interface Prepared {
  readonly attempt: Attempt;
  readonly url: string;
}

export class Session {
  readonly #config: Config;
  #tokens: (oauth.Tokens & { readonly endsAt: number }) | null = null;
  readonly #changed = new Set<() => void>();

  constructor(config: Config) {
    this.#config = config;
    // a page that comes back from the browser's cache shows what was there before the sign-out
    addEventListener("pageshow", (event) => {
      if (event.persisted && this.#left) location.replace("/");
    });
  }

  #left = false;
  #waiting: AbortController | null = null;

  get person(): Person | null {
    if (this.#tokens === null) return null;
    const { claims } = this.#tokens;
    const text = (name: string): string | null =>
      typeof claims[name] === "string" && claims[name] !== "" ? claims[name] : null;
    return {
      taxCode: text("fiscal_number")?.replace(/^TINIT-/, "") ?? null,
      givenName: text("given_name"),
      familyName: text("family_name"),
    };
  }

  /** Returns the access token, or `null` where nobody is signed in or the token has ended. */
  get token(): string | null {
    const tokens = this.#tokens;
    return tokens !== null && performance.now() < tokens.endsAt ? tokens.accessToken : null;
  }

  /** Runs after each sign-in and sign-out. */
  onChange(run: () => void): void {
    this.#changed.add(run);
  }

  /** The token is over, as an answer of the API says. The person stays known. */
  expire(): void {
    if (this.#tokens !== null) this.#tokens = { ...this.#tokens, endsAt: 0 };
  }

  /** Leaves for the provider with the whole window. Throws where the provider does not answer. */
  async redirect(path = location.pathname): Promise<void> {
    const { attempt, url } = await this.prepare();
    sessionStorage.setItem(STORED, JSON.stringify({ ...attempt, path } satisfies StoredAttempt));
    location.assign(url);
  }

  /**
   * Takes up an answer that the callback page left for this page. Whatever comes of it, nothing of
   * the attempt stays in the storage.
   */
  async resume(): Promise<"signed-in" | "none" | "failed"> {
    const stored = takeStored();
    if (stored?.answer === undefined) return "none";
    try {
      this.#hold(await oauth.finish(this.#config, stored, new URLSearchParams(stored.answer)));
      return "signed-in";
    } catch {
      return "failed";
    }
  }

  /** Prepares an attempt, so that the click on its button can open the popup at once. */
  async prepare(): Promise<Prepared> {
    return oauth.begin(this.#config, await oauth.discover(this.#config));
  }

  /**
   * Signs in by a popup; call it inside a click. The same person as before, where one was known.
   * `looksClosed` runs when the popup seems to be gone; an answer that comes later counts too.
   */
  async popup({ attempt, url }: Prepared, looksClosed: () => void): Promise<PopupResult> {
    this.#waiting?.abort();
    const opened = window.open(url, "sign-in", "popup,width=520,height=720");
    if (opened === null) return "blocked";
    const waiting = new AbortController();
    this.#waiting = waiting;
    const answer = await answerOf(attempt.state, opened, looksClosed, waiting.signal);
    if (answer === null) return waiting.signal.aborted ? "replaced" : "closed";
    try {
      const before = this.person?.taxCode;
      const tokens = await oauth.finish(this.#config, attempt, answer);
      const after = String(tokens.claims["fiscal_number"] ?? "").replace(/^TINIT-/, "");
      if (before !== undefined && before !== null && before !== after) return "another-person";
      this.#hold(tokens);
      return "signed-in";
    } catch {
      return "refused";
    }
  }

  /**
   * Forgets everything at once, here and on the device, then lets the provider end its own session.
   * `wipe` empties the page.
   */
  async signOut(wipe: () => void): Promise<void> {
    const tokens = this.#tokens;
    this.#tokens = null;
    this.#left = true;
    sessionStorage.clear();
    document.getElementById("main")?.replaceChildren();
    history.replaceState(null, "");
    wipe();
    tellSignOut();
    await forgetDevice();
    const server = await oauth.discover(this.#config).catch(() => null);
    if (server !== null && tokens !== null) {
      oauth.revoke(this.#config, server, tokens.accessToken);
      const url = oauth.endSessionUrl(server, this.#config.client_id);
      if (url !== null) return location.replace(url);
    }
    location.replace(this.#config.paths.home ?? "/");
  }

  #hold(tokens: oauth.Tokens): void {
    this.#tokens = { ...tokens, endsAt: performance.now() + tokens.expiresIn * 1000 };
    for (const run of this.#changed) run();
  }
}

/** Waits for the popup's answer: ten minutes at most, or until another attempt begins. */
function answerOf(
  state: string,
  opened: Window,
  looksClosed: () => void,
  signal: AbortSignal,
): Promise<URLSearchParams | null> {
  return new Promise((resolve) => {
    const channel = new BroadcastChannel(`sign-in:${state}`);
    const end = (answer: URLSearchParams | null): void => {
      channel.close();
      clearInterval(timer);
      clearTimeout(longest);
      resolve(answer);
    };
    channel.addEventListener("message", (event: MessageEvent<unknown>) => {
      // only pages of this origin reach the channel (HTML standard, section 9.5)
      if (event.origin === location.origin && typeof event.data === "string") {
        end(new URLSearchParams(event.data));
      }
    });
    signal.addEventListener("abort", () => end(null), { once: true });
    const longest = setTimeout(() => end(null), 600_000);
    // isolation (COOP) makes an open popup look closed, so this is a guess and ends nothing
    const timer = setInterval(() => {
      if (!opened.closed || !document.hasFocus()) return;
      clearInterval(timer);
      looksClosed();
    }, 3000);
  });
}
