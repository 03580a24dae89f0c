/** Sends a file part by part, two at a time, and goes on where it was. */

import type { Problem } from "../common/api.js";
import type { Language } from "../common/language.js";
import { type Cause, delaySeconds, pause } from "../common/retry.js";
import type { BatchEnd, RowError } from "./answer.js";
import type { Memory, StoredBatch } from "./memory.js";
import { termOf } from "./memory.js";
import type { Phase } from "./phase.js";
import { bodyOf, type Part, type Plan, type Source } from "./plan.js";
import { receiptLines } from "./receipts.js";
import { type PartOutcome, sendPart } from "./send_part.js";
import { Tally } from "./tally.js";

/** What an upload needs of the page. */
export interface Surroundings {
  readonly intake: string;
  readonly language: Language;
  readonly token: () => string | null;
  readonly expire: () => void;
  readonly memory: Memory;
  /** Adds the receipts of all parts up. */
  readonly join: (id: string, receipts: readonly string[]) => Promise<Joined>;
  readonly changed: () => void;
  readonly send?: typeof sendPart;
  readonly wait?: typeof pause;
}

export type Joined =
  | { readonly kind: "ok"; readonly end: BatchEnd }
  | { readonly kind: "again"; readonly retryAfter: number; readonly cause: Cause }
  | { readonly kind: "signed-out" }
  | { readonly kind: "refused"; readonly problem: Problem };

const IN_FLIGHT = 2;
/** Failures after which the delay grows no more: 8 s. Desks are few beside the citizens' pages. */
const SLOWEST = 4;

export class Upload {
  readonly file: Source;
  readonly plan: Plan;
  readonly #around: Surroundings;
  readonly #tally: Tally;
  readonly #messages = new Map<string, string>();
  #queue: Part[] = [];
  #running = 0;
  readonly #inFlight = new Set<number>();
  #leaving = new AbortController();
  #batch: StoredBatch;
  phase: Phase = { is: "ready" };
  /** Why nothing goes on at the moment, while the page tries again by itself. */
  waiting: Cause | null = null;
  /** Rows that had their answer when the file was dropped. */
  remembered = 0;

  constructor(file: Source, plan: Plan, around: Surroundings, now = Date.now()) {
    this.file = file;
    this.plan = plan;
    this.#around = around;
    this.#tally = new Tally(plan);
    this.#batch = {
      digest: plan.digest,
      rows: plan.rows,
      startedAt: now,
      endsAt: termOf(now),
      map: plan.map.pairs,
      id: "",
      receipt: "",
      accepted: 0,
      refused: 0,
    };
  }

  /** Takes up what this device remembers of the same file. */
  async remember(): Promise<void> {
    const { memory } = this.#around;
    const { digest } = this.plan;
    const known = (await memory.batches()).find((batch) => batch.digest === digest);
    if (known === undefined) return;
    this.#batch = known;
    for (const part of await memory.parts(digest)) this.#tally.remember(part);
    this.remembered = this.answered;
    const { id, rows, accepted, refused, receipt } = known;
    if (receipt !== "" && this.plan.parts.every((part) => this.#tally.isDone(part))) {
      this.phase = { is: "done", end: { id, rows, accepted, refused, receipt } };
    }
  }

  get answered(): number {
    return this.#tally.answered;
  }

  get accepted(): number {
    return this.#tally.accepted;
  }

  get refused(): number {
    return this.#tally.refused;
  }

  /** The batch's id, once it is known. */
  get id(): string {
    return this.#batch.id;
  }

  get isUnderWay(): boolean {
    return ["sending", "pausing", "joining", "signed-out", "closed", "paused"].includes(
      this.phase.is,
    );
  }

  /** The mistakes of parts that have their last line, in the order of the file. */
  errors(): Iterable<RowError> {
    return this.#tally.errors();
  }

  /** The receipts of the accepted rows, a piece for each part that has its last line. */
  async receipts(): Promise<Blob[]> {
    const kept = await this.#around.memory.receipts(this.plan.digest);
    return this.#tally.lines(new Map(kept.map(({ number, lines }) => [number, lines])));
  }

  /** Sends what has no answer yet; after a pause, a sign-in or a closed channel too. */
  start(): void {
    if (["sending", "pausing", "joining", "done"].includes(this.phase.is)) return;
    this.#leaving = new AbortController();
    this.#show({ is: "sending" });
    void this.#around.memory.keepBatch(this.#batch);
    this.#begin();
  }

  #begin(): void {
    const isLeft = (part: Part): boolean =>
      !this.#tally.isDone(part) && !this.#inFlight.has(part.number);
    this.#queue = this.plan.parts.filter(isLeft);
    for (; this.#running < IN_FLIGHT; this.#running += 1) void this.#work();
  }

  /** Lets the parts in flight have their answers, and sends no more. */
  pause(): void {
    if (this.phase.is !== "sending") return;
    this.#show({ is: "pausing" });
    // nothing is in flight while it waits
    if (this.waiting !== null) this.#leaving.abort();
  }

  /** Cuts everything: for leaving. */
  stop(): void {
    if (this.phase.is !== "done") this.phase = { is: "paused" };
    this.#leaving.abort();
  }

  async #work(): Promise<void> {
    await Promise.resolve();
    let part: Part | undefined;
    while (this.phase.is === "sending" && (part = this.#queue.shift()) !== undefined) {
      this.#inFlight.add(part.number);
      await this.#send(part);
      this.#inFlight.delete(part.number);
    }
    this.#running -= 1;
    if (this.#running > 0) return;
    this.waiting = null;
    const isFree = this.phase.is === "sending" || this.phase.is === "pausing";
    if (!isFree) return this.#around.changed();
    // a pause comes too late where nothing is left to send
    if (this.plan.parts.every((part) => this.#tally.isDone(part))) return this.#join();
    if (this.phase.is === "pausing") return this.#show({ is: "paused" });
    // it stopped and went on while parts were in flight, and theirs are left
    this.#begin();
  }

  /** Sends a part until it has its last line, or until nothing can be sent. */
  async #send(part: Part): Promise<void> {
    for (let failures = 1; this.phase.is === "sending"; failures += 1) {
      const outcome = await this.#try(part);
      if (outcome === "unreadable") return this.#show({ is: "unreadable" });
      switch (outcome.kind) {
        case "done":
          return this.#done(part, outcome);
        case "signed-out":
          this.#around.expire();
          return this.#show({ is: "signed-out" });
        case "closed":
          return this.#show({ is: "closed", opensAt: outcome.opensAt });
        case "refused":
          return this.#show({ is: "refused", problem: outcome.problem });
        case "again":
          // a pause waits for nothing
          if (this.phase.is !== "sending") return;
          this.waiting = outcome.cause;
          this.#around.changed();
          await this.#wait(failures, outcome.retryAfter);
      }
    }
  }

  async #try(part: Part): Promise<PartOutcome | "unreadable"> {
    const { intake, language, token, send = sendPart } = this.#around;
    const bearer = token();
    if (bearer === null) return { kind: "signed-out" };
    const body = await bodyOf(this.file, this.plan, part).catch(() => null);
    if (body === null) return "unreadable";
    const count = this.#tally.begin(part);
    const isLast = part.number === this.plan.parts.length;
    const key = this.plan.digest;
    const { signal } = this.#leaving;
    return send(
      { intake, token: bearer, language, key, part, isLast, body, signal },
      (isAccepted) => {
        this.waiting = null;
        count(isAccepted);
        this.#around.changed();
      },
    );
  }

  async #wait(failures: number, atLeast: number): Promise<void> {
    const { wait = pause } = this.#around;
    const delay = delaySeconds(Math.min(failures, SLOWEST), atLeast);
    await wait(delay, atLeast, this.#leaving.signal).catch(() => undefined);
  }

  async #done(part: Part, { end, accepted: rows, errors }: Done): Promise<void> {
    this.waiting = null;
    const { memory } = this.#around;
    if (this.#batch.id !== "" && this.#batch.id !== end.id) await this.#startOver();
    if (this.#batch.id !== end.id) {
      this.#batch = { ...this.#batch, id: end.id };
      await memory.keepBatch(this.#batch);
    }
    const { accepted, refused, receipt } = end;
    const stored = {
      number: part.number,
      rows: part.rows,
      accepted,
      refused,
      receipt,
      errors: errors.map((error) => ({ ...error, message: this.#once(error.message) })),
    };
    const lines = receiptLines(rows, this.plan.map);
    const isKept = await memory.keepPart(this.plan.digest, stored, lines);
    this.#tally.settle(stored, isKept ? undefined : lines);
    this.#around.changed();
  }

  /** Another organisation sends the same file: what is remembered is none of theirs. */
  async #startOver(): Promise<void> {
    await this.#around.memory.forget(this.plan.digest);
    this.#tally.forget();
    this.#queue = this.plan.parts.filter(({ number }) => !this.#inFlight.has(number));
  }

  async #join(): Promise<void> {
    this.#show({ is: "joining" });
    for (let failures = 1; ; failures += 1) {
      const joined = await this.#around.join(this.#batch.id, this.#tally.receipts);
      this.waiting = joined.kind === "again" ? joined.cause : null;
      if (joined.kind === "ok") {
        const { receipt, accepted, refused } = joined.end;
        this.#batch = { ...this.#batch, receipt, accepted, refused };
        await this.#around.memory.keepBatch(this.#batch);
        return this.#show({ is: "done", end: joined.end });
      }
      if (joined.kind === "signed-out") {
        this.#around.expire();
        return this.#show({ is: "signed-out" });
      }
      if (joined.kind === "refused") return this.#forgetAndRefuse(joined.problem);
      this.#around.changed();
      await this.#wait(failures, Math.max(1, joined.retryAfter));
      if (this.#leaving.signal.aborted) return;
    }
  }

  /** Receipts that do not add up any more are of no use: on request everything is sent again. */
  async #forgetAndRefuse(problem: Problem): Promise<void> {
    this.#tally.forget();
    await this.#around.memory.forget(this.plan.digest);
    this.#batch = { ...this.#batch, id: "" };
    this.#show({ is: "refused", problem });
  }

  #show(phase: Phase): void {
    this.phase = phase;
    this.#around.changed();
  }

  /** The same text is kept once, however many rows have it. */
  #once(message: string): string {
    const known = this.#messages.get(message);
    if (known !== undefined) return known;
    this.#messages.set(message, message);
    return message;
  }
}

type Done = Extract<PartOutcome, { kind: "done" }>;
