/** The stream of frames from the console's API: opened again for as long as somebody may read it. */

import { delaySeconds, retryAfterSeconds } from "../../common/retry.js";
import { readEvents, type ServerEvent } from "./events.js";

/** How the stream is: `ended` means that the token is over or may not read it. */
export type Link = "connecting" | "live" | "interrupted" | "signed-out" | "not-allowed";

/** Three heartbeats: the server sends something at least every ten seconds. */
const QUIET_MS = 30_000;

export interface StreamParts {
  /** Returns the token, or `null` where it has ended. */
  readonly token: () => string | null;
  readonly url: string;
  readonly fetch: typeof fetch;
  /** Waits; rejects where the signal aborts. */
  readonly pause: (seconds: number, atLeast: number, signal: AbortSignal) => Promise<void>;
  readonly quietMs?: number;
}

/** What one attempt came to: `null` where another may follow. */
interface Attempt {
  readonly over: "signed-out" | "not-allowed" | null;
  readonly hadFrames: boolean;
  readonly retryAfter: number;
}

/** Reads frames until `signal` aborts or the token may not read them any more. */
export async function readStream(
  parts: StreamParts,
  take: (event: ServerEvent) => void,
  say: (link: Link) => void,
  signal: AbortSignal,
): Promise<void> {
  say("connecting");
  for (let failures = 0; !signal.aborted; ) {
    const attempt = await attemptOnce(parts, take, say, signal);
    if (signal.aborted) return;
    if (attempt.over !== null) return say(attempt.over);
    say("interrupted");
    failures = attempt.hadFrames ? 1 : failures + 1;
    try {
      await parts.pause(delaySeconds(failures, attempt.retryAfter), attempt.retryAfter, signal);
    } catch {
      return;
    }
  }
}

async function attemptOnce(
  parts: StreamParts,
  take: (event: ServerEvent) => void,
  say: (link: Link) => void,
  signal: AbortSignal,
): Promise<Attempt> {
  const token = parts.token();
  let hadFrames = false;
  const failed = (over: Attempt["over"] = null, retryAfter = 0): Attempt => ({ over, hadFrames, retryAfter });
  if (token === null) return failed("signed-out");
  // ends with this attempt, so that no half-read answer stays open
  const own = new AbortController();
  const stop = (): void => own.abort();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const answer = await parts.fetch(parts.url, {
      headers: { Authorization: `Bearer ${token}`, Accept: "text/event-stream" },
      credentials: "omit",
      cache: "no-store",
      signal: own.signal,
    });
    if (answer.status === 401) return failed("signed-out");
    if (answer.status === 403) return failed("not-allowed");
    const { headers } = answer;
    const later = retryAfterSeconds(headers.get("Retry-After"), headers.get("Date"));
    if (!answer.ok || answer.body === null) return failed(null, later);
    await readEvents(answer.body, parts.quietMs ?? QUIET_MS, (event) => {
      if (!hadFrames) say("live");
      hadFrames = true;
      take(event);
    });
  } catch {
    // cut or unreachable: the next attempt may do better
  } finally {
    signal.removeEventListener("abort", stop);
    own.abort();
  }
  return failed();
}
