/** What the page asks of the services, for the person who has signed in. */

import { type Answer, call } from "../common/api.js";
import { sha256 } from "../common/base64url.js";
import type { Config } from "../common/config.js";
import type { Session } from "../common/session.js";
import type { Access, Content, Found, Listed, Page } from "./model.js";

const SIGNED_OUT: Answer<never> = {
  kind: "problem",
  problem: { name: "token-missing", status: 401, title: "", detail: "", violations: [], opens_at: null },
  retryAfter: 0,
};

export class Client {
  readonly #config: Config;
  readonly #session: Session;

  constructor(config: Config, session: Session) {
    this.#config = config;
    this.#session = session;
  }

  /** The list has an address that the token alone opens, and that leads to nobody. */
  async list(after: string | undefined): Promise<Answer<Page<Listed>>> {
    const ath = await sha256(this.#session.token ?? "");
    return this.#call(`${this.#config.status}/v1/tokens/${ath}/applications${query(after)}`);
  }

  find(id: string): Promise<Answer<Found>> {
    return this.#call(`${this.#config.status}/v1/applications/${id}`);
  }

  accesses(id: string, after: string | undefined): Promise<Answer<Page<Access>>> {
    return this.#call(`${this.#config.status}/v1/applications/${id}/accesses${query(after)}`);
  }

  content(id: string): Promise<Answer<Content>> {
    return this.#call(`${this.#config.status}/v1/applications/${id}/content`);
  }

  withdraw(id: string): Promise<Answer<unknown>> {
    return this.#call(`${this.#config.intake}/v1/applications/${id}/withdrawal`, "POST");
  }

  async #call<T>(url: string, method: "GET" | "POST" = "GET"): Promise<Answer<T>> {
    const { token } = this.#session;
    if (token === null) return SIGNED_OUT;
    const answer = await call<T>(url, { method, token, language: this.#config.language });
    if (answer.kind === "problem" && answer.problem.status === 401) this.#session.expire();
    return answer;
  }
}

function query(after: string | undefined): string {
  return after === undefined ? "?limit=20" : `?limit=20&after=${encodeURIComponent(after)}`;
}
