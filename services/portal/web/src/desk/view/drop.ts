/** The place for a file, and the check of one. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Config } from "../../common/config.js";
import { icon } from "../../common/icon.js";
import type { State, Work } from "../state.js";
import type { DeskTexts } from "../texts/it.js";
import type { Actions } from "./page.js";

/** A real file input: it is reached by keyboard, and a file may be dropped on it. */
export function dropZone(config: Config, texts: DeskTexts, state: State, actions: Actions): TemplateResult {
  const take = (event: Event): void => {
    const input = event.currentTarget as HTMLInputElement;
    const { files } = input;
    actions.drag(false);
    actions.choose(files);
    // the same file may be chosen again
    input.value = "";
  };
  const first = state.work.is === "none";
  return html`<label
      class=${`dropzone${state.isDragging ? " dragging" : ""}${first ? "" : " mt"}`}
      @dragenter=${() => actions.drag(true)}
      @dragleave=${(event: DragEvent) => {
        const to = event.relatedTarget as Node | null;
        if (!(event.currentTarget as Element).contains(to)) actions.drag(false);
      }}
      @drop=${(event: DragEvent) => {
        event.preventDefault();
        actions.drag(false);
        actions.choose(event.dataTransfer?.files ?? null);
      }}
    >
      ${icon(config, "file-csv")}
      <strong>${first ? texts.drop : texts.dropAnother}</strong>
      <span class="small text-secondary" id="drop-hint">${texts.dropHint}</span>
      <input type="file" accept=".csv,text/csv" aria-describedby="drop-hint" @change=${take} />
    </label>
    ${state.tookFirst ? html`<p class="small text-secondary" role="status">${texts.oneFile}</p>` : nothing}`;
}

export function checking(
  config: Config,
  texts: DeskTexts,
  { name, read, size }: Extract<Work, { is: "checking" }>,
): TemplateResult {
  const share = size === 0 ? 1 : read / size;
  const percent = new Intl.NumberFormat(config.language, { style: "percent" }).format(share);
  return html`<article class="it-card upload">
    <header><h2>${icon(config, "file-csv", "sm")}${name}</h2></header>
    <p>${texts.checking(percent)}</p>
    <progress class="progress-bar" max="1" value=${share} aria-label=${texts.checking("")}></progress>
  </article>`;
}
