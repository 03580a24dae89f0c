/** The shapes of the console's API: what operators read and decide. */

import type { ChannelName, WorkersNow } from "./now.js";

/** Who changed something, when and why. */
export interface Change {
  readonly by: string;
  readonly at: string;
  readonly reason: string;
}

export type Target =
  | { readonly kind: "drained_by"; readonly at: string }
  | { readonly kind: "never_behind"; readonly seconds: number };

export interface Manual {
  readonly workers: number;
  readonly until: string;
}

export interface WorkersSetting {
  readonly target: Target;
  readonly manual?: Manual;
  readonly floor: number;
  readonly ceiling: number;
  /** Goes on from the number that somebody else set at the platform. */
  readonly take_over?: true;
}

export interface Workers extends WorkersSetting {
  readonly version: number;
  readonly changed?: Change;
  readonly hands: string;
  readonly now: WorkersNow;
}

/** Most letters that one job takes. */
export const MOST_LETTERS = 10_000;

export type LetterState = "open" | "requeue_asked" | "sent" | "settled" | "returned" | "discarded";
export const LETTER_STATES: readonly LetterState[] = [
  "open",
  "requeue_asked",
  "sent",
  "settled",
  "returned",
  "discarded",
];

export interface Letter {
  readonly letter: string;
  readonly version: number;
  readonly state: LetterState;
  readonly source: "dead_letter" | "unrouted" | "conflict";
  readonly holds: "application" | "withdrawal" | "message";
  /** Applications that it counts for. */
  readonly applications: number;
  readonly reason: string;
  /** The reason in words, without personal data. */
  readonly detail: string;
  readonly application?: string;
  readonly benefit?: string;
  readonly channel: ChannelName;
  readonly received_at?: string;
  readonly arrived_at: string;
  readonly mended: boolean;
  /** The letter that it was before it was requeued and came back. */
  readonly before?: string;
  /** The letter that it came back as. */
  readonly after?: string;
  readonly job?: string;
  readonly changed?: Change;
}

/** A page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Leads to the next page; absent on the last one. */
  readonly next?: string;
}

export interface LetterPage extends Page<Letter> {
  /** How many letters the filters select, counted up to 10,001. */
  readonly selected: number;
}

export interface LetterContent {
  readonly letter: string;
  readonly version: number;
  readonly text?: string;
  readonly base64?: string;
}

/** What selects letters. `from` and `to` are instants; `application` is for the list only. */
export interface LetterFilter {
  readonly state?: LetterState;
  readonly reason?: string;
  readonly benefit?: string;
  readonly application?: string;
  readonly from?: string;
  readonly to?: string;
}

export type JobState = "running" | "paused" | "stopped" | "done";

export interface Job {
  readonly job: string;
  readonly version: number;
  readonly state: JobState;
  readonly stopped_because?: "operator" | "letter_returned";
  readonly per_second: number;
  readonly letters: number;
  readonly waiting: number;
  readonly sent: number;
  readonly settled: number;
  readonly returned: number;
  readonly skipped: number;
  readonly cancelled: number;
  readonly asked_at: string;
  readonly changed: Change;
}

export type JobResult = "waiting" | "sent" | "settled" | "returned" | "skipped" | "cancelled";

export interface JobLetter {
  readonly letter: string;
  readonly result: JobResult;
}

export type Position = "scheduled" | "open" | "closed";

export interface ChannelView {
  readonly benefit: string;
  readonly title: string;
  readonly channel: ChannelName;
  readonly version: number;
  readonly position: Position;
  readonly open: boolean;
  readonly opens_at?: string;
  readonly changed?: Change;
}

/** A process that ended without a word: nothing is stated of its messages from this number on. */
export interface Tail {
  readonly channel: ChannelName;
  readonly process: string;
  /** Its version, too. */
  readonly from: number;
}

export interface AuditEntry {
  readonly entry: number;
  readonly at: string;
  readonly by: string;
  readonly action: string;
  readonly object: string;
  readonly count: number;
  readonly value?: string;
  readonly reason: string;
}
