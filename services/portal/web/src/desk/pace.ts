/** How fast rows are answered now, and how long the rest takes at that pace. */

const WINDOW_MS = 10_000;

export class Pace {
  readonly #samples: { readonly at: number; readonly rows: number }[] = [];

  /** Adds how many rows have their answer at an instant, in milliseconds. */
  add(at: number, rows: number): void {
    this.#samples.push({ at, rows });
    while ((this.#samples[1]?.at ?? Infinity) <= at - WINDOW_MS) this.#samples.shift();
  }

  /** Forgets what was: after a pause. */
  reset(): void {
    this.#samples.length = 0;
  }

  /** Rows a second; `null` while too little is known. */
  get rowsASecond(): number | null {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.at - first.at < 1000) return null;
    return Math.max(0, ((last.rows - first.rows) * 1000) / (last.at - first.at));
  }

  /** Seconds that so many rows still take; `null` where nobody knows. */
  secondsFor(rows: number): number | null {
    const pace = this.rowsASecond;
    return pace === null || pace <= 0 ? null : Math.ceil(rows / pace);
  }
}
