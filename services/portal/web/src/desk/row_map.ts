/**
 * Rows as the API numbers them, from 1 and without blank ones, and as a spreadsheet does, whose
 * first row holds the names of the columns.
 */
export class RowMap {
  /** Pairs: from this row of the API on, this is the row of the spreadsheet. */
  readonly pairs: number[];

  constructor(pairs: readonly number[] = []) {
    this.pairs = [...pairs];
  }

  /** Adds the next row. */
  add(row: number, sheet: number): void {
    const { pairs } = this;
    const shift = (pairs.at(-1) ?? 0) - (pairs.at(-2) ?? 0);
    if (pairs.length === 0 || sheet - row !== shift) pairs.push(row, sheet);
  }

  /** Returns the row of the spreadsheet. */
  toSheet(row: number): number {
    const { pairs } = this;
    let [low, high] = [0, pairs.length / 2];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[middle * 2] ?? 0) <= row) low = middle + 1;
      else high = middle;
    }
    const at = Math.max(0, low - 1) * 2;
    return row + (pairs[at + 1] ?? 1) - (pairs[at] ?? 0);
  }
}
