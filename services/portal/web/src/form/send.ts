/**
 * Sends an application until it has an answer. While the outcome is unknown the bytes and the key
 * never change: it stays one application, however often it is sent.
 */

import { type ApiViolation, type Problem, call } from "../common/api.js";
import type { Language } from "../common/language.js";
import { type Cause, delaySeconds, isTransient, pause } from "../common/retry.js";

export interface Accepted {
  readonly id: string;
  readonly received_at: string;
  readonly receipt: string;
  readonly warnings?: readonly ApiViolation[];
}

export type Outcome =
  | { readonly kind: "accepted"; readonly accepted: Accepted; readonly location: string | null }
  | { readonly kind: "refused"; readonly problem: Problem; readonly retryAfter: number }
  /** The token has ended: sign in again, then go on. */
  | { readonly kind: "unauthorised" };

export interface Sending {
  readonly url: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly key: string;
  readonly token: () => string | null;
  readonly language: () => Language;
  /** It did not get through yet, and is sent again by itself. */
  readonly waiting: (cause: Cause) => void;
  readonly signal?: AbortSignal;
}

/** Sends until there is an answer that counts; a copy of this tab waits for this one. */
export async function send(sending: Sending): Promise<Outcome> {
  const { locks } = navigator as { locks?: LockManager };
  if (locks === undefined) return sendAlone(sending);
  return locks.request(`send:${sending.key}`, () => sendAlone(sending)) as Promise<Outcome>;
}

async function sendAlone(sending: Sending): Promise<Outcome> {
  for (let failures = 1; ; failures += 1) {
    const token = sending.token();
    if (token === null) return { kind: "unauthorised" };
    const { outcome, atLeast, cause } = await attempt(sending, token);
    if (outcome !== null) return outcome;
    sending.waiting(cause);
    await pause(delaySeconds(failures, atLeast), atLeast, sending.signal);
  }
}

interface Attempt {
  readonly outcome: Outcome | null;
  readonly atLeast: number;
  readonly cause: Cause;
}

async function attempt(sending: Sending, token: string): Promise<Attempt> {
  const answer = await call<Accepted>(sending.url, {
    method: "POST",
    token,
    language: sending.language(),
    headers: { "Idempotency-Key": sending.key },
    body: sending.body,
    signal: sending.signal,
  });
  const again = (atLeast: number, cause: Cause): Attempt => ({ outcome: null, atLeast, cause });
  const over = (outcome: Outcome): Attempt => ({ outcome, atLeast: 0, cause: "crowded" });
  switch (answer.kind) {
    case "silent":
      return again(0, "unreachable");
    case "ok":
      // an answer that is no receipt comes from something in between
      if (typeof answer.body.receipt !== "string") return again(0, "unreachable");
      return over({
        kind: "accepted",
        accepted: answer.body,
        location: answer.headers.get("Location"),
      });
    case "problem": {
      const { problem, retryAfter } = answer;
      if (problem.status === 401) return over({ kind: "unauthorised" });
      if (isTransient(problem.status)) return again(retryAfter, "crowded");
      return over({ kind: "refused", problem, retryAfter });
    }
  }
}
