/** What the desk shows. */

import type { Benefit } from "./catalogue.js";
import type { BatchCounts, Outcome, PlacedRow } from "./client.js";
import type { StoredBatch } from "./memory.js";
import type { Pace } from "./pace.js";
import type { Fault } from "./plan.js";
import type { Upload } from "./upload.js";

/** The file that was dropped last. Its name is nowhere else. */
export type Work =
  | { readonly is: "none" }
  | { readonly is: "checking"; readonly name: string; readonly read: number; readonly size: number }
  | { readonly is: "fault"; readonly name: string; readonly fault: Fault }
  | { readonly is: "upload"; readonly name: string; readonly upload: Upload; readonly pace: Pace };

/** Rows of a batch with one outcome, or with any. */
export interface Listing {
  readonly outcome: Outcome | "all";
  /** The first of them; `null` while they are read. */
  readonly rows: readonly PlacedRow[] | null;
  readonly count: number;
}

export interface BatchCard {
  readonly batch: StoredBatch;
  readonly counts: BatchCounts | null;
  readonly reading: "no" | "loading" | "away" | "not-found";
  readonly listing: Listing | null;
}

/** Which batches are shown. */
export const BATCH_FILTERS = ["all", "unfinished", "to-mend", "finished"] as const;
export type BatchFilter = (typeof BATCH_FILTERS)[number];

/** What a batch is, beside "all". */
export function kindOfBatch({ receipt, refused }: StoredBatch): BatchFilter {
  if (receipt === "") return "unfinished";
  return refused > 0 ? "to-mend" : "finished";
}

/** Why somebody is asked to sign in, or what went wrong with it. */
export type SignInNote =
  "" | "signInFailed" | "popupClosed" | "popupBlocked" | "anotherPerson" | "cannotSignIn";

export interface State {
  readonly isSignedIn: boolean;
  readonly note: SignInNote;
  /** `null` while they are loaded. */
  readonly benefits: readonly Benefit[] | null;
  readonly benefit: string;
  readonly category: string;
  readonly work: Work;
  readonly isDragging: boolean;
  /** More than one file was dropped. */
  readonly tookFirst: boolean;
  /** A file about errors is being made. */
  readonly isPreparing: boolean;
  readonly cards: readonly BatchCard[];
  readonly shown: BatchFilter;
}

export const EMPTY: State = {
  isSignedIn: false,
  note: "",
  benefits: null,
  benefit: "",
  category: "",
  work: { is: "none" },
  isDragging: false,
  tookFirst: false,
  isPreparing: false,
  cards: [],
  shown: "all",
};
