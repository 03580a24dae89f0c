/** One chart on a canvas, drawn by uPlot. What it shows can also be read as text and as a table. */

import uPlot from "uplot";
import type { Formats } from "../formats.js";
import type { Value } from "../live/history.js";
import { isHollow, type Mark, markAt, outline } from "./marks.js";

const HEIGHT = 220;
/** Markers along a line: enough to follow it, few enough to see it. */
const MARKERS = 8;
const MARKER_SIZE = 7;
/** An axis shorter than this has seconds in its times. */
const SECONDS_BELOW = 300;

/** Steps of an axis: 1, 2, 5, 10, 20, 50 … times the smallest. */
const STEPS = Array.from({ length: 27 }, (_, index) => ([1, 2, 5][index % 3] ?? 1) * 10 ** Math.floor(index / 3));

export interface ChartParts {
  readonly formats: Formats;
  /** Writes a value of the vertical axis. */
  readonly write: (value: number) => string;
  readonly series: number;
  /** The smallest step of the vertical axis that `write` tells apart. */
  readonly leastStep: number | undefined;
  /** The point under the pointer, or `null` where there is none. */
  readonly onPoint: (index: number | null) => void;
}

export class Chart {
  readonly #plot: uPlot;
  readonly #place: HTMLElement;
  readonly #seen: ResizeObserver;
  #width = 0;

  constructor(place: HTMLElement, parts: ChartParts) {
    this.#place = place;
    const data = [[], ...Array.from({ length: parts.series }, () => [])] as unknown as uPlot.AlignedData;
    this.#plot = new uPlot(options(place, parts), data, place);
    this.#seen = new ResizeObserver(() => this.#resize());
    this.#seen.observe(place);
  }

  draw(at: readonly number[], columns: readonly (readonly Value[])[]): void {
    this.#plot.setData([at, ...columns] as unknown as uPlot.AlignedData);
  }

  end(): void {
    this.#seen.disconnect();
    this.#plot.destroy();
  }

  #resize(): void {
    const width = this.#place.clientWidth;
    if (width === 0 || width === this.#width) return;
    this.#width = width;
    this.#plot.setSize({ width, height: HEIGHT });
  }
}

function options(place: HTMLElement, parts: ChartParts): uPlot.Options {
  const { leastStep } = parts;
  const style = getComputedStyle(place);
  const colour = (name: string): string => style.getPropertyValue(name).trim() || "#000";
  const font = `13px ${style.fontFamily}`;
  const axis = {
    stroke: colour("--chart-ink"),
    font,
    ticks: { show: false },
    grid: { stroke: colour("--chart-grid"), width: 1 },
  };
  const time = (_: uPlot, splits: number[]): string[] => {
    const isShort = (splits.at(-1) ?? 0) - (splits[0] ?? 0) < SECONDS_BELOW;
    return splits.map((at) => (isShort ? parts.formats.clock(at * 1000) : parts.formats.shortClock(at * 1000)));
  };
  return {
    width: place.clientWidth || 300,
    height: HEIGHT,
    padding: [12, 30, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: MARKER_SIZE } },
    scales: { y: { range: (_, _low, high) => [0, top(high)] } },
    axes: [
      { ...axis, values: time, space: 70, size: 32, gap: 9, grid: { show: false } },
      {
        ...axis,
        values: (_, splits) => splits.map((value) => (value === null ? "" : parts.write(value))),
        ...(leastStep === undefined ? {} : { incrs: STEPS.map((step) => step * leastStep) }),
        size: 64,
        space: 40,
        gap: 8,
      },
    ],
    series: [{}, ...Array.from({ length: parts.series }, (_, index) => line(markAt(index), colour))],
    hooks: { setCursor: [({ cursor }) => parts.onPoint(cursor.idx ?? null)] },
  };
}

/** The top of the vertical axis: never 0, so that an empty chart has an axis, too. */
function top(high: number | null): number {
  return high === null || high <= 0 ? 1 : high * 1.08;
}

function line(mark: Mark, colour: (name: string) => string): uPlot.Series {
  const stroke = colour(mark.colour);
  return {
    stroke,
    width: 2,
    dash: [...mark.dash],
    spanGaps: false,
    points: {
      show: true,
      size: MARKER_SIZE,
      stroke,
      fill: isHollow(mark.shape) ? colour("--chart-paper") : stroke,
      filter: (plot, index) => spread(plot.data[index] ?? []),
      paths: (plot, index, _from, _to, chosen) => markers(plot, index, chosen ?? [], mark),
    },
  };
}

/** Chooses the points that get a marker. */
function spread(values: ArrayLike<number | null | undefined>): number[] {
  const step = Math.max(1, Math.round(values.length / MARKERS));
  const chosen: number[] = [];
  for (let index = values.length - 1; index >= 0; index -= step) {
    if (values[index] != null) chosen.push(index);
  }
  return chosen.reverse();
}

function markers(plot: uPlot, series: number, chosen: readonly number[], mark: Mark): uPlot.Series.Points.Paths {
  const radius = (MARKER_SIZE / 2) * devicePixelRatio;
  const [at, values] = [plot.data[0], plot.data[series] ?? []];
  const whole = new Path2D();
  for (const index of chosen) {
    const x = plot.valToPos(at[index] ?? 0, "x", true);
    const y = plot.valToPos(values[index] ?? 0, "y", true);
    whole.addPath(new Path2D(outline(mark.shape, x, y, radius)));
  }
  const fill = mark.shape === "cross" ? null : whole;
  return { fill, stroke: whole, flags: 0 } as unknown as uPlot.Series.Points.Paths;
}
