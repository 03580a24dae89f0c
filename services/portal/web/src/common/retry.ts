/**
 * When to send again. Every browser that was refused waits for `Retry-After`, and then for a random
 * time of its own that doubles up to a minute ("full jitter"), so that they do not come back all in
 * the same second.
 */

const LONGEST_SECONDS = 60;

/** Why an attempt brought no answer that counts. */
export type Cause = "crowded" | "unreachable";

/** Why a problem says "later": one without a name is a gateway's, which finds nobody behind it. */
export function causeOf(problem: string): Cause {
  return problem === "" ? "unreachable" : "crowded";
}

/** Whether an answer says "later": the same request may be sent again. */
export function isTransient(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** Reads `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3). 0 where there is none. */
export function retryAfterSeconds(header: string | null, answeredAt: string | null): number {
  if (header === null) return 0;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text);
  // both dates are the server's: the device's clock may be wrong
  const seconds = (Date.parse(text) - Date.parse(answeredAt ?? "")) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : 0;
}

/** Returns the seconds before the next try after `failures` failed ones; at least `atLeast`. */
export function delaySeconds(failures: number, atLeast: number, random = Math.random): number {
  const most = Math.min(LONGEST_SECONDS, 2 ** Math.max(0, failures - 1));
  return Math.max(atLeast, 0) + random() * most;
}

/**
 * Waits for the next try: `seconds`, or shorter where the page is shown again or the network is
 * back, but never less than `atLeast`. Browsers slow down the clocks of hidden pages, so the time
 * is looked at again when the page is shown.
 */
export function pause(seconds: number, atLeast: number, signal?: AbortSignal): Promise<void> {
  const earliest = performance.now() + atLeast * 1000;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason as Error);
    let timer = setTimeout(done, seconds * 1000);
    const listeners: [EventTarget, string][] = [
      [document, "visibilitychange"],
      [window, "online"],
      [window, "pageshow"],
    ];
    const stop = (): void => {
      clearTimeout(timer);
      for (const [target, name] of listeners) target.removeEventListener(name, wake);
      signal?.removeEventListener("abort", abort);
    };
    function done(): void {
      stop();
      resolve();
    }
    function wake(): void {
      if (document.visibilityState === "hidden") return;
      clearTimeout(timer);
      // a little spread: a network that comes back wakes many pages at once
      timer = setTimeout(done, Math.max(0, earliest - performance.now()) + Math.random() * 1000);
    }
    function abort(): void {
      stop();
      reject(signal?.reason as Error);
    }
    for (const [target, name] of listeners) target.addEventListener(name, wake);
    signal?.addEventListener("abort", abort);
  });
}
