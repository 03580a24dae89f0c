import { html, nothing, svg, type TemplateResult } from "lit-html";
import { rows, type Value } from "../live/history.js";

const [WIDTH, HEIGHT, POINTS] = [120, 28, 60];

/** A small line without axes beside a number that says the same. */
export function sparkline(at: readonly number[], values: readonly Value[], index = 0): TemplateResult {
  const points = rows(at, [values], POINTS)
    .map((row) => row.values[0] ?? null)
    .reverse();
  const most = Math.max(1, ...points.map((value) => value ?? 0));
  const step = WIDTH / Math.max(1, points.length - 1);
  let path = "";
  let isDown = false;
  points.forEach((value, place) => {
    if (value === null) {
      isDown = false;
      return;
    }
    const [x, y] = [place * step, HEIGHT - 2 - (value / most) * (HEIGHT - 4)];
    path += `${isDown ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    isDown = true;
  });
  return html`<svg class=${`sparkline sample-${index}`} viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
    ${path === "" ? nothing : svg`<path class="sample-line" d=${path} vector-effect="non-scaling-stroke"></path>`}
  </svg>`;
}
