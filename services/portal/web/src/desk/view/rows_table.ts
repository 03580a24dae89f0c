/**
 * A table about rows. On a narrow screen each row is a block, its cells under their headings; the
 * roles are written out, since such a layout takes them from the elements.
 */

import { html, nothing, type TemplateResult } from "lit-html";

export interface Cell {
  readonly content: string;
  /** What programs read, such as the name of a column. */
  readonly isCode?: boolean;
}

export function rowsTable(
  label: string,
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
): TemplateResult {
  return html`<div class="rows-table" tabindex="0" role="region" aria-label=${label}>
    <table class="table" role="table" aria-label=${label}>
      <thead role="rowgroup">
        <tr role="row">
          ${headings.map((heading) => html`<th scope="col" role="columnheader">${heading}</th>`)}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map((cells) => html`<tr role="row">${cells.map((cell, at) => one(headings[at] ?? "", cell))}</tr>`)}
      </tbody>
    </table>
  </div>`;
}

function one(heading: string, { content, isCode = false }: Cell): TemplateResult {
  return html`<td role="cell" data-label=${heading} class=${isCode ? "font-monospace" : ""}>${isCode ? breakable(content) : content}</td>`;
}

/** A pointer may go on in the next line behind each of its slashes. */
function breakable(pointer: string): TemplateResult[] {
  const tokens = pointer.split("/");
  return tokens.map((token, at) => html`${token}${at < tokens.length - 1 ? html`/<wbr />` : nothing}`);
}
