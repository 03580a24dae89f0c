/** What the desk asks of the services, for the organisation of who has signed in. */

import { type Answer, call } from "../common/api.js";
import type { Config } from "../common/config.js";
import type { Session } from "../common/session.js";
import { causeOf, isTransient } from "../common/retry.js";
import { type BatchEnd, endOf } from "./answer.js";
import { textLines } from "./lines.js";
import type { Joined } from "./upload.js";

/** How many receipts one call adds up: what it answers is a receipt that can be added up again. */
const RECEIPTS = 400;

/** What an application of a batch can become. */
export const OUTCOMES = [
  "registered",
  "reserve",
  "duplicate",
  "incompatible",
  "refused",
  "conflict",
  "withdrawn",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How many rows of a batch became what. */
export type BatchCounts = Readonly<Record<Outcome | "repeated" | "dead_lettered", number>> & {
  readonly accepted?: number;
  readonly queued?: number;
};

/** A row that does not stand, or with reservation. */
export interface PlacedRow {
  readonly row: number;
  readonly status: Outcome;
  readonly explanation: string;
}

const SIGNED_OUT: Answer<never> = {
  kind: "problem",
  problem: {
    name: "token-missing",
    status: 401,
    title: "",
    detail: "",
    violations: [],
    opens_at: null,
  },
  retryAfter: 0,
};

export class Client {
  readonly #config: Config;
  readonly #session: Session;

  constructor(config: Config, session: Session) {
    this.#config = config;
    this.#session = session;
  }

  /** Adds receipts of parts up to one, some hundred at a time. */
  async join(id: string, receipts: readonly string[]): Promise<Joined> {
    const sums: BatchEnd[] = [];
    for (let from = 0; from < receipts.length; from += RECEIPTS) {
      const joined = await this.#joinOnce(id, receipts.slice(from, from + RECEIPTS));
      if (joined.kind !== "ok") return joined;
      sums.push(joined.end);
    }
    const [only] = sums;
    if (only !== undefined && sums.length === 1) return { kind: "ok", end: only };
    return this.#joinOnce(
      id,
      sums.map(({ receipt }) => receipt),
    );
  }

  async #joinOnce(id: string, receipts: readonly string[]): Promise<Joined> {
    const body = new TextEncoder().encode(JSON.stringify({ receipts }));
    const url = `${this.#config.intake}/v1/batches/${encodeURIComponent(id)}/receipt`;
    const answer = await this.#call<{ batch?: unknown }>(url, { body, seconds: 30 });
    if (answer.kind === "silent") return { kind: "again", retryAfter: 0, cause: "unreachable" };
    if (answer.kind === "ok") return joinedOf(answer.body.batch);
    const { problem, retryAfter } = answer;
    if (problem.status === 401) return { kind: "signed-out" };
    if (!isTransient(problem.status)) return { kind: "refused", problem };
    return { kind: "again", retryAfter, cause: causeOf(problem.name) };
  }

  /** How many rows became what. */
  counts(id: string, receipt: string): Promise<Answer<BatchCounts>> {
    const url = `${this.#config.status}/v1/batches/${encodeURIComponent(id)}`;
    return this.#call<BatchCounts>(url, { receipt });
  }

  /** Reads the rows that do not stand, one by one. Throws where the list breaks off. */
  async *placed(id: string, receipt: string, signal: AbortSignal): AsyncGenerator<PlacedRow> {
    const { token } = this.#session;
    const response = await fetch(
      `${this.#config.status}/v1/batches/${encodeURIComponent(id)}/errors`,
      {
        headers: {
          Authorization: `Bearer ${token ?? ""}`,
          Accept: "application/x-ndjson",
          "Accept-Language": this.#config.language,
          ...(receipt === "" ? {} : { Receipt: receipt }),
        },
        credentials: "omit",
        referrerPolicy: "no-referrer",
        signal,
      },
    );
    if (response.status === 401) this.#session.expire();
    if (!response.ok || response.body === null) throw new Error("no list");
    for await (const line of textLines(response.body)) yield JSON.parse(line) as PlacedRow;
  }

  async #call<T>(
    url: string,
    {
      body,
      receipt = "",
      seconds = 10,
    }: { body?: Uint8Array<ArrayBuffer>; receipt?: string; seconds?: number },
  ): Promise<Answer<T>> {
    const { token } = this.#session;
    if (token === null) return SIGNED_OUT;
    const { language } = this.#config;
    const headers: Record<string, string> = receipt === "" ? {} : { Receipt: receipt };
    const answer = await call<T>(url, {
      token,
      language,
      headers,
      seconds,
      ...(body === undefined ? {} : { method: "POST" as const, body }),
    });
    if (answer.kind === "problem" && answer.problem.status === 401) this.#session.expire();
    return answer;
  }
}

function joinedOf(batch: unknown): Joined {
  try {
    return { kind: "ok", end: endOf(batch) };
  } catch {
    return { kind: "again", retryAfter: 5, cause: "unreachable" };
  }
}
