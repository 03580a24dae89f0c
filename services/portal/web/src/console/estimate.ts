/** What a number of workers would come to, from what was measured: a guess, and shown as one. */

import { type ChannelNow, known, type Now } from "./api/now.js";

export interface Measured {
  readonly backlog: number;
  /** Applications a second that arrive. */
  readonly arrivals: number;
  /** Applications a second that one worker settles. */
  readonly each: number;
}

export type Estimate =
  | { readonly is: "unknown" }
  | { readonly is: "drained" }
  | { readonly is: "seconds"; readonly seconds: number }
  | { readonly is: "grows"; readonly by: number };

/** Returns what can be measured now; `null` where something is unknown or nothing is at work. */
export function measured(now: Now): Measured | null {
  const sum = (value: (channel: ChannelNow) => number | null): number | null =>
    now.channels.map(value).reduce<number | null>(
      (all, one) => (all === null || one === null ? null : all + one),
      0,
    );
  const backlog = sum((channel) => known(channel.outstanding));
  const arrivals = sum((channel) => known(channel.arrivals_per_second));
  const settled = sum((channel) => known(channel.settled_per_second));
  const busy = known(now.workers.busy) ?? known(now.workers.running);
  if (backlog === null || arrivals === null || settled === null || busy === null) return null;
  return busy > 0 && settled > 0 ? { backlog, arrivals, each: settled / busy } : null;
}

/** Returns how long so many workers would take for the backlog and what comes meanwhile. */
export function estimate(measured: Measured | null, workers: number): Estimate {
  if (measured === null) return { is: "unknown" };
  if (measured.backlog === 0) return { is: "drained" };
  const spare = workers * measured.each - measured.arrivals;
  return spare > 0 ? { is: "seconds", seconds: measured.backlog / spare } : { is: "grows", by: -spare };
}
