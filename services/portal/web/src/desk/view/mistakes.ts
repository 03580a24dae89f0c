/** The first mistakes as a table, and all of them as files. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Config } from "../../common/config.js";
import { plainNumber } from "../../common/format.js";
import { icon } from "../../common/icon.js";
import type { State } from "../state.js";
import type { DeskTexts } from "../texts/it.js";
import type { Upload } from "../upload.js";
import type { Actions } from "./page.js";
import { rowsTable } from "./rows_table.js";

/** Most mistakes that are shown, and most while more of them come. */
const SHOWN = 100;
const SHOWN_MEANWHILE = 10;

export function mistakes(
  config: Config,
  texts: DeskTexts,
  { isPreparing }: State,
  upload: Upload,
  actions: Actions,
): TemplateResult | typeof nothing {
  const isBusy = ["sending", "pausing", "joining"].includes(upload.phase.is);
  const most = isBusy ? SHOWN_MEANWHILE : SHOWN;
  const shown = first(upload.errors(), most + 1);
  if (shown.length === 0) return nothing;
  const number = (value: number): string => plainNumber(value, config.language);
  const cells = shown
    .slice(0, most)
    .map(({ row, pointer, message }) => [
      { content: number(upload.plan.map.toSheet(row)) },
      { content: pointer || texts.wholeRow, isCode: pointer !== "" },
      { content: message },
    ]);
  return html`<h3 class="mt">${texts.errorsTitle}</h3>
    ${rowsTable(texts.errorsTitle, [texts.row, texts.column, texts.message], cells)}
    ${
      shown.length > most
        ? html`<p class="small text-secondary">${texts.firstOf(number(most))}</p>`
        : nothing
    }
    ${isBusy ? nothing : files(config, texts, isPreparing, actions)}`;
}

function files(
  config: Config,
  texts: DeskTexts,
  isPreparing: boolean,
  actions: Actions,
): TemplateResult {
  return html`<p class="btn-group-actions">
    <button
      class="btn btn-primary"
      type="button"
      aria-disabled=${isPreparing ? "true" : "false"}
      @click=${actions.downloadRows}
    >
      ${icon(config, "download")}${isPreparing ? texts.preparing : texts.downloadRows}
    </button>
    <button class="btn btn-outline-primary" type="button" @click=${actions.downloadMessages}>
      ${texts.downloadMessages}
    </button>
  </p>`;
}

function first<T>(items: Iterable<T>, most: number): T[] {
  const found: T[] = [];
  for (const item of items) {
    if (found.length === most) break;
    found.push(item);
  }
  return found;
}
