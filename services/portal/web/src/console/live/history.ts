/** The points behind the charts: as many as a range has, in columns as the charts take them. */

/** A value of a point; `null` where it could not be read. */
export type Value = number | null;

export class History {
  readonly #most: number;
  #at: number[] = [];
  #columns = new Map<string, Value[]>();

  /** `most`: the points kept, the oldest go first. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Seconds since 1970, rising. */
  get at(): readonly number[] {
    return this.#at;
  }

  get names(): readonly string[] {
    return [...this.#columns.keys()];
  }

  /** Returns a column; unknown throughout where there is none of this name. */
  column(name: string): readonly Value[] {
    return this.#columns.get(name) ?? this.#at.map(() => null);
  }

  /** Puts other points in the place of all. */
  replace(at: readonly number[], columns: ReadonlyMap<string, readonly Value[]>): void {
    this.#at = at.slice(-this.#most);
    const fit = (values: readonly Value[]): Value[] =>
      at.map((_, index) => values[index] ?? null).slice(-this.#most);
    this.#columns = new Map([...columns].map(([name, values]) => [name, fit(values)]));
  }

  /** Adds a point. One that is not younger than the last is known already. */
  push(at: number, values: ReadonlyMap<string, Value>): void {
    const last = this.#at.at(-1);
    if (last !== undefined && at <= last) return;
    for (const name of values.keys()) {
      if (!this.#columns.has(name)) this.#columns.set(name, this.#at.map(() => null));
    }
    this.#at.push(at);
    for (const [name, column] of this.#columns) column.push(values.get(name) ?? null);
    if (this.#at.length <= this.#most) return;
    this.#at.shift();
    for (const column of this.#columns.values()) column.shift();
  }
}

/** Adds columns point by point; unknown where one of them is. */
export function total(columns: readonly (readonly Value[])[]): Value[] {
  const [first = [], ...rest] = columns;
  return first.map((value, index) =>
    rest.reduce<Value>((sum, column) => {
      const other = column[index] ?? null;
      return sum === null || other === null ? null : sum + other;
    }, value),
  );
}

/** A row of a table beside a chart: the mean of the known values from `at` on. */
export interface Row {
  /** Seconds since 1970. */
  readonly at: number;
  readonly values: readonly Value[];
}

/** Lengths of rows in seconds, so that a row keeps its values when the next point comes. */
const LENGTHS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1440];

/** Gathers points into at most `most` rows of equal length, the newest first. */
export function rows(at: readonly number[], columns: readonly (readonly Value[])[], most: number): Row[] {
  const range = (at.at(-1) ?? 0) - (at[0] ?? 0);
  const length = LENGTHS.find((seconds) => seconds * most >= range) ?? Math.ceil(range / most);
  const made: Row[] = [];
  for (let end = at.length; end > 0 && made.length < most; ) {
    const first = Math.floor((at[end - 1] ?? 0) / length) * length;
    let from = end - 1;
    while (from > 0 && (at[from - 1] ?? 0) >= first) from -= 1;
    made.push({ at: first, values: columns.map((column) => mean(column.slice(from, end))) });
    end = from;
  }
  return made;
}

function mean(values: readonly Value[]): Value {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
