/** How the series of a chart are told apart: by colour, by dash and by marker. */

export interface Mark {
  /** The custom property with the colour. */
  readonly colour: string;
  /** Lengths of line and gap, in pixels; none for a line without gaps. */
  readonly dash: readonly number[];
  readonly shape: "circle" | "square" | "triangle" | "diamond" | "cross" | "ring";
}

const MARKS: readonly Mark[] = [
  { colour: "--chart-1", dash: [], shape: "circle" },
  { colour: "--chart-2", dash: [7, 3], shape: "square" },
  { colour: "--chart-3", dash: [2, 3], shape: "triangle" },
  { colour: "--chart-4", dash: [10, 3, 2, 3], shape: "diamond" },
  { colour: "--chart-5", dash: [4, 4], shape: "cross" },
  { colour: "--chart-6", dash: [14, 4], shape: "ring" },
];

/** Returns the mark of the series at an index. */
export function markAt(index: number): Mark {
  return MARKS[index % MARKS.length] as Mark;
}

/** Returns the outline of a marker around a point, as the data of an SVG path. */
export function outline(shape: Mark["shape"], x: number, y: number, r: number): string {
  switch (shape) {
    case "circle":
    case "ring":
      return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
    case "square":
      return `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;
    case "triangle":
      return `M${x} ${y - r}L${x + r} ${y + r}L${x - r} ${y + r}z`;
    case "diamond":
      return `M${x} ${y - r}L${x + r} ${y}L${x} ${y + r}L${x - r} ${y}z`;
    case "cross":
      return `M${x - r} ${y - r}L${x + r} ${y + r}M${x + r} ${y - r}L${x - r} ${y + r}`;
  }
}

/** Whether a marker is an outline only. */
export function isHollow(shape: Mark["shape"]): boolean {
  return shape === "ring" || shape === "cross";
}
