/**
 * A chart as a figure: its caption says the present value in words, a switch shows the same points
 * as a table, and the legend tells the series apart without colour, too.
 */

import { html, nothing, svg, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import type { Context } from "../context.js";
import { rows, type Value } from "../live/history.js";
import { Chart } from "./chart.js";
import { isHollow, markAt, outline } from "./marks.js";

const TABLE_ROWS = 60;

export interface Series {
  readonly name: string;
  readonly values: readonly Value[];
}

export interface FigureContent {
  readonly title: string;
  /** The present value in words. */
  readonly caption: string;
  readonly at: readonly number[];
  readonly series: readonly Series[];
  readonly write: (value: number) => string;
  /** Since when the points are gathered, where it is not the whole range. */
  readonly note?: string;
  readonly isWide?: boolean;
  /** The smallest step of the vertical axis that `write` tells apart: 1 for whole numbers. */
  readonly leastStep?: number;
}

export class Figure {
  readonly #context: Context;
  readonly #id: string;
  #content: FigureContent | null = null;
  #isTable = false;
  #pointed: number | null = null;
  #place: Element | undefined;
  #chart: Chart | null = null;
  #made = "";

  constructor(context: Context, id: string) {
    this.#context = context;
    this.#id = id;
  }

  view(content: FigureContent): TemplateResult {
    this.#content = content;
    const { title, caption, note } = content;
    const texts = this.#context.texts.figure;
    return html`<figure class=${content.isWide === true ? "figure figure-wide" : "figure"} aria-labelledby=${`${this.#id}-title`}>
      <figcaption>
        <h3 id=${`${this.#id}-title`}>${title}</h3>
        <p>${caption}</p>
        ${note === undefined ? nothing : html`<p class="small text-secondary">${note}</p>`}
      </figcaption>
      <button
        class="btn btn-link btn-sm figure-switch"
        type="button"
        aria-pressed=${this.#isTable}
        @click=${() => this.#switch()}
      >
        ${texts.asTable}<span class="visually-hidden">: ${title}</span>
      </button>
      ${this.#isTable ? this.#table(content) : this.#canvas(content)}
    </figure>`;
  }

  /** Draws what `view` got last. For after the page is rendered. */
  draw(): void {
    const content = this.#content;
    const made = content?.series.map(({ name }) => name).join("\n") ?? "";
    if (this.#chart !== null && (this.#place === undefined || made !== this.#made)) this.end();
    if (content === null || this.#place === undefined) return;
    this.#made = made;
    this.#chart ??= new Chart(this.#place as HTMLElement, {
      formats: this.#context.formats,
      write: content.write,
      series: content.series.length,
      leastStep: content.leastStep,
      onPoint: (index) => this.#point(index),
    });
    this.#chart.draw(
      content.at,
      content.series.map(({ values }) => values),
    );
  }

  end(): void {
    this.#chart?.end();
    this.#chart = null;
  }

  #switch(): void {
    this.#isTable = !this.#isTable;
    if (this.#isTable) this.end();
    this.#context.refresh();
  }

  #point(index: number | null): void {
    if (index === this.#pointed) return;
    this.#pointed = index;
    this.#context.refresh();
  }

  readonly #take = (element: Element | undefined): void => {
    this.#place = element;
  };

  #canvas(content: FigureContent): TemplateResult {
    const { at, series, write } = content;
    const { formats, texts, live } = this.#context;
    // what was read last is not what is now: nothing is shown for it once no news comes
    const index = this.#pointed ?? (live.isStale ? at.length : at.length - 1);
    const when = at[index] ?? at.at(-1);
    const value = (values: readonly Value[]): string => {
      const found = values[index] ?? null;
      return found === null ? "–" : write(found);
    };
    return html`<ul class="legend" aria-hidden="true">
        ${series.map(
          ({ name, values }, place) =>
            html`<li>${sample(place)}<span>${name}</span><strong>${value(values)}</strong></li>`,
        )}
        <li class="legend-time">${when === undefined ? texts.figure.noPoints : formats.clock(when * 1000)}</li>
      </ul>
      <div class="chart" aria-hidden="true" ${ref(this.#take)}></div>`;
  }

  #table({ title, at, series, write }: FigureContent): TemplateResult {
    const { formats, texts } = this.#context;
    const made = rows(
      at,
      series.map(({ values }) => values),
      TABLE_ROWS,
    );
    return html`<div class="table-responsive figure-table" tabindex="0" role="region" aria-label=${title}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">${texts.figure.from}</th>
            ${series.map(({ name }) => html`<th scope="col" class="number">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${made.map(
            (row) =>
              html`<tr>
                <th scope="row">${formats.clock(row.at * 1000)}</th>
                ${row.values.map((value) => html`<td class="number">${value === null ? "–" : write(value)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }
}

/** A piece of a line with its marker, as the chart draws it. */
function sample(index: number): TemplateResult {
  const { dash, shape } = markAt(index);
  const path = outline(shape, 16, 6, 3.5);
  return html`<svg class=${`sample sample-${index}`} viewBox="0 0 32 12" aria-hidden="true">
    ${svg`<path class="sample-line" d="M0 6h32" stroke-dasharray=${dash.join(" ") || nothing}></path>`}
    ${svg`<path class=${isHollow(shape) ? "sample-hollow" : "sample-solid"} d=${path}></path>`}
  </svg>`;
}
