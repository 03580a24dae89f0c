/** Sends a file part by part, two at a time, and goes on where it was. */

import type { Problem } from "../common/api.js";
import type { Language } from "../common/language.js";
import { type Cause, delaySeconds, pause } from "../common/retry.js";
import type { BatchEnd, RowError } from "./answer.js";
import type { Memory, StoredBatch } from "./memory.js";
import { termOf } from "./memory.js";
import { bodyOf, type Part, type Plan, type Source } from "./plan.js";
import { sendPart } from "./send_part.js";

export type Phase =
  | { readonly is: "ready" }
  | { readonly is: "sending" }
  | { readonly is: "pausing" }
  | { readonly is: "paused" }
  | { readonly is: "signed-out" }
  | { readonly is: "closed"; readonly opensAt: string | null }
  | { readonly is: "refused"; readonly problem: Problem }
  /** The file is gone or has changed. */
  | { readonly is: "unreadable" }
  | { readonly is: "joining" }
  | { readonly is: "done"; readonly end: BatchEnd };

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
  | { readonly kind: "again"; readonly retryAfter: number }
  | { readonly kind: "signed-out" }
  | { readonly kind: "refused"; readonly problem: Problem };

/** What is known of a part. */
interface Progress {
  answered: number;
  accepted: number;
  refused: number;
  receipt: string;
  errors: readonly RowError[];
}

const IN_FLIGHT = 2;

export class Upload {
  readonly file: Source;
  readonly plan: Plan;
  readonly #around: Surroundings;
  readonly #progress: Progress[];
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
    this.#progress = plan.parts.map(unanswered);
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
    for (const part of await memory.parts(digest)) {
      // a page that cuts otherwise begins anew
      if (this.plan.parts[part.number - 1]?.rows !== part.rows) continue;
      this.#settle(part.number, part, part.errors);
    }
    this.remembered = this.answered;
  }

  get answered(): number {
    return this.#sum("answered");
  }

  get accepted(): number {
    return this.#sum("accepted");
  }

  get refused(): number {
    return this.#sum("refused");
  }

  /** The batch's id, once it is known. */
  get id(): string {
    return this.#batch.id;
  }

  get isUnderWay(): boolean {
    return ["sending", "pausing", "joining", "signed-out", "closed", "paused"].includes(this.phase.is);
  }

  /** The mistakes of parts that have their last line, in the order of the file. */
  *errors(): Generator<RowError> {
    for (const { errors } of this.#progress) yield* errors;
  }

  /** Sends what has no answer yet; after a pause, a sign-in or a closed channel too. */
  start(): void {
    if (["sending", "pausing", "joining", "done"].includes(this.phase.is)) return;
    const isLeft = ({ number }: Part): boolean =>
      this.#of(number).receipt === "" && !this.#inFlight.has(number);
    this.#queue = this.plan.parts.filter(isLeft);
    this.#leaving = new AbortController();
    this.#show({ is: "sending" });
    void this.#around.memory.keepBatch(this.#batch);
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
    if (this.phase.is === "pausing") this.#show({ is: "paused" });
    else if (this.phase.is === "sending") await this.#join();
    else this.#around.changed();
  }

  /** Sends a part until it has its last line, or until nothing can be sent. */
  async #send(part: Part): Promise<void> {
    for (let failures = 1; this.phase.is === "sending"; failures += 1) {
      const outcome = await this.#try(part);
      if (outcome === "unreadable") return this.#show({ is: "unreadable" });
      switch (outcome.kind) {
        case "done":
          return this.#done(part, outcome.end, outcome.errors);
        case "signed-out":
          this.#around.expire();
          return this.#show({ is: "signed-out" });
        case "closed":
          return this.#show({ is: "closed", opensAt: outcome.opensAt });
        case "refused":
          return this.#show({ is: "refused", problem: outcome.problem });
        case "again":
          this.waiting = outcome.cause;
          this.#around.changed();
          await this.#wait(failures, outcome.retryAfter);
      }
    }
  }

  async #try(part: Part): Promise<Awaited<ReturnType<typeof sendPart>> | "unreadable"> {
    const { intake, language, token, send = sendPart } = this.#around;
    const bearer = token();
    if (bearer === null) return { kind: "signed-out" };
    const body = await bodyOf(this.file, this.plan, part).catch(() => null);
    if (body === null) return "unreadable";
    const progress = this.#of(part.number);
    let answered = 0;
    progress.accepted = progress.refused = 0;
    const isLast = part.number === this.plan.parts.length;
    const key = this.plan.digest;
    const { signal } = this.#leaving;
    return send({ intake, token: bearer, language, key, part, isLast, body, signal }, (isAccepted) => {
      this.waiting = null;
      if (isAccepted) progress.accepted += 1;
      else progress.refused += 1;
      // a part that is sent again does not count backwards
      progress.answered = Math.max(progress.answered, (answered += 1));
      this.#around.changed();
    });
  }

  async #wait(failures: number, atLeast: number): Promise<void> {
    const { wait = pause } = this.#around;
    await wait(delaySeconds(failures, atLeast), atLeast, this.#leaving.signal).catch(() => undefined);
  }

  async #done(part: Part, end: BatchEnd, errors: readonly RowError[]): Promise<void> {
    this.waiting = null;
    const { memory } = this.#around;
    if (this.#batch.id !== "" && this.#batch.id !== end.id) await this.#startOver();
    if (this.#batch.id !== end.id) {
      this.#batch = { ...this.#batch, id: end.id };
      await memory.keepBatch(this.#batch);
    }
    const shared = errors.map((error) => ({ ...error, message: this.#once(error.message) }));
    this.#settle(part.number, end, shared);
    const { accepted, refused, receipt } = end;
    const stored = { number: part.number, rows: part.rows, accepted, refused, receipt, errors: shared };
    await memory.keepPart(this.plan.digest, stored);
    this.#around.changed();
  }

  /** Another organisation sends the same file: what is remembered is none of theirs. */
  async #startOver(): Promise<void> {
    await this.#around.memory.forget(this.plan.digest);
    for (const part of this.plan.parts) {
      this.#progress[part.number - 1] = unanswered();
      if (!this.#queue.includes(part)) this.#queue.push(part);
    }
  }

  #settle(
    number: number,
    { accepted, refused, receipt }: StoredCounts,
    errors: readonly RowError[],
  ): void {
    const rows = this.plan.parts[number - 1]?.rows ?? 0;
    this.#progress[number - 1] = { answered: rows, accepted, refused, receipt, errors };
  }

  async #join(): Promise<void> {
    this.#show({ is: "joining" });
    const receipts = this.#progress.map(({ receipt }) => receipt);
    for (let failures = 1; ; failures += 1) {
      const joined = await this.#around.join(this.#batch.id, receipts);
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
      await this.#wait(failures, Math.max(1, joined.retryAfter));
      if (this.#leaving.signal.aborted) return;
    }
  }

  /** Receipts that do not add up any more are of no use: on request everything is sent again. */
  async #forgetAndRefuse(problem: Problem): Promise<void> {
    this.plan.parts.forEach((part) => (this.#progress[part.number - 1] = unanswered()));
    await this.#around.memory.forget(this.plan.digest);
    this.#batch = { ...this.#batch, id: "" };
    this.#show({ is: "refused", problem });
  }

  #show(phase: Phase): void {
    this.phase = phase;
    this.#around.changed();
  }

  #of(number: number): Progress {
    const progress = this.#progress[number - 1];
    if (progress === undefined) throw new Error("no such part");
    return progress;
  }

  #sum(name: "answered" | "accepted" | "refused"): number {
    return this.#progress.reduce((sum, progress) => sum + progress[name], 0);
  }

  /** The same text is kept once, however many rows have it. */
  #once(message: string): string {
    const known = this.#messages.get(message);
    if (known !== undefined) return known;
    this.#messages.set(message, message);
    return message;
  }
}

type StoredCounts = Pick<BatchEnd, "accepted" | "refused" | "receipt">;

function unanswered(): Progress {
  return { answered: 0, accepted: 0, refused: 0, receipt: "", errors: [] };
}
