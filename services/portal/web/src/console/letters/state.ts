import type { Job, JobLetter, Letter, LetterContent, LetterFilter, LetterState, Page } from "../api/decisions.js";
import { NONE, type Selection } from "../selection.js";

/** What stands in the fields of the filter, as typed. */
export interface FilterDraft {
  readonly state: LetterState | "";
  readonly reason: string;
  readonly benefit: string;
  readonly application: string;
  readonly from: string;
  readonly to: string;
}

export const OPEN_LETTERS: FilterDraft = {
  state: "open",
  reason: "",
  benefit: "",
  application: "",
  from: "",
  to: "",
};

/** The list, one page at a time. */
export interface ListState {
  readonly filter: LetterFilter;
  readonly draft: FilterDraft;
  readonly page: Page<Letter> | null;
  /** How many letters the filter selects. */
  readonly selected: number;
  /** The cursors that led here: the last is this page's. */
  readonly cursors: readonly string[];
  readonly isLoading: boolean;
  readonly isAway: boolean;
  readonly selection: Selection;
  readonly perSecond: string;
  /** Why the last action was not asked for. */
  readonly trouble: string;
}

export const EMPTY_LIST: ListState = {
  filter: { state: "open" },
  draft: OPEN_LETTERS,
  page: null,
  selected: 0,
  cursors: [],
  isLoading: false,
  isAway: false,
  selection: NONE,
  perSecond: "50",
  trouble: "",
};

/** One letter, and what was read of it. */
export interface DetailState {
  readonly id: string;
  readonly letter: Letter | null;
  readonly isMissing: boolean;
  /** The content, once an operator gave a reason for reading it. */
  readonly content: LetterContent | null;
  readonly reason: string;
  readonly isTried: boolean;
  readonly trouble: string;
  /** The content as mended so far; `null` before anything was changed. */
  readonly mended: string | null;
}

export function detailOf(id: string): DetailState {
  return { id, letter: null, isMissing: false, content: null, reason: "", isTried: false, trouble: "", mended: null };
}

export interface JobsState {
  readonly jobs: readonly Job[] | null;
  /** The job whose results are shown. */
  readonly shown: string | null;
  readonly results: Page<JobLetter> | null;
}

export const NO_JOBS: JobsState = { jobs: null, shown: null, results: null };
