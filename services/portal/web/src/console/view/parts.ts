/** Small parts of several sections. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Change } from "../api/decisions.js";
import type { Health, Reading } from "../api/now.js";
import type { Context } from "../context.js";

/** An instant by the clocks in Italy, with the offset; the title has it in UTC. */
export function time(context: Context, instant: string): TemplateResult {
  const utc = `${instant.replace("T", " ").replace(/(\.\d+)?Z$/, "")} UTC`;
  return html`<time datetime=${instant} title=${utc}>${context.formats.time(instant)}</time>`;
}

/** A value, or a dash and since when it is unknown. */
export function reading<T>(
  context: Context,
  value: Reading<T> | undefined,
  write: (value: T) => string | TemplateResult,
): TemplateResult {
  if (value === undefined) return html`<span class="unknown">–</span>`;
  if ("value" in value) return html`${write(value.value)}`;
  return html`<span class="unknown"
    >–<small>${context.texts.unknownSince} ${time(context, value.unknown_since)}</small></span
  >`;
}

/** As `reading`, in words for a sentence. */
export function inWords<T>(context: Context, value: Reading<T> | undefined, write: (value: T) => string): string {
  if (value === undefined) return context.texts.unknown;
  if ("value" in value) return write(value.value);
  return `${context.texts.unknownSince} ${context.formats.time(value.unknown_since)}`;
}

/** Who changed something, when and why, in one sentence. */
export function changeText(context: Context, { by, at, reason }: Change): TemplateResult {
  return html`${context.texts.changedBy(by)} ${time(context, at)}: <q>${reason}</q>`;
}

export function changeLine(context: Context, change: Change | undefined): TemplateResult | typeof nothing {
  return change === undefined ? nothing : html`<p class="small text-secondary">${changeText(context, change)}</p>`;
}

const HEALTH_CLASS: Readonly<Record<Health, string>> = {
  pass: "status-success",
  warn: "status-warning",
  fail: "status-danger",
};

export function healthView(context: Context, health: Reading<Health>): TemplateResult {
  return reading(
    context,
    health,
    (value) => html`<span class=${`status ${HEALTH_CLASS[value]}`}>${context.texts.services.health[value]}</span>`,
  );
}

/**
 * A table whose rows are blocks on a narrow screen, each value beside its heading; the roles are
 * written out, since such a layout takes them from the elements. Rows and cells: `blockRow`, `cell`.
 */
export function blocksTable(
  label: string,
  headings: readonly { readonly text: string; readonly isNumber?: boolean }[],
  rows: unknown,
  look = "",
): TemplateResult {
  return html`<div class="table-responsive table-blocks" tabindex="0" role="region" aria-label=${label}>
    <table class=${`table ${look}`} role="table" aria-label=${label}>
      <thead role="rowgroup">
        <tr role="row">
          ${headings.map(
            ({ text, isNumber = false }) =>
              html`<th scope="col" role="columnheader" class=${isNumber ? "number" : ""}>${text}</th>`,
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** A row of a table of blocks. */
export function blockRow(heading: unknown, cells: unknown): TemplateResult {
  return html`<tr role="row">
    <th scope="row" role="rowheader">${heading}</th>
    ${cells}
  </tr>`;
}

/** A cell of a table of blocks; without a label it is as wide as `span` columns. */
export function cell(label: string, content: unknown, look = "", span = 1): TemplateResult {
  return html`<td role="cell" class=${look} data-label=${label} colspan=${span}>${content}</td>`;
}

/** The id of an application, broken where it may be. */
export function shortId(id: string): TemplateResult {
  return html`<span class="font-monospace" title=${id}>${id.slice(0, 8)}…</span>`;
}

/** A field with its label and its help. */
export function field(id: string, label: string, control: TemplateResult, help = ""): TemplateResult {
  return html`<div class="form-group">
    <label class="form-label" for=${id}>${label}</label>
    ${help === "" ? nothing : html`<p class="form-text" id=${`${id}-help`}>${help}</p>`} ${control}
  </div>`;
}

/** A choice of a few words, of which one counts. */
export function choice<T extends string>(
  name: string,
  label: string,
  options: readonly { readonly value: T; readonly text: string }[],
  chosen: T,
  choose: (value: T) => void,
): TemplateResult {
  return html`<fieldset class="choice">
    <legend class="visually-hidden">${label}</legend>
    ${options.map(
      ({ value, text }) =>
        html`<label
          ><input type="radio" name=${name} .checked=${value === chosen} @change=${() => choose(value)} /><span
            >${text}</span
          ></label
        >`,
    )}
  </fieldset>`;
}
