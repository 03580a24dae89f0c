/** The shapes of the console's API: what is now. */

/** A value as it was read in this second, or since when it can't be read. */
export type Reading<T> = { readonly value: T } | { readonly unknown_since: string };

export type ChannelName = "citizen" | "intermediary";
export const CHANNELS: readonly ChannelName[] = ["citizen", "intermediary"];

export type Verdict = "whole" | "open" | "suspect" | "lost";

/**
 * `confirmed + unconfirmed + unnumbered + repeated = new + existing + withdrawals + dead +
 * outstanding + lost`, in applications of one channel.
 */
export interface Equation {
  readonly channel: ChannelName;
  readonly answered: number;
  readonly confirmed: number;
  readonly unconfirmed: number;
  readonly unnumbered: number;
  readonly repeated: number;
  /** Beside the equation: on the local disks of intake. */
  readonly spooled: number;
  readonly new: number;
  readonly existing: number;
  readonly withdrawals: number;
  readonly dead: number;
  readonly dead_open: number;
  readonly discarded: number;
  readonly requeued: number;
  readonly outstanding: number;
  readonly lost: number;
}

export interface Gap {
  readonly verdict: Verdict;
  readonly channel: ChannelName;
  /** Absent while those that are lost have no name yet. */
  readonly process?: string;
  /** `4117-4120,4980`; `4981-` of an open tail; empty while they have no name. */
  readonly numbers: string;
  readonly messages?: number;
  readonly applications?: number;
  readonly since?: string;
}

export interface Ledger {
  readonly verdict: Reading<Verdict>;
  readonly equations: readonly Equation[];
  /** Absent while no loss can be proved, since the broker's queues can't be compared. */
  readonly compared_since?: string;
  readonly gaps: readonly Gap[];
}

export interface ChannelNow {
  readonly channel: ChannelName;
  readonly arrivals_per_second: Reading<number>;
  readonly confirms_per_second: Reading<number>;
  readonly settled_per_second: Reading<number>;
  readonly outstanding: Reading<number>;
  readonly oldest_age_seconds: Reading<number>;
}

export interface OutcomeCount {
  readonly outcome: string;
  readonly applications: number;
}

export interface BudgetUse {
  readonly budget: string;
  /** Absent before the first allotment. */
  readonly cap_cents?: number;
  readonly within_cents: number;
  readonly past_cents: number;
}

export interface BenefitNow {
  readonly benefit: string;
  readonly title: string;
  readonly arrivals_per_second: Reading<number>;
  /** Accepted, and not settled yet. */
  readonly outstanding: Reading<number>;
  readonly outcomes: Reading<readonly OutcomeCount[]>;
  readonly budgets: Reading<readonly BudgetUse[]>;
}

export type TimeToDrain =
  | { readonly state: "drained" }
  /** From `least` to `most` seconds; no `most` where it would not be gone in a bad quarter. */
  | { readonly state: "clears"; readonly least: number; readonly most?: number | null }
  | { readonly state: "grows"; readonly by: number }
  | { readonly state: "stalled" }
  | { readonly state: "unknown" };

/** A reason for the number of workers: its code, and what it speaks of. */
export interface Why {
  readonly code: string;
  readonly [member: string]: unknown;
}

export interface WorkersNow {
  readonly wanted: Reading<number>;
  readonly running: Reading<number>;
  readonly busy: Reading<number>;
  readonly why: readonly Why[];
  readonly held_back: Reading<boolean>;
  readonly seconds_per_application: Reading<number>;
  readonly hand: HandNow;
}

/** What starts and stops workers does now; its last error says what to do. */
export interface HandNow {
  readonly order?: { readonly workers: number; readonly since: string };
  readonly error?: string;
}

export interface Rejection {
  readonly reason: string;
  readonly per_second: number;
  readonly total: number;
}

export interface Latency {
  readonly what: string;
  readonly p50_seconds: Reading<number>;
  readonly p99_seconds: Reading<number>;
}

export type Health = "pass" | "warn" | "fail";

export interface Service {
  readonly service: string;
  readonly address: string;
  readonly health: Reading<Health>;
  readonly checks: readonly { readonly name: string; readonly health: Health; readonly output: string }[];
  readonly version: Reading<string>;
  readonly catalogue?: Reading<string>;
}

export interface Node {
  readonly address: string;
  readonly queues: Reading<readonly { readonly queue: string; readonly messages: number; readonly consumers: number }[]>;
}

export interface Now {
  readonly sample: number;
  readonly at: string;
  readonly ledger: Ledger;
  readonly channels: readonly ChannelNow[];
  readonly benefits: readonly BenefitNow[];
  readonly time_to_drain: TimeToDrain;
  readonly workers: WorkersNow;
  readonly rejections: Reading<readonly Rejection[]>;
  readonly latencies: readonly Latency[];
  readonly dead_letters: Reading<number>;
  readonly services: readonly Service[];
  readonly nodes: readonly Node[];
}

export interface PastColumn {
  readonly name: string;
  readonly channel?: ChannelName;
  readonly values: readonly (number | null)[];
}

/** A stretch of the past: seconds of the last hour, or minutes of the last day. */
export interface Past {
  readonly step_seconds: number;
  readonly at: readonly number[];
  readonly columns: readonly PastColumn[];
}

/** Returns the value, or `null` where it can't be read. */
export function known<T>(reading: Reading<T> | undefined): T | null {
  return reading !== undefined && "value" in reading ? reading.value : null;
}

/** Returns the sum of readings: unknown where one of them is, since the latest of their instants. */
export function sum(readings: readonly Reading<number>[]): Reading<number> {
  let total = 0;
  let since = "";
  for (const reading of readings) {
    if ("value" in reading) total += reading.value;
    else if (reading.unknown_since > since) since = reading.unknown_since;
  }
  return since === "" ? { value: total } : { unknown_since: since };
}
