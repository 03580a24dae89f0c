/**
 * What the live region says: changes of state, never numbers, and at most one sentence in ten
 * seconds. Of several changes within that time the last one is said.
 */

const APART_MS = 10_000;

export class Speaker {
  readonly #say: (text: string) => void;
  readonly #clock: () => number;
  #last = -Infinity;
  #waiting: ReturnType<typeof setTimeout> | undefined;
  readonly #states = new Map<string, string>();

  constructor(say: (text: string) => void, clock: () => number = () => performance.now()) {
    this.#say = say;
    this.#clock = clock;
  }

  /** Notes the state of a subject; says `text` where it is another than before. */
  note(subject: string, state: string, text: string): void {
    const before = this.#states.get(subject);
    this.#states.set(subject, state);
    if (before === undefined || before === state) return;
    clearTimeout(this.#waiting);
    const wait = this.#last + APART_MS - this.#clock();
    if (wait <= 0) return this.#now(text);
    this.#waiting = setTimeout(() => this.#now(text), wait);
  }

  #now(text: string): void {
    this.#last = this.#clock();
    this.#say(text);
  }
}
