/** What is known of each part of a file: counts, receipts, mistakes. */

import type { RowError } from "./answer.js";
import type { StoredPart } from "./memory.js";
import type { Part, Plan } from "./plan.js";

interface Progress {
  answered: number;
  accepted: number;
  refused: number;
  /** The receipt of the part; empty until it has its last line. */
  receipt: string;
  errors: readonly RowError[];
  /** Receipts of its rows that this device does not keep. */
  lines: Blob | null;
}

export class Tally {
  readonly #parts: readonly Part[];
  #progress: Progress[];

  constructor({ parts }: Plan) {
    this.#parts = parts;
    this.#progress = parts.map(unanswered);
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

  /** The receipts of all parts. */
  get receipts(): string[] {
    return this.#progress.map(({ receipt }) => receipt);
  }

  /** The mistakes of parts that have their last line, in the order of the file. */
  *errors(): Generator<RowError> {
    for (const { errors } of this.#progress) yield* errors;
  }

  isDone({ number }: Part): boolean {
    return this.#of(number).receipt !== "";
  }

  /** A part is sent; returns what hears of each of its rows. */
  begin({ number }: Part): (isAccepted: boolean) => void {
    const progress = this.#of(number);
    let answered = 0;
    progress.accepted = progress.refused = 0;
    return (isAccepted) => {
      if (isAccepted) progress.accepted += 1;
      else progress.refused += 1;
      // a part that is sent again does not count backwards
      progress.answered = Math.max(progress.answered, (answered += 1));
    };
  }

  /** A part has its last line. `lines`: receipts of its rows that are kept nowhere else. */
  settle({ number, rows, accepted, refused, receipt, errors }: StoredPart, lines?: Blob): void {
    const progress = { answered: rows, accepted, refused, receipt, errors };
    this.#progress[number - 1] = { ...progress, lines: lines ?? null };
  }

  /** Takes up a part that this device remembers; not of a page that cuts otherwise. */
  remember(part: StoredPart): void {
    if (this.#parts[part.number - 1]?.rows === part.rows) this.settle(part);
  }

  /** The receipts of the rows of each part; `kept` has those that this device keeps. */
  lines(kept: ReadonlyMap<number, Blob>): Blob[] {
    return this.#progress.flatMap(({ lines }, index) => lines ?? kept.get(index + 1) ?? []);
  }

  forget(): void {
    this.#progress = this.#progress.map(unanswered);
  }

  #of(number: number): Progress {
    const progress = this.#progress[number - 1];
    if (progress === undefined) throw new Error("no such part");
    return progress;
  }

  #sum(name: "answered" | "accepted" | "refused"): number {
    return this.#progress.reduce((sum, progress) => sum + progress[name], 0);
  }
}

function unanswered(): Progress {
  return { answered: 0, accepted: 0, refused: 0, receipt: "", errors: [], lines: null };
}
