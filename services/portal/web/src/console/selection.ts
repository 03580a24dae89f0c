/**
 * Which dead letters an action is for, each in the version that the operator saw. Frozen: what
 * arrives, goes or is filtered out later changes nothing, so that the number which an operator
 * confirms is the number that is acted on.
 */

/** A letter as it was when it was chosen. */
export interface Chosen {
  readonly letter: string;
  readonly version: number;
}

export interface Selection {
  readonly items: readonly Chosen[];
  readonly has: (letter: string) => boolean;
}

export const NONE: Selection = of([]);

function of(items: readonly Chosen[]): Selection {
  const known = new Map<string, Chosen>();
  // what was chosen first stays as it was then
  for (const { letter, version } of items) {
    if (!known.has(letter)) known.set(letter, Object.freeze({ letter, version }));
  }
  return Object.freeze({
    items: Object.freeze([...known.values()]),
    has: (letter: string) => known.has(letter),
  });
}

/** Returns the selection with these letters, too. */
export function added(selection: Selection, letters: readonly Chosen[]): Selection {
  return of([...selection.items, ...letters]);
}

/** Returns the selection without these letters. */
export function removed(selection: Selection, letters: readonly Chosen[]): Selection {
  const gone = new Set(letters.map(({ letter }) => letter));
  return of(selection.items.filter(({ letter }) => !gone.has(letter)));
}

/** Returns the selection with one letter in or out. */
export function toggled(selection: Selection, chosen: Chosen): Selection {
  return selection.has(chosen.letter) ? removed(selection, [chosen]) : added(selection, [chosen]);
}

/** Whether what was typed is exactly the number, in any way of writing it: `1,204`, `1.204`. */
export function isCount(typed: string, count: number): boolean {
  const text = typed.trim();
  return /^\d+([.,'’\u00a0\u202f ]\d{3})*$/.test(text) && Number(text.replace(/\D/g, "")) === count;
}
