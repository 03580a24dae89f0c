/** What the console asks of its API, with the operator's token. */

import { type Answer, call } from "../../common/api.js";
import type { Language } from "../../common/language.js";
import type { Session } from "../../common/session.js";
import type { Change } from "./decisions.js";

/** A change: which version its author saw, and the key that makes it happen once. */
export interface Write {
  readonly method: "POST" | "PUT";
  readonly path: string;
  readonly body: unknown;
  /** `null` where there is nothing yet that another could have changed. */
  readonly version: number | null;
  readonly key: string;
}

/** What another operator did meanwhile. */
export interface Conflict {
  readonly changed: Change | null;
  readonly current: unknown;
}

const SIGNED_OUT: Answer<never> = {
  kind: "problem",
  problem: { name: "token-missing", status: 401, title: "", detail: "", violations: [], opens_at: null },
  retryAfter: 0,
};

export class Client {
  readonly #base: string;
  readonly #language: Language;
  readonly #session: Session;

  constructor(base: string, language: Language, session: Session) {
    this.#base = base;
    this.#language = language;
    this.#session = session;
  }

  url(path: string): string {
    return `${this.#base}${path}`;
  }

  read<T>(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer<T>> {
    return this.#call<T>(path, { headers });
  }

  write<T>({ method, path, body, version, key }: Write): Promise<Answer<T>> {
    const condition: Record<string, string> = version === null ? {} : { "If-Match": `"${version}"` };
    return this.#call<T>(path, {
      method,
      headers: { "Idempotency-Key": key, ...condition },
      body: new TextEncoder().encode(JSON.stringify(body)),
    });
  }

  /** Fetches a file; `null` where it does not come. */
  async file(path: string): Promise<Blob | null> {
    const { token } = this.#session;
    if (token === null) return null;
    const answer = await fetch(this.url(path), {
      headers: { Authorization: `Bearer ${token}` },
      credentials: "omit",
    }).catch(() => null);
    return answer?.ok === true ? answer.blob() : null;
  }

  async #call<T>(path: string, options: Omit<Parameters<typeof call>[1], "token" | "language">): Promise<Answer<T>> {
    const { token } = this.#session;
    if (token === null) return SIGNED_OUT;
    const answer = await call<T>(this.url(path), { ...options, token, language: this.#language });
    if (answer.kind === "problem" && answer.problem.status === 401) this.#session.expire();
    return answer;
  }
}

/** Returns what another operator did meanwhile, where an answer says so. */
export function conflictOf(answer: Answer<unknown>): Conflict | null {
  if (answer.kind !== "problem" || answer.problem.status !== 412) return null;
  const { changed, current } = answer.problem.document ?? {};
  const isChange = typeof changed === "object" && changed !== null;
  return { changed: isChange ? (changed as Change) : null, current };
}

/** Returns the query of a list: only what is given. */
export function query(values: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}
