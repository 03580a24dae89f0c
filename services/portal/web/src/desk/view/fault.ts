/** Why a file can't be sent, in plain words, and what to do. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Config } from "../../common/config.js";
import { plainNumber } from "../../common/format.js";
import { icon } from "../../common/icon.js";
import type { ColumnFault } from "../columns.js";
import type { Fault, Repeated } from "../plan.js";
import type { Work } from "../state.js";
import type { DeskTexts } from "../texts/it.js";
import { rowsTable } from "./rows_table.js";

export function faultCard(
  config: Config,
  texts: DeskTexts,
  { name, fault }: Extract<Work, { is: "fault" }>,
): TemplateResult {
  return html`<article class="it-card upload" aria-labelledby="work">
    <header><h2 id="work" tabindex="-1">${icon(config, "file-csv", "sm")}${name}</h2></header>
    <div class="callout warning">
      <p class="callout-title">${icon(config, "warning-circle")}${texts.faultTitle}</p>
      ${reason(config, texts, fault)}
      <p>${texts.faultNothingSent}</p>
    </div>
  </article>`;
}

function reason(config: Config, texts: DeskTexts, fault: Fault): TemplateResult {
  const number = (value: number): string => plainNumber(value, config.language);
  switch (fault.kind) {
    case "file":
      return html`<p>${texts.files[fault.is]} ${texts.saveAsCsv}</p>`;
    case "header": {
      const words = {
        separator: texts.separator,
        "too-long": texts.headerTooLong,
        "not-utf8": texts.headerNotUtf8,
      };
      return html`<p>${words[fault.is]}</p>`;
    }
    case "columns":
      return html`<p>${texts.columnsTitle}:</p>
        <ul>
          ${fault.faults.map((one) => html`<li>${columnWords(texts, number, one)}</li>`)}
        </ul>`;
    case "empty":
      return html`<p>${texts.empty}</p>`;
    case "not-utf8":
      return html`<p>${texts.notUtf8(number(fault.row))}</p>`;
    case "row-too-long":
      return html`<p>${texts.rowTooLong(number(fault.row))}</p>`;
    case "too-many-rows":
      return html`<p>${texts.tooManyRows(number(fault.row))}</p>`;
    case "keys":
      return keys(texts, number, fault.repeated, fault.count);
    case "unreadable":
      return html`<p>${texts.unreadable}</p>`;
  }
}

function columnWords(
  texts: DeskTexts,
  number: (value: number) => string,
  fault: ColumnFault,
): string {
  switch (fault.kind) {
    case "missing":
      return texts.columnMissing(fault.name);
    case "unknown":
      return texts.columnUnknown(number(fault.column), fault.name);
    case "twice":
      return texts.columnTwice(number(fault.column), number(fault.other));
    case "gap":
      return texts.columnGap(number(fault.column), fault.name);
    case "too-many":
      return texts.columnsTooMany(number(fault.most));
  }
}

function keys(
  texts: DeskTexts,
  number: (value: number) => string,
  repeated: readonly Repeated[],
  count: number,
): TemplateResult {
  const title = texts.keysTitle(count, number(count));
  return html`<p><strong>${title}.</strong> ${texts.keysText}</p>
    ${rowsTable(
      title,
      [texts.keyRow, texts.keyFirst],
      repeated.map(({ row, first }) => [{ content: number(row) }, { content: number(first) }]),
    )}
    ${count > repeated.length ? html`<p>${texts.firstRows(number(repeated.length))}</p>` : nothing}`;
}
