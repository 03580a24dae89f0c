/** The newest frame, its past, and how the connection is: for all sections. */

import type { Answer } from "../../common/api.js";
import { pause } from "../../common/retry.js";
import type { Session } from "../../common/session.js";
import { type Client, query } from "../api/client.js";
import type { Now, Past } from "../api/now.js";
import { History } from "./history.js";
import { faded, ownPoint, pastColumns, pastPoint } from "./points.js";
import { type Locks, share } from "./share.js";
import { type Link, readStream } from "./stream.js";

/** What the tabs of a browser tell each other. */
type Message = { readonly frame: Now } | { readonly link: Link };

export type Range = "hour" | "day";

/** A frame is of the last second; after this time without one nothing is known. */
const STALE_MS = 5_000;
const POINTS: Readonly<Record<Range, number>> = { hour: 3600, day: 1440 };
const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;

export class Live {
  readonly #client: Client;
  readonly #session: Session;
  readonly #changed: () => void;
  #frame: Now | null = null;
  #heardAt = -Infinity;
  #link: Link = "connecting";
  #range: Range = "hour";
  #past = new History(POINTS.hour);
  readonly #own = new History(POINTS.hour);
  #running: AbortController | null = null;
  #isStarted = false;

  /** `changed` runs after each frame and each change of the connection. */
  constructor(client: Client, session: Session, changed: () => void) {
    this.#client = client;
    this.#session = session;
    this.#changed = changed;
  }

  get link(): Link {
    return this.#link;
  }

  get range(): Range {
    return this.#range;
  }

  /** The points of the range that is shown. */
  get past(): History {
    return this.#past;
  }

  /** The points that this page gathered since it was opened, of an hour at most. */
  get own(): History {
    return this.#own;
  }

  /** Returns the newest frame; one in which nothing is known where none came for some seconds. */
  get now(): Now | null {
    if (this.#frame === null) return null;
    return this.isStale ? faded(this.#frame, this.#frame.at) : this.#frame;
  }

  get isStale(): boolean {
    return performance.now() - this.#heardAt > STALE_MS;
  }

  /** Follows while the page can be seen; a page that is shown again reads everything anew. */
  start(): void {
    if (this.#isStarted) return this.#look();
    this.#isStarted = true;
    document.addEventListener("visibilitychange", () => this.#look());
    addEventListener("pageshow", () => this.#look());
    setInterval(() => this.#watch(), 1000);
    setInterval(() => {
      if (this.#running !== null && this.#range === "day") void this.#readPast();
    }, MINUTE_MS);
    this.#look();
  }

  /** Looks whether the frames still come, and whether the token still counts. */
  #watch(): void {
    if (this.#running !== null && this.#session.token === null) this.#take({ link: "signed-out" });
    if (this.#frame !== null && this.isStale) this.#changed();
  }

  stop(): void {
    this.#running?.abort();
    this.#running = null;
  }

  async setRange(range: Range): Promise<void> {
    this.#range = range;
    await this.#readPast();
  }

  #look(): void {
    if (document.visibilityState === "hidden") return this.stop();
    if (this.#running !== null || this.#session.token === null) return;
    const running = new AbortController();
    this.#running = running;
    void this.#follow(running.signal);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    // by this tab's own token: what other tabs read is for those who may read it, too
    const first = await this.#client.read<Now>("/v1/now");
    if (signal.aborted) return;
    if (isRefused(first)) return this.#take({ link: refusal(first) });
    if (first.kind === "ok") this.#take({ frame: first.body });
    void this.#readPast();
    const locks = (navigator.locks ?? null) as Locks | null;
    const open = (name: string): BroadcastChannel => new BroadcastChannel(name);
    const parts = {
      token: () => this.#session.token,
      url: this.#client.url("/v1/live"),
      fetch: fetch.bind(globalThis),
      pause,
    };
    await share<Message>(
      { name: "sportello-console", locks, open },
      (publish, own) =>
        readStream(
          parts,
          ({ event, data }) => {
            if (event === "snapshot" || event === "frame") publish({ frame: JSON.parse(data) as Now });
          },
          // the end of this tab's token says nothing about another tab's
          (link) => (isOver(link) ? this.#take({ link }) : publish({ link })),
          own,
        ),
      (message) => this.#take(message),
      signal,
    );
  }

  #take(message: Message): void {
    if ("link" in message) {
      if (isOver(message.link)) this.stop();
      this.#link = message.link;
    } else {
      this.#link = "live";
      this.#frame = message.frame;
      this.#heardAt = performance.now();
      const at = Math.floor(Date.parse(message.frame.at) / 1000);
      this.#own.push(at, ownPoint(message.frame));
      if (this.#range === "hour") this.#past.push(at, pastPoint(message.frame));
    }
    this.#changed();
  }

  async #readPast(): Promise<void> {
    const range = this.#range;
    // without a beginning the answer is the last hour, second by second
    const from = range === "hour" ? undefined : new Date(Date.now() - DAY_MS).toISOString();
    const answer = await this.#client.read<Past>(`/v1/history${query({ from })}`);
    if (answer.kind !== "ok" || range !== this.#range) return;
    this.#past = new History(POINTS[range]);
    this.#past.replace(answer.body.at, pastColumns(answer.body));
    this.#changed();
  }
}

function isOver(link: Link): boolean {
  return link === "signed-out" || link === "not-allowed";
}

function isRefused(answer: Answer<unknown>): boolean {
  return answer.kind === "problem" && [401, 403].includes(answer.problem.status);
}

function refusal(answer: Answer<unknown>): Link {
  return answer.kind === "problem" && answer.problem.status === 403 ? "not-allowed" : "signed-out";
}
