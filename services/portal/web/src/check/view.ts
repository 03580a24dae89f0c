/** What the page shows: the verdict, then the ways to give a receipt. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Config } from "../common/config.js";
import { exactTime } from "../common/format.js";
import { icon } from "../common/icon.js";
import type { Receipt, Verdict } from "../common/receipt.js";
import type { CheckTexts } from "./texts/it.js";

export interface State {
  readonly verdict: Verdict | null;
  /** The title of the benefit of a valid receipt. */
  readonly benefit: string;
  readonly textError: string;
  readonly fileError: string;
  readonly readsPictures: boolean;
  readonly isDragging: boolean;
}

export interface Actions {
  readonly checkText: (event: SubmitEvent) => void;
  readonly checkFile: (file: File | undefined) => void;
  readonly again: () => void;
  readonly drag: (isOver: boolean) => void;
}

export function view(config: Config, texts: CheckTexts, state: State, actions: Actions): TemplateResult {
  return html`
    <div>${state.verdict === null ? nothing : result(config, texts, state, actions)}</div>
    ${state.verdict === null ? nothing : html`<h2>${texts.another}</h2>`}
    <form novalidate @submit=${actions.checkText}>
      <div class="form-group">
        <label class="form-label" for="receipt">${texts.pasteLabel}</label>
        <p class="form-text" id="receipt-help">${texts.pasteHelp}</p>
        <textarea
          class="form-control font-monospace"
          id="receipt"
          name="receipt"
          rows="5"
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          aria-describedby="receipt-help receipt-error"
          aria-invalid=${state.textError === "" ? "false" : "true"}
        ></textarea>
        <p class="invalid-feedback" id="receipt-error">${state.textError}</p>
      </div>
      <button class="btn btn-primary" type="submit">${texts.check}</button>
    </form>
    ${dropzone(config, texts, state, actions)}
  `;
}

function result(config: Config, texts: CheckTexts, state: State, actions: Actions): TemplateResult {
  switch (state.verdict?.verdict) {
    case "valid":
      return html`<section class="result result-valid" aria-labelledby="verdict">
        ${header(config, "check-circle", texts.validTitle, texts.valid)}
        ${facts(config, texts, state.verdict.receipt, state.benefit)}
      </section>`;
    case "invalid":
      return html`<section class="result result-invalid" aria-labelledby="verdict">
        ${header(config, "error", texts.invalidTitle, texts.invalid)}
      </section>`;
    default:
      return html`<section class="result" aria-labelledby="verdict">
        ${header(config, "help-circle", texts.unknownTitle, texts.unknown)}
        <p class="result-actions">
          <button class="btn btn-outline-primary" type="button" @click=${actions.again}>${texts.again}</button>
        </p>
      </section>`;
  }
}

function header(config: Config, name: string, title: string, text: string): TemplateResult {
  return html`<header>
    ${icon(config, name)}
    <div>
      <h2 id="verdict" tabindex="-1">${title}</h2>
      <p>${text}</p>
    </div>
  </header>`;
}

function facts(config: Config, texts: CheckTexts, receipt: Receipt, benefit: string): TemplateResult {
  return html`<dl class="definitions">
    <div><dt>${texts.benefit}</dt><dd>${benefit}</dd></div>
    <div><dt>${texts.receivedAt}</dt><dd>${instant(config, texts, receipt.received_at)}</dd></div>
    <div><dt>${texts.id}</dt><dd class="font-monospace">${receipt.application_id}</dd></div>
    <div><dt>${texts.digest}</dt><dd class="font-monospace small">${receipt.content_digest}</dd></div>
  </dl>`;
}

function instant(config: Config, texts: CheckTexts, at: string): string {
  return Number.isNaN(Date.parse(at)) ? at : `${exactTime(at, config.language)}, ${texts.italianTime}`;
}

function dropzone(config: Config, texts: CheckTexts, state: State, actions: Actions): TemplateResult {
  const chosen = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    actions.checkFile(input.files?.[0]);
    input.value = ""; // the same file can be chosen again
  };
  return html`<div class="form-group mt">
    <label
      class=${state.isDragging ? "dropzone dragging" : "dropzone"}
      @dragover=${(event: DragEvent) => (event.preventDefault(), actions.drag(true))}
      @dragleave=${() => actions.drag(false)}
      @drop=${(event: DragEvent) => {
        event.preventDefault();
        actions.checkFile(event.dataTransfer?.files[0]);
      }}
    >
      ${icon(config, "upload")}
      <strong>${state.readsPictures ? texts.fileOrPictureLabel : texts.fileLabel}</strong>
      <span class="small text-secondary" id="file-help">${texts.fileHelp}</span>
      <input type="file" id="file" aria-describedby="file-error" @change=${chosen} />
    </label>
    <p class="invalid-feedback" id="file-error" role="alert">${state.fileError}</p>
  </div>`;
}
